import assert from 'node:assert/strict'
import { createHash, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { uuidv7 } from '#kernel/id.ts'
import { readEntries } from '#journal/index.ts'
import { doing, freshDatabase, noon } from '#test/world.ts'
import { type Consent, type Move, moved, statusAt } from './consent.ts'
import {
  askConsent,
  authoriseConsent,
  consentHistory,
  consumeConsent,
  endConsent,
  enriched,
  findConsent,
  isLive,
  nextScaDueAt,
  rejectConsent,
  revokeConsent,
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

test('a consent is asked for, then authorised with the accounts that were picked, for 180 days', async () => {
  const asked = await doing(db)((w) => askConsent(w, ask(), request()))
  assert.equal(asked.status, 'AWAITING_AUTHORISATION')
  assert.equal(isLive(asked, noon), false)

  const consent = await doing(db)((w) => authoriseConsent(w, asked.id, decision))

  assert.equal(consent.status, 'AUTHORISED')
  assert.deepEqual(await findConsent(db, asked.id), consent)
  assert.ok(isLive(consent, noon.add({ hours: 24 * 180 - 1 })))
  assert.equal(statusAt(consent, noon.add({ hours: 24 * 180 })), 'EXPIRED')
  assert.equal(nextScaDueAt(consent)?.toString(), noon.add({ hours: 24 * 180 }).toString())
  assert.deepEqual(enriched(consent), {
    ...ask().detail,
    consentId: consent.id,
    accounts: ['acc_1'],
    expirationDateTime: '2027-05-21T12:00:00Z',
  })
})

test('one pushed request asks for one consent, however often it is visited', async () => {
  const digest = request()
  const wishes = ask()
  const first = await doing(db)((w) => askConsent(w, wishes, digest))
  const again = await doing(db)((w) =>
    askConsent(w, { ...wishes, customerId: 'customer_2' }, digest),
  )

  assert.equal(again.id, first.id)
  assert.equal(again.customerId, 'customer_2')
  await assert.rejects(
    doing(db)((w) => authoriseConsent(w, first.id, decision)),
    closed,
  )
  await doing(db)((w) => authoriseConsent(w, first.id, { ...decision, customerId: 'customer_2' }))
  const late = await doing(db)((w) => askConsent(w, wishes, digest))
  assert.equal(late.status, 'AUTHORISED')
  assert.equal(late.customerId, 'customer_2')
})

test('a consent needs an account, and a payment exactly one', async () => {
  const payment = {
    type: 'urn:bank:payment:v1' as const,
    instructedAmount: { amount: '10.00', currency: 'UZS' as const },
    creditorAccount: { schemeName: 'UZ.AccountNumber', identification: '2020' },
    creditorName: 'Bozor',
  }
  const unfit = { code: 'consents/accounts-unfit', status: 400 }
  await assert.rejects(
    doing(db)(async (w) => {
      const { id } = await askConsent(w, ask(), request())
      await authoriseConsent(w, id, { ...decision, accounts: [] })
    }),
    unfit,
  )
  await assert.rejects(
    doing(db)(async (w) => {
      const { id } = await askConsent(w, { ...ask(), detail: payment }, request())
      await authoriseConsent(w, id, { ...decision, accounts: ['acc_1', 'acc_2'] })
    }),
    unfit,
  )
})

test('revoking writes state, history, denial and journal in one transaction, or nothing', async () => {
  const consent = await given()
  const denials = () =>
    database.owner.run`select 1 from revocations.revocation where id = ${consent.id}`

  await assert.rejects(
    doing(db)(async (w) => {
      await revokeConsent(w, consent.id, { by: 'partner', channel: 'api' })
      throw new Error('cut off')
    }),
  )
  assert.equal((await findConsent(db, consent.id))?.status, 'AUTHORISED')
  assert.equal(await denials(), 0)

  await doing(
    db,
    'customer:customer_1',
  )((w) => revokeConsent(w, consent.id, { by: 'customer', channel: 'dashboard' }))
  const after = await findConsent(db, consent.id)
  assert.equal(after?.status, 'REVOKED')
  assert.equal(after?.endedBy, 'customer')
  assert.equal(await denials(), 1)
  const history = await consentHistory(db, consent.id)
  assert.deepEqual(
    history.map((e) => [e.seq, e.status, e.actor, e.channel]),
    [
      [1, 'AWAITING_AUTHORISATION', 'system', 'page'],
      [2, 'AUTHORISED', 'system', 'page'],
      [3, 'REVOKED', 'customer:customer_1', 'dashboard'],
    ],
  )
  const lines = (await readEntries(db, 0n)).filter((e) => e.subject === consent.id)
  assert.deepEqual(
    lines.map((e) => e.event),
    ['consents.asked', 'consents.authorised', 'consents.revoked'],
  )
})

test('a denial outlives every token that could have been issued before it', async () => {
  const consent = await given()
  await doing(db)((w) => revokeConsent(w, consent.id, { by: 'bank', channel: 'console' }))
  const rows = await database.owner.run`
    select 1 from revocations.revocation
     where id = ${consent.id} and expires_at >= ${noon.add({ minutes: 10 })}
  `
  assert.equal(rows, 1)
})

test('of many doors at once one ends it, and the others are told', async () => {
  const { id } = await given()

  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, () =>
      doing(db)((w) => revokeConsent(w, id, { by: 'customer', channel: 'dashboard' })),
    ),
  )

  assert.equal(outcomes.filter((o) => o.status === 'fulfilled').length, 1)
  assert.equal((await consentHistory(db, id)).length, 3)
  await endConsent(db, { actor: 'system', now: noon }, id, { by: 'bank', channel: 'api' })
  assert.equal((await findConsent(db, id))?.endedBy, 'customer')
})

