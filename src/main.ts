/** The command line of Portico. It composes; the only file that knows every room. */
import { parseArgs } from 'node:util'
import { Cell } from '#kernel/cell.ts'
import { Problem } from '#kernel/problem.ts'
import { portsOf, readSettings } from '#platform/config.ts'
import { layoutOf } from '#platform/layout.ts'
import { openLog } from '#platform/log.ts'
import type { CellWorld, ProcessWorld, Running } from '#platform/process.ts'

const usage = `portico start [process…] [--cell sandbox|production]   all of Portico, or the named processes
portico ceremony [--json]                              make every key before anything runs, and print their register
portico migrate                                        bring every database up to date
portico seed control | bank --cell C                   the demonstration bank
portico journey telecom|marketplace|government|all [--cell C] [--json]
                                                       walk a partner's story as an outsider
portico staff EMAIL ROLE…                              the first two people of a new bank
portico keys list|publish|activate KID|retire KID|remove KID|emergency|renew cookie|nonce --cell C [--json]
                                                       the issuer's signing keys and secrets
portico vault keys|rotate --cell C [--json]            the keys of card data: how they stand, and to replace them all
portico vault scope-report --cell C [--json]           where card data can be, and proof that it is nowhere else
portico isolation report [--in-process] [--attempts N] [--keep] [--json]
                                                       use credentials of each cell in the other, and count
portico isolation verify FILE [--trust FILE]           check a kept report: its signature, its key, its line in the journal
portico reconciliation report|explain DIFFERENCE STAFF WORDS… --cell C [--json]
                                                       the core's statements beside what it was told
portico conformance --cell C [--suite URL] [--alias A]  configuration for the OpenID FAPI 2.0 conformance suite
portico explain APPLICATION OPERATION [--consent P,Q] [--at INSTANT] [--json]
                                                       every gate and every field with its verdict, now or then
portico evidence pack PARTNER FROM TO FILE            everything about a partner and a period, signed
portico evidence verify FILE [--trust JWK] [--journal VKEY] [--json]
                                                       check such an archive without the platform
portico fx rates [FILE] --cell C [--json]              publish the treasury's rates from a file, and tell those in force
portico diff BASE REVISION [--json]                    what changed between two OpenAPI documents, and whom it breaks
portico rate                                           rate the cases on standard input, JSON
portico invoice verify FILE                            compute an invoice again from its data file
portico journal verify [--from FILE|FOLDER] [--trust FILE] [--remembered FILE] [--json]
                                                       check every journal against what was signed and witnessed
portico witness FOLDER PORT                            co-sign journals, in another trust domain
portico reference [--check]                            write docs/reference from the code
portico backup follow|once|check FOLDER [--keys FOLDER] [--json]
                                                       a copy of everything, a second behind; whether it is whole
portico backup restore FOLDER --keys FOLDER [--until INSTANT] [--json]
                                                       an empty PORTICO_DATA made into what it was
portico doctor [--json]                                what is wrong on this machine, and what to do
`

/** Wrong use of the command line: exit 2. */
class Misuse extends Error {}

const worldOf = (name: string, cell?: Cell): ProcessWorld => {
  const settings = readSettings(process.env)
  return {
    settings,
    layout: layoutOf(settings.PORTICO_DATA),
    ports: portsOf(settings),
    log: openLog({ process: name, ...(cell && { cell }) }, settings.PORTICO_LOG_LEVEL),
    // PostgreSQL keeps microseconds and rounds: a finer now would come back later than it was.
    now: () => Temporal.Now.instant().round({ smallestUnit: 'microsecond', roundingMode: 'floor' }),
  }
}

/** Every process, loaded only when it is the one that runs: a courier does not carry the portal in its memory. */
const cellProcesses: Readonly<Record<string, (world: CellWorld) => Promise<Running>>> = {
  gateway: async (world) => (await import('#gateway/gateway.ts')).startGateway(world),
  authorization: async (world) =>
    (await import('#authorization/authorization.ts')).startAuthorization(world),
  bank: async (world) => (await import('#bank/bank.ts')).startBank(world),
  vault: async (world) => (await import('#vault/vault.ts')).startVault(world),
  courier: async (world) => (await import('#courier/courier.ts')).startCourier(world),
}

