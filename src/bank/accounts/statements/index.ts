/** Monthly statements of an account: which there are, what each sums up to, and each as a file. */
import { moneyJson } from '#kernel/money.ts'
import { pairwise } from '#platform/keys.ts'
import type { Core, CoreEntry } from '../../cores/core.ts'
import { openCursor, sealCursor } from '../../cursor.ts'
import { type Caller, notFound } from '../../partner-call.ts'
import type { BankWorld } from '../../world.ts'
import { opened } from '../access.ts'
import { type Alias, beginOf, type PageQuery, sideOf, timesOpened } from '../account.ts'
import { camt053 } from './camt053.ts'
import { paperOf } from './paper.ts'
import type { Press } from './press.ts'
import {
  firstDayOf,
  lastDayOf,
  type Month,
  monthsOf,
  monthsWithin,
  type Statement,
  STATEMENT_ENTRIES_MAX,
  statementOf,
  statementTooLong,
} from './statement.ts'

const basicOrDetail = ['ReadStatementsBasic', 'ReadStatementsDetail']

/** Which statements there are, newest first. */
export const listStatements = async (
  bank: BankWorld,
  caller: Caller,
  accountId: string,
  { limit, cursor }: PageQuery,
) => {
  const { alias, months } = await statementsOf(bank, caller, accountId, basicOrDetail)
  const place = ['statements', caller.partnerId, caller.consentId, accountId]
  const before = cursor === undefined ? undefined : openCursor(bank.keys, place, cursor)
  const behind = months.filter((month) => before === undefined || month.toString() < before)
  const page = behind.slice(0, limit)
  const last = page.at(-1)
  return {
    data: page.map((month) => statementJson(bank, caller, alias, month)),
    next: last && behind.length > limit ? sealCursor(bank.keys, place, last.toString()) : null,
  }
}

/** One statement, with its sums where the consent has Detail. */
export const getStatement = async (
  bank: BankWorld,
  caller: Caller,
  { accountId, statementId }: { accountId: string; statementId: string },
) => {
  const found = await statementNamed(bank, caller, { accountId, statementId }, basicOrDetail)
  const json = statementJson(bank, caller, found.alias, found.month)
  if (!found.permissions.has('ReadStatementsDetail')) return json
  const { opening, closing, credits, debits } = await readStatement(found)
  const sumJson = (type: string, of: Statement['opening']) => ({ type, ...sideOf(of) })
  return {
    ...json,
    numberOfCredits: credits.count,
    numberOfDebits: debits.count,
    statementAmount: [
      sumJson('OpeningBalance', opening),
      { type: 'TotalCredits', creditDebitIndicator: 'Credit', amount: moneyJson(credits.sum) },
      { type: 'TotalDebits', creditDebitIndicator: 'Debit', amount: moneyJson(debits.sum) },
      sumJson('ClosingBalance', closing),
    ],
  }
}

export type FileFormat = 'pdf' | 'camt.053'

/** One statement as a file; the same statement is the same bytes. */
export const getStatementFile = async (
  bank: BankWorld,
  press: Press,
  caller: Caller,
  {
    accountId,
    statementId,
    format,
  }: { accountId: string; statementId: string; format: FileFormat },
): Promise<{ contentType: string; file: Buffer }> => {
  const asked = { accountId, statementId }
  const found = await statementNamed(bank, caller, asked, ['ReadStatementsDetail'])
  const { account, core, alias } = found
  const [statement, owner] = await Promise.all([readStatement(found), core.customer(account.owner)])
  if (!owner) throw notFound()
  const holder = {
    statementId,
    account,
    ownerName: owner.name,
    bankName: bank.name,
    zone: bank.zone,
    nameOf: ({ ref }: CoreEntry) =>
      pairwise(bank.keys.pairwise, 'txn', caller.partnerId, `${alias.accountRef} ${ref}`),
  }
  switch (format) {
    case 'camt.053':
      return { contentType: 'application/xml', file: camt053(statement, holder) }
    case 'pdf':
      return { contentType: 'application/pdf', file: await press.print(paperOf(statement, holder)) }
  }
}

/** An account that the consent opens, and the months of it that lie within the times of the consent. */
const statementsOf = async (
  bank: BankWorld,
  caller: Caller,
  accountId: string,
  anyOf: readonly string[],
) => {
  const open = await opened(bank, caller, accountId, anyOf)
  const today = bank.now().toZonedDateTimeISO(bank.zone).toPlainDate()
  const { since } = await open.core.bookedAt(open.alias.accountRef, today)
  const times = timesOpened(caller.details, accountId)
  return { ...open, months: monthsWithin(monthsOf(since, today), times, bank.zone) }
}

/** 404 for a month that has none, that is not over, and that the consent does not open, alike. */
const statementNamed = async (
  bank: BankWorld,
  caller: Caller,
  { accountId, statementId }: { accountId: string; statementId: string },
  anyOf: readonly string[],
) => {
  const { months, ...open } = await statementsOf(bank, caller, accountId, anyOf)
  const month = months.find((one) => idOf(bank, caller, open.alias, one) === statementId)
  if (!month) throw notFound()
  return { ...open, month }
}

const idOf = (bank: BankWorld, { partnerId }: Caller, { accountRef }: Alias, month: Month) =>
  pairwise(bank.keys.pairwise, 'stm', partnerId, `${accountRef} ${month.toString()}`)

const statementJson = (bank: BankWorld, caller: Caller, alias: Alias, month: Month) => {
  const end = beginOf(lastDayOf(month).add({ days: 1 }), bank.zone)
  return {
    statementId: idOf(bank, caller, alias, month),
    accountId: alias.accountId,
    type: 'RegularPeriodic',
    statementReference: month.toString(),
    startDateTime: beginOf(firstDayOf(month), bank.zone),
    endDateTime: end,
    creationDateTime: end,
  }
}

const CORE_PAGE = 100

const readStatement = async ({
  core,
  alias,
  month,
}: {
  core: Core
  alias: Alias
  month: Month
}): Promise<Statement> => {
  const { accountRef } = alias
  const [first, last] = [firstDayOf(month), lastDayOf(month)]
  const [opening, closing, entries] = await Promise.all([
    core.bookedAt(accountRef, first.subtract({ days: 1 })),
    core.bookedAt(accountRef, last),
    bookedBetween(core, accountRef, { from: first, to: last }),
  ])
  return statementOf(month, { opening: opening.booked, closing: closing.booked }, entries)
}

/** What was booked on these days, oldest first. */
const bookedBetween = async (
  core: Core,
  ref: string,
  days: { from: Temporal.PlainDate; to: Temporal.PlainDate },
): Promise<CoreEntry[]> => {
  const entries: CoreEntry[] = []
  for (let before: string | undefined; ;) {
    const page = await core.entries(ref, {
      ...days,
      limit: CORE_PAGE,
      ...(before !== undefined && { before }),
    })
    entries.push(...page.filter(({ status }) => status === 'booked'))
    if (entries.length > STATEMENT_ENTRIES_MAX)
      throw statementTooLong(`it has more than ${STATEMENT_ENTRIES_MAX} entries`, {
        hint: 'Read the month in pages of transactions.',
      })
    before = page.at(-1)?.ref
    if (page.length < CORE_PAGE) return entries.toReversed()
  }
}
