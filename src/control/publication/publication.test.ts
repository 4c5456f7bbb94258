import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { parse } from 'yaml'
import { z } from 'zod'
import { Registry } from '#authorization/registry.ts'
import { Snapshot } from '#gateway/snapshot.ts'
import type { Cell } from '#kernel/cell.ts'
import { uuidv7 } from '#kernel/id.ts'
import { work, type Work } from '#journal/index.ts'
import { makeAuthority } from '#platform/certificates.ts'
import { portsOf, readSettings } from '#platform/config.ts'
import { newSigningJwk, publicJwk } from '#platform/jose.ts'
import { makeRandomKey, makeSigningKey, makeSigningKeySet, readJwk } from '#platform/keys.ts'
import { layoutOf } from '#platform/layout.ts'
import { followPublication, usageSender } from '#platform/link.ts'
import { openLog } from '#platform/log.ts'
import type { Audience, Revocation } from '#platform/publication.ts'
import { Secret } from '#platform/secret.ts'
import { freshDatabase } from '#test/world.ts'
import { seedCatalogue } from '#control/catalogue/index.ts'
import { seedMatrix, submitEvidence, suspendLicence } from '#control/licences/index.ts'
import {
  type ApplicationRequest,
  type PartnerId,
  registerPartner,
  requestApplication,
  revokeApplication,
  suspendPartner,
} from '#control/partners/index.ts'
import { startPublication } from './index.ts'

const database = await freshDatabase('control')
const db = database.as('control')
const data = mkdtempSync(join(tmpdir(), 'portico-publication-'))
const layout = layoutOf(data)
const settings = readSettings({ PORTICO_DATA: data })
const log = openLog({ process: 'control' }, 'fatal')

const now = () => Temporal.Now.instant()
const world = { settings, layout, ports: portsOf(settings), log, now }

await makeSigningKey(layout.control.snapshotKey, layout.control.snapshotPublicKey, 'EdDSA')
const cellsOf = ['sandbox', 'production'] as const
const authorities = Object.fromEntries(
  await Promise.all(
    cellsOf.map(async (cell) => {
      const keys = layout.cell(cell)
      await makeSigningKeySet(keys.issuerKeys, keys.issuerPublicKeys, 'PS256')
      makeRandomKey(keys.linkKey)
      return [cell, await makeAuthority(keys.partnerCa, `${cell} partners`)] as const
    }),
  ),
) as Record<Cell, Awaited<ReturnType<typeof makeAuthority>>>

const doing = <T>(body: (w: Work) => Promise<T>) => work(db, 'system', now(), body)
const products = ['accounts', 'payments', 'cards']
await doing(async (w) => {
  const documents = products.map((product) => ({
    product,
    openapi: parse(readFileSync(`src/bank/${product}/openapi.yaml`, 'utf8')) as unknown,
  }))
  await seedCatalogue(w, documents)
  await seedMatrix(w)
})
let publication = await startPublication({ db, world, log })
after(async () => {
  await publication.stop()
  rmSync(data, { recursive: true, force: true })
})

const linkKey = (cell: Cell) => readFileSync(layout.cell(cell).linkKey, 'utf8').trim()
const linkOf = (cell: Cell) => ({
  cell,
  socketPath: layout.control.socket,
  key: new Secret(linkKey(cell)),
})

/** A cell's process as it really listens: the newest document and every revocation, with the time it came at. */
const reader = async <T extends z.ZodType>(cell: Cell, audience: Audience, content: T) => {
  const held: { content?: z.output<T>; epoch: number } = { epoch: 0 }
  const revocations: { revocation: Revocation; atMs: number }[] = []
  const following = await followPublication({
    link: linkOf(cell),
    audience,
    publicKey: readJwk(layout.control.snapshotPublicKey),
    content,
    folder: join(data, 'snapshots', cell, uuidv7()),
    log,
    onDocument: (document, epoch) => {
      held.content = document
      held.epoch = epoch
    },
    onRevocation: (revocation) => revocations.push({ revocation, atMs: performance.now() }),
  })
  after(() => following.stop())
  return { held, revocations, heardAtMs: () => following.heardAtMs() }
}

