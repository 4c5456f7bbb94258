/** Who a verification is about, unsealed: only to be looked at by the core, and every look leaves its line. */
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { type Work, work } from '#journal/index.ts'
import type { Examination, Examined } from '../cores/identity.ts'
import { openText } from '../sealed.ts'
import type { BankWorld } from '../world.ts'
import * as store from './store.ts'
import { Person, type Verification } from './verification.ts'

/** What is kept of a business beside its owners' shares. */
export const SealedBusiness = z.object({
  legalName: z.string(),
  registrationNumber: z.string(),
  owners: z.array(z.object({ ref: z.string(), name: z.string() })),
})
export type SealedBusiness = z.output<typeof SealedBusiness>

type Looked = 'examination' | 'screening'

/** The registers' word about somebody now. Undefined where they were erased. */
export const examine = async (
  bank: Pick<BankWorld, 'db' | 'coreFor' | 'keys' | 'now'>,
  verification: Verification,
  why: Looked,
): Promise<Examination | undefined> => {
  if (verification.sealed === null) return undefined
  const subject = await work(bank.db, 'system', bank.now(), (w) =>
    unsealed(w, bank, verification, why),
  )
  return bank.coreFor(verification.partnerId).examine(subject)
}

/** The number of the state of whoever a partner’s verification is about; undefined where there is none, or no more. */
export const aboutWhom = async (
  bank: Pick<BankWorld, 'db' | 'keys' | 'now'>,
  { partnerId, id }: { partnerId: string; id: string },
): Promise<string | undefined> => {
  const found = await store.find(bank.db, partnerId, id)
  if (!found || found.sealed === null) return undefined
  const { nationalId } = await work(bank.db, 'system', bank.now(), (w) =>
    unsealed(w, bank, found, 'examination'),
  )
  return nationalId
}

const unsealed = async (
  w: Work,
  { keys }: Pick<BankWorld, 'keys'>,
  { id, sealed, kind, partnerId, purpose, submittedAt, createdAt }: Verification,
  why: Looked,
): Promise<Examined> => {
  const text = sealed && openText(keys.people, ['kyc', id], sealed)
  assert(text, 'what was sealed here opens here')
  await w.record('kyc.data-read', id, { partnerId, why, purpose })
  const since = submittedAt ?? createdAt
  const said: unknown = JSON.parse(text)
  if (kind === 'person') {
    const { fullName, birthDate, nationalId } = Person.parse(said)
    const pinfl = nationalId.replace('PNOUZ-', '')
    return { kind, name: fullName, nationalId: pinfl, bornOn: birthDate, since }
  }
  const { legalName, registrationNumber } = SealedBusiness.parse(said)
  return {
    kind: 'organisation',
    name: legalName,
    nationalId: registrationNumber,
    bornOn: null,
    since,
  }
}
