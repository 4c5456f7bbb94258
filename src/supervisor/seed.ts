/** `portico seed`: fills the rooms of one process with the demonstration bank. Run again, it changes nothing. */
import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parse } from 'yaml'
import { assert } from '#kernel/assert.ts'
import type { Cell } from '#kernel/cell.ts'
import { Problem } from '#kernel/problem.ts'
import { work } from '#journal/index.ts'
import { settingWrong } from '#platform/config.ts'
import { openPostgres, type Postgres } from '#platform/db.ts'
import { makeRandomKey, readRandomKey } from '#platform/keys.ts'
import type { CellWorld, ProcessWorld } from '#platform/process.ts'
import type { Core } from '#bank/cores/core.ts'
import type { MidRate } from '#bank/fx/index.ts'
import { demonstrations } from './demonstration.ts'

const root = join(import.meta.dirname, '..', '..')

const openFor = (url: string | undefined, setting: string): Postgres => {
  if (!url) throw settingWrong(`${setting} is not set: the seed writes as that role`)
  return openPostgres(url, { name: 'seed', max: 2 })
}

/** Seeds `control`, or `bank` in a cell. */
export const seed = async (
  world: ProcessWorld,
  room: string,
  cell: Cell | undefined,
): Promise<void> => (room === 'bank' && cell ? seedBank({ ...world, cell }) : seedControl(world))

const seedControl = async (world: ProcessWorld) => {
  const { seedControl: seedRooms } = await import('#control/seed.ts')
  const { seedProbe } = await import('./seed-probe.ts')
  const db = openFor(world.settings.PORTICO_DATABASE_URL_CONTROL, 'PORTICO_DATABASE_URL_CONTROL')
  try {
    const documents = globSync('src/bank/*/openapi.yaml', { cwd: root })
      .toSorted()
      .map((file): { product: string; openapi: unknown } => ({
        product: basename(dirname(file)),
        openapi: parse(readFileSync(join(root, file), 'utf8')),
      }))
    const demonstration = world.settings.PORTICO_DEMO === 'on'
    const factorKey = makeRandomKey(world.layout.control.sessionKey)
    await seedRooms(db, world.now(), { documents, demonstration, factorKey })
    if (demonstration) await seedProbe(world, db)
  } finally {
    await db.close()
  }
}

const seedBank = async (world: CellWorld) => {
  const { bankKeys } = await import('#bank/world.ts')
  const { seedCustomers, seedOrganisations } = await import('#bank/customers/index.ts')
  const { seedProgrammeAccounts } = await import('#bank/payments/programme.ts')
  const { positionsAt, publishRates, seedPositions } = await import('#bank/fx/index.ts')
  const { fundsAt, scenarios, seedLending } = await import('#bank/lending/index.ts')
  const { openCore } = await import('#bank/cores/open.ts')
  const db = openFor(world.settings.PORTICO_DATABASE_URL_BANK, 'PORTICO_DATABASE_URL_BANK')
  const files = world.layout.cell(world.cell)
  const { customers, organisations, programmeOwner, positions, dollarMicros, probed } =
    demonstrations[world.cell]
  const { loanFunds, lendingScenarios } = demonstrations[world.cell]
  try {
    if (world.cell === 'sandbox') await seedPeopleOfSandbox(db, world)
    const core = await openCore(world, db)
    try {
      const accounts = await settlementAccounts(core, programmeOwner)
      const exchanging = await positionsAt(core, positions)
      const funds = await fundsAt(core, loanFunds)
      await work(db, 'system', world.now(), async (w) => {
        await seedCustomers(w, bankKeys(readRandomKey(files.pairwiseKey)), customers)
        await seedOrganisations(w, organisations)
        await seedProgrammeAccounts(w, accounts)
        await seedPositions(w, exchanging)
        await seedLending(w, { funds, scenarios: lendingScenarios ? scenarios : [] })
        if (dollarMicros !== undefined)
          await publishRates(w, [treasuryRate(dollarMicros, world.now())])
      })
      await writeProbed(world, core, probed)
    } finally {
      await core.close()
    }
  } finally {
    await db.close()
  }
}

const seedPeopleOfSandbox = async (db: Postgres, { now, settings }: ProcessWorld) => {
  const { sandboxWorld } = await import('#sandbox/world.ts')
  const { seedSynthetic } = await import('#bank/cores/synthetic/seed.ts')
  const { keepTemplate } = await import('#bank/cores/synthetic/worlds.ts')
  const today = now().toZonedDateTimeISO(settings.PORTICO_BANK_ZONE).toPlainDate()
  await seedSynthetic(db, sandboxWorld({ today }), now())
  await keepTemplate(db)
}

/** As a treasury would publish it, for longer than any would. */
const treasuryRate = (micros: bigint, asOf: Temporal.Instant): MidRate => ({
  pair: 'USD/UZS',
  micros,
  asOf,
  goodUntil: asOf.add({ hours: 24 * 90 }),
  source: 'Treasury of Namuna Bank (demonstration)',
})

/** The core may still be starting. */
const patiently = async <T>(ask: () => Promise<T>): Promise<T> => {
  for (let tries = 0; ; tries++)
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 503 || tries > 60) throw error
      await sleep(250)
    }
}

const settlementAccounts = async (core: Core, owner: string) => {
  const [customer, accounts] = await patiently(() =>
    Promise.all([core.customer(owner), core.accountsOf(owner)]),
  )
  assert(customer, 'the owner of the programmes is a customer of the core')
  return accounts
    .filter((account) => account.kind === 'settlement' && account.currency === 'UZS')
    .map(({ ref, number, bankCode, currency }) => ({
      accountRef: ref,
      number,
      bankCode,
      currency,
      name: customer.name,
    }))
}

/** What the probe asks about stands in a file, because control must not know the bank's customers. */
const writeProbed = async (world: CellWorld, core: Core, ref: string) => {
  const { writeProbeSubject } = await import('./probe.ts')
  const [customer, accounts] = await patiently(() =>
    Promise.all([core.customer(ref), core.accountsOf(ref)]),
  )
  const account = accounts.find((a) => a.status === 'enabled')
  assert(customer && account, 'the probed customer has an account')
  writeProbeSubject(world.layout, world.cell, {
    account: {
      schemeName: 'UZ.AccountNumber',
      identification: account.number,
      bankCode: account.bankCode,
    },
    name: customer.name,
  })
}
