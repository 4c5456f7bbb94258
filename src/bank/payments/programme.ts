/** The account that holds money for the benefit of a partner's sub-merchants. */
import { type Work, work } from '#journal/index.ts'
import { problem } from '#kernel/problem.ts'
import { actorOf, type Caller } from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import { creditorJson } from './payment.ts'
import * as store from './store.ts'

export type { ProgrammeAccount } from './store.ts'

export const noProgrammeAccount = problem(
  'payments/no-programme-account',
  409,
  'The bank has opened no account for this programme',
)

/** The partner's programme account; its first use assigns it. */
export const programmeAccountOf = async (
  { db, now }: Pick<BankWorld, 'db' | 'now'>,
  caller: Caller,
): Promise<store.ProgrammeAccount> => {
  const { partnerId } = caller
  const held = await store.programmeAccount(db, partnerId)
  if (held) return held
  return work(db, actorOf(caller), now(), async (w) => {
    const assigned = await store.assignProgramme(w, partnerId)
    const account = await store.programmeAccount(w, partnerId)
    if (!account) throw noProgrammeAccount('ask the bank to open one', { gate: 'bank' })
    if (assigned > 0) await w.record('payments.programme-opened', partnerId, { partnerId })
    return account
  })
}

export const programmeAccountJson = (account: store.ProgrammeAccount) => ({
  account: creditorJson(account.number, account.bankCode, true),
  name: account.name,
  currency: account.currency,
})

/** Accounts that programmes may be given. */
export const seedProgrammeAccounts = async (
  w: Work,
  accounts: readonly store.ProgrammeAccount[],
): Promise<void> => {
  for (const account of accounts) await store.addProgrammeAccount(w, account)
}