const startOne = async (name: string, cell: Cell | undefined): Promise<Running> => {
  if (name === 'control') {
    const { startControl } = await import('#control/control.ts')
    const { wellKnownOf } = await import('./supervisor/well-known.ts')
    const world = worldOf('control')
    const personas = async () => (await import('./supervisor/demonstration.ts')).personas
    const { openLooks, openProber } = await import('./supervisor/prober.ts')
    const extras = {
      wellKnown: wellKnownOf(world),
      personas,
      prober: openProber(world),
      looks: openLooks(world),
    }
    return startControl(world, extras)
  }
  if (name === 'status') {
    const { startStatus } = await import('./status/status.ts')
    return startStatus(worldOf('status'))
  }
  const start = cellProcesses[name]
  if (!start)
    throw new Misuse(
      `there is no process ${name}; there are control, status, ${Object.keys(cellProcesses).join(', ')}`,
    )
  if (!cell) throw new Misuse(`${name} runs in a cell: add --cell sandbox or --cell production`)
  return start({ ...worldOf(name, cell), cell })
}

/** Runs until told to stop: by a signal, or by the supervisor that is no more. */
const untilStopped = async (running: readonly Running[]): Promise<void> => {
  const supervised = process.send !== undefined
  await new Promise<void>((resolve) => {
    process.on('SIGTERM', resolve)
    // Ctrl-C reaches every process of the terminal; a supervised one leaves the order of stopping to its supervisor.
    process.on('SIGINT', () => {
      if (!supervised) resolve()
    })
    process.once('disconnect', resolve)
  })
  await Promise.all(running.map((r) => r.stop()))
}

const startAll = async (): Promise<void> => {
  const { startHouse } = await import('./supervisor/supervisor.ts')
  const { printReady, printStep } = await import('./supervisor/terminal.ts')
  const world = worldOf('supervisor')
  const startedMs = performance.now()
  // A signal may come several times (from the terminal, and again from npm): stopping is done once, and to its end.
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, resolve)
  })
  // A terminal that is gone, or a reader that is, leaves nothing half stopped.
  for (const out of [process.stdout, process.stderr]) out.on('error', () => {})
  const house = await startHouse(world, { step: printStep(startedMs) })
  void house.ready.then(() => printReady(world, startedMs, house.adoptedPostgres))
  await stopped
  process.stderr.write('\nstopping…\n')
  await house.stop()
  process.stderr.write('stopped. Everything is kept; npm start goes on where it was.\n')
}

