/** Who may reach whom, as the table of ARCHITECTURE says it: the one place that every form of deployment is held against. */
import { readFileSync } from 'node:fs'

export const cellProcesses = ['gateway', 'authorization', 'bank', 'vault', 'courier'] as const

/** What words of the table stand for. A phrase that is not here fails the test that reads the table. */
const phrases: readonly (readonly [phrase: RegExp, to: readonly string[]])[] = [
  [/^its database$/, ['database']],
  [/^mail$/, ['mail']],
  [/^`bank` and `vault` of its own cell$/, ['bank', 'vault']],
  [/^registered upstreams$/, ['upstreams']],
  [/^Valkey where its URL is set$/, ['valkey']],
  [/^NATS where its URL is set$/, ['nats']],
  [/^`bank` \(customer sign-in, account list\)$/, ['bank']],
  [/^`control` \([^)]*\)$/, ['control']],
  [/^the bank's OpenID provider where one is set$/, ['provider']],
  [/^the core$/, ['core']],
  [/^`vault` \(tokens only\)$/, ['vault']],
  [/^`courier` \([^)]*\)$/, ['courier']],
  [/^the internet through an address guard$/, ['internet']],
  [/^the public addresses of both cells as a partner does \([^)]*\)$/, ['public']],
  [/^the witness where one is set$/, ['witness']],
  [/^nothing else$/, []],
]

const commasOutside = /,\s*(?![^(]*\))/

/** Process → whom it may reach, and behind it what the table says that it listens with. */
export const reachTable = (): Map<string, { may: Set<string>; database: boolean }> => {
  const table = new Map<string, { may: Set<string>; database: boolean }>()
  for (const line of readFileSync('ARCHITECTURE.md', 'utf8').split('\n')) {
    const [, process, , role, , reach] = line.split('|').map((cell) => cell.trim())
    const name = /^`([a-z]+)`/.exec(process ?? '')?.[1]
    if (!name || role === undefined || reach === undefined) continue
    const may = new Set<string>()
    for (const part of reach.split(commasOutside)) {
      const known = phrases.find(([phrase]) => phrase.test(part))
      if (!known) throw new Error(`the table says of ${name} what no test understands: ${part}`)
      for (const to of known[1]) may.add(to)
    }
    // A role of its own in a database is a way to it, whether the last column says it again or not.
    if (role !== 'none') may.add('database')
    table.set(name, { may, database: role !== 'none' })
  }
  return table
}
