import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { consoleRoutes as approvalRoutes } from '#control/approvals/routes.ts'
import { EvidenceId } from '#control/licences/index.ts'
import { seedControl } from '#control/seed.ts'
import * as partners from '#control/partners/routes.ts'
import { consoleRoutes as staffRoutes } from '#control/staff/routes.ts'
import { softwareAuthenticator } from '#test/authenticator.ts'
import { bankDocuments } from '#test/documents.ts'
import { openTestOffices, type Visitor } from '#test/offices.ts'
import {
  director,
  issue,
  pkcs7,
  revocationList,
  revocationsFileOf,
  rootsFileOf,
} from '#test/state-authority.ts'
import { work } from '#journal/index.ts'
import { appliers, eraseSigners } from './index.ts'
import * as contracts from './routes.ts'

const root = await issue('CN=Root of the state', { ca: true })
const offices = await openTestOffices(
  {
    portal: [partners.portalRoutes, contracts.portalRoutes],
    console: [staffRoutes, approvalRoutes, partners.consoleRoutes, contracts.consoleRoutes],
  },
  new Map(Object.entries(appliers)),
  {
    settings: {
      PORTICO_E_SIGNATURE_ROOTS: rootsFileOf(root),
      PORTICO_E_SIGNATURE_REVOCATIONS: revocationsFileOf(await revocationList(root)),
    },
  },
)
await seedControl(offices.db, offices.context.world.now(), { documents: bankDocuments() })
const success = await offices.staff('success')
const head = await offices.staff('head')
const compliance = await offices.staff('compliance')

const Change = z.object({ change: z.object({ id: z.string(), hash: z.string() }) })
const approve = async (by: Visitor, body: unknown) => {
  const { id, hash } = Change.parse(body).change
  const decision = { decision: 'approve', hash }
  return (await by('POST', `/api/approvals/${id}/decision`, decision)).body
}

const offered = async () => {
  const partner = await offices.partner()
  const offer = {
    partnerId: partner.id,
    tier: 'Silver',
    products: ['accounts'],
    priceVersion: '2026-11',
  }
  const asked = await success('POST', '/api/contracts', offer)
  assert.equal(asked.status, 202, JSON.stringify(asked.body))
  const { id, hash } = Change.parse(asked.body).change
  await head('POST', `/api/approvals/${id}/decision`, { decision: 'approve', hash })
  const [contract] = z
    .array(z.object({ id: z.string(), documentSha256: z.string() }))
    .parse((await partner.visit('GET', '/api/contracts')).body['data'])
  assert.ok(contract)
  return { ...partner, contract }
}
const withPasskey = async (visit: Visitor) => {
  const { ports } = offices.context.world
  const device = softwareAuthenticator(`http://localhost:${ports.portal}`)
  const Challenge = z.object({ challenge: z.string() })
  const ask = async (path: string, body: object = {}) =>
    Challenge.parse((await visit('POST', path, body)).body).challenge
  const response = device.make(await ask('/api/me/passkeys/options'))
  await visit('POST', '/api/me/passkeys', { name: 'laptop', response })
  return async (about: string) => device.use(await ask('/api/me/passkey-challenges', { about }))
}
const purpose = {
  'x-portico-purpose': 'contract',
  'x-portico-purpose-said': encodeURIComponent('who signed for them'),
}
const Signed = z.object({
  data: z.array(z.looseObject({ side: z.string(), method: z.string(), signer: z.string() })),
})

