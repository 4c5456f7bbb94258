/** Which of a customer's accounts a call may look into, and whether it is still theirs. */
import type { Core, CoreAccount } from '../cores/core.ts'
import { type Caller, notFound } from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import { type Alias, grantsOf } from './account.ts'
import * as store from './store.ts'

/** The account that a consent of this caller's customer names; undefined for anybody else's. */
export const accountInConsent = async (
  { db }: Pick<BankWorld, 'db'>,
  { partnerId, subject }: Caller,
  accountId: string,
): Promise<Alias | undefined> =>
  (await store.aliases(db, { partnerId, subject, accountIds: [accountId] }))[0]

/** An account that has passed to another owner is no longer the one that was consented to. */
export const ownAccount = async (core: Core, alias: Alias): Promise<CoreAccount | undefined> => {
  const account = await core.account(alias.accountRef)
  return account?.owner === alias.customerRef ? account : undefined
}

/** An account that the consent opens for any of these permissions, as the core has it now; 404 for every other. */
export const opened = async (
  bank: BankWorld,
  caller: Caller,
  accountId: string,
  anyOf: readonly string[],
) => {
  const grants = grantsOf(caller.details, anyOf)
  const permissions = grants.get(accountId)
  const alias = permissions && (await accountInConsent(bank, caller, accountId))
  if (!alias || !permissions) throw notFound()
  const core = bank.coreFor(caller.partnerId)
  const account = await ownAccount(core, alias)
  if (!account) throw notFound()
  return { alias, account, permissions, grants, core }
}
