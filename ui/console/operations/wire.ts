/** What the rooms that run the platform answer, as it is on the wire. */
import type { z } from 'zod'
import type { Incident as IncidentNoun, IncidentLine } from '#control/incidents/incident.ts'
import type { AttemptView, DeliveryView, EndpointView } from '#courier/desk-contract.ts'
import type { Wire } from '../../kit/wire.ts'

export type Incident = Wire<IncidentNoun>
export type Line = Wire<z.output<typeof IncidentLine>>
export interface IncidentWhole {
  readonly incident: Incident
  readonly lines: readonly Line[]
}
export interface Maintenance {
  readonly id: string
  readonly product: string
  readonly startsAt: string
  readonly endsAt: string
  readonly reason: string
  readonly announcedAt: string
}
export type Endpoint = Wire<z.output<typeof EndpointView>>
export type Delivery = Wire<z.output<typeof DeliveryView>>
export type Attempt = Wire<z.output<typeof AttemptView>>
