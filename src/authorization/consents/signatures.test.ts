import assert from 'node:assert/strict'
import { createHash, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { uuidv7 } from '#kernel/id.ts'
import { readEntries } from '#journal/index.ts'
import { doing, freshDatabase, noon } from '#test/world.ts'
import {
  askConsent,
  authoriseConsent,
  awaits,
  chosenOf,
  type Consent,
  consentHistory,
  findConsent,
  isLive,
  listConsentsOf,
  rejectConsent,
  revokeConsent,
  statusShown,
  withdrawAll,
} from './index.ts'

const database = await freshDatabase('cell')
const db = database.as('authorization')

const ask = () => ({
  partnerId: `partner_${uuidv7()}`,
  partnerName: 'Anor Telecom',
  applicationId: `application_${uuidv7()}`,
  applicationName: 'Anor application',
  customerId: 'customer_1',
  subject: 'sub_1',
  detail: {
    type: 'urn:bank:accounts:v1' as const,
    permissions: ['ReadAccountsBasic' as const, 'ReadBalances' as const],
  },
  scopes: ['accounts'],
  matrix: '2026-11-22',
})
const request = () => createHash('sha256').update(randomUUID()).digest()
const decision = { customerId: 'customer_1', accounts: ['acc_1'], authenticatedAt: noon }

const given = async (over: Partial<ReturnType<typeof ask>> = {}): Promise<Consent> =>
  doing(db)(async (w) => {
    const { id } = await askConsent(w, { ...ask(), ...over }, request())
    return authoriseConsent(w, id, decision)
  })

const closed = { code: 'consents/closed', status: 409 }

test('a company’s consent waits for its second signatory; one refusal ends it', async () => {
  const company = {
    subject: 'sub_company',
    name: 'Company',
    signatures: 2,
    signatories: ['customer_1', 'customer_2', 'customer_3'],
  }
  const signedOnce = async () => {
    const { id } = await doing(db)((w) => askConsent(w, ask(), request()))
    return doing(db)((w) => authoriseConsent(w, id, { ...decision, organisation: company }))
  }
  const one = await signedOnce()
  assert.equal(one.status, 'PARTIALLY_AUTHORISED')
  assert.equal(one.subject, 'sub_company')
  assert.equal(isLive(one, noon), false)
  const seen = await listConsentsOf(db, 'customer_2', noon)
  assert.ok(seen.some((c) => c.id === one.id))
  assert.ok(awaits(one, 'customer_2', noon))
  assert.equal(awaits(one, 'customer_1', noon), false)

  const second = { customerId: 'customer_2', accounts: [], authenticatedAt: noon }
  await assert.rejects(
    doing(db)((w) => authoriseConsent(w, one.id, { ...second, customerId: 'stranger' })),
    closed,
  )
  const both = await doing(db)((w) => authoriseConsent(w, one.id, second, { channel: 'dashboard' }))
  assert.ok(isLive(both, noon))
  assert.deepEqual(both.accounts, ['acc_1'])

  const other = await signedOnce()
  await doing(db)((w) => rejectConsent(w, other.id, 'customer_3', { channel: 'dashboard' }))
  assert.equal((await findConsent(db, other.id))?.status, 'REJECTED')
  await assert.rejects(
    doing(db)((w) => authoriseConsent(w, other.id, second)),
    closed,
  )
})

test('two signatories at the same moment make one consent, signed once by each', async () => {
  const company = {
    subject: 'sub_company',
    name: 'Company',
    signatures: 3,
    signatories: ['customer_1', 'customer_2', 'customer_3'],
  }
  const { id } = await doing(db)((w) => askConsent(w, ask(), request()))
  await doing(db)((w) => authoriseConsent(w, id, { ...decision, organisation: company }))

  await Promise.all(
    ['customer_2', 'customer_3', 'customer_2', 'customer_3'].map((customerId) =>
      doing(db)((w) =>
        authoriseConsent(w, id, { customerId, accounts: [], authenticatedAt: noon }),
      ),
    ),
  )

  const consent = await findConsent(db, id)
  assert.equal(consent?.status, 'AUTHORISED')
  assert.equal(consent?.authorisations.length, 3)
  assert.deepEqual(
    (await consentHistory(db, id)).map((e) => e.move),
    ['ask', 'sign', 'sign', 'authorise'],
  )
})

test('accounts of two holders, and accounts that were not offered, are not chosen', () => {
  const account = { kind: 'current', nickname: '', lastFour: '', currency: 'UZS' } as const
  const available = { minor: 0n, currency: 'UZS' } as const
  const offered = {
    accounts: [
      { ...account, available, accountId: 'mine' },
      { ...account, available, accountId: 'theirs', holder: 'sub_company' },
    ],
    organisations: [
      { subject: 'sub_company', name: 'Company', signatures: 2, signatories: ['customer_1'] },
    ],
  }
  const unfit = { code: 'consents/accounts-unfit' }
  assert.equal(chosenOf(offered, ['theirs']).organisation?.name, 'Company')
  assert.equal(chosenOf(offered, ['mine']).organisation, undefined)
  assert.throws(() => chosenOf(offered, ['mine', 'theirs']), unfit)
  assert.throws(() => chosenOf(offered, ['another']), unfit)
})

test('withdrawing all ends what is open, denies each at the gateways, and leaves the ended as they were', async () => {
  const customerId = `customer_${uuidv7()}`
  const own = { ...decision, customerId }
  const giveTo = (over: object = {}) =>
    doing(db)(async (w) => {
      const { id } = await askConsent(w, { ...ask(), customerId, ...over }, request())
      return authoriseConsent(w, id, own)
    })
  const [first, second, ended] = [await giveTo(), await giveTo(), await giveTo()]
  await doing(db)((w) => revokeConsent(w, ended.id, { by: 'partner', channel: 'api' }))
  const others = await given()

  const withdrawn = await doing(db)((w) =>
    withdrawAll(w, customerId, { channel: 'dashboard', interactionId: 'interaction-2' }),
  )

  assert.deepEqual(
    withdrawn.map((c) => [c.id, c.status, c.endedBy]),
    [first, second].map((c) => [c.id, 'REVOKED', 'customer']),
  )
  assert.equal((await findConsent(db, ended.id))?.endedBy, 'partner')
  assert.equal((await findConsent(db, others.id))?.status, 'AUTHORISED')
  const denied = await database.owner.run`
    select 1 from revocations.revocation where id = any(${[first.id, second.id]})
  `
  assert.equal(denied, 2)
  const lines = (await readEntries(db, 0n, 10_000)).filter((e) => e.subject === first.id)
  assert.deepEqual(lines.at(-1)?.data['interactionId'], 'interaction-2')
})

test('a licence that lapsed, or a partner that is stopped, shows a consent as suspended, and its return as it was', async () => {
  const consent = await given()
  const licensed = { find: () => ({ authorizationDetailsTypes: ['urn:bank:accounts:v1'] }) }
  const lapsed = { find: () => ({ authorizationDetailsTypes: ['urn:bank:payment:v1'] }) }
  const stopped = { find: () => undefined }
  assert.equal(statusShown(consent, licensed, noon), 'AUTHORISED')
  assert.equal(statusShown(consent, lapsed, noon), 'SUSPENDED')
  assert.equal(statusShown(consent, stopped, noon), 'SUSPENDED')
  const after = await doing(db)((w) =>
    revokeConsent(w, consent.id, { by: 'bank', channel: 'console' }),
  )
  assert.equal(statusShown(after, stopped, noon), 'REVOKED')
})
