import 'reflect-metadata'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as x509 from '@peculiar/x509'
import { z } from 'zod'
import { openTestOffices } from '#test/offices.ts'
import { seedControl } from '#control/seed.ts'
import { readQualifiedCertificate } from '#platform/qualified-certificate.ts'
import * as partners from '#control/partners/routes.ts'
import { importRegister } from './index.ts'
import { work } from '#journal/index.ts'
import { bankDocuments } from '#test/documents.ts'
import * as routes from './routes.ts'

const offices = await openTestOffices({
  portal: [partners.portalRoutes, routes.portalRoutes],
  console: [],
})
const { db, context } = offices
await seedControl(db, context.world.now(), { documents: bankDocuments() })

/** DER by hand, so that the reader is held against the standard and not against itself. */
const der = (tag: number, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts)
  const length =
    body.length < 128 ? [body.length] : [0x82, Math.floor(body.length / 256), body.length % 256]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}
const sequence = (...parts: Buffer[]) => der(0x30, ...parts)
const utf8 = (text: string) => der(0x0c, Buffer.from(text))
const oid = (text: string) => {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  const arcs = [first * 40 + second, ...rest].map((arc) => {
    const digits = [arc % 128]
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      digits.unshift((left % 128) + 128)
    return Buffer.from(digits)
  })
  return der(0x06, ...arcs)
}
const roleNumber = { PSP_AS: 1, PSP_PI: 2, PSP_AI: 3, PSP_IC: 4 }
type Role = keyof typeof roleNumber

const certificate = async (roles: readonly Role[], number: string, use = '3') => {
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ])
  const statements = sequence(
    sequence(oid('0.4.0.1862.1.1')),
    sequence(oid('0.4.0.1862.1.6'), sequence(oid(`0.4.0.1862.1.6.${use}`))),
    sequence(
      oid('0.4.0.19495.2'),
      sequence(
        sequence(...roles.map((r) => sequence(oid(`0.4.0.19495.1.${roleNumber[r]}`), utf8(r)))),
        utf8('Central Bank'),
        utf8('UZ-CBU'),
      ),
    ),
  )
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: `CN=provider.example, 2.5.4.97=${number}`,
    notBefore: new Date('2026-01-01T00:00:00Z'),
    notAfter: new Date('2027-12-31T00:00:00Z'),
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [new x509.Extension('1.3.6.1.5.5.7.1.3', false, new Uint8Array(statements))],
  })
  return made.toString('pem')
}

const handIn = (visit: Awaited<ReturnType<typeof offices.partner>>['visit'], body: object) =>
  visit('POST', '/api/evidence', { issuer: 'A trust-service provider', ...body })

test('ETSI TS 119 495: number, roles, authority, use and time are read from the certificate', async () => {
  const pem = await certificate(['PSP_PI', 'PSP_AI'], 'PSDUZ-CBU-4711')
  const read = readQualifiedCertificate(pem)
  assert.deepEqual(
    [read?.organisationIdentifier, read?.roles, read?.authority.id, read?.use],
    ['PSDUZ-CBU-4711', ['PSP_PI', 'PSP_AI'], 'UZ-CBU', 'qwac'],
  )
  assert.equal(read?.notAfter.toString(), '2027-12-31T00:00:00Z')
  assert.equal(readQualifiedCertificate('-----BEGIN CERTIFICATE-----'), undefined)
})

