/** The books while a life is imagined: knows what everybody has, so that nobody spends what they do not. */
import { accountRef, type LedgerCurrency } from '#bank/cores/synthetic/account-number.ts'
import type { SeedAccount, SeedHappening, SeedSide } from '#bank/cores/synthetic/seed.ts'
import type { Chance } from './chance.ts'
import type { Outsider } from './merchants.ts'
import type { Opening } from './opening.ts'

/** An account in the books, or somebody at another bank. */
export type Side = SeedAccount | Outsider

export interface Books {
  readonly accounts: readonly SeedAccount[]
  readonly happenings: readonly SeedHappening[]
  /** The first enabled account of this sort that the customer has. */
  find(owner: string, kind: Opening['kind'], currency?: LedgerCurrency): SeedAccount | undefined
  /** Minor units on an account now. */
  balance(account: SeedAccount): bigint
  /** Moves money where the debtor has it; answers whether it did. */
  pay(payment: {
    on: Temporal.PlainDate
    from: Side
    to: Side
    minor: bigint
    text: string
    pending?: boolean
  }): boolean
}

/** A day that is imagined: what it does goes into the books. */
export interface Day {
  readonly on: Temporal.PlainDate
  readonly books: Books
  readonly chance: Chance
}

const isAccount = (side: Side): side is SeedAccount => 'owner' in side

export const openBooks = (
  customers: readonly { coreRef: string; accounts: readonly Opening[] }[],
  openedOn: Temporal.PlainDate,
): Books => {
  const accounts = customers.flatMap(({ coreRef, accounts: openings }) =>
    openings.map((opening, index): SeedAccount => ({
      ...opening,
      owner: coreRef,
      serial: index + 1,
      status: opening.status ?? 'enabled',
      openedOn: openedOn.subtract({ years: 1 + (Number(coreRef.slice(-2)) % 9), days: index * 40 }),
      limit: BigInt(opening.limit ?? 0) * 100n,
      start: BigInt(opening.start) * 100n,
    })),
  )
  const balances = new Map(accounts.map((account) => [account, account.start]))
  const happenings: SeedHappening[] = []

  const sideOf = (side: Side): SeedSide =>
    isAccount(side)
      ? { account: accountRef(side.owner, side.serial) }
      : { outside: { name: side.name, account: side.account } }
  const balance = (account: SeedAccount) => balances.get(account) ?? 0n
  const move = (side: Side, minor: bigint) => {
    if (isAccount(side)) balances.set(side, balance(side) + minor)
  }
  return {
    accounts,
    happenings,
    find: (owner, kind, currency = 'UZS') =>
      accounts.find(
        (a) =>
          a.owner === owner && a.kind === kind && a.currency === currency && a.status === 'enabled',
      ),
    balance,
    pay: ({ from, to, minor, ...rest }) => {
      if (minor <= 0n || (isAccount(from) && balance(from) + from.limit < minor)) return false
      const currency = isAccount(from) ? from.currency : isAccount(to) ? to.currency : 'UZS'
      move(from, -minor)
      if (!rest.pending) move(to, minor)
      happenings.push({ ...rest, from: sideOf(from), to: sideOf(to), minor, currency })
      return true
    },
  }
}
