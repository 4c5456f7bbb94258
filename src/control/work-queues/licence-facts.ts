/** Work that licences and their evidence make. */
import {
  dueRechecks,
  listEvidence,
  listRecertifications,
  openLicenceApplications,
  RECHECK_NOTICE_DAYS,
  tasksOf,
} from '#control/licences/index.ts'
import type { Source } from './fact-world.ts'
import { fact, type WorkKind } from './item.ts'

const DAY = 24
const NOTICE_DAYS = 60

export const licenceSources = {
  'evidence-verification': async ({ db }) =>
    (await listEvidence(db, { state: 'submitted' }, 1_000)).map((e) =>
      fact({
        kind: 'evidence-verification',
        subject: e.id,
        about: e.type,
        partnerId: e.partnerId,
        since: e.submittedAt,
      }),
    ),

  // What ends together is renewed together: one item a partner.
  'evidence-ending': async ({ db, now }) =>
    [
      ...Map.groupBy(
        (await tasksOf(db, now)).filter((task) => task.owner === 'partner'),
        (task) => task.partnerId,
      ),
    ].map(([partnerId, tasks]) => {
      // The next step down is what has to be forestalled.
      const dues = tasks.map((task) => task.next?.at ?? task.endsAt)
      const begun = tasks.map(({ endsAt }) => endsAt.subtract({ hours: NOTICE_DAYS * DAY }))
      return fact({
        kind: 'evidence-ending',
        subject: partnerId,
        about: tasks.map((task) => task.title).join(', '),
        partnerId,
        since: earliest(begun) ?? now,
        dueAt: earliest(dues) ?? now,
      })
    }),

  'evidence-recheck': async ({ db, now }) =>
    (await dueRechecks(db, now)).map(({ evidenceId, partnerId, type, dueAt }) =>
      fact({
        kind: 'evidence-recheck',
        subject: evidenceId,
        about: type,
        partnerId,
        since: dueAt.subtract({ hours: RECHECK_NOTICE_DAYS * DAY }),
        dueAt,
      }),
    ),

  'licence-application': async ({ db }) =>
    (await openLicenceApplications(db)).map((a) =>
      fact({
        kind: 'licence-application',
        subject: a.id,
        about: a.statuses.join(', '),
        partnerId: a.partnerId,
        since: a.appliedAt,
      }),
    ),

  recertification: async ({ db }) =>
    (await listRecertifications(db, { state: 'open' })).map((r) =>
      fact({
        kind: 'recertification',
        subject: r.id,
        about: r.occasion,
        partnerId: r.partnerId,
        since: r.openedAt,
        dueAt: r.dueAt,
      }),
    ),
} satisfies Partial<Record<WorkKind, Source>>

const earliest = (instants: readonly Temporal.Instant[]): Temporal.Instant | undefined =>
  instants.toSorted((a, b) => Temporal.Instant.compare(a, b))[0]
