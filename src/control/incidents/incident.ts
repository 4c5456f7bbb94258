import { z } from 'zod'
import { Cell } from '#kernel/cell.ts'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import { PartnerId } from '#control/partners/index.ts'

export const IncidentId = idOf('incident')
export type IncidentId = z.output<typeof IncidentId>

export const Severity = z.enum(['minor', 'significant', 'major'])

/** A line of an incident's record: found, done, why it happened, told to an authority, over. */
export const LineKind = z.enum(['finding', 'measure', 'cause', 'report', 'end'])

export const IncidentLine = z.object({
  kind: LineKind,
  said: z.string(),
  by: z.string(),
  at: z.instanceof(Temporal.Instant),
})

/** Something that went wrong, as people of the bank recorded it. */
export const Incident = z.object({
  id: IncidentId,
  title: z.string(),
  severity: Severity,
  /** null: outside of both. */
  cell: Cell.nullable(),
  /** Whom it touches; empty: everybody. */
  partnerIds: z.array(PartnerId),
  beganAt: z.instanceof(Temporal.Instant),
  openedBy: z.string(),
  openedAt: z.instanceof(Temporal.Instant),
  endedAt: z.instanceof(Temporal.Instant).nullable(),
})
export type Incident = z.output<typeof Incident>

export const incidentNotFound = problem('incidents/not-found', 404, 'No such incident')
export const incidentEnded = problem('incidents/ended', 409, 'The incident is over')
export const incidentTimes = problem(
  'incidents/times',
  422,
  'An incident does not begin in the future, nor end before it began',
)
