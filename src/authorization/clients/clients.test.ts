import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { uuidv7 } from '#kernel/id.ts'
import { openLog } from '#platform/log.ts'
import { noon } from '#test/world.ts'
import type { RegistryClient } from '../registry.ts'
import { openClients } from './index.ts'
import { metadataOf, unfitness } from './metadata.ts'

const key = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid: 'one' }
const client: RegistryClient = {
  applicationId: 'application_1',
  partnerId: 'partner_1',
  partnerName: 'Anor',
  partnerStatus: 'active',
  applicationName: 'App',
  authentication: 'private_key_jwt',
  senderConstraint: 'dpop',
  jwks: [key],
  sanUri: 'urn:bank:sandbox:partner_1:application_1',
  certificates: ['digest'],
  redirectUris: ['https://partner.example/callback?x=1'],
  grantTypes: ['authorization_code'],
  scopes: ['accounts', 'fx:rates'],
  authorizationDetailsTypes: ['urn:bank:accounts:v1', 'urn:bank:mandate:v1'],
}

const served = {
  cell: 'sandbox' as const,
  issuer: 'https://localhost:8412',
  scopes: ['accounts'],
  consentTypes: ['urn:bank:accounts:v1'],
}

const unfit: Record<string, Partial<RegistryClient>> = {
  'http redirect': { redirectUris: ['http://partner.example/'] },
  'redirect with a fragment': { redirectUris: ['https://partner.example/#x'] },
  'redirect with a user': { redirectUris: ['https://me@partner.example/'] },
  'redirect with a wildcard': { redirectUris: ['https://*.partner.example/'] },
  'redirect to an IPv4 address': { redirectUris: ['https://10.0.0.1/'] },
  'redirect to an IPv6 address': { redirectUris: ['https://[::1]/'] },
  'redirect of another scheme': { redirectUris: ['javascript:alert(1)'] },
  'no redirect': { redirectUris: [] },
  'no key': { jwks: [] },
  'a private key': { jwks: [{ ...key, d: 'secret' }] },
  'a weak RSA key': { jwks: [{ kty: 'RSA', n: 'AQAB', e: 'AQAB', kid: 'r' }] },
  'a symmetric key': { jwks: [{ kty: 'oct', k: 'secret' }] },
  'two keys of one name': { jwks: [key, key] },
  'certificate-bound without a certificate': { senderConstraint: 'mtls', certificates: [] },
}

test('a fit application is served', () => {
  assert.equal(unfitness(client), undefined)
})

for (const [name, wrong] of Object.entries(unfit))
  test(`FAPI 2.0 §5.3.2.1, §5.4: an application is not served with: ${name}`, () => {
    assert.ok(unfitness({ ...client, ...wrong }))
    const clients = openClients(served, openLog({ process: 'test' }, 'silent'))
    clients.hold({ cell: 'sandbox', matrix: 'm', clients: [{ ...client, ...wrong }] })
    assert.equal(clients.find(client.applicationId, noon), undefined)
  })

test('metadata leaves nothing to a default that widens', () => {
  const metadata = metadataOf(client, served)
  assert.equal(metadata['scope'], 'openid accounts')
  assert.deepEqual(metadata['authorization_details_types'], ['urn:bank:accounts:v1'])
  assert.deepEqual(metadata['response_modes'], ['query'])
  assert.equal(metadata['require_pushed_authorization_requests'], true)
  assert.equal(metadata['dpop_bound_access_tokens'], true)
  assert.equal(metadata['tls_client_certificate_bound_access_tokens'], false)

  const none = metadataOf({ ...client, scopes: [], authorizationDetailsTypes: [] }, served)
  assert.equal(none['scope'], 'openid')
  assert.deepEqual(none['authorization_details_types'], [])
})

test('a reinstated partner is served as soon as a registry says so that was compiled after the denial', () => {
  const clients = openClients(served, openLog({ process: 'test' }, 'silent'))
  const registry = { cell: 'sandbox' as const, matrix: 'm', clients: [client] }
  const denial = { source: 'control' as const, seq: 1, kind: 'partner' as const, id: 'partner_1' }
  const times = { at: noon.toString(), expiresAt: noon.add({ hours: 24 }).toString() }
  const soon = noon.add({ seconds: 7 })
  clients.hold(registry, noon.subtract({ hours: 1 }))

  clients.deny({ ...denial, ...times })

  assert.equal(clients.find('application_1', soon), undefined)
  clients.hold(registry, noon.add({ seconds: 4 }))
  assert.equal(clients.find('application_1', soon), undefined, 'it may have been read before')
  clients.hold(registry, noon.add({ seconds: 6 }))
  assert.ok(clients.find('application_1', soon))
  // What a cell denies itself no registry takes back.
  clients.deny({ ...denial, ...times, source: 'cell' })
  assert.equal(clients.find('application_1', soon), undefined)
})