test('a contract is signed by passkey over its hash, the bank by a fresh factor, and both stay on record', async () => {
  const { visit, contract, person, id: partnerId } = await offered()
  const { id, documentSha256 } = contract
  const sign = await withPasskey(visit)
  const path = `/api/contracts/${id}/signature`

  const byCode = await visit('POST', path, { documentSha256 })
  assert.deepEqual([byCode.status, byCode.body['code']], [403, 'contracts/passkey-asked'])
  const assertion = await sign(documentSha256)
  const signed = await visit('POST', path, { documentSha256, assertion })
  assert.equal(signed.status, 200, JSON.stringify(signed.body))
  const countersigned = await success('POST', `/api/contracts/${id}/countersignature`, {
    documentSha256,
  })
  assert.equal(countersigned.status, 200)

  const asked = `/api/contracts/${id}/signatures`
  const unsaid = await head('GET', asked)
  assert.deepEqual([unsaid.status, unsaid.body['code']], [403, 'staff/purpose-asked'])
  const engineer = await offices.staff('engineering')
  assert.equal((await engineer('GET', asked, undefined, purpose)).status, 403)
  const kept = Signed.parse((await head('GET', asked, undefined, purpose)).body).data
  const [reading] = await offices.db.many(z.object({ subject: z.string() }))`
    select subject from staff.reading where operation like '/api/contracts/%'
  `
  assert.equal(reading?.subject, partnerId, 'its words are forgotten with those about the partner')
  assert.deepEqual(
    kept.map(({ side, method }) => [side, method]),
    [
      ['bank', 'fresh-factor'],
      ['partner', 'passkey'],
    ],
  )
  assert.equal(kept.find(({ side }) => side === 'partner')?.signer, person)
  const own = Signed.parse((await visit('GET', `/api/contracts/${id}/signatures`)).body).data
  assert.deepEqual(
    own.map(({ side }) => side),
    ['partner'],
  )
  await assert.rejects(
    offices.db.run`update contracts.signature set method = 'passkey' where contract_id = ${id}`,
    /stays on record/,
  )
})

test('an e-signature of the state signs for the organisation whose number two people have verified, and for no other', async () => {
  const { visit, contract, id: partnerId } = await offered()
  const { id, documentSha256 } = contract
  const path = `/api/contracts/${id}/signature`
  const signer = await issue(director, { by: root })
  const over = async (text: string) =>
    (await pkcs7(Buffer.from(text, 'ascii'), signer)).toString('base64')
  const attempt = async (text: string) =>
    (await visit('POST', path, { documentSha256, pkcs7: await over(text) })).body['code']

  const now = offices.context.world.now()
  const shows = (inn: string, validTo: Temporal.Instant | null) => offices.db.run`
    insert into licences.evidence
      (id, partner_id, type, issuer, identifiers, document_sha256, shows, state, submitted_at, verified_by, valid_to)
    values (${EvidenceId.next()}, ${partnerId}, 'contract', 'State register', ${JSON.stringify({ inn })}::text::jsonb,
            ${documentSha256}, '{}', 'accepted', ${now.subtract({ hours: 48 })}, array['a', 'b'], ${validTo})
  `
  assert.equal(await attempt(documentSha256), 'contracts/signer-is-another')
  await shows('301234567', now.subtract({ hours: 1 }))
  assert.equal(
    await attempt(documentSha256),
    'contracts/signer-is-another',
    'that paper has expired',
  )
  await shows('301234567', null)
  assert.equal(await attempt('0'.repeat(64)), 'contracts/e-signature-refused')
  const signed = await visit('POST', path, { documentSha256, pkcs7: await over(documentSha256) })
  assert.equal(signed.status, 200, JSON.stringify(signed.body))
  assert.equal((await visit('GET', `/api/contracts/${id}`)).body['eSignature'], true)
  assert.equal((await head('GET', `/api/contracts/${id}`)).status, 200)

  const [kept] = Signed.parse((await visit('GET', `/api/contracts/${id}/signatures`)).body).data
  const Evidence = z.object({ signer: z.object({ name: z.string(), inn: z.string() }) })
  const { signer: who } = Evidence.parse(kept?.['evidence'])
  assert.deepEqual(
    [kept?.method, who.name, who.inn],
    ['e-signature', 'VALIYEVA MALIKA', '301234567'],
  )
  const numberOf = (body: unknown) => {
    const [seen] = Signed.parse(body).data
    return z.looseObject({ signer: z.object({ pinfl: z.string() }) }).parse(seen?.['evidence'])
      .signer.pinfl
  }
  const own = (await visit('GET', `/api/contracts/${id}/signatures`)).body
  assert.equal(numberOf(own), '31502870000011', 'the signer sees the own number')
  // Somebody else of the organisation sees that there is one, and gets no certificate that says it.
  const colleague = await offices.partner()
  await offices.db
    .run`update partners.person set partner_id = ${partnerId} where id = ${colleague.person}`
  const others = (await colleague.visit('GET', `/api/contracts/${id}/signatures`)).body
  assert.equal(numberOf(others), '••••••••••••11')
  assert.doesNotMatch(JSON.stringify(others), /31502870000011|"pkcs7"/)
  const yearsAgo = (years: number) => now.toZonedDateTimeISO('UTC').subtract({ years }).toInstant()
  const endedAt = (at: Temporal.Instant) =>
    offices.db.run`update contracts.contract set status = 'ended', ends_at = ${at} where id = ${id}`
  const erase = () => work(offices.db, 'system', now, eraseSigners)
  await endedAt(yearsAgo(4))
  assert.equal(await erase(), 0, 'the law still asks for it')
  await endedAt(yearsAgo(5))
  assert.deepEqual([await erase(), await erase()], [1, 0])
  const [left] = Signed.parse((await visit('GET', `/api/contracts/${id}/signatures`)).body).data
  assert.equal(left?.method, 'e-signature')
  assert.doesNotMatch(JSON.stringify(left), /VALIYEVA|301234567|pkcs7/)
})

