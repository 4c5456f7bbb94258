/** Between the lines of a form and the items of an agenda. */
import type { Meeting } from '../../kit/advisory/wire.ts'

type Items = Meeting['agenda']

/** A line is an item; one that was there keeps the request that it is about. */
export const agendaOf = (lines: string, before: Items = []): Items =>
  lines
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .map((title) => ({
      title,
      requestId: before.find((item) => item.title === title)?.requestId ?? null,
    }))

export const linesOf = (agenda: Items): string => agenda.map(({ title }) => title).join('\n')

/** `2026-11-23` → `2026-Q4`. */
export const quarterOf = (day: string): string => {
  const [year = '', month = '1'] = day.split('-')
  return `${year}-Q${Math.ceil(Number(month) / 3)}`
}
