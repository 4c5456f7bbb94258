import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import { IncidentId } from '#control/incidents/index.ts'
import { Part, UpdateState, Words } from '../../status/facts.ts'

export const BulletinId = idOf('bulletin')

/** What the bank says of an incident to everybody, on the status page. It stays as it was said. */
export const Bulletin = z.object({
  id: BulletinId,
  incidentId: IncidentId,
  state: UpdateState,
  said: z.string(),
  /** The same by language; one that is left out reads `said`. */
  words: Words,
  /** How the incident is called to everybody, by language; nothing where an earlier bulletin named it. */
  titles: Words,
  /** Parts of the incident’s cell that it touches, as far as is known by then. */
  parts: z.array(Part),
  publishedAt: z.instanceof(Temporal.Instant),
  publishedBy: z.string(),
})
export type Bulletin = z.output<typeof Bulletin>

export const bulletinOver = problem(
  'status/incident-over',
  409,
  'An incident that is not over is not told of as resolved',
)
