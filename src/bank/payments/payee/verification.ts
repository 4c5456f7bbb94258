/** Is this the name of whoever has this account? One word before a payment, and no name in the answer. */
import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { canonical } from '#kernel/canonical.ts'
import { compareNames } from '../../name.ts'
import type { CoreAccount, CoreCustomer } from '../../cores/core.ts'
import { CreditorAccount, Text } from '../payment.ts'

export const PayeeQuestion = z.strictObject({
  creditorAccount: CreditorAccount,
  creditorName: Text(140),
})
export type PayeeQuestion = z.output<typeof PayeeQuestion>

export const PayeeResult = z.enum(['MATCH', 'CLOSE_MATCH', 'NO_MATCH', 'NOT_POSSIBLE'])
export type PayeeResult = z.output<typeof PayeeResult>

export const ANSWER_HOURS = 24
/** So many names that did not fit within an hour look like somebody who tries names. */
export const SWEEP_NAMES = 20
export const SWEEP_MINUTES = 60

/** What a question is about, as a keyed hash: who reads the table cannot try names against it. */
export const fingerprintOf = (
  key: Uint8Array,
  partnerId: string,
  { creditorAccount, creditorName }: PayeeQuestion,
): Buffer =>
  createHmac('sha256', key)
    .update(canonical(['payee', partnerId, creditorAccount, creditorName]))
    .digest()

/** Where the account is not here, not open, or another bank's, nothing can be said of its holder. */
export const verdictOn = (
  { creditorAccount, creditorName }: PayeeQuestion,
  account: CoreAccount | undefined,
  owner: CoreCustomer | undefined,
): PayeeResult => {
  const { bankCode } = creditorAccount
  if (!account || !owner || account.status !== 'enabled') return 'NOT_POSSIBLE'
  if (bankCode !== undefined && bankCode !== account.bankCode) return 'NOT_POSSIBLE'
  return compareNames(creditorName, owner.name, owner.kind)
}