const commands: Readonly<Record<string, (words: string[], options: Options) => Promise<number>>> = {
  start: async (words, { cell }) => {
    if (words.length === 0) await startAll()
    else {
      const running = await Promise.all(words.map((name) => startOne(name, cell)))
      await untilStopped(running)
    }
    return 0
  },
  ceremony: async (_, { json }) => {
    const { holdCeremony } = await import('./supervisor/ceremony.ts')
    return holdCeremony(worldOf('ceremony'), json)
  },
  migrate: async () => {
    const { migrateAll } = await import('./supervisor/migrate.ts')
    return migrateAll(worldOf('migrate'))
  },
  seed: async ([room = ''], { cell }) => {
    const { seed } = await import('./supervisor/seed.ts')
    if (room !== 'control' && !(room === 'bank' && cell))
      throw new Misuse('seed what? control, or bank --cell sandbox|production')
    await seed(worldOf('seed', cell), room, cell)
    return 0
  },
  journey: async ([story = ''], { cell, json }) => {
    const { journeys, walkJourneys } = await import('../test/journeys/journeys.ts')
    if (story !== 'all' && !(story in journeys))
      throw new Misuse(`which journey? ${Object.keys(journeys).join(', ')} or all`)
    const settings = readSettings(process.env)
    return walkJourneys({
      story,
      portal: `http://localhost:${settings.PORTICO_PORT_BASE}`,
      json,
      ...(cell && { cell }),
    })
  },
  staff: async ([email, ...roles]) => {
    if (!email || roles.length === 0) throw new Misuse('staff EMAIL ROLE…')
    const { bringInStaff } = await import('./supervisor/first-staff.ts')
    return bringInStaff(worldOf('staff'), email, roles)
  },
  keys: async ([verb, what = ''], { cell, json }) => {
    const { keyVerbs, manageKeys } = await import('./supervisor/keys.ts')
    const known = keyVerbs.find((v) => v === verb)
    if (!known || !cell) throw new Misuse(`keys ${keyVerbs.join('|')} --cell C`)
    if (known === 'renew' && what !== 'cookie' && what !== 'nonce')
      throw new Misuse('keys renew cookie|nonce --cell C')
    return manageKeys({ ...worldOf('keys', cell), cell }, { verb: known, what, json })
  },
  vault: async ([verb], { cell, json }) => {
    if ((verb !== 'keys' && verb !== 'rotate' && verb !== 'scope-report') || !cell)
      throw new Misuse('vault keys|rotate|scope-report --cell C')
    if (verb === 'scope-report') {
      const { reportCardScope } = await import('../test/isolation/card-scope.ts')
      return reportCardScope({ ...worldOf('vault scope', cell), cell }, json)
    }
    const { manageVaultKeys } = await import('./supervisor/vault-keys.ts')
    return manageVaultKeys({ ...worldOf('vault keys', cell), cell }, { verb, json })
  },
  isolation: async ([verb, file], { attempts, inProcess, keep, json, trust }) => {
    if (verb === 'verify' && file) {
      const { verifyReport } = await import('./supervisor/isolation/kept.ts')
      return verifyReport(worldOf('isolation'), file, trust)
    }
    if (verb !== 'report') throw new Misuse('isolation report | verify FILE')
    const { reportIsolation } = await import('../test/isolation/report.ts')
    return reportIsolation(worldOf('isolation'), { attempts, inProcess, keep, json })
  },
  reconciliation: async ([verb, difference, staff, ...words], { cell, json }) => {
    const room = () => import('./supervisor/reconciliation.ts')
    if (verb === 'report' && cell)
      return (await room()).tellReconciliation(
        { ...worldOf('reconciliation', cell), cell },
        { json },
      )
    if (verb !== 'explain' || !cell || !difference || !staff || words.length === 0)
      throw new Misuse('reconciliation report | explain DIFFERENCE STAFF WORDS… --cell C')
    const said = { difference, staff, explanation: words.join(' ') }
    return (await room()).explainDifference({ ...worldOf('reconciliation', cell), cell }, said)
  },
  conformance: async (_, { cell, suite, alias }) => {
    if (!cell) throw new Misuse('conformance --cell C')
    const { printConformance } = await import('./supervisor/conformance.ts')
    return printConformance(worldOf('conformance'), { cell, suite, alias })
  },
  explain: async ([application, operation], { consent, at, json }) => {
    if (!application || !operation) throw new Misuse('explain APPLICATION OPERATION')
    const { explainOnTerminal } = await import('./supervisor/explain.ts')
    return explainOnTerminal(worldOf('explain'), {
      application,
      operation,
      consent: consent?.split(','),
      at: at === undefined ? undefined : instantOf(at),
      json,
    })
  },
  evidence: async ([verb, ...words], { trust, journal, json }) => {
    const room = () => import('./supervisor/evidence.ts')
    const [first, from, to, file] = words
    if (verb === 'verify' && first && words.length === 1)
      return (await room()).verifyEvidencePack(worldOf('evidence'), first, { trust, journal, json })
    if (verb !== 'pack' || !first || !from || !to || !file)
      throw new Misuse(
        'evidence pack PARTNER FROM TO FILE | verify FILE [--trust JWK] [--journal VKEY]',
      )
    const period = { from: instantOf(from), to: instantOf(to) }
    return (await room()).writeEvidencePack(worldOf('evidence'), first, period, file)
  },
  fx: async ([verb, file], { cell, json }) => {
    if (verb !== 'rates' || !cell) throw new Misuse('fx rates [FILE] --cell C')
    const { tellRates } = await import('./supervisor/fx-rates.ts')
    return tellRates({ ...worldOf('fx rates', cell), cell }, { file, json })
  },
  diff: async ([base, revision, ...more], { json }) => {
    if (!base || !revision || more.length > 0) throw new Misuse('diff BASE REVISION [--json]')
    const { printDifferences } = await import('./supervisor/diff.ts')
    return printDifferences(base, revision, { json, today: Temporal.Now.plainDateISO('UTC') })
  },
  rate: async () => {
    const { rateStandardInput } = await import('./supervisor/rate.ts')
    return rateStandardInput()
  },
  invoice: async ([verb, file]) => {
    if (verb !== 'verify' || !file) throw new Misuse('invoice verify FILE')
    const { verifyInvoice } = await import('./supervisor/verify-invoice.ts')
    return verifyInvoice(file)
  },
  journal: async ([verb], { from, trust, remembered, json }) => {
    if (verb !== 'verify') throw new Misuse('journal verify')
    const { verifyJournals } = await import('./supervisor/verify-journals.ts')
    return verifyJournals(worldOf('journal'), { json, from, trust, remembered })
  },
  witness: async ([folder, port]) => {
    if (!folder || !port) throw new Misuse('witness FOLDER PORT')
    const { openWitness } = await import('./supervisor/witness.ts')
    await untilStopped([await openWitness(worldOf('witness'), folder, countOf(port))])
    return 0
  },
  backup: async ([verb, folder], { keys, until, json }) => {
    const { backupVerbs, manageBackup } = await import('./supervisor/backup.ts')
    const known = backupVerbs.find((v) => v === verb)
    if (!known || !folder) throw new Misuse(`backup ${backupVerbs.join('|')} FOLDER`)
    if (known !== 'check' && !keys) throw new Misuse(`backup ${known} FOLDER --keys FOLDER`)
    const given = { folder, keys: keys ?? '', until: until && instantOf(until), json }
    return manageBackup(worldOf('backup'), known, given, untilStopped)
  },
  warm: async () => {
    const { warm } = await import('./supervisor/reference.ts')
    return warm()
  },
  reference: async (_, { check }) => {
    const { writeReference } = await import('./supervisor/reference.ts')
    return writeReference(check)
  },
  doctor: async (_, { json }) => {
    const { doctor } = await import('./supervisor/doctor.ts')
    return doctor(worldOf('doctor'), json)
  },
}

