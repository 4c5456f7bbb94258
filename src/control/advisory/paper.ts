/** The pack as the board reads it, in the reader's language. */
import * as format from '#kernel/format.ts'
import type { Language } from '#kernel/format.ts'
import { openPaper } from '#control/billing/index.ts'
import { digestOf, type Pack } from './pack.ts'
import { type Words, wordsIn } from './paper-words.ts'

export const packPdf = (
  pack: Pack,
  { language, zone }: { language: Language; zone: string },
): Promise<Buffer> => {
  const say = wordsIn(language)
  const figure = (value: number) => format.number(language, value)
  const date = (instant: string) => format.dateOf(language, instant, zone)
  const paper = openPaper({
    title: `${say.title} ${pack.quarter}`,
    language,
    at: Temporal.Instant.from(pack.countedTo),
  })
  paper.head({ issuer: pack.bank, title: say.title, number: pack.quarter })
  paper.facts(
    [
      [say.registered, figure(pack.partners.registered)],
      [say.live, figure(pack.partners.live)],
    ],
    [
      [say.joined, figure(pack.partners.joined)],
      [say.counted, format.momentOf(language, pack.countedTo, zone)],
    ],
  )
  usage(paper, pack, say, language)
  const chapter = <T>(title: string, rows: readonly T[], line: (row: T) => [string, string]) => {
    paper.chapter(title, rows.length === 0 ? say.none : '')
    for (const row of rows) {
      const [text, amount] = line(row)
      paper.row({ text, amount })
    }
  }
  chapter(say.levels, pack.levels, ({ product, promises, missed }) => [
    say.products[product] ?? product,
    say.missedOf(figure(missed), figure(promises)),
  ])
  chapter(say.incidents, pack.incidents, ({ title, severity, beganAt, endedAt }) => [
    `${title} (${say.severities[severity] ?? severity})`,
    `${date(beganAt)} – ${endedAt ? date(endedAt) : say.open}`,
  ])
  if (pack.otherIncidents > 0) paper.note(say.others(figure(pack.otherIncidents)))
  chapter(say.versions, pack.versions, ({ product, version }) => [
    say.products[product] ?? product,
    format.day(language, version),
  ])
  chapter(say.deprecations, pack.deprecations, ({ product, operation, summary }) => [
    summary,
    `${say.products[product] ?? product}, ${operation}`,
  ])
  chapter(say.endings, pack.endings ?? [], ({ version, sunsetAt }) => [
    format.day(language, version),
    say.endsOn(date(sunsetAt)),
  ])
  chapter(say.requests, pack.requests, ({ title, status, votesFor, votesAgainst }) => [
    `${title}. ${say.statuses[status] ?? status}`,
    say.votes(figure(votesFor), figure(votesAgainst)),
  ])
  chapter(say.actions, pack.actions, ({ quarter, said, owner, dueOn, outcome }) => [
    `${quarter}: ${said}. ${say.teams[owner] ?? owner}`,
    outcome ?? format.day(language, dueOn),
  ])
  paper.note(say.few)
  paper.note(`SHA-256 ${digestOf(pack)}`)
  return paper.bytes(say.page)
}

const usage = (
  paper: ReturnType<typeof openPaper>,
  pack: Pack,
  say: Words,
  language: Language,
): void => {
  paper.chapter(say.usage, pack.usage.length === 0 ? say.none : say.usageBelow)
  if (pack.usage.length === 0) return
  paper.columns({ text: '', quantity: say.calls, price: say.before, amount: say.failed })
  for (const row of pack.usage) {
    paper.row({
      text: say.products[row.product] ?? row.product,
      quantity: format.number(language, row.calls),
      price: format.number(language, row.callsBefore),
      amount: format.share(language, (row.failedPpm / 10_000).toFixed(3)),
    })
    const [p50, p95, p99] = [row.p50Ms, row.p95Ms, row.p99Ms].map((ms) =>
      ms === null ? '–' : format.number(language, ms),
    )
    paper.detail({ text: `p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms` })
  }
}
