/** What the cell's authorization server may ask: who signs in, and what a customer can share with a partner. */
import { assert } from '#kernel/assert.ts'
import { type Actor, work } from '#journal/index.ts'
import type { Server } from '#platform/http.ts'
import { serveContract } from '#platform/rpc.ts'
import { nameAccounts } from './accounts/index.ts'
import { cardOfConsent, CardId, openPinPage } from './cards/index.ts'
import { bankContract } from './contract.ts'
import {
  CustomerId,
  findCustomer,
  finishSignIn,
  signInByReference,
  organisationsOf,
  signInRefused,
  startSignIn,
  subjectFor,
} from './customers/index.ts'
import { isImagined } from './nobody-real.ts'
import { notFound } from './partner-call.ts'
import type { BankWorld } from './world.ts'

export const serveAuthorization = (server: Server, bank: BankWorld): void =>
  serveContract(server, bankContract, {
    whoIsReal: async () => ({ anybody: !isImagined(bank, 'anybody') }),
    startSignIn: (ask) => startSignIn(bank, ask),
    finishSignIn: (ask) => finishSignIn(bank, ask),
    customerByReference: (ask) => signInByReference(bank, ask),
    customerForPartner: (ask) => customerForPartner(bank, ask),
    cardOfConsent: async ({ customerId, ...ask }) => ({
      card: await cardOfConsent(bank, { ...ask, customer: await coreRefOf(bank, customerId) }),
    }),
    openPinPage: async ({ customerId, partnerId, cardId }) => {
      const id = CardId.safeParse(cardId)
      if (!id.success) throw notFound()
      const customer = await coreRefOf(bank, customerId)
      return openPinPage(bank, { partnerId, id: id.data, customer })
    },
  })

const customerOf = async ({ db }: BankWorld, customerId: string) => {
  const id = CustomerId.safeParse(customerId)
  const customer = id.success ? await findCustomer(db, id.data) : undefined
  if (!customer) throw signInRefused('this customer is not known')
  return customer
}

const coreRefOf = async (bank: BankWorld, customerId: string): Promise<string> =>
  (await customerOf(bank, customerId)).coreRef

/**
 * The customer and the accounts that they can use, under the names that this partner will know them by; and those of the
 * companies that they sign for, which are other subjects.
 */
const customerForPartner = async (
  bank: BankWorld,
  { customerId, partnerId }: { customerId: string; partnerId: string },
) => {
  const customer = await customerOf(bank, customerId)
  const companies = await organisationsOf(bank.db, customer.id)
  const [own, ...theirs] = await Promise.all(
    [customer.coreRef, ...companies.map((c) => c.coreRef)].map((customerRef) =>
      holdingOf(bank, { actor: `customer:${customer.id}`, partnerId, customerRef }),
    ),
  )
  assert(own, 'a customer has holdings of their own, be they none')
  return {
    subject: own.subject,
    displayName: customer.displayName,
    accounts: [
      ...own.accounts,
      ...theirs.flatMap(({ subject, accounts }) =>
        accounts.map((account) => ({ ...account, holder: subject })),
      ),
    ],
    organisations: companies.flatMap(({ displayName: name, signatures, signatories }, at) => {
      const holding = theirs[at]
      return holding && holding.accounts.length > 0
        ? [{ subject: holding.subject, name, signatures, signatories }]
        : []
    }),
  }
}

/** What one holder has at the core, as this partner will know it. */
const holdingOf = async (
  bank: BankWorld,
  { actor, ...holder }: { actor: Actor; partnerId: string; customerRef: string },
) => {
  const { partnerId, customerRef } = holder
  const core = bank.coreFor(partnerId)
  const usable = (await core.accountsOf(customerRef)).filter(({ status }) => status === 'enabled')
  const balances = await Promise.all(usable.map(({ ref }) => core.balances(ref)))
  const { subject, named } = await work(bank.db, actor, bank.now(), async (w) => {
    const known = await subjectFor(w, bank.keys, holder)
    return {
      subject: known,
      named: await nameAccounts(w, bank.keys, { partnerId, subject: known }, usable),
    }
  })
  const accounts = usable.map((account, at) => {
    const alias = named.get(account)
    const held = balances[at]
    assert(alias && held, 'every account that is offered has a name and a balance')
    return {
      accountId: alias.accountId,
      kind: account.kind,
      nickname: account.nickname,
      lastFour: account.number.slice(-4),
      identification: account.number,
      currency: account.currency,
      available: held.available,
    }
  })
  return { subject, accounts }
}