test('what is used up, rejected or revoked stays so', async () => {
  const used = await given()
  await doing(db)((w) => consumeConsent(w, used.id, { channel: 'journal' }))
  await assert.rejects(
    doing(db)((w) => revokeConsent(w, used.id, { by: 'customer', channel: 'dashboard' })),
    closed,
  )
  const asked = await doing(db)((w) => askConsent(w, ask(), request()))
  await doing(db)((w) => rejectConsent(w, asked.id, 'customer_1'))
  await assert.rejects(
    doing(db)((w) => authoriseConsent(w, asked.id, decision)),
    closed,
  )
})

test('no path of moves leaves an end, and only the bank’s hold goes back', async () => {
  const consent = await given()
  const move = fc.constantFrom<Move>(
    'authorise',
    'reject',
    'suspend',
    'resume',
    'consume',
    'revoke',
  )
  fc.assert(
    fc.property(fc.array(move, { maxLength: 12 }), (path) => {
      let now: Consent = { ...consent, status: 'AWAITING_AUTHORISATION' }
      const seen = [now.status]
      for (const step of path) {
        try {
          now = moved(now, step, { now: noon, by: 'bank' })
          seen.push(now.status)
        } catch {
          // A refused move changes nothing.
        }
      }
      const ends = ['CONSUMED', 'REJECTED', 'REVOKED']
      const ended = seen.findIndex((status) => ends.includes(status))
      assert.ok(ended === -1 || ended === seen.length - 1, seen.join(' → '))
      seen.forEach((status, i) => {
        if (status === 'AUTHORISED' && i > 0)
          assert.ok(['AWAITING_AUTHORISATION', 'SUSPENDED'].includes(seen[i - 1] ?? ''))
      })
    }),
  )
})

test('the history of a consent cannot be changed, by no role', async () => {
  const { id } = await given()
  await assert.rejects(db.run`update consents.event set actor = 'nobody' where consent_id = ${id}`)
  await assert.rejects(database.owner.run`delete from consents.event where consent_id = ${id}`)
})