test('a certificate is evidence by what it says; roles that no status gives are refused', async () => {
  const { visit } = await offices.partner()
  const aisp = await visit('POST', '/api/licence-applications', { statuses: ['aisp'] })
  assert.equal(aisp.status, 201, JSON.stringify(aisp.body))
  const good = await handIn(visit, {
    type: 'qwac',
    certificate: await certificate(['PSP_AI'], 'PSDUZ-CBU-1'),
  })
  assert.equal(good.status, 201, JSON.stringify(good.body))
  const { evidence } = z
    .object({ evidence: z.object({ shows: z.array(z.string()), identifiers: z.looseObject({}) }) })
    .parse(good.body)
  assert.deepEqual(evidence.shows, ['PSP_AI'])
  assert.equal(evidence.identifiers['organisationIdentifier'], 'PSDUZ-CBU-1')

  const more = await handIn(visit, {
    type: 'qwac',
    certificate: await certificate(['PSP_AI', 'PSP_PI'], 'PSDUZ-CBU-1'),
  })
  assert.deepEqual([more.status, more.body['code']], [422, 'licences/certificate-exceeds'])
  const seal = await certificate(['PSP_AI'], 'PSDUZ-CBU-1', '2')
  const wrong = await handIn(visit, { type: 'qwac', certificate: seal })
  assert.deepEqual([wrong.status, wrong.body['code']], [422, 'licences/certificate-unreadable'])
  const both = await handIn(visit, { type: 'dpa', certificate: seal })
  assert.equal(both.status, 400)
  const documentSha256 = 'ab'.repeat(32)
  for (const typed of [
    { shows: ['PSP_PI'] },
    { identifiers: { organisationIdentifier: 'PSDUZ-CBU-1' } },
    { identifiers: { authority: 'UZ-CBU' } },
  ]) {
    const { status, body } = await handIn(visit, { type: 'qwac', documentSha256, ...typed })
    const [{ pointer }] = body['errors'] as [{ pointer: string }]
    assert.deepEqual([status, pointer], [400, '/certificate'])
  }
})

test('what the supervisor’s register says of the number counts more than what the partner says of itself', async () => {
  const { visit } = await offices.partner()
  await visit('POST', '/api/licence-applications', { statuses: ['aisp', 'pisp'] })
  const content =
    'number,name,country,services,states,status\nPSDUZ-CBU-9,Anor,UZ,aisp,UZ,authorised\n'
  const takenOn = Temporal.PlainDate.from('2026-11-22')
  await work(db, 'system', context.world.now(), (w) =>
    importRegister(w, { register: 'cbu', format: 'csv', content, takenOn }, 'UZ'),
  )
  const hand = async (roles: readonly Role[]) =>
    (await handIn(visit, { type: 'qwac', certificate: await certificate(roles, 'PSDUZ-CBU-9') }))
      .status
  assert.equal(await hand(['PSP_PI']), 422)
  assert.equal(await hand(['PSP_AI']), 201)
})

test('a paper names a register that the bank imports, or none', async () => {
  const { visit } = await offices.partner()
  const content =
    'number,name,country,services,states,status\nPSDUZ-CBU-77,Anor,UZ,aisp,UZ,authorised\n'
  const takenOn = Temporal.PlainDate.from('2026-11-22')
  await work(db, 'system', context.world.now(), (w) =>
    importRegister(w, { register: 'supervisor', format: 'csv', content, takenOn }, 'UZ'),
  )
  const paper = (identifiers: object) =>
    handIn(visit, { type: 'nca_register', documentSha256: 'cd'.repeat(32), identifiers })

  const refused = await paper({ number: 'PSDUZ-CBU-77', register: 'Supervisor' })
  const known = await visit('GET', '/api/registers')

  assert.deepEqual([refused.status, refused.body['code']], [422, 'licences/register-unknown'])
  const [{ pointer }] = refused.body['errors'] as [{ pointer: string }]
  assert.equal(pointer, '/identifiers/register')
  const names = (known.body['data'] as { register: string; takenOn: string }[]).map(
    ({ register, takenOn: day }) => `${register} ${day}`,
  )
  assert.ok(names.includes('supervisor 2026-11-22'), names.join())
  assert.equal((await paper({ number: 'PSDUZ-CBU-77', register: 'supervisor' })).status, 201)
  assert.equal((await paper({ number: 'PSDUZ-CBU-77' })).status, 201)
})
