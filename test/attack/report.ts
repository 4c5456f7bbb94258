/** docs/reference/attack.md, as a run found it. */
import type { Outcome } from './attack.ts'

export interface Fuzzed {
  readonly what: string
  readonly tried: number
  readonly seed: number
  readonly says: string
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

/** Whether nothing of it succeeded, and all of it was tried. */
export const held = ({ attempts, hindered }: Outcome): boolean =>
  hindered === undefined && attempts.length > 0 && attempts.every(({ refused }) => refused)

const verdict = (outcome: Outcome): string => {
  const { attempts, hindered } = outcome
  if (hindered !== undefined) return `not carried out: ${hindered}`
  const through = attempts.filter(({ refused }) => !refused)
  return through.length === 0
    ? `held, ${attempts.length} of ${attempts.length}`
    : `**broken**: ${through.map(({ what, said }) => `${what} (${said})`).join('; ')}`
}

/** What was said most often, for the reader who wants to see how a refusal looks. */
const usual = ({ attempts }: Outcome): string => {
  const counts = Map.groupBy(attempts, ({ said }) => said)
  return [...counts]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .slice(0, 3)
    .map(([said, of]) => (of.length > 1 ? `${said} (${of.length}×)` : said))
    .join(', ')
}

export const attackPage = (
  outcomes: readonly Outcome[],
  fuzzed: readonly Fuzzed[],
  when: string,
): string => {
  const rows = outcomes.map(
    (outcome) =>
      `| ${[outcome.name, outcome.attack.threat, outcome.attack.has, outcome.attack.tries, outcome.attack.expects, usual(outcome), verdict(outcome)].map(cell).join(' | ')} |`,
  )
  const attempts = outcomes.reduce((sum, one) => sum + one.attempts.length, 0)
  const fuzz =
    fuzzed.length === 0
      ? []
      : [
          '',
          '## Fuzzers',
          '',
          '| what | inputs | seed | outcome |',
          '| --- | --- | --- | --- |',
          ...fuzzed.map(
            ({ what, tried, seed, says }) => `| ${what} | ${tried} | ${seed} | ${says} |`,
          ),
        ]
  return `# Attacks, tried

*Written by \`npm run attack\` on ${when}; do not edit.*

Each line is a script in \`test/attack/scripts\`, run against a whole instance from outside: what the attacker has, what is tried, what must come of it, what was answered. ${outcomes.length} attacks, ${attempts} attempts, ${outcomes.filter(held).length} held. Credentials of one cell in the other have a report of their own (\`portico isolation report\`), and so has the model that the threat ids name (SECURITY.md).

| attack | threat | has | tries | expected | answered | outcome |
| --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
${[...fuzz, ''].join('\n')}`
}
