/** The books as the bank's general ledger takes them: every entry of some days, on the bank's own account numbers, as CSV. */
import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { amountText, exponentOf } from '#control/rating/index.ts'
import type { Work } from '#journal/index.ts'

export const GlAccount = z.object({
  account: z.string().regex(/^[a-z_]+$/),
  code: z.string().regex(/^[0-9A-Za-z.-]{1,34}$/, 'is letters, digits, points and hyphens'),
})
export type GlAccount = z.output<typeof GlAccount>

/** Our accounts; that of a partner is told by the word before its colon. */
export const ACCOUNTS = [
  'receivable',
  'payable',
  'prepaid',
  'breakage',
  'revenue',
  'tax',
  'bank',
  'credit',
  'service_credit',
  'partner_share',
  'shared_revenue',
] as const

export const listGlAccounts = async (
  db: Db,
): Promise<{ account: string; code: string | null }[]> => {
  const known = new Map(
    (
      await db.many(
        GlAccount,
      )`select account, code from billing.gl_account order by account limit 100`
    ).map(({ account, code }) => [account, code]),
  )
  return ACCOUNTS.map((account) => ({ account, code: known.get(account) ?? null }))
}

export const nameGlAccounts = async (work: Work, accounts: readonly GlAccount[]): Promise<void> => {
  for (const { account, code } of accounts)
    await work.run`
      insert into billing.gl_account (account, code, changed_at) values (${account}, ${code}, ${work.now})
      on conflict (account) do update set code = excluded.code, changed_at = excluded.changed_at
    `
  await work.record('billing.gl-accounts-named', 'billing', { accounts })
}

const EntryRow = z.object({
  posting: z.bigint(),
  at: z.instanceof(Temporal.Instant),
  key: z.string(),
  text: z.string(),
  account: z.string(),
  code: z.string().nullable(),
  currency: z.string(),
  minor: z.string().transform(BigInt),
})

const PAGE = 5_000
const HEAD = 'posting,day,at,gl_account,account,debit,credit,currency,text,key'

/** RFC 4180; a text that a spreadsheet would compute is told as text. */
const cell = (text: string): string => {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}

/** Every entry of `[from, to)`, oldest first, a page at a time. Debits and credits of each posting are equal. */
export const generalLedgerCsv = async function* (
  db: Db,
  { from, to, zone }: { from: Temporal.Instant; to: Temporal.Instant; zone: string },
): AsyncGenerator<string> {
  yield `${HEAD}\r\n`
  let after = { posting: 0n, account: '' }
  for (;;) {
    const rows = await db.many(EntryRow)`
      select p.id as posting, p.at, p.key, p.text, e.account, g.code, e.currency, e.minor::text as minor
        from billing.entry e
        join billing.posting p on p.id = e.posting_id
        left join billing.gl_account g on g.account = split_part(e.account, ':', 1)
       where p.at >= ${from} and p.at < ${to} and (p.id, e.account) > (${after.posting}, ${after.account})
       order by p.id, e.account, e.currency
       limit ${PAGE}
    `
    for (const { posting, at, key, text, account, code, currency, minor } of rows) {
      const amount = amountText(minor < 0n ? -minor : minor, exponentOf(currency) ?? 2)
      const day = at.toZonedDateTimeISO(zone).toPlainDate().toString()
      const [debit, credit] = minor > 0n ? [amount, ''] : ['', amount]
      const cells = [posting.toString(), day, at.toString(), code ?? '', account]
      yield `${[...cells, debit, credit, currency, text, key].map(cell).join(',')}\r\n`
    }
    const last = rows.at(-1)
    if (!last || rows.length < PAGE) return
    after = { posting: last.posting, account: last.account }
  }
}