test('what is denied is not served until the denial ends, and a suspended partner not at all', () => {
  const clients = openClients(served, openLog({ process: 'test' }, 'silent'))
  clients.hold({ cell: 'sandbox', matrix: 'm', clients: [client] })
  const denial = { source: 'control' as const, seq: 1, at: noon.toString() }
  const expiresAt = noon.add({ minutes: 11 }).toString()
  assert.ok(clients.holdsCertificate('application_1', 'digest', noon))

  clients.deny({ ...denial, kind: 'certificate', id: 'digest', expiresAt })
  assert.equal(clients.holdsCertificate('application_1', 'digest', noon), false)
  assert.ok(clients.find('application_1', noon))
  clients.deny({ ...denial, kind: 'partner', id: 'partner_1', expiresAt })
  assert.equal(clients.find('application_1', noon), undefined)
  assert.ok(clients.find('application_1', noon.add({ minutes: 12 })))

  const suspended = { ...client, partnerStatus: 'suspended' }
  clients.hold({ cell: 'sandbox', matrix: 'm', clients: [suspended] })
  assert.equal(clients.find('application_1', noon.add({ minutes: 12 })), undefined)
})

test('a key that was revoked signs nobody in, its siblings do, and tokens of before are of before', () => {
  const clients = openClients(served, openLog({ process: 'test' }, 'silent'))
  const two = { ...client, jwks: [key, { ...key, x: 'z', kid: 'two' }] }
  const registry = { cell: 'sandbox' as const, matrix: 'm', clients: [two] }
  clients.hold(registry, noon, { epoch: 7, sha256: 'a'.repeat(64) })
  const denial = {
    source: 'control' as const,
    seq: 1,
    kind: 'key' as const,
    at: noon.toString(),
    expiresAt: noon.add({ hours: 24 }).toString(),
  }
  const kids = (at: Temporal.Instant) =>
    clients.find('application_1', at)?.jwks.map((k) => k['kid'])
  const soon = noon.add({ seconds: 1 })

  clients.deny({ ...denial, id: 'application_1 one' })
  clients.deny({ ...denial, id: 'application_1' })

  assert.deepEqual(kids(soon), ['two'])
  assert.deepEqual(clients.metadata('application_1', soon)?.jwks, { keys: [two.jwks[1]] })
  assert.equal(clients.tokensSince('application_1', soon)?.toString(), noon.toString())
  assert.equal(clients.tokensSince('application_2', soon), undefined)
  assert.deepEqual(clients.document(), { epoch: 7, sha256: 'a'.repeat(64) })
  clients.deny({ ...denial, id: 'application_1 two' })
  assert.equal(clients.find('application_1', soon), undefined, 'it has no key left')
  // A later registry may name another key by the same name: its word counts.
  clients.hold(registry, noon.add({ seconds: 6 }))
  assert.deepEqual(kids(noon.add({ seconds: 7 })), ['one', 'two'])
})

test('an application that was made just now is waited for; one of another time or another form is unknown at once', async () => {
  const clients = openClients(served, openLog({ process: 'test' }, 'silent'))
  const held = (id: string) => ({
    cell: 'sandbox' as const,
    matrix: 'm',
    clients: [{ ...client, applicationId: id }],
  })
  const at = (moment: Temporal.Instant) => `application_${uuidv7(moment.epochMilliseconds)}`
  const young = at(noon.subtract({ seconds: 1 }))

  let came = false
  const waiting = clients.expect(young, noon).then(() => (came = true))
  clients.hold(held(at(noon)))
  await turn()
  assert.equal(came, false)
  clients.hold(held(young))
  await waiting
  assert.ok(clients.find(young, noon))

  // None of these ever comes: that they end is the proof.
  await clients.expect(at(noon.subtract({ minutes: 10 })), noon)
  await clients.expect(at(noon.add({ hours: 1 })), noon)
  await clients.expect('application_1', noon)
  await clients.expect(`partner_${uuidv7(noon.epochMilliseconds)}`, noon)
})
