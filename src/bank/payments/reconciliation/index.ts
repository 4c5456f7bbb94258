/** The daily reconciliation of programme funds. Differences are kept, told to the partner, and journalled. */
import { type Work, work } from '#journal/index.ts'
import { requestInvalid } from '#platform/http.ts'
import { openCursor, sealCursor } from '../../cursor.ts'
import { actorOf, type Caller } from '../../partner-call.ts'
import type { BankWorld } from '../../world.ts'
import { programmeAccountOf } from '../programme.ts'
import { dayOf } from '../scheduled/calendar.ts'
import {
  comparedWithBooks,
  comparedWithStatement,
  ReconciliationId,
  type Share,
  type Sides,
  statementReconciled,
  type StatementRequest,
} from './reconciliation.ts'
import * as store from './store.ts'

type ReconcilingWorld = Pick<BankWorld, 'db' | 'coreFor' | 'now' | 'zone'>

/** What was under way is looked at again after an hour. */
const AGAIN_HOURS = 1
/** How often books and sub-ledger are read anew, where money moved between the two. */
const TRIES = 3

/** Reconciles yesterday for every account that has not been; answers how many there were. */
export const reconcileProgrammes = async (bank: ReconcilingWorld): Promise<number> => {
  const now = bank.now()
  const day = dayOf(bank, now).subtract({ days: 1 })
  const before = now.subtract({ hours: AGAIN_HOURS })
  const accounts = await store.unreconciled(bank.db, { day, before })
  for (const account of accounts) await reconcile(bank, account, day)
  return accounts.length
}

const reconcile = async (
  bank: ReconcilingWorld,
  account: store.Account,
  day: Temporal.PlainDate,
): Promise<void> => {
  const sides = await sidesOf(bank, account)
  await work(bank.db, 'system', bank.now(), async (w) => {
    // Of two processes at once, one finds that it was done.
    const { openingMinor } = await store.lockAccount(w, account.accountRef)
    const before = w.now.subtract({ hours: AGAIN_HOURS })
    const open = await store.unreconciled(w, { day, before })
    if (!open.some(({ accountRef }) => accountRef === account.accountRef)) return
    const opening = openingMinor ?? (await takeOpening(w, account, sides))
    if (opening === undefined) return
    const booksMinor = sides.booksMinor - opening
    await keep(w, account, { day, sides: { ...sides, booksMinor }, zone: bank.zone })
  })
}

/** What stood there before our sub-ledger began is not ours to explain: it is taken once, while nothing is under way. */
const takeOpening = async (
  w: Work,
  { accountRef, currency }: store.Account,
  { booksMinor, ledgerMinor, inFlightMinor }: Sides,
): Promise<bigint | undefined> => {
  if (inFlightMinor > 0n) return undefined
  const opening = booksMinor - ledgerMinor
  await store.saveOpening(w, accountRef, opening)
  await w.record('payments.programme-opening-taken', accountRef, {
    amountMinor: opening.toString(),
    currency,
  })
  return opening
}

/** Both sides of one moment: where the sub-ledger moved while the books were read, they are read again. */
const sidesOf = async (bank: ReconcilingWorld, account: store.Account): Promise<Sides> => {
  let ledger = await store.ledgerOf(bank.db, account)
  for (let tries = 1; ; tries++) {
    const core = bank.coreFor('reconciliation')
    const { booked } = await core.balances(account.accountRef)
    const elsewhere = (await core.worlds?.elsewhere(account)) ?? 0n
    const after = await store.ledgerOf(bank.db, account)
    const still =
      after.ledgerMinor === ledger.ledgerMinor && after.inFlightMinor === ledger.inFlightMinor
    if (still || tries === TRIES) return { ...after, booksMinor: booked.minor + elsewhere }
    ledger = after
  }
}

const keep = async (
  w: Work,
  account: store.Account,
  { day, sides, zone }: { day: Temporal.PlainDate; sides: Sides; zone: string },
) => {
  const { accountRef, currency } = account
  const id = ReconciliationId.next()
  const status = comparedWithBooks(sides)
  await store.add(w, { ...sides, id, accountRef, day, currency, status, at: w.now })
  await w.record('payments.programme-reconciled', id, {
    day: day.toString(),
    status,
    differenceMinor: (sides.booksMinor - sides.ledgerMinor).toString(),
    currency,
  })
  const closed = day.add({ days: 1 }).toZonedDateTime(zone).toInstant()
  for (const { partnerId, ledgerMinor, statedMinor } of await store.closings(w, account, {
    day,
    closed,
  })) {
    const statement = comparedWithStatement(ledgerMinor, statedMinor)
    const share = { reconciliationId: id, partnerId, ledgerMinor, statedMinor, status: statement }
    await store.addShare(w, share)
    if (statement === 'DIFFERENT') await tellDifference(w, partnerId, id)
  }
}

const tellDifference = (w: Work, partnerId: string, id: string) =>
  w.record('payments.reconciliation-differs', id, { partnerId })

/** A partner's word for a day: compared at once where the day was reconciled without it. */
export const stateProgrammeBalance = async (
  bank: BankWorld,
  caller: Caller,
  { date, closingBalance }: StatementRequest,
): Promise<{ date: Temporal.PlainDate; at: Temporal.Instant }> => {
  const { partnerId } = caller
  const programme = await programmeAccountOf(bank, caller)
  const { minor, currency } = closingBalance
  if (currency !== programme.currency || minor < 0n)
    throw requestInvalid('1 field is wrong', {
      errors: [
        {
          pointer: '/closingBalance',
          code: 'currency',
          detail: `is no balance in ${programme.currency}`,
        },
      ],
    })
  const now = bank.now()
  if (Temporal.PlainDate.compare(date, dayOf(bank, now)) > 0)
    throw requestInvalid('1 field is wrong', {
      errors: [{ pointer: '/date', code: 'future', detail: 'has not come yet' }],
    })
  await work(bank.db, actorOf(caller), now, async (w) => {
    const shares = await store.lockSharesOf(w, partnerId, date)
    if (shares.some(({ statement }) => statement !== 'UNSTATED'))
      throw statementReconciled('state the balance of a later day')
    await store.state(w, { partnerId, day: date, minor, currency, at: now })
    for (const share of shares) {
      const statement = comparedWithStatement(share.ledgerMinor, minor)
      await store.saveShare(w, partnerId, { ...share, statedMinor: minor, statement })
      if (statement === 'DIFFERENT') await tellDifference(w, partnerId, share.id)
    }
    await w.record('payments.programme-balance-stated', partnerId, {
      partnerId,
      day: date.toString(),
    })
  })
  return { date, at: now }
}

const PAGE = 50

export const listReconciliations = async (
  { db, keys }: Pick<BankWorld, 'db' | 'keys'>,
  { partnerId }: Caller,
  cursor: string | undefined,
): Promise<{ shares: Share[]; next: string | null }> => {
  const place = ['reconciliations', partnerId]
  const found = await store.page(db, {
    partnerId,
    limit: PAGE + 1,
    ...(cursor !== undefined && { before: openCursor(keys, place, cursor) }),
  })
  const shares = found.slice(0, PAGE)
  const last = shares.at(-1)
  const next = found.length > PAGE && last ? sealCursor(keys, place, last.id) : null
  return { shares, next }
}
