/**
 * Accounts of two. To the core such a pair is one customer; who of them signs, and whether one is enough, the bank knows as
 * it knows it of a company (`seedOrganisations`).
 */
import type { CoreCustomer } from '#bank/cores/core.ts'
import type { Day } from './books.ts'
import { about, chance } from './chance.ts'
import { merchants, outsiders, phrases } from './merchants.ts'
import { current, type Opening, savings } from './opening.ts'

export interface Pair {
  readonly coreRef: string
  /** As the bank holds it: both of them. */
  readonly name: string
  readonly displayName: string
  /** How many of them must sign. */
  readonly signatures: 1 | 2
  /** Logins of both. */
  readonly holders: readonly [string, string]
  readonly story: string
  readonly accounts: readonly Opening[]
}

const holders = ['shahlo', 'timur'] as const
const name = 'Ergasheva Shahlo Ахмедов Тимур'
const displayName = 'Shahlo Ergasheva, Тимур Ахмедов'

export const pairs = [
  {
    coreRef: '80000018',
    name,
    displayName,
    signatures: 1,
    holders,
    story: 'Their household: what either of them approves is approved.',
    accounts: [current(6_400_000, { nickname: 'Household account' })],
  },
  {
    coreRef: '80000019',
    name,
    displayName,
    signatures: 2,
    holders,
    story: 'What they save together: a consent waits until both have said yes.',
    accounts: [savings(26_000_000, { nickname: 'Savings of two' })],
  },
] as const satisfies readonly Pair[]

/** PINFLs that nobody has, as all here: they begin with 9. */
export const pairCustomers: readonly CoreCustomer[] = pairs.map(({ coreRef, name: both }) => ({
  ref: coreRef,
  kind: 'person',
  name: both,
  nationalId: `9000000200${coreRef.slice(-3)}0`,
}))

/** What a household does: both put in, it shops and pays the rent, and something is saved. */
export const keepHouse = ({ on, books }: Day, seed: number): void => {
  const [household, together] = pairs.map(({ coreRef, accounts: [{ kind }] }) =>
    books.find(coreRef, kind),
  )
  const [shahlo, timur] = ['80000014', '80000004'].map((ref) => books.find(ref, 'current'))
  if (!household || !together || !shahlo || !timur) return
  // A chance of its own, so that nobody else's year depends on it.
  const luck = chance(seed * 1_000_003 + on.year * 372 + on.month * 31 + on.day)
  const say = phrases.uz
  const pay = (
    from: typeof household,
    to: Parameters<typeof books.pay>[0]['to'],
    minor: bigint,
    text: string,
  ) => books.pay({ on, from, to, minor, text })
  if (on.day === 7) {
    pay(shahlo, household, 1_400_000_00n, say.topUp)
    pay(timur, household, 2_600_000_00n, phrases.ru.topUp)
  }
  if (on.day === 9) pay(household, outsiders.landlord, 1_250_000_00n, say.rent)
  if (on.day === 28) pay(household, together, 300_000_00n, say.savings)
  if (luck.next() < 0.25) {
    const merchant = luck.pick(merchants)
    pay(household, merchant, about(luck, merchant.from, merchant.to), say.purchase)
  }
}
