/** Fills the synthetic bank once: who banks here, what they have, what happened until now. */
import { assert } from '#kernel/assert.ts'
import type { Postgres } from '#platform/db.ts'
import type { CoreFrequency } from '../arrangement.ts'
import type { CoreAccount, CoreCustomer } from '../core.ts'
import type { CoreIdentity } from '../identity.ts'
import {
  accountNumber,
  accountRef,
  type LedgerCurrency,
  otherBankCode,
  ownBankCode,
} from './account-number.ts'
import { addArrangements, type ArrangementRow } from './arrangements.ts'
import type { Posting } from './ledger.ts'
import { addIncomes, type IncomeRow } from './income.ts'
import { bank, cashAccount, openOwnAccounts } from './own-accounts.ts'
import { addIdentity } from './identity-store.ts'
import * as store from './store.ts'

export interface SeedAccount {
  readonly owner: string
  readonly serial: number
  readonly kind: CoreAccount['kind']
  readonly currency: LedgerCurrency
  readonly nickname: string
  readonly status: CoreAccount['status']
  readonly openedOn: Temporal.PlainDate
  /** Minor units that it may go below zero. */
  readonly limit: bigint
  /** Minor units that stood on it when the books begin. */
  readonly start: bigint
}

/** `outside` names a counterparty at another bank; an account is named by its ref (`accountRef`). */
export type SeedSide =
  | { readonly account: string }
  | { readonly outside: { name: string; account: string } }

export interface SeedHappening {
  readonly on: Temporal.PlainDate
  readonly from: SeedSide
  readonly to: SeedSide
  readonly minor: bigint
  readonly currency: LedgerCurrency
  readonly text: string
  /** Held and not yet booked. */
  readonly pending?: boolean
}

/** What somebody arranged on an account of theirs; the payee is named as the side of a payment is. */
export type SeedArrangement = {
  readonly account: string
  readonly payee: SeedSide
  readonly text: string
} & (
  | { readonly kind: 'beneficiary' }
  | { readonly kind: 'scheduled-payment'; readonly minor: bigint; readonly on: Temporal.PlainDate }
  | {
      readonly kind: 'standing-order'
      readonly minor: bigint
      readonly frequency: CoreFrequency
      readonly from: Temporal.PlainDate
      readonly until?: Temporal.PlainDate
    }
  | {
      readonly kind: 'direct-debit'
      readonly frequency: CoreFrequency
      readonly from: Temporal.PlainDate
      readonly until?: Temporal.PlainDate
      readonly last?: { readonly on: Temporal.PlainDate; readonly minor: bigint }
    }
)

/** What comes to an account by itself, as it came last. */
export interface SeedIncome {
  readonly account: string
  readonly payer: SeedSide
  readonly text: string
  readonly minor: bigint
  readonly frequency: 'weekly' | 'monthly'
  readonly last: Temporal.PlainDate
}

/** What the seed is made of; whoever makes it sees that nobody is overdrawn, the database refuses it otherwise. */
export interface SeedWorld {
  readonly customers: readonly CoreCustomer[]
  /** Of its people; whoever has none here was never identified. */
  readonly identities?: readonly CoreIdentity[]
  readonly accounts: readonly SeedAccount[]
  /** In order of time. */
  readonly happenings: readonly SeedHappening[]
  readonly arrangements: readonly SeedArrangement[]
  readonly incomes?: readonly SeedIncome[]
}

