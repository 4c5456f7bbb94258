/**
 * Who has left may be forgotten: name, address and ways to sign in go; what they did stays, under an id that leads to nobody.
 * What they signed with a national e-signature names them as long as the law wants evidence of an agreement, five years
 * behind its end (Regulation (EU) 2016/679 article 17(3)(b) and (e)); `contracts` takes it back then by itself.
 */
import { assert } from '#kernel/assert.ts'
import { problem } from '#kernel/problem.ts'
import { forget, type Work } from '#journal/index.ts'
import { type Applier, baseOf, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import { resetFactors } from '#control/sign-in/index.ts'
import { forgetReadings } from '#control/staff/index.ts'
import { endSessions } from './people.ts'
import { erasePerson, isErased } from './people-store.ts'
import { type Person, PersonId, personNotFound } from './person.ts'
import * as store from './store.ts'

export const ERASURE_CHANGE = 'partners.person-erasure'

export const personStays = problem(
  'partners/person-stays',
  409,
  'Only who has left an organisation is erased, and once',
)

/** What two people read before they agree: enough to know what is meant, nothing of what is to be forgotten. */
const standingOf = async (work: Work, { id, partnerId, roles, status }: Person) => ({
  id,
  partnerId,
  roles,
  status,
  erased: await isErased(work, id),
})

export const proposeErasure = async (
  work: Work,
  id: PersonId,
  reason: string,
): Promise<ChangeSet> => {
  const person = await store.findPerson(work, id)
  if (!person) throw personNotFound('there is no such person')
  if (person.status !== 'left') throw personStays('they still act for their organisation')
  const before = await standingOf(work, person)
  if (before.erased) throw personStays('they were erased before')
  return proposeChange(work, {
    kind: ERASURE_CHANGE,
    subject: id,
    before,
    after: { ...before, erased: true },
    base: baseOf(before),
    reason,
    roles: ['compliance', 'head-of-platform'],
  })
}

export const erasure: Applier = {
  base: async (work, change) => {
    const person = await store.findPerson(work, PersonId.parse(change.subject))
    return baseOf(person && (await standingOf(work, person)))
  },
  apply: async (work, change) => {
    const person = await store.findPerson(work, PersonId.parse(change.subject))
    assert(person, 'a person is erased, never deleted')
    const { id, partnerId } = person
    await resetFactors(work, id)
    await endSessions(work, id)
    await erasePerson(work, person, work.now)
    // What staff said when they read who is there may name this person: the words go, and what lines refer to is unknown.
    await forgetReadings(work, partnerId)
    for (const subject of [id, partnerId]) await forget(work, subject)
    await work.record('partners.person-erased', id, { partnerId, change: change.id })
  },
}
