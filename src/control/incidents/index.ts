/** What went wrong: incidents with everything that was found, done and reported about them, in order. */
import type { z } from 'zod'
import { isBefore } from '#kernel/time.ts'
import type { Work } from '#journal/index.ts'
import {
  Incident,
  incidentEnded,
  IncidentId,
  type IncidentLine,
  incidentNotFound,
  incidentTimes,
} from './incident.ts'
import * as store from './store.ts'

export {
  Incident,
  IncidentId,
  IncidentLine,
  incidentNotFound,
  LineKind,
  Severity,
} from './incident.ts'
export {
  find as findIncident,
  type IncidentFilter,
  linesOf,
  list as listIncidents,
} from './store.ts'

export type NewIncident = Pick<Incident, 'title' | 'severity' | 'cell' | 'partnerIds' | 'beganAt'>

export const openIncident = async (work: Work, input: NewIncident): Promise<Incident> => {
  if (isBefore(work.now, input.beganAt)) throw incidentTimes('it begins in the future')
  const incident: Incident = {
    ...input,
    id: IncidentId.next(),
    openedBy: work.actor,
    openedAt: work.now,
    endedAt: null,
  }
  await store.insert(work, incident)
  const { severity, cell, partnerIds, beganAt } = incident
  await work.record('incidents.opened', incident.id, {
    severity,
    cell,
    partnerIds,
    beganAt: beganAt.toString(),
  })
  return incident
}

type Said = Pick<z.output<typeof IncidentLine>, 'kind' | 'said'>

/** Adds a line. One about the cause, or a report to an authority, may come after the end. */
export const addLine = async (work: Work, id: IncidentId, line: Said): Promise<Incident> => {
  const incident = await known(work, id)
  if (incident.endedAt && line.kind !== 'cause' && line.kind !== 'report')
    throw incidentEnded('after its end only its cause and reports are added')
  await store.insertLine(work, id, { ...line, by: work.actor, at: work.now })
  await work.record('incidents.line-added', id, { kind: line.kind })
  return incident
}

export const endIncident = async (
  work: Work,
  id: IncidentId,
  { endedAt, said }: { endedAt: Temporal.Instant; said: string },
): Promise<Incident> => {
  const incident = await known(work, id)
  if (incident.endedAt) throw incidentEnded('it ended before')
  if (isBefore(endedAt, incident.beganAt) || isBefore(work.now, endedAt))
    throw incidentTimes('it ends between its beginning and now')
  await store.saveEnd(work, id, endedAt)
  await store.insertLine(work, id, { kind: 'end', said, by: work.actor, at: work.now })
  await work.record('incidents.ended', id, { endedAt: endedAt.toString() })
  return { ...incident, endedAt }
}

const known = async (work: Work, id: IncidentId): Promise<Incident> => {
  const incident = await store.lock(work, id)
  if (!incident) throw incidentNotFound('no incident has this id')
  return incident
}