test('a passkey that signed another text signs no contract, and nothing of it is kept', async () => {
  const { visit, contract } = await offered()
  const { id, documentSha256 } = contract
  const sign = await withPasskey(visit)

  const assertion = await sign('0'.repeat(64))
  const answer = await visit('POST', `/api/contracts/${id}/signature`, {
    documentSha256,
    assertion,
  })

  assert.deepEqual([answer.status, answer.body['code']], [403, 'sign-in/passkey-refused'])
  const [still] = z
    .array(z.object({ status: z.string() }))
    .parse((await visit('GET', '/api/contracts')).body['data'])
  assert.equal(still?.status, 'offered')
  assert.deepEqual(
    Signed.parse((await visit('GET', `/api/contracts/${id}/signatures`)).body).data,
    [],
  )
})

test('new devices for somebody who lost theirs take two people, and end what was open', async () => {
  const { visit, person, credentials } = await offices.partner()
  const reset = { reason: 'the phone fell into the Chirchiq' }
  const asked = await visit('POST', `/api/people/${person}/factor-reset`, reset)
  assert.equal(asked.status, 202, JSON.stringify(asked.body))
  const stranger = await offices.partner()
  assert.equal(
    (await stranger.visit('POST', `/api/people/${person}/factor-reset`, reset)).status,
    404,
  )
  const waiting = await compliance('GET', `/api/approvals?status=proposed&subject=${person}`)
  const [change] = z.array(z.unknown()).parse(waiting.body['data'])

  assert.equal((await approve(compliance, { change }))['status'], 'proposed')
  assert.equal((await visit('GET', '/api/me')).status, 200)
  assert.equal((await approve(head, { change }))['status'], 'applied')

  assert.equal((await visit('GET', '/api/me')).status, 401)
  const { email, password } = credentials()
  const again = await offices.visitor('portal')('POST', '/api/sessions', { email, password })
  assert.equal(
    z.object({ standing: z.object({ factor: z.string() }) }).parse(again.body).standing.factor,
    'missing',
  )
})

test('roles of the bank’s people change by two, and whoever has new ones signs in again', async () => {
  const finance = await offices.staff('finance')
  assert.equal((await finance('GET', '/api/partners')).status, 200)
  const people = z
    .array(z.object({ id: z.string(), email: z.string() }))
    .parse((await head('GET', '/api/staff')).body['data'])
  const id = people.find(({ email }) => email.startsWith('finance@'))?.id
  const asked = await head('POST', `/api/staff/${id}/roles`, {
    roles: ['finance', 'partner-success'],
    reason: 'covers for Sardor in December',
  })
  assert.equal(asked.status, 202, JSON.stringify(asked.body))
  const own = await approve(head, asked.body)
  assert.equal(own['code'], 'approvals/own-change')

  assert.equal((await approve(compliance, asked.body))['status'], 'applied')

  assert.equal((await finance('GET', '/api/partners')).status, 401)
})
