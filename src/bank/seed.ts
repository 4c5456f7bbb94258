/** What the bank's own rooms need to know of a core's people: who may sign in, and where programmes keep their money. */
import { setTimeout as sleep } from 'node:timers/promises'
import { assert } from '#kernel/assert.ts'
import { Problem } from '#kernel/problem.ts'
import { work } from '#journal/index.ts'
import { settingWrong } from '#platform/config.ts'
import { openPostgres } from '#platform/db.ts'
import { readRandomKey } from '#platform/keys.ts'
import type { CellWorld } from '#platform/process.ts'
import type { Core } from './cores/core.ts'
import { openCore } from './cores/open.ts'
import { type NewCustomer, seedCustomers } from './customers/index.ts'
import { type ProgrammeAccount, seedProgrammeAccounts } from './payments/index.ts'
import { bankKeys } from './world.ts'

export type { NewCustomer } from './customers/index.ts'

export interface BankSeed {
  readonly people: readonly NewCustomer[]
  /** Numbers of the accounts at the core that programmes may be given. */
  readonly programmeAccounts: readonly string[]
}

/** Runs again without harm: whoever can sign in, and every account that is known, stays as it is. */
export const seedBank = async (world: CellWorld, seed: BankSeed): Promise<void> => {
  const { settings, now } = world
  const url = settings.PORTICO_DATABASE_URL_BANK
  if (!url) throw settingWrong('PORTICO_DATABASE_URL_BANK is missing')
  const db = openPostgres(url, { name: `${world.cell}-bank-seed`, max: 2 })
  try {
    const core = await openCore(world, db)
    try {
      await untilItAnswers(core)
      const accounts = await Promise.all(
        seed.programmeAccounts.map((number) => programmeAccount(core, number)),
      )
      const keys = bankKeys(readRandomKey(world.layout.cell(world.cell).pairwiseKey))
      await work(db, 'system', now(), async (w) => {
        await seedCustomers(w, keys, seed.people)
        await seedProgrammeAccounts(w, accounts)
      })
    } finally {
      await core.close()
    }
  } finally {
    await db.close()
  }
}

const programmeAccount = async (core: Core, number: string): Promise<ProgrammeAccount> => {
  const account = await core.accountByNumber(number)
  const owner = account && (await core.customer(account.owner))
  assert(account && owner, `the core has no account ${number}`)
  const { ref: accountRef, bankCode, currency } = account
  return { accountRef, number, bankCode, name: owner.name, currency }
}

const WAIT_MS = 250
const WAITS_MAX = 80

/** A core that was started a moment ago may not listen yet. */
const untilItAnswers = async (core: Core, waited = 0): Promise<void> => {
  try {
    await core.ping()
  } catch (error) {
    if (!(error instanceof Problem) || waited >= WAITS_MAX) throw error
    await sleep(WAIT_MS)
    await untilItAnswers(core, waited + 1)
  }
}
