/** `portico reconciliation report|explain`: what the core says of its days beside what we told it, asked of the bank itself. */
import { z } from 'zod'
import { DifferenceId, reconciliationContract, ToldReport } from '#bank/reconciliation/index.ts'
import { amountOf, type Money } from '#kernel/money.ts'
import { problem } from '#kernel/problem.ts'
import type { CellWorld } from '#platform/process.ts'
import { rpcClient } from '#platform/rpc.ts'

const DAYS = 30

const noDifference = problem('reconciliation/no-difference', 400, 'That is no difference')

const words = (money: Money | null) => (money ? `${amountOf(money)} ${money.currency}` : '–')

const lines = ({ days, statements, differences }: ToldReport): string[] => [
  days.length === 0
    ? 'no day was reconciled yet'
    : 'day         entries  of orders  orders booked  holds  differences',
  ...days.map(({ day, entries, referenced, orders, holds }) => {
    const found = differences.filter((d) => d.day.equals(day))
    const open = found.filter(({ status }) => status === 'open').length
    return [
      day.toString(),
      String(entries).padStart(9),
      String(referenced).padStart(11),
      String(orders).padStart(15),
      String(holds).padStart(7),
      `${found.length}${open > 0 ? ` (${open} open)` : ''}`.padStart(13),
    ].join('')
  }),
  ...statements.flatMap(({ name, status, wrongLine, reason }) =>
    status === 'refused' ? [`REFUSED ${name}, line ${wrongLine}: ${reason}`] : [],
  ),
  ...differences.map(
    ({ differenceId, day, kind, subject, ours, core, status, explanation, explainedBy }) =>
      [
        `${status === 'open' ? 'OPEN' : 'explained'} ${day.toString()} ${kind} ${subject}:`,
        `ours ${words(ours)}, core ${words(core)}`,
        explanation === null ? `(${differenceId})` : `– ${explanation} (${explainedBy})`,
      ].join(' '),
  ),
]

/** 1 while a difference is open, so that a watch hears of it. */
export const tellReconciliation = async (
  { layout, cell }: CellWorld,
  { json }: { readonly json: boolean },
): Promise<number> => {
  const bank = rpcClient(reconciliationContract, layout.cell(cell).socket('bank'))
  try {
    const report = await bank.report({ days: DAYS })
    process.stdout.write(
      json ? `${JSON.stringify(z.encode(ToldReport, report))}\n` : `${lines(report).join('\n')}\n`,
    )
    return report.differences.some(({ status }) => status === 'open') ? 1 : 0
  } finally {
    await bank.close()
  }
}

/** Somebody's word on a difference: it stays in the report beside it. */
export const explainDifference = async (
  { layout, cell }: CellWorld,
  said: { readonly difference: string; readonly staff: string; readonly explanation: string },
): Promise<number> => {
  const named = DifferenceId.safeParse(said.difference)
  if (!named.success) throw noDifference(`${said.difference} is not the id of one`)
  const bank = rpcClient(reconciliationContract, layout.cell(cell).socket('bank'))
  try {
    const { staff, explanation } = said
    const told = await bank.explain({ staff, explanation, differenceId: named.data })
    process.stdout.write(`${told.differenceId} is explained\n`)
    return 0
  } finally {
    await bank.close()
  }
}
