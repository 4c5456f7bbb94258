/** What each fault was found to do, in a file of its own; docs/reference/faults.md is all of them as a table. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { type Found, kept } from './run.ts'

const reports = resolve(import.meta.dirname, 'reports')
const page = resolve(import.meta.dirname, '../../docs/reference/faults.md')

const Count = z.number().int().nonnegative()
const Report = z.object({
  name: z.string(),
  breaks: z.string(),
  keeps: z.string(),
  course: z.object({
    figures: z.array(z.string()),
    wrong: z.array(z.string()).exactOptional(),
    skipped: z.string().exactOptional(),
  }),
  sent: Count,
  taken: Count,
  unheard: Count,
  refused: z.array(z.tuple([z.string(), Count])),
  longestGapMs: z.number(),
  books: z.object({ lost: Count, doubled: Count, writesLost: Count, writesTwice: Count }),
  consentsIgnored: Count,
  short: z.boolean(),
  when: z.iso.date(),
})
type Report = z.output<typeof Report>

/** Of `all` faults these were done now; what earlier runs found of the others stays. */
export const keepReports = (
  found: readonly Found[],
  { short, all }: { short: boolean; all: readonly string[] },
): void => {
  mkdirSync(reports, { recursive: true })
  const when = Temporal.Now.plainDateISO().toString()
  for (const one of found)
    writeFileSync(
      join(reports, `${one.name}.json`),
      `${JSON.stringify({ ...one, short, when }, null, 2)}\n`,
    )
  const held = readdirSync(reports)
    .filter((name) => name.endsWith('.json'))
    .map((name) => Report.parse(JSON.parse(readFileSync(join(reports, name), 'utf8'))))
  const rows = all.flatMap((name) => held.find((one) => one.name === name) ?? [])
  const left = all.filter((name) => !rows.some((one) => one.name === name))
  writeFileSync(page, faultsPage(rows, left))
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`

const refusedHow = ({ refused, unheard }: Report): string => {
  const said = refused.slice(0, 4).map(([code, n]) => `${code} (${n}×)`)
  if (unheard > 0) said.push(`connection ended (${unheard}×)`)
  return said.join(', ') || 'nothing'
}

const afterwards = ({ books, consentsIgnored, course }: Report): string => {
  const { lost, doubled, writesLost, writesTwice } = books
  const wrong = (course.wrong ?? []).map((what) => `; **${what}**`).join('')
  return `lost ${lost}, billed twice ${doubled}, writes lost ${writesLost}, writes twice ${writesTwice}, ended consents taken ${consentsIgnored}${wrong}`
}

const faultsPage = (found: readonly Report[], left: readonly string[]): string => {
  const rows = found.map((one) => {
    const { name, breaks, keeps, course } = one
    const done = `${one.when}, ${one.short ? 'short' : 'at length'}`
    const row =
      course.skipped === undefined
        ? [
            name,
            breaks,
            keeps,
            course.figures.join('; '),
            `${one.taken} of ${one.sent}, longest gap ${seconds(one.longestGapMs)}`,
            refusedHow(one),
            afterwards(one),
            kept(one) ? 'kept' : '**broken**',
            done,
          ]
        : [name, breaks, keeps, `not done: ${course.skipped}`, '', '', '', '', done]
    return `| ${row.map(cell).join(' | ')} |`
  })
  return `# Faults, done

*Written by \`npm run faults\` from its reports in \`test/faults/reports\`; do not edit.*

One house of one machine, each fault done to it while partners call: reads of every domain and writes under idempotency keys. They keep ledgers of their own, in another process than the platform. Afterwards they rest, spools are shipped, and the platform's count is held against theirs: *lost* was answered with success and is not in the usage; *billed twice* is billable above what was answered or never heard of; *writes* are held against the bank's own list. A customer's consent that ended before each fault is tried all the while and after it. \`kill -9\` is no power loss: the page cache survives it.

${left.length === 0 ? 'Every fault has a report.' : `No run has left a report of: ${left.join(', ')}.`}

| fault | what is done | what goes on | measured | calls taken | refused, and how | found afterwards | promise | done |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

Faults that have drills of their own: two gateways killed under writes (\`test/gateway/crashing.drill.ts\`), the way from gateway to invoice with PostgreSQL killed (\`test/billing/kills.drill.ts\`), the courier (\`test/courier/crash.drill.ts\`), restore from a back-up (\`test/backup\`), several nodes (\`test/nodes\`).
`
}
