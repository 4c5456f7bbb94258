/** docs/reference/faults.md, as a run found it. */
import { type Found, kept } from './run.ts'

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`

const refusedHow = ({ refused, unheard }: Found): string => {
  const said = refused.slice(0, 4).map(([code, n]) => `${code} (${n}×)`)
  if (unheard > 0) said.push(`connection ended (${unheard}×)`)
  return said.join(', ') || 'nothing'
}

const afterwards = ({ books, consentsIgnored, course }: Found): string => {
  const { lost, doubled, writesLost, writesTwice } = books
  const wrong = (course.wrong ?? []).map((what) => `; **${what}**`).join('')
  return `lost ${lost}, billed twice ${doubled}, writes lost ${writesLost}, writes twice ${writesTwice}, ended consents taken ${consentsIgnored}${wrong}`
}

export const faultsPage = (
  found: readonly Found[],
  { short, when, left }: { short: boolean; when: string; left: readonly string[] },
): string => {
  const rows = found.map((one) =>
    one.course.skipped === undefined
      ? `| ${[one.name, one.breaks, one.keeps, one.course.figures.join('; '), `${one.taken} of ${one.sent}, longest gap ${seconds(one.longestGapMs)}`, refusedHow(one), afterwards(one), kept(one) ? 'kept' : '**broken**'].map(cell).join(' | ')} |`
      : `| ${[one.name, one.breaks, one.keeps, `not done: ${one.course.skipped}`, '', '', '', ''].map(cell).join(' | ')} |`,
  )
  return `# Faults, done

*Written by \`npm run faults${short ? ' -- --short' : ''}\` on ${when}; do not edit.*

One house of one machine, each fault done to it while partners call: reads of every domain and writes under idempotency keys. They keep ledgers of their own, in another process than the platform. Afterwards they rest, spools are shipped, and the platform's count is held against theirs: *lost* was answered with success and is not in the usage; *billed twice* is billable above what was answered or never heard of; *writes* are held against the bank's own list. A customer's consent that ended before each fault is tried all the while and after it. \`kill -9\` is no power loss: the page cache survives it.

${left.length === 0 ? 'All faults were done in this run.' : `Not done in this run: ${left.join(', ')}.`}

| fault | what is done | what goes on | measured | calls taken | refused, and how | found afterwards | promise |
| --- | --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

Faults that have drills of their own: two gateways killed under writes (\`test/gateway/crashing.drill.ts\`), the way from gateway to invoice with PostgreSQL killed (\`test/billing/kills.drill.ts\`), the courier (\`test/courier/crash.drill.ts\`), restore from a back-up (\`test/backup\`), several nodes (\`test/nodes\`).
`
}
