import type { Work } from '#journal/index.ts'
import { listPeople, PartnerId } from '#control/partners/index.ts'
import { type Announcement, NoticeId } from './notice.ts'
import * as store from './store.ts'

/** People who are mailed: those who answer for the organisation, and those who build. */
const mailed: ReadonlySet<string> = new Set(['owner', 'admin', 'developer'])

/**
 * Tells a partner: a notice on its pages, a mail to its people, an event to its endpoints, and a day in its calendar where
 * there is one. What was announced under a key is not announced again.
 */
export const announce = async (work: Work, announcement: Announcement): Promise<boolean> => {
  const id = NoticeId.next()
  if (!(await store.insertNotice(work, id, announcement, work.now))) return false
  const partnerId = PartnerId.parse(announcement.partnerId)
  const people = (await listPeople(work, partnerId)).filter(
    ({ status, roles }) => status === 'active' && roles.some((role) => mailed.has(role)),
  )
  await store.insertLetters(
    work,
    id,
    people.map((person) => person.id),
    work.now,
  )
  await work.record('announcements.published', id, {
    partnerId: announcement.partnerId,
    reason: announcement.kind,
  })
  return true
}

/** Takes back what was announced. Answers who had been told: they are to be told of that, too. */
export const withdrawAnnouncement = (
  work: Work,
  about: store.About,
): Promise<ReadonlySet<string>> => store.withdraw(work, about, work.now)