interface Options {
  cell?: Cell
  from?: string
  trust?: string | undefined
  remembered?: string | undefined
  suite: string
  alias: string
  json: boolean
  check: boolean
  attempts?: number
  inProcess: boolean
  keep: boolean
  consent?: string
  at?: string | undefined
  journal?: string | undefined
  keys?: string | undefined
  until?: string | undefined
}

const instantOf = (text: string): Temporal.Instant => {
  try {
    return Temporal.Instant.from(text)
  } catch {
    throw new Misuse(`${text} is not an instant such as 2026-11-22T10:00:00Z`)
  }
}

const countOf = (text: string): number => {
  const count = Number(text)
  if (!Number.isSafeInteger(count) || count < 1) throw new Misuse(`${text} is not a count`)
  return count
}

const run = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      cell: { type: 'string' },
      from: { type: 'string' },
      trust: { type: 'string' },
      remembered: { type: 'string' },
      consent: { type: 'string' },
      at: { type: 'string' },
      journal: { type: 'string' },
      keys: { type: 'string' },
      until: { type: 'string' },
      suite: { type: 'string', default: 'https://localhost.emobix.co.uk:8443' },
      alias: { type: 'string', default: 'portico' },
      json: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      attempts: { type: 'string' },
      'in-process': { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const [name = '', ...words] = positionals
  if (values.help || name === '' || name === 'help') {
    process.stdout.write(usage)
    return name === '' && !values.help ? 2 : 0
  }
  const command = commands[name]
  if (!command) throw new Misuse(`there is no command ${name}`)
  const cell = values.cell === undefined ? undefined : Cell.safeParse(values.cell)
  if (cell && !cell.success) throw new Misuse(`--cell is sandbox or production, not ${values.cell}`)
  return command(words, {
    suite: values.suite,
    alias: values.alias,
    json: values.json,
    check: values.check,
    inProcess: values['in-process'],
    keep: values.keep,
    ...(values.attempts && { attempts: countOf(values.attempts) }),
    ...(cell && { cell: cell.data }),
    ...(values.from && { from: values.from }),
    trust: values.trust,
    remembered: values.remembered,
    ...(values.consent && { consent: values.consent }),
    at: values.at,
    journal: values.journal,
    keys: values.keys,
    until: values.until,
  })
}

const inOneLine = ({ detail, particulars: { errors = [], hint } }: Problem) =>
  [detail, ...errors.map((e) => `${e.pointer} ${e.detail}`), ...(hint ? [hint] : [])].join('; ')

process.title = `portico ${process.argv.slice(2).join(' ')}`
try {
  process.exitCode = await run()
  // Whatever a library still holds open must not keep a finished command alive.
  setTimeout(() => process.exit(), 500).unref()
} catch (error) {
  if (
    error instanceof Misuse ||
    (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS')
  ) {
    process.stderr.write(`portico: ${(error as Error).message}\n\n${usage}`)
    process.exit(2)
  }
  process.stderr.write(
    `portico: ${error instanceof Problem ? inOneLine(error) : String((error as Error).stack ?? error)}\n`,
  )
  process.exit(1)
}
