/** An evidence pack: what a bank shows a supervisor about one partner and one period. Rows are flat, so that they are tables too. */
import { z } from 'zod'
import { canonical } from '#kernel/canonical.ts'

/** Texts, numbers, and lists of them; what is deeper is told as canonical JSON. */
const Cell = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())])
const Row = z.record(z.string(), Cell)
export type Row = z.output<typeof Row>

const Section = z.strictObject({
  /** What the rows are, for the one who reads them. */
  about: z.string(),
  columns: z.array(z.string()).min(1),
  rows: z.array(Row),
  /** Whether there were more rows than a pack holds. */
  cut: z.literal(true).optional(),
})
export type Section = z.output<typeof Section>

export const Pack = z.strictObject({
  format: z.literal('portico.evidence-pack/1'),
  bank: z.strictObject({ name: z.string(), zone: z.string() }),
  partner: z.strictObject({
    id: z.string(),
    organisation: z.string(),
    legalName: z.string(),
    country: z.string(),
    declaredStatuses: z.array(z.string()),
    status: z.string(),
    registeredAt: z.string(),
  }),
  /** `to` is exclusive. */
  period: z.strictObject({ from: z.string(), to: z.string() }),
  sections: z.record(z.string(), Section),
})
export type Pack = z.output<typeof Pack>

/** A table whose columns are named; a row that misses one says nothing there. */
export const section = (
  about: string,
  columns: readonly string[],
  rows: readonly Row[],
  limit = Number.POSITIVE_INFINITY,
): Section => ({
  about,
  columns: [...columns],
  rows: rows.slice(0, limit).map((row) => ({ ...row })),
  ...(rows.length > limit && { cut: true as const }),
})

const cellText = (cell: Row[string] | undefined): string =>
  cell === null || cell === undefined ? '' : Array.isArray(cell) ? cell.join('; ') : String(cell)

/** A spreadsheet takes these for formulas: they are made text. */
const formula = /^[=+\-@\t\r]/

const quoted = (text: string) => {
  const safe = formula.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** RFC 4180. */
export const csvOf = ({ columns, rows }: Section): string =>
  [columns, ...rows.map((row) => columns.map((column) => cellText(row[column])))]
    .map((cells) => cells.map(quoted).join(','))
    .join('\r\n')
    .concat('\r\n')

export const packText = (pack: Pack): string => `${canonical(pack)}\n`