/** Seeds an empty synthetic bank in one transaction; a bank that has customers is left as it is. */
export const seedSynthetic = async (
  db: Postgres,
  world: SeedWorld,
  now: Temporal.Instant,
): Promise<{ seeded: boolean }> => {
  await openOwnAccounts(db, now.toZonedDateTimeISO('Asia/Tashkent').toPlainDate())
  const [first] = world.customers
  assert(first, 'a seed has customers')
  return db.transaction(async (tx) => {
    await store.lockReference(tx, 'seed')
    if (await store.findCustomer(tx, first.ref)) return { seeded: false }
    const byRef = new Map(world.customers.map((customer) => [customer.ref, customer]))
    for (const customer of world.customers) await store.addCustomer(tx, customer)
    for (const identity of world.identities ?? []) await addIdentity(tx, identity)

    const opened = new Map<string, { number: string; name: string }>()
    for (const { start: _, ...account } of world.accounts) {
      const owner = byRef.get(account.owner)
      assert(owner, 'an account of the seed belongs to a customer of the seed')
      const ref = accountRef(account.owner, account.serial)
      const number = accountNumber({ ...account, ownerKind: owner.kind })
      await store.addAccount(tx, { ...account, ref, number, bankCode: ownBankCode })
      opened.set(ref, { number, name: owner.name })
    }

    const begins = world.happenings[0]?.on ?? now.toZonedDateTimeISO('Asia/Tashkent').toPlainDate()
    const openings = world.accounts
      .filter((account) => account.start > 0n)
      .map((account): SeedHappening => ({
        on: begins,
        from: { outside: { name: bank.name, account: '' } },
        to: { account: accountRef(account.owner, account.serial) },
        minor: account.start,
        currency: account.currency,
        text: 'Opening balance',
      }))
    const sideOf = (side: SeedSide, currency: LedgerCurrency) => {
      if ('outside' in side) return { ref: cashAccount(currency), ...side.outside }
      const account = opened.get(side.account)
      assert(account, `the seed names the account ${side.account} and does not open it`)
      return { ref: side.account, name: account.name, account: account.number }
    }
    const postings = [...openings, ...world.happenings]
      .filter((happening) => !happening.pending)
      .map(({ on, from, to, minor, currency, text }): Posting => {
        const debtor = sideOf(from, currency)
        const creditor = sideOf(to, currency)
        return {
          bookedOn: on,
          text,
          entries: [
            { account: debtor.ref, minor: -minor, counterparty: creditor },
            { account: creditor.ref, minor, counterparty: debtor },
          ],
        }
      })
    await store.addPostings(tx, postings)
    for (const { on, from, to, minor, currency, text } of world.happenings.filter(
      (h) => h.pending,
    )) {
      const account = sideOf(from, currency).ref
      await store.addHold(tx, {
        account,
        minor,
        heldOn: on,
        text,
        counterparty: sideOf(to, currency),
      })
    }
    const arranged = world.arrangements.map((one, at): Arranged => {
      const owner = world.accounts.find((a) => accountRef(a.owner, a.serial) === one.account)
      assert(owner, `something is arranged on ${one.account}, which the seed does not open`)
      const { name, account: number } = sideOf(one.payee, owner.currency)
      const bankCode = 'outside' in one.payee ? otherBankCode : ownBankCode
      return rowOf(one, at + 1, { payee: name, number, bankCode })
    })
    await addArrangements(tx, arranged)
    const incomes = (world.incomes ?? []).map((one, at): IncomeRow => {
      const to = world.accounts.find((a) => accountRef(a.owner, a.serial) === one.account)
      assert(to, `something comes to ${one.account}, which the seed does not open`)
      const { account, text, minor, frequency, last: lastOn } = one
      const { ref, name: payer, account: payerAccount } = sideOf(one.payer, to.currency)
      const payerRef = 'outside' in one.payer ? null : ref
      const payment = { account, text, minor, frequency, lastOn }
      const from = { payerRef, payer, payerAccount }
      return { ref: `I${String(at + 1).padStart(10, '0')}`, ...payment, ...from }
    })
    await addIncomes(tx, incomes)
    return { seeded: true }
  })
}

type Arranged = ArrangementRow & { readonly account: string }

const rowOf = (
  one: SeedArrangement,
  serial: number,
  payee: Pick<ArrangementRow, 'payee' | 'number' | 'bankCode'>,
): Arranged => {
  const { account, kind, text } = one
  const ref = `A${String(serial).padStart(10, '0')}`
  const nothing = { minor: null, frequency: null, firstOn: null, finalOn: null }
  const row = { ref, account, kind, text, ...payee, ...nothing, lastOn: null, lastMinor: null }
  switch (one.kind) {
    case 'beneficiary':
      return row
    case 'scheduled-payment':
      return { ...row, minor: one.minor, firstOn: one.on }
    case 'standing-order':
      return {
        ...row,
        minor: one.minor,
        frequency: one.frequency,
        firstOn: one.from,
        finalOn: one.until ?? null,
      }
    case 'direct-debit':
      return {
        ...row,
        frequency: one.frequency,
        firstOn: one.from,
        finalOn: one.until ?? null,
        lastOn: one.last?.on ?? null,
        lastMinor: one.last?.minor ?? null,
      }
  }
}
