/** What everybody may know of how things stand: measured by the minute, told to the status page on a line of its own. */
import type { Work } from '#journal/index.ts'
import { findIncident, incidentNotFound } from '#control/incidents/index.ts'
import { type Bulletin, BulletinId, bulletinOver } from './bulletin.ts'
import * as store from './store.ts'

export { Bulletin } from './bulletin.ts'
export { type Look, startStatusDesk } from './desk.ts'
export { openParts, publicIncidents } from './facts.ts'
export { measure } from './measuring.ts'
export { OwnStatus, ownStatus } from './own.ts'
export { standing, StandingView } from './standing.ts'
export { bulletins as bulletinsOf } from './store.ts'

/**
 * Says something of an incident to everybody. One that touches some partners alone is public from then on: its title,
 * its times and what is said here; never who was touched.
 */
export const publishBulletin = async (
  work: Work,
  said: Pick<Bulletin, 'incidentId' | 'state' | 'said' | 'parts'> &
    Partial<Pick<Bulletin, 'words' | 'titles'>>,
): Promise<Bulletin> => {
  const incident = await findIncident(work, said.incidentId)
  if (!incident) throw incidentNotFound('no incident has this id')
  if (said.state === 'resolved' && !incident.endedAt)
    throw bulletinOver('end the incident first: the page tells it as under way until then')
  const bulletin: Bulletin = {
    words: {},
    titles: {},
    ...said,
    id: BulletinId.next(),
    publishedAt: work.now,
    publishedBy: work.actor,
  }
  await store.insertBulletin(work, bulletin)
  await work.record('status.bulletin-published', bulletin.id, {
    incidentId: said.incidentId,
    state: said.state,
    parts: said.parts,
  })
  return bulletin
}