const until = async <T>(what: string, look: () => T | undefined, withinMs = 5_000): Promise<T> => {
  const deadline = performance.now() + withinMs
  for (;;) {
    const found = look()
    if (found !== undefined && found !== false) return found
    assert.ok(performance.now() < deadline, `${what} did not come within ${withinMs} ms`)
    await sleep(10)
  }
}

const sandbox = await reader('sandbox', 'gateway', Snapshot)
const production = await reader('production', 'gateway', Snapshot)
const registry = await reader('sandbox', 'authorization', Registry)

const register = (declaredStatuses: string[]): Promise<PartnerId> =>
  doing(async (w) => {
    const { partner } = await registerPartner(w, {
      organisation: `Anor ${uuidv7().slice(-8)}`,
      legalName: 'Anor Telecom LLC',
      country: 'UZ',
      declaredStatuses,
      person: {
        name: 'Walker',
        email: `${uuidv7()}@partner.example`,
        password: 'a long pass phrase',
      },
    })
    return partner.id
  })

const newApplication = async (partnerId: PartnerId, over: Partial<ApplicationRequest> = {}) => {
  const jwk = publicJwk(await newSigningJwk('ES256'))
  const ask: ApplicationRequest = {
    cell: 'sandbox',
    name: 'Program',
    authentication: 'private_key_jwt',
    senderConstraint: 'dpop',
    jwks: { keys: [{ ...jwk, alg: 'ES256', use: 'sig' }] },
    redirectUris: [],
    grantTypes: ['client_credentials'],
    products: ['cards', 'accounts'],
    rehearsal: false,
    ...over,
  } as ApplicationRequest
  const { application } = await doing((w) =>
    requestApplication(w, authorities, partnerId, ask, products),
  )
  return application
}

const partnerIn = (of: typeof sandbox, id: string) =>
  of.held.content?.partners.find((p) => p.id === id)
const applicationIn = (of: typeof sandbox, id: string) =>
  of.held.content?.applications.find((a) => a.id === id)

test('both documents of both cells are published and hold under their signature', async () => {
  await until('ready', () => publication.ready() || undefined)
  const snapshot = await until('the sandbox’s snapshot', () => sandbox.held.content)

  assert.deepEqual(
    snapshot.products.map((p) => p.id),
    products,
  )
  assert.equal(snapshot.issuer.issuer, `https://localhost:${world.ports.sandbox.authorization}`)
})

test('a registered partner with a sandbox application stands in the sandbox’s snapshot and not in production’s', async () => {
  const partner = await register(['baas-partner'])
  const startedMs = performance.now()
  const application = await newApplication(partner)
  const published = await until('the application', () => applicationIn(sandbox, application.id))
  const tookMs = performance.now() - startedMs

  assert.ok(tookMs < 1_000, `it took ${tookMs} ms`)
  assert.deepEqual(published.scopes, [
    'accounts',
    'accounts:verify',
    'cards:issue',
    'cards:read',
    'cards:reveal',
  ])
  assert.equal(partnerIn(sandbox, partner)?.permissions['cards.issue']?.granted, true)
  const client = await until('the client', () =>
    registry.held.content?.clients.find((c) => c.applicationId === application.id),
  )
  assert.deepEqual(client.authorizationDetailsTypes, [
    'urn:bank:accounts:v1',
    'urn:bank:card-issue:v1',
  ])
  await sleep(100)
  assert.equal(partnerIn(production, partner), undefined)
  assert.equal(applicationIn(production, application.id), undefined)
})

test('an application that rehearses is judged as production would judge it, by its own verdicts', async () => {
  const partner = await register(['baas-partner'])
  const { id } = await newApplication(partner, { rehearsal: true })
  const verdict = () => applicationIn(sandbox, id)?.permissions?.['cards.reveal']
  const refused = await until('the application', verdict)
  assert.equal(!refused.granted && refused.code, 'licences/attestation-missing')
  assert.ok(!applicationIn(sandbox, id)?.scopes.includes('cards:reveal'))

  await doing((w) =>
    submitEvidence(w, partner, {
      type: 'pci_aoc',
      issuer: 'Assessor',
      identifiers: {},
      validFrom: now(),
      validTo: null,
      documentSha256: 'a'.repeat(64),
      shows: ['level 1'],
    }),
  )
  await until('the attestation', () => verdict()?.granted || undefined)
})

