import type { z } from 'zod'
import type { ComponentView } from '#control/status/standing.ts'
import type { PublicIncident } from '../../../src/status/facts.ts'
import type { Wire } from '../wire.ts'

export type Component = Wire<ComponentView>
export type Level = Component['days'][number]['level']
export type Incident = Wire<PublicIncident>
export type Update = Wire<z.output<typeof PublicIncident>['updates'][number]>
