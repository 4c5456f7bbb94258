/** What the bank knows of who applies: from the core's books and from its own loans. It never leaves the house. */
import type { Db } from '#platform/db.ts'
import { type Core, type CoreAccount, coreRefused, type CustomerRef } from '../cores/core.ts'
import type { BankWorld } from '../world.ts'
import { arrearsOf, type Debt, owedOf, sumOf } from './debt.ts'
import type { Facts } from './decision.ts'
import { debtOf, isOpen, type Loan } from './loan.ts'
import * as loans from './loan-store.ts'
import * as store from './store.ts'

const MONTHS_SEEN = 3
const PAGE = 100
/** Of a busier account the newest are seen, which says less of it than there is, never more. */
const PAGES_MAX = 5

export const factsOf = async (
  { db, coreFor, zone }: BankWorld,
  asked: { partnerId: string; customerRef: CustomerRef; currency: string; now: Temporal.Instant },
): Promise<Facts> => {
  const today = asked.now.toZonedDateTimeISO(zone).toPlainDate()
  const core = coreFor(asked.partnerId)
  const [accounts, fund] = await Promise.all([
    core.accountsOf(asked.customerRef),
    store.fund(db, asked.currency),
  ])
  // What moves between their own accounts is no income, and neither is what was lent to them.
  const ours = new Set([fund.number, ...accounts.map(({ number }) => number)])
  const kept = accounts.filter(
    ({ currency, status }) => currency === asked.currency && status === 'enabled',
  )
  const from = today.subtract({ months: MONTHS_SEEN })
  const inflows = await Promise.all(kept.map((account) => inflowOf(core, account, ours, from)))
  const held = (await loans.ofCustomer(db, asked.customerRef)).filter(
    (loan) => isOpen(loan) || loan.status === 'approved',
  )
  const lines = await loans.instalments(
    db,
    held.map(({ ref }) => ref),
  )
  const debts = held.map((loan) => ({ loan, debt: debtOf(loan, lines.get(loan.ref) ?? []) }))
  const burdens = debts
    .filter(({ loan }) => loan.currency === asked.currency)
    .map(({ loan, debt }) => burdenOf(db, loan, debt))
  return {
    inflowMinor: inflows.reduce((sum, inflow) => sum + inflow, 0n) / BigInt(MONTHS_SEEN),
    daysKnown: Math.max(0, ...accounts.map(({ openedOn }) => openedOn.until(today).days)),
    openLoans: held.length,
    burdenMinor: (await Promise.all(burdens)).reduce((sum, minor) => sum + minor, 0n),
    daysPastDue: Math.max(0, ...debts.map(({ debt }) => arrearsOf(debt, today).daysPastDue)),
  }
}

/** The instalment that comes next; of a loan whose money is on its way, the first that was offered. */
const burdenOf = async (db: Db, loan: Loan, debt: Debt): Promise<bigint> => {
  if (loan.status === 'approved') {
    const offer = await store.offer(db, loan.partnerId, loan.offerId)
    return offer?.firstMinor ?? 0n
  }
  const line = debt.instalments.find((row) => sumOf(owedOf(row)) > 0n)
  return line ? sumOf(owedOf(line)) : 0n
}

/** What others paid onto an account. */
const inflowOf = async (
  core: Core,
  { ref }: CoreAccount,
  ours: ReadonlySet<string>,
  from: Temporal.PlainDate,
): Promise<bigint> => {
  let sum = 0n
  let before: string | undefined
  for (let page = 0; page < PAGES_MAX; page++) {
    const entries = await core.entries(ref, {
      from,
      limit: PAGE,
      ...(before !== undefined && { before }),
    })
    for (const { direction, amount, status, counterparty } of entries)
      if (direction === 'credit' && status === 'booked' && !ours.has(counterparty?.account ?? ''))
        sum += amount.minor
    before = entries.at(-1)?.ref
    if (entries.length < PAGE) break
  }
  return sum
}

/** The account that money is lent to, and whose it is. */
export const borrowerOf = async (core: Core, accountRef: string) => {
  const account = await core.account(accountRef)
  const customer = account && (await core.customer(account.owner))
  if (!account || !customer) throw coreRefused('the borrower’s account is not there')
  return { account, name: customer.name }
}
