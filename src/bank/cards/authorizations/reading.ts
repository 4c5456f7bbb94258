/** What a partner may look up: authorizations, what was cleared of them, and the file of each day. */
import { type Caller, notFound } from '../../partner-call.ts'
import { openCursor, sealCursor } from '../../cursor.ts'
import type { BankWorld } from '../../world.ts'
import { pageOf, type PageQuery } from '../paging.ts'
import {
  type Authorization,
  type AuthorizationId,
  authorizationJson,
  type AuthorizationsQuery,
} from './authorization.ts'
import {
  fileOf,
  lineJson,
  type Movement,
  type MovementId,
  transactionJson,
  type TransactionsQuery,
} from './movement.ts'
import * as store from './store.ts'

export const getAuthorization = async (
  { db }: BankWorld,
  { partnerId }: Caller,
  id: AuthorizationId,
): Promise<Authorization> => {
  const found = await store.find(db, partnerId, id)
  if (!found) throw notFound()
  return found
}

export const listAuthorizations = (
  bank: BankWorld,
  { partnerId }: Caller,
  { cardId, status, ...page }: AuthorizationsQuery,
) =>
  pageOf(
    bank.keys,
    ['authorizations', partnerId, cardId ?? null, status ?? null],
    page,
    (from) => store.list(bank.db, { partnerId, cardId, status, ...from }),
    authorizationJson,
  )

export const listCardTransactions = (
  bank: BankWorld,
  { partnerId }: Caller,
  { cardId, ...page }: TransactionsQuery,
) =>
  pageOf(
    bank.keys,
    ['card-transactions', partnerId, cardId ?? null],
    page,
    (from) => store.transactions(bank.db, { partnerId, cardId, ...from }),
    transactionJson,
  )

export const getCardTransaction = async (
  { db }: BankWorld,
  { partnerId }: Caller,
  id: MovementId,
) => {
  const found = await store.transaction(db, partnerId, id)
  if (!found) throw notFound()
  return transactionJson(found)
}

/** What a day's file holds. Until the day is over in the bank's zone it grows, and says so. */
export const getReconciliation = async (
  bank: BankWorld,
  { partnerId }: Caller,
  day: Temporal.PlainDate,
) => {
  const lines: Movement[] = []
  for (;;) {
    const after = lines.at(-1)?.id
    const page = await store.linesOf(bank.db, partnerId, day, {
      limit: LINES_AT_ONCE,
      ...(after !== undefined && { after }),
    })
    lines.push(...page)
    if (page.length < LINES_AT_ONCE) break
  }
  // What began before midnight may be kept after it.
  const ends = day.add({ days: 1 }).toZonedDateTime(bank.zone).toInstant().add({ minutes: 5 })
  return {
    day: day.toString(),
    complete: Temporal.Instant.compare(bank.now(), ends) >= 0,
    ...fileOf(lines),
  }
}

const LINES_AT_ONCE = 1_000

/** The lines of a day's file, in the order in which they were written. */
export const listReconciliationLines = async (
  bank: BankWorld,
  { partnerId }: Caller,
  day: Temporal.PlainDate,
  { limit, cursor }: PageQuery,
) => {
  const place = ['reconciliation', partnerId, day.toString()]
  const after = cursor === undefined ? undefined : openCursor(bank.keys, place, cursor)
  const found = await store.linesOf(bank.db, partnerId, day, {
    limit: limit + 1,
    ...(after !== undefined && { after }),
  })
  const page = found.slice(0, limit)
  const last = page.at(-1)
  return {
    data: page.map(lineJson),
    next: found.length > limit && last ? sealCursor(bank.keys, place, last.id) : null,
  }
}