test('a suspended partner reaches the cells as a revocation in less than a second, then in the snapshot', async () => {
  const partner = await register([])
  await newApplication(partner)
  await until('the partner', () => partnerIn(sandbox, partner))

  const startedMs = performance.now()
  await doing((w) => suspendPartner(w, partner, 'test'))
  for (const cell of [sandbox, production]) {
    const told = await until('the revocation', () =>
      cell.revocations.find((r) => r.revocation.kind === 'partner' && r.revocation.id === partner),
    )
    assert.ok(told.atMs - startedMs < 1_000, `it took ${told.atMs - startedMs} ms`)
  }
  await until(
    'the snapshot',
    () => partnerIn(sandbox, partner)?.status === 'suspended' || undefined,
    1_000,
  )
})

test('a suspended permission is revoked in less than a second, and only that one', async () => {
  const partner = await register(['baas-partner'])
  await newApplication(partner)
  await until('the partner', () => partnerIn(sandbox, partner))

  const startedMs = performance.now()
  const stop = { kind: 'permission', name: 'cards.issue' } as const
  await doing((w) => suspendLicence(w, partner, stop, 'test'))
  const told = await until('the revocation', () =>
    sandbox.revocations.find((r) => r.revocation.id === `${partner} cards.issue`),
  )
  assert.ok(told.atMs - startedMs < 1_000)
  assert.equal(told.revocation.kind, 'permission')
  const ours = sandbox.revocations.filter((r) => r.revocation.id.startsWith(partner))
  assert.equal(new Set(ours.map((r) => r.revocation.id)).size, 1)
  await until('the snapshot', () => {
    const verdict = partnerIn(sandbox, partner)?.permissions['cards.issue']
    return (verdict && !verdict.granted && verdict.code === 'licences/suspended') || undefined
  })
})

test('a revoked application is revoked in its own cell only', async () => {
  const partner = await register([])
  const { id } = await newApplication(partner)
  await until('the application', () => applicationIn(sandbox, id))
  await doing((w) => revokeApplication(w, { partnerId: partner, applicationId: id }))
  await until('the revocation', () => sandbox.revocations.find((r) => r.revocation.id === id))
  await until('the snapshot', () => applicationIn(sandbox, id)?.status === 'revoked' || undefined)

  assert.ok(!production.revocations.some((r) => r.revocation.id === id))
  const isClient = () => registry.held.content?.clients.some((c) => c.applicationId === id)
  await until('the registry', () => !isClient() || undefined)
})

test('a reader that comes late hears every live revocation, and its numbers have no gap', async () => {
  const late = await reader('sandbox', 'gateway', Snapshot)
  const known = sandbox.revocations.map((r) => r.revocation.seq)
  await until('all of them', () => late.revocations.length >= new Set(known).size || undefined)

  const seqs = late.revocations.map((r) => r.revocation.seq)
  assert.deepEqual(
    seqs,
    Array.from({ length: seqs.length }, (_, n) => n + 1),
  )
})

test('what changes nothing publishes nothing', async () => {
  await sleep(200)
  const before = sandbox.held.epoch
  await doing((w) => w.record('licences.looked-at', 'x', {}))
  await sleep(300)

  assert.equal(sandbox.held.epoch, before)
})

test('evidence that ends takes effect by itself', async () => {
  const partner = await register(['baas-partner'])
  const { id } = await newApplication(partner, { rehearsal: true })
  await doing((w) =>
    submitEvidence(w, partner, {
      type: 'pci_aoc',
      issuer: 'Assessor',
      identifiers: {},
      validFrom: null,
      validTo: now().add({ milliseconds: 1_500 }),
      documentSha256: 'a'.repeat(64),
      shows: ['level 1'],
    }),
  )
  const verdict = () => applicationIn(sandbox, id)?.permissions?.['cards.reveal']
  await until('the grant', () => verdict()?.granted || undefined, 1_000)
  const ended = await until('its end', () => {
    const v = verdict()
    return v && !v.granted ? v : undefined
  })
  assert.equal(ended.code, 'licences/expired')
})

