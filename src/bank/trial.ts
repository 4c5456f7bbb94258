/** A small bank to try the rooms in: the synthetic core with a few people, and a core that can be made to fail. */
import { randomBytes } from 'node:crypto'
import { assert } from '#kernel/assert.ts'
import { uuidv7 } from '#kernel/id.ts'
import type { Money } from '#kernel/money.ts'
import { work } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'
import { openLog } from '#platform/log.ts'
import { newSigningJwk, sha256url } from '#platform/jose.ts'
import { peerUnavailable } from '#platform/rpc.ts'
import { turned } from '#platform/turned-clock.ts'
import type { VaultCard } from '#vault/contract.ts'
import { nameAccounts } from './accounts/index.ts'
import { type Core, type CoreAccount, coreUnavailable, coreUnclear } from './cores/core.ts'
import { type SeedAccount, seedSynthetic } from './cores/synthetic/seed.ts'
import { openSyntheticCore } from './cores/synthetic/synthetic-core.ts'
import { loansAccount, positionAccount } from './cores/synthetic/own-accounts.ts'
import { subjectFor } from './customers/index.ts'
import { madeUpMarket, positionsAt, seedPositions } from './fx/index.ts'
import { claimsSignerOf } from './kyc/signing.ts'
import { fundsAt, scenarios, seedLending } from './lending/index.ts'
import type { Caller } from './partner-call.ts'
import { type Carrier, openCarrier, seedProgrammeAccounts } from './payments/index.ts'
import { bankKeys, type BankWorld, everybody } from './world.ts'

export const noon = Temporal.Instant.from('2026-11-22T12:00:00Z')
const opened = Temporal.PlainDate.from('2021-03-15')

const account = (
  owner: string,
  serial: number,
  minor: bigint,
  more: Partial<SeedAccount> = {},
) => ({
  owner,
  serial,
  kind: 'current' as const,
  currency: 'UZS' as const,
  nickname: 'Main account',
  status: 'enabled' as const,
  openedOn: opened.add({ days: serial }),
  limit: 0n,
  start: minor,
  ...more,
})

const person = (ref: string, name: string, nationalId: string) => ({
  ref,
  kind: 'person' as const,
  name,
  nationalId,
})
const organisation = (ref: string, name: string, nationalId: string) => ({
  ref,
  kind: 'organisation' as const,
  name,
  nationalId,
})

const identified = (
  ref: string,
  [givenName, familyName]: readonly [string, string],
  born: string,
  residence: string,
) => ({
  ref,
  givenName,
  familyName,
  bornOn: Temporal.PlainDate.from(born),
  citizenship: 'UZ',
  residence,
  address: { street: 'Navoiy 1', locality: 'Toshkent', postalCode: '100000' },
  document: 'idcard' as const,
  verifiedOn: opened,
})

/** Refs of who lives here. The payer has a current, a savings, a dollar and a closed account. */
export const refs = {
  payer: {
    owner: '80000001',
    current: '80000001-001',
    savings: '80000001-002',
    dollars: '80000001-003',
    closed: '80000001-004',
  },
  other: { owner: '80000002', current: '80000002-001' },
  programme: '80000101-001',
  pottery: '80000102-001',
  textiles: '80000103-001',
  platform: '80000101-002',
  treasury: '80000104-001',
  shut: '80000103-002',
} as const

