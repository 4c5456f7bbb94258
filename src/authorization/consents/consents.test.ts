import assert from 'node:assert/strict'
import { createHash, randomUUID } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { uuidv7 } from '#kernel/id.ts'
import { readEntries, refersTo } from '#journal/index.ts'
import { doing, freshDatabase, noon } from '#test/world.ts'
import {
  askConsent,
  authoriseConsent,
  type Consent,
  consentHistory,
  consentTypes,
  consumeConsent,
  endConsent,
  enriched,
  enrichedAt,
  findConsent,
  isConsentType,
  isLive,
  isReauthenticationDue,
  nextScaDueAt,
  rejectConsent,
  revokeConsent,
  statusAt,
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
    frequencyPerDay: 4,
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

test('what staff write of a consent stands in its history, and in the journal as a reference that can be forgotten', async () => {
  const { id } = await given()
  const reason = 'Dilnoza Karimova rang us'
  await doing(db)((w) => revokeConsent(w, id, { by: 'bank', channel: 'console', reason }))

  assert.equal((await consentHistory(db, id)).at(-1)?.reason, reason)
  const line = (await readEntries(db, 0n)).findLast((e) => e.subject === id)
  assert.ok(line && !line.body.includes('Karimova'))
  const asked = { reference: String(line.data['reason']), subject: id, value: reason }
  assert.equal(await refersTo(db, asked), true)
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

const payment = {
  type: 'urn:bank:payment:v1' as const,
  instructedAmount: { amount: '10.00', currency: 'UZS' as const },
  creditorAccount: { schemeName: 'UZ.AccountNumber', identification: '2020' },
  creditorName: 'Bozor',
}

test('what is used up, rejected or revoked stays so', async () => {
  const used = await doing(db)(async (w) => {
    const { id } = await askConsent(w, { ...ask(), detail: payment }, request())
    return authoriseConsent(w, id, decision)
  })
  const after = await doing(db)((w) => consumeConsent(w, used.id, { channel: 'journal' }))
  assert.equal(after.status, 'CONSUMED')
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

test('a consent that lasts is not used up by one use', async () => {
  const { id } = await given()
  const after = await doing(db)((w) => consumeConsent(w, id, { channel: 'journal' }))
  assert.equal(after.status, 'AUTHORISED')
})

test('O48: the record says why, on what ground, how long, how often, who, how and under which terms', async () => {
  const detail = {
    ...ask().detail,
    purpose: { code: 'PFM', text: 'A tariff that fits.' },
    transactionFromDateTime: '2026-08-24T12:00:00Z',
    frequencyPerDay: 1,
  }
  const asked = { ...ask(), detail, contract: 'contract_1' }
  const { id } = await doing(db)((w) => askConsent(w, asked, request()))
  const registry = { epoch: 41, sha256: 'b'.repeat(64) }
  await doing(db)((w) =>
    authoriseConsent(w, id, decision, { interactionId: 'interaction-1', registry }),
  )

  const consent = await findConsent(db, id)

  assert.ok(consent)
  assert.deepEqual(
    {
      purpose: consent.purpose,
      legalBasis: consent.legalBasis,
      duration: consent.duration,
      lookbackDays: consent.lookbackDays,
      frequencyPerDay: consent.frequencyPerDay,
      scaLevel: consent.scaLevel,
      exemption: consent.exemption,
      signatures: consent.signatures,
      terms: [consent.contract, consent.matrix],
      authorisations: consent.authorisations.map((a) => [
        a.party,
        a.status,
        a.method,
        a.at?.toString(),
      ]),
    },
    {
      purpose: detail.purpose,
      legalBasis: 'explicit-consent',
      duration: 'TIME_BOUND',
      lookbackDays: 90,
      frequencyPerDay: 4,
      scaLevel: 'urn:bank:sca',
      exemption: null,
      signatures: 1,
      terms: ['contract_1', '2026-11-22'],
      authorisations: [['customer_1', 'AUTHORISED', 'urn:bank:sca', noon.toString()]],
    },
  )
  const [, yes] = await consentHistory(db, id)
  assert.deepEqual([yes?.move, yes?.interactionId], ['authorise', 'interaction-1'])
  // "Why was this allowed that day": the very registry, with the consent and in the journal's line.
  assert.deepEqual((await findConsent(db, id))?.registry, registry)
  const Line = z.object({ body: z.string() })
  const { body } = await database.owner.one(Line)`
    select body from journal.entry
     where body::jsonb ->> 'subject' = ${id} and body::jsonb ->> 'event' = 'consents.authorised'
  `
  assert.ok(body.includes(`"registry":{"epoch":41,"sha256":"${registry.sha256}"}`), body)
})

test('O54: an exemption is recorded with its type and who decided it, and is no strong authentication', async () => {
  const exemption = { type: 'low-value' as const, decidedBy: 'staff_1' }
  const consent = await doing(db)(async (w) => {
    const { id } = await askConsent(w, { ...ask(), detail: payment }, request())
    return authoriseConsent(w, id, { ...decision, exemption })
  })
  const kept = await findConsent(db, consent.id)
  assert.equal(kept?.exemption?.decidedBy, 'staff_1')
  assert.equal(kept?.authorisations[0]?.method, 'exemption:low-value')
  assert.equal(kept?.scaLevel, 'exempt')
  assert.equal(kept?.lastScaAt, null)
})

test('O53: a consent waits for a new sign-in after 180 days, and goes on under its id when it has come', async () => {
  const detail = { ...ask().detail, expirationDateTime: '2027-11-22T12:00:00Z' }
  const { id } = await given({ detail })
  const due = noon.add({ hours: 24 * 180 })
  const before = await findConsent(db, id)
  assert.ok(before && isLive(before, due.subtract({ seconds: 1 })))
  assert.ok(isReauthenticationDue(before, due))
  assert.equal(isLive(before, due), false)
  assert.equal(statusAt(before, due), 'AUTHORISED')

  const asked = { ...detail, consentId: id, expirationDateTime: '2028-05-20T12:00:00Z' }
  const again = { customerId: 'customer_1', accounts: [], authenticatedAt: due, asked }
  await assert.rejects(
    doing(db, 'system', due)((w) => authoriseConsent(w, id, { ...again, customerId: 'other' })),
    { code: 'consents/customer-unfit' },
  )
  const after = await doing(db, 'system', due)((w) => authoriseConsent(w, id, again))

  assert.equal(after.id, id)
  assert.deepEqual(after.accounts, ['acc_1'])
  assert.ok(isLive(after, due))
  assert.equal(after.nextScaDueAt?.toString(), due.add({ hours: 24 * 180 }).toString())
  assert.deepEqual(
    after.extensions.map((e) => [e.at.toString(), e.from.toString(), e.until.toString()]),
    [[due.toString(), '2027-11-22T12:00:00Z', '2028-05-20T12:00:00Z']],
  )
})

test('O17: history older than 90 days is open for an hour after a strong authentication', async () => {
  const consent = await given()
  const boundAt = (now: Temporal.Instant) =>
    new Map(Object.entries(enrichedAt(consent, now))).get('transactionFromDateTime')
  assert.equal(boundAt(noon.add({ minutes: 59 })), undefined)
  assert.equal(boundAt(noon.add({ minutes: 60 })), '2026-08-24T13:00:00Z')
  assert.equal(boundAt(noon.add({ hours: 24 * 100 })), '2026-12-02T12:00:00Z')
})

test('O20: a request that was altered where it lies is not authorised', async () => {
  const { id } = await doing(db)((w) => askConsent(w, { ...ask(), detail: payment }, request()))
  await database.owner.run`
    update consents.consent
       set detail = jsonb_set(detail, '{instructedAmount,amount}', '"9999.00"')
     where id = ${id}
  `
  await assert.rejects(
    doing(db)((w) => authoriseConsent(w, id, decision)),
    /what consent_\w+ binds is not what was asked/,
  )
})

test('the history of a consent cannot be changed, by no role', async () => {
  const { id } = await given()
  await assert.rejects(db.run`update consents.event set actor = 'nobody' where consent_id = ${id}`)
  await assert.rejects(database.owner.run`delete from consents.event where consent_id = ${id}`)
})

const Bound = z.object({
  'x-consent': z.object({ type: z.string(), binds: z.array(z.object({ detail: z.string() })) }),
})

test('O20: whatever the bank’s documents compare with a consent is hashed when it is asked, and stands in the token', async () => {
  const bound = globSync('src/bank/*/openapi.yaml').flatMap((file) => {
    const { paths } = z
      .object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) })
      .parse(parse(readFileSync(file, 'utf8')))
    return Object.values(paths)
      .flatMap((methods) => Object.values(methods))
      .flatMap((operation) => Bound.safeParse(operation).data ?? [])
      .flatMap(({ 'x-consent': { type, binds } }) => binds.map((b) => [type, b.detail] as const))
  })
  assert.ok(bound.length >= 5)
  for (const [type, pointer] of bound) {
    assert.ok(isConsentType(type))
    assert.ok(
      consentTypes[type].binds.some((own) => own === pointer),
      `${type} ${pointer}`,
    )
  }
  const { id } = await doing(db)((w) => askConsent(w, { ...ask(), detail: payment }, request()))
  const consent = await doing(db)((w) => authoriseConsent(w, id, decision))
  const told = new Map(Object.entries(enriched(consent)))
  assert.deepEqual(told.get('instructedAmount'), payment.instructedAmount)
  assert.deepEqual(told.get('creditorAccount'), payment.creditorAccount)
  assert.equal(told.get('creditorName'), payment.creditorName)
  assert.equal(told.get('debtorAccount'), 'acc_1')
})