const ask = async (path: string, key: string, body?: unknown) => {
  const dispatcher = new Agent({ connect: { socketPath: layout.control.socket } })
  try {
    const answer = await request(`http://control${path}`, {
      dispatcher,
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await answer.body.text()
    return { status: answer.statusCode, body: JSON.parse(text) as { code?: string } }
  } finally {
    await dispatcher.destroy()
  }
}

test('a cell’s key opens its own paths and no others', async () => {
  assert.equal((await ask('/link/sandbox/gateway', linkKey('sandbox'))).status, 200)
  for (const [path, key] of [
    ['/link/production/gateway', linkKey('sandbox')],
    ['/link/production/gateway/stream', linkKey('sandbox')],
    ['/link/sandbox/gateway', linkKey('production')],
    ['/link/sandbox/gateway', ''],
  ] as const)
    assert.equal((await ask(path, key)).body.code, 'publication/link-unproven', path)
  const stolen = await ask('/link/production/usage', linkKey('sandbox'), { any: 'thing' })
  assert.equal(stolen.status, 401)
})

test('usage travels by the same line and is answered with its receipt', async () => {
  const sender = usageSender(linkOf('sandbox'))
  const partnerId = await register([])
  const record = {
    callId: uuidv7(),
    seq: 1,
    occurredAt: Temporal.Now.instant().toString(),
    partnerId,
    applicationId: 'application_x',
    product: 'cards',
    operation: 'listCards',
    contractId: null,
    priceVersion: null,
    consentId: null,
    status: 200,
    code: null,
    billable: true,
    units: 1,
    latencyMs: 3,
    upstreamMs: 2,
    epoch: 1,
  }
  const batch = { gateway: 'gateway_a', boot: uuidv7(), records: [record] }
  assert.deepEqual(await sender.send(batch), { seq: 1 })
  await assert.rejects(sender.send({ ...batch, records: [{ ...record, pan: '4' }] }), {
    code: 'platform/request-invalid',
  })
  await sender.close()
})

test('a reader hears a heartbeat at least once a second', async () => {
  const before = sandbox.heardAtMs()
  await sleep(1_200)
  assert.ok(sandbox.heardAtMs() > before)
})

test('while the journal cannot be read on, no heartbeat claims that it was', async () => {
  const partner = await register([])
  let release: () => void = () => {}
  const held = database.owner.transaction(async (tx) => {
    await tx.run`select 1 from publication.cursor for update`
    await new Promise<void>((resolve) => (release = resolve))
  })
  await sleep(50)
  await doing((w) => suspendPartner(w, partner, 'test'))
  // One beat may still be on its way: it speaks for what was committed before.
  await sleep(1_100)
  const before = sandbox.heardAtMs()
  await sleep(1_100)
  assert.equal(sandbox.heardAtMs(), before)

  release()
  await held
  await until('the revocation', () => sandbox.revocations.find((r) => r.revocation.id === partner))
  await until('the heartbeat', () => sandbox.heardAtMs() > before || undefined)
})

test('what was suspended while publication was away is told when it is back, once', async () => {
  const partner = await register([])
  await newApplication(partner)
  await until('the partner', () => partnerIn(sandbox, partner))
  const epoch = sandbox.held.epoch

  await publication.stop()
  await doing((w) => suspendPartner(w, partner, 'test'))
  publication = await startPublication({ db, world, log })

  await until(
    'the snapshot',
    () => partnerIn(sandbox, partner)?.status === 'suspended' || undefined,
  )
  assert.ok(sandbox.held.epoch > epoch)
  const rows = await database.owner.many(z.object({ cell: z.string() }))`
    select cell from publication.revocation where id = ${partner} order by cell
  `
  assert.deepEqual(
    rows.map((r) => r.cell),
    ['production', 'sandbox'],
  )
})