const seed = {
  customers: [
    person('80000001', 'Rahimova Dilnoza Akmal qizi', '90101900000011'),
    person('80000002', 'Ким Ольга Викторовна', '90101900000022'),
    organisation('80000101', 'Bozor Market MCHJ', '980000001'),
    organisation('80000102', 'Rishton Pottery XK', '980000002'),
    organisation('80000103', 'Margilan Textiles MCHJ', '980000003'),
    organisation('80000104', 'Tax Treasury', '980000004'),
  ],
  identities: [
    identified('80000001', ['Dilnoza', 'Rahimova'], '1990-03-14', 'UZ'),
    identified('80000002', ['Ольга', 'Ким'], '2010-07-21', 'KZ'),
  ],
  accounts: [
    account('80000001', 1, 90_000_000_000_00n),
    account('80000001', 2, 5_000_000_00n, { kind: 'savings', nickname: 'Savings' }),
    account('80000001', 3, 900_00n, { currency: 'USD', nickname: 'Dollars' }),
    account('80000001', 4, 0n, { status: 'closed', nickname: 'Old' }),
    account('80000002', 1, 1_000_00n),
    account('80000101', 1, 0n, { kind: 'settlement', nickname: 'Programme' }),
    account('80000101', 2, 0n, { nickname: 'Fees' }),
    account('80000102', 1, 0n),
    account('80000103', 1, 0n),
    account('80000103', 2, 0n, { status: 'closed' }),
    account('80000104', 1, 0n),
  ],
  happenings: Array.from({ length: 30 }, (_, n) => ({
    on: Temporal.PlainDate.from('2026-10-01').add({ days: n }),
    from: { account: n % 3 === 0 ? refs.other.current : refs.payer.savings },
    to: { account: n % 3 === 0 ? refs.payer.savings : refs.other.current },
    minor: BigInt(n + 1) * 100n,
    currency: 'UZS' as const,
    text: `Happening ${n}`,
  })),
  arrangements: [
    {
      account: refs.payer.savings,
      kind: 'beneficiary' as const,
      payee: { account: refs.other.current },
      text: 'Olga',
    },
    {
      account: refs.payer.savings,
      kind: 'standing-order' as const,
      payee: { account: refs.other.current },
      text: 'Rent',
      minor: 250_000_00n,
      frequency: 'monthly' as const,
      from: Temporal.PlainDate.from('2026-01-31'),
    },
    {
      account: refs.payer.savings,
      kind: 'standing-order' as const,
      payee: { account: refs.pottery },
      text: 'Instalment',
      minor: 40_000_00n,
      frequency: 'weekly' as const,
      from: Temporal.PlainDate.from('2026-01-05'),
      until: Temporal.PlainDate.from('2026-06-01'),
    },
    {
      account: refs.payer.savings,
      kind: 'direct-debit' as const,
      payee: { outside: { name: 'Toza Suv', account: '80208000180700041001' } },
      text: 'Water',
      frequency: 'monthly' as const,
      from: Temporal.PlainDate.from('2025-11-03'),
      last: { on: Temporal.PlainDate.from('2026-11-03'), minor: 41_500_00n },
    },
    {
      account: refs.payer.savings,
      kind: 'scheduled-payment' as const,
      payee: { account: refs.textiles },
      text: 'Curtains',
      minor: 320_000_00n,
      on: Temporal.PlainDate.from('2027-01-04'),
    },
  ],
}

/** A vault as the bank sees it: the same card for the same id; it can be away, and it remembers what it was told. */
export const paperVault = () => {
  const issued = new Map<string, VaultCard>()
  const revealable = new Map<string, boolean>()
  const state = { away: false }
  const vault: BankWorld['vault'] = {
    issue: async ({ cardId, bin }) => {
      if (state.away) throw peerUnavailable('it is away')
      const lastFour = String(issued.size + 1).padStart(4, '0')
      const card = issued.get(cardId) ?? {
        token: uuidv7(),
        lastFour,
        bin,
        expiry: { month: 11, year: 2029 },
      }
      issued.set(cardId, card)
      return card
    },
    setRevealable: async ({ cardId, revealable: may }) => {
      if (state.away) throw peerUnavailable('it is away')
      revealable.set(cardId, may)
      return { cardId }
    },
  }
  return { vault, issued, revealable, state }
}

/** A courier as the bank sees it: it says what it was told to, and remembers what it was asked. */
export const paperCourier = () => {
  const asked: { id: string; url: string; body: string }[] = []
  const state: { answer: (body: string) => Promise<{ status: number; body: string } | 'late'> } = {
    answer: () => Promise.resolve('late'),
  }
  const courier: BankWorld['courier'] = {
    inspect: () => Promise.resolve({ verificationKey: `whpk_${'A'.repeat(43)}=` }),
    feed: () => Promise.resolve({ data: [], next: 'end' }),
    decide: async ({ id, url, body }) => {
      asked.push({ id, url, body })
      const answer = await state.answer(body)
      return answer === 'late'
        ? { heard: 'late', ms: 1_200 }
        : { heard: 'answer', ms: 1, ...answer }
    },
  }
  return { courier, asked, state }
}

