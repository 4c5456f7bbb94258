import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import type { Work } from '#journal/index.ts'
import { type Applier, baseOf, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import { factorsOf, resetFactors } from '#control/sign-in/index.ts'
import type { PartnerId } from './partner.ts'
import { endSessions } from './people.ts'
import { PersonId, personNotFound } from './person.ts'
import * as store from './store.ts'

export const FACTOR_RESET_CHANGE = 'partners.factor-reset'

/** What a person signs in with, without its secrets: what is void once two people of the bank agreed. */
export const heldFactors = async (work: Work, holder: string) => {
  const { totp, passkeys } = await factorsOf(work, holder)
  return { authenticatorApp: totp, passkeys: passkeys.map(({ id }) => id) }
}

/** Asks that a person who has lost their devices may set up new ones: two people of the bank look who asks. */
export const proposeFactorReset = async (
  work: Work,
  id: PersonId,
  reason: string,
  own?: PartnerId,
): Promise<ChangeSet> => {
  const person = await store.findPerson(work, id)
  const isTheirs = own === undefined || person?.partnerId === own
  if (!person || !isTheirs || person.status !== 'active')
    throw personNotFound('there is no such person')
  const held = await heldFactors(work, id)
  return proposeChange(work, {
    kind: FACTOR_RESET_CHANGE,
    subject: id,
    before: held,
    after: { authenticatorApp: false, passkeys: [] },
    base: baseOf(held),
    reason,
    roles: ['compliance', 'partner-success', 'head-of-platform'],
  })
}

export const factorReset: Applier = {
  base: async (work, change) => baseOf(await heldFactors(work, change.subject)),
  apply: async (work, change) => {
    const id = PersonId.parse(change.subject)
    const person = await store.findPerson(work, id)
    assert(person, 'a person is never deleted')
    await resetFactors(work, id)
    await endSessions(work, id)
  },
}

export const Why = z.strictObject({ reason: z.string().trim().min(3).max(1_000) })
