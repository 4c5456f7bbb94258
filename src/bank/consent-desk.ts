/** What the cell's authorization server may ask: who signs in, and what a customer can share with a partner. */
import { assert } from '#kernel/assert.ts'
import { work } from '#journal/index.ts'
import type { Server } from '#platform/http.ts'
import { serveContract } from '#platform/rpc.ts'
import { nameAccounts } from './accounts/index.ts'
import { bankContract } from './contract.ts'
import type { CoreAccount } from './cores/core.ts'
import {
  CustomerId,
  findCustomer,
  finishSignIn,
  signInByReference,
  signInRefused,
  startSignIn,
  subjectFor,
} from './customers/index.ts'
import type { BankWorld } from './world.ts'

export const serveAuthorization = (server: Server, bank: BankWorld): void =>
  serveContract(server, bankContract, {
    startSignIn: (ask) => startSignIn(bank, ask),
    finishSignIn: (ask) => finishSignIn(bank, ask),
    customerByReference: (ask) => signInByReference(bank, ask),
    customerForPartner: (ask) => customerForPartner(bank, ask),
  })

/** The customer and the accounts that they can use, under the names that this partner will know them by. */
const customerForPartner = async (
  bank: BankWorld,
  { customerId, partnerId }: { customerId: string; partnerId: string },
) => {
  const id = CustomerId.safeParse(customerId)
  const customer = id.success ? await findCustomer(bank.db, id.data) : undefined
  if (!customer) throw signInRefused('this customer is not known')
  const core = bank.coreFor(partnerId)
  const usable = (await core.accountsOf(customer.coreRef)).filter(
    ({ status }) => status === 'enabled',
  )
  const balances = await Promise.all(usable.map(({ ref }) => core.balances(ref)))

  const holder = { partnerId, customerRef: customer.coreRef }
  const { subject, named } = await work(
    bank.db,
    `customer:${customer.id}`,
    bank.now(),
    async (w) => {
      const known = await subjectFor(w, bank.keys, holder)
      return {
        subject: known,
        named: await nameAccounts(w, bank.keys, { partnerId, subject: known }, usable),
      }
    },
  )
  const consentAccount = (account: CoreAccount, at: number) => {
    const alias = named.get(account)
    const held = balances[at]
    assert(alias && held, 'every account that is offered has a name and a balance')
    return {
      accountId: alias.accountId,
      kind: account.kind,
      nickname: account.nickname,
      lastFour: account.number.slice(-4),
      currency: account.currency,
      available: held.available,
    }
  }
  return { subject, displayName: customer.displayName, accounts: usable.map(consentAccount) }
}