/** The bank's rooms over a core, with one account that programmes may be given. */
export const bankOver = async (
  db: Postgres,
  core: Core,
  {
    now,
    vault,
    programme,
    positions = [],
    loanFunds = [],
  }: Pick<BankWorld, 'now' | 'vault'> & {
    programme: string
    positions?: readonly string[]
    loanFunds?: readonly string[]
  },
): Promise<BankWorld> => {
  const account = await core.account(programme)
  assert(account, 'the account of programmes is in the core')
  const { ref: accountRef, number, bankCode, currency } = account
  const exchanging = await positionsAt(core, positions)
  const funds = await fundsAt(core, loanFunds)
  await work(db, 'system', now(), async (w) => {
    await seedProgrammeAccounts(w, [
      { accountRef, number, bankCode, currency, name: 'Bozor Market MCHJ' },
    ])
    await seedPositions(w, exchanging)
    await seedLending(w, { funds, scenarios })
  })
  return {
    db,
    coreFor: () => core,
    rates: madeUpMarket,
    vault,
    courier: paperCourier().courier,
    keys: bankKeys(randomBytes(32)),
    claims: await claimsSignerOf([await newSigningJwk('PS256')], 'https://bank.example'),
    name: 'Namuna Bank',
    zone: 'Asia/Tashkent',
    now: () => turned(now()),
    whose: everybody,
    log: openLog({ process: 'trial' }, 'silent'),
  }
}

/** What goes wrong with the next transfers, one word each: `lost` moves the money and loses the answer. */
export type Fault = 'lost' | 'away'

export interface Trial {
  readonly bank: BankWorld
  readonly carrier: Carrier
  readonly core: Core
  /** The same core without its faults. */
  readonly soundCore: Core
  readonly paper: ReturnType<typeof paperVault>
  /** Every reference that was sent, as often as it was sent. */
  readonly sent: string[]
  readonly faults: Fault[]
  /** While true, no inquiry is answered. */
  silent: boolean
  pass(seconds: number): void
  accountOf(ref: string): Promise<CoreAccount>
  booked(ref: string): Promise<bigint>
}

/** Opens the bank over the synthetic core in a fresh database of a cell. */
export const openTrial = async (db: Postgres): Promise<Trial> => {
  let clock = noon
  const now = () => clock
  await seedSynthetic(db, seed, noon)
  const real = await openSyntheticCore({ db, now })
  const sent: string[] = []
  const faults: Fault[] = []
  const core: Core = {
    ...real,
    transfer: async (order) => {
      const fault = faults.shift()
      if (fault === 'away') throw coreUnavailable('it is away')
      sent.push(order.reference)
      const outcome = await real.transfer(order)
      if (fault === 'lost') throw coreUnclear('the answer was lost')
      return outcome
    },
    transferByReference: async (reference) => {
      if (trial.silent) throw coreUnavailable('it is away')
      return real.transferByReference(reference)
    },
  }
  const paper = paperVault()
  const bank = await bankOver(db, core, {
    now,
    vault: paper.vault,
    programme: refs.programme,
    positions: (['UZS', 'USD', 'EUR'] as const).map(positionAccount),
    loanFunds: (['UZS', 'USD'] as const).map(loansAccount),
  })
  const trial: Trial = {
    bank,
    carrier: openCarrier(bank),
    core,
    soundCore: real,
    paper,
    sent,
    faults,
    silent: false,
    pass: (seconds) => {
      clock = clock.add({ seconds })
    },
    accountOf: async (ref) => {
      const found = await real.account(ref)
      assert(found, `${ref} is in the seed`)
      return found
    },
    booked: async (ref) => (await real.balances(ref)).booked.minor,
  }
  return trial
}

export const newPartner = () => `partner_${uuidv7()}`

/** A call as the gateway would prove it. */
export const callBy = (
  partnerId: string,
  operation: string,
  more: Partial<Caller> = {},
): Caller => ({
  callId: uuidv7(),
  interactionId: uuidv7(),
  operation,
  partnerId,
  applicationId: `application_${uuidv7()}`,
  subject: null,
  consentId: null,
  details: [],
  revealKey: null,
  idempotencyKey: uuidv7(),
  epoch: 1,
  bodySha256: sha256url(''),
  at: noon,
  withinMs: 25_000,
  ...more,
})

/** A customer of the core as a partner knows them: their subject, and the id of each of their accounts by its ref. */
export const enrol = async (
  { bank, core }: Pick<Trial, 'bank' | 'core'>,
  partnerId: string,
  customerRef: string,
) =>
  work(bank.db, 'system', noon, async (w) => {
    const subject = await subjectFor(w, bank.keys, { partnerId, customerRef })
    const accounts = await core.accountsOf(customerRef)
    const named = await nameAccounts(w, bank.keys, { partnerId, subject }, accounts)
    const ids = new Map([...named].map(([{ ref }, { accountId }]) => [ref, accountId]))
    return {
      subject,
      id: (ref: string) => {
        const id = ids.get(ref)
        assert(id, `${ref} is theirs`)
        return id
      },
    }
  })

export const uzs = (minor: bigint): Money => ({ minor, currency: 'UZS' })
