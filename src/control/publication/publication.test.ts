import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { Registry } from '#authorization/registry.ts'
import { Snapshot } from '#gateway/snapshot.ts'
import { readEntries } from '#journal/index.ts'
import { uuidv7 } from '#kernel/id.ts'
import { productIds } from '#test/documents.ts'
import { openPublicationWorld, until } from '#test/publication.ts'
import { submitEvidence, suspendLicence } from '#control/licences/index.ts'
import { revokeApplication, revokeKey, suspendPartner } from '#control/partners/index.ts'
import { openMeter } from '#control/usage/index.ts'
import {
  type AllInForce,
  explainDecided,
  explainPast,
  inForceAt,
  listPublished,
  saidInForce,
  startPublication,
} from './index.ts'
import { enforcements, heardSince, insertReceipt } from './store.ts'

const { database, db, world, doing, reader, register, newApplication } =
  await openPublicationWorld()
const { log, now } = world
const settledMs = 300
let publication = await startPublication({ db, world, log, settledMs })
after(() => publication.stop())

const sandbox = await reader('sandbox', 'gateway', Snapshot)
const production = await reader('production', 'gateway', Snapshot)
const registry = await reader('sandbox', 'authorization', Registry)

const partnerIn = (of: typeof sandbox, id: string) =>
  of.held.content?.partners.find((p) => p.id === id)
const applicationIn = (of: typeof sandbox, id: string) =>
  of.held.content?.applications.find((a) => a.id === id)

test('both documents of both cells are published and hold under their signature', async () => {
  await until('ready', () => publication.ready() || undefined, 20_000)
  const snapshot = await until('the sandbox’s snapshot', () => sandbox.held.content)

  assert.deepEqual(
    snapshot.products.map((p) => p.id),
    [...productIds],
  )
  assert.equal(snapshot.issuer.issuer, `https://localhost:${world.ports.sandbox.authorization}`)
})

test('a registered partner with a sandbox application stands in the sandbox’s snapshot and not in production’s', async () => {
  const partner = await register(['baas-partner'])
  const application = await newApplication(partner)
  const published = await until(
    'the application',
    () => applicationIn(sandbox, application.id),
    60_000,
  )
  assert.deepEqual(published.scopes, [
    'accounts',
    'accounts:verify',
    'cards:authz',
    'cards:controls',
    'cards:issue',
    'cards:read',
    'cards:reveal',
    'fundsconfirmations',
  ])
  assert.equal(partnerIn(sandbox, partner)?.permissions['cards.issue']?.granted, true)
  const client = await until('the client', () =>
    registry.held.content?.clients.find((c) => c.applicationId === application.id),
  )
  assert.deepEqual(client.authorizationDetailsTypes, [
    'urn:bank:accounts:v1',
    'urn:bank:card-issue:v1',
    'urn:bank:funds-confirmation:v1',
  ])
  await sleep(100)
  assert.equal(partnerIn(production, partner), undefined)
  assert.equal(applicationIn(production, application.id), undefined)
})

test('an application is known where a gateway took what was compiled since, and not by what it held before', async () => {
  const partner = await register(['aisp'])
  const earlier = await newApplication(partner)
  await until('the earlier application', () => applicationIn(sandbox, earlier.id))
  const at = now()
  const application = await newApplication(partner)
  await until('the application', () => applicationIn(sandbox, application.id))
  const epoch = sandbox.held.epoch
  assert.ok(epoch)
  const says = (highest: number) =>
    insertReceipt(
      db,
      { cell: 'sandbox', audience: 'gateway' },
      { reader: 'gateway_test', taken: true, epoch: highest, sha256: null, reason: null, highest },
      now(),
    )

  await says(epoch - 1)
  assert.equal(await heardSince(db, 'sandbox', at), false)
  await says(epoch)
  assert.equal(await heardSince(db, 'sandbox', at), true)
})

test('what a reader tells again at its start does not make the first time later', async () => {
  const of = { cell: 'sandbox', audience: 'gateway' } as const
  const reader = 'gateway_test_first'
  const said = { reader, taken: true, epoch: 7, sha256: null, reason: null, highest: 7 }
  const first = now()
  await insertReceipt(db, of, { ...said, taken: false }, first.subtract({ seconds: 1 }))
  await insertReceipt(db, of, said, first)
  await insertReceipt(db, of, said, first.add({ seconds: 30 }))

  const told = (await enforcements(db, { ...of, epoch: 7 })).filter((one) => one.reader === reader)
  assert.deepEqual(
    told.map(({ at }) => at.epochMilliseconds),
    [first.epochMilliseconds],
  )
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

test('a suspended partner reaches the cells as a revocation, then in the snapshot', async () => {
  const partner = await register([])
  await newApplication(partner)
  await until('the partner', () => partnerIn(sandbox, partner))

  await doing((w) => suspendPartner(w, partner, 'test'))
  for (const cell of [sandbox, production]) {
    await until('the revocation', () =>
      cell.revocations.find((r) => r.revocation.kind === 'partner' && r.revocation.id === partner),
    )
  }
  await until(
    'the snapshot',
    () => partnerIn(sandbox, partner)?.status === 'suspended' || undefined,
  )
})

test('a suspended permission is revoked, and only that one', async () => {
  const partner = await register(['baas-partner'])
  await newApplication(partner)
  await until('the partner', () => partnerIn(sandbox, partner))

  const stop = { kind: 'permission', name: 'cards.issue' } as const
  await doing((w) => suspendLicence(w, partner, stop, 'test'))
  const told = await until('the revocation', () =>
    sandbox.revocations.find((r) => r.revocation.id === `${partner} cards.issue`),
  )
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

test('what changes nothing publishes nothing', async () => {
  await sleep(200)
  const before = sandbox.held.epoch
  await doing((w) => w.record('licences.looked-at', 'x', {}))
  await sleep(300)

  assert.equal(sandbox.held.epoch, before)
})

test('what goes on again gets documents of its own, so that a cell that holds a denial believes it', async () => {
  const before = [sandbox.held.epoch, registry.held.epoch] as const
  await doing((w) => w.record('licences.reinstated', 'x', {}))

  await until('the epoch', () => sandbox.held.epoch > before[0] || undefined)
  await until('the registry', () => registry.held.epoch > before[1] || undefined)
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
      validTo: now().add({ milliseconds: 2_500 }),
      documentSha256: 'a'.repeat(64),
      shows: ['level 1'],
    }),
  )
  const verdict = () => applicationIn(sandbox, id)?.permissions?.['cards.reveal']
  await until('the grant', () => verdict()?.granted || undefined)
  const ended = await until('its end', () => {
    const v = verdict()
    return v && !v.granted ? v : undefined
  })
  assert.equal(ended.code, 'licences/expired')
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

test('one key of an application is stopped alone: by its name ahead of all documents, then in them', async () => {
  const partner = await register([])
  const application = await newApplication(partner)
  const kid = application.jwks[0]?.kid ?? ''
  const clientOf = () =>
    registry.held.content?.clients.find((c) => c.applicationId === application.id)
  await until('the client', () => clientOf()?.jwks.some((k) => k['kid'] === kid))

  await doing((w) => revokeKey(w, { partnerId: partner, applicationId: application.id }, kid))

  for (const id of [`${application.id} ${kid}`, application.id])
    for (const reader of [sandbox, registry])
      await until('the revocation', () =>
        reader.revocations.find((r) => r.revocation.kind === 'key' && r.revocation.id === id),
      )
  await until('the registry without it', () => clientOf()?.jwks.length === 0 || undefined)
  assert.equal(applicationIn(sandbox, application.id)?.status, 'active')
  const stranger = { partnerId: await register([]), applicationId: application.id }
  await assert.rejects(
    doing((w) => revokeKey(w, stranger, kid)),
    { code: 'partners/application-not-found' },
  )
  await assert.rejects(
    doing((w) => revokeKey(w, { applicationId: application.id }, kid)),
    { code: 'partners/key-not-found' },
  )
})

test('why a call was allowed is read off the snapshot that its gateway names, for ever', async () => {
  const partnerId = await register([])
  const application = await newApplication(partnerId)
  const held = await until('the application', () =>
    applicationIn(sandbox, application.id) ? { epoch: sandbox.held.epoch } : undefined,
  )
  const document = (await listPublished(db)).find(
    (d) => d.cell === 'sandbox' && d.audience === 'gateway' && Number(d.epoch) >= held.epoch,
  )
  assert.ok(document)
  const at = now()
  const call = (snapshotSha256: string, seq: number) => ({
    callId: uuidv7(at.epochMilliseconds),
    seq,
    occurredAt: at.toString(),
    partnerId,
    applicationId: application.id,
    product: 'accounts',
    operation: 'getBalances',
    contractId: null,
    priceVersion: null,
    consentId: null,
    status: 200,
    code: null,
    billable: true,
    units: 1,
    latencyMs: 3,
    upstreamMs: 2,
    epoch: Number(document.epoch),
    snapshotSha256,
  })
  const told = call(document.sha256, 1)
  const strange = call('c'.repeat(64), 2)
  await doing((w) =>
    openMeter().take(w, 'sandbox', {
      gateway: 'gateway_a',
      boot: uuidv7(),
      records: [told, strange],
    }),
  )

  const decided = await explainDecided(db, { partnerId, callId: told.callId })
  assert.equal(decided.allowed, true)
  assert.equal(decided.snapshot.sha256, document.sha256)
  assert.deepEqual([decided.call?.snapshot.sha256, decided.call?.agrees], [document.sha256, true])
  const other = await explainDecided(db, { partnerId, callId: strange.callId })
  assert.equal(other.call?.agrees, false, 'nobody published what this gateway says it held')
  const past = await explainPast(db, {
    application: application.id,
    operation: 'getBalances',
    at: now(),
  })
  assert.ok([told.callId, strange.callId].includes(past.call?.callId ?? ''))
  await assert.rejects(explainDecided(db, { partnerId: await register([]), callId: told.callId }), {
    code: 'publication/call-unknown',
  })
})

test('which documents were in force when a line was written is what the order of the journal says', async () => {
  const partnerId = await register([])
  const application = await newApplication(partnerId)
  await until('the application', () => applicationIn(sandbox, application.id))
  const lines = await readEntries(db, 0n, 10_000)
  // Read once more by hand, from the first line on.
  let said: AllInForce = {}
  const wanted = lines.map(({ seq, event, subject, data }) => {
    if (event === 'publication.published')
      said = { ...said, [subject]: { ...Published.parse(data), line: Number(seq) } }
    return said
  })
  const places = lines.map(({ seq }) => seq)

  const noted = await inForceAt(db, places)

  assert.deepEqual(
    places.map((place) => noted.get(place)),
    wanted,
  )
  for (const at of [0, Math.floor(places.length / 2), places.length - 1])
    assert.deepEqual(await saidInForce(db, places[at] ?? 0n), wanted[at])
  assert.ok(new Set(wanted.map((all) => all['sandbox/gateway']?.line)).size > 3)
  // Every document that was published has its line: what nobody noted would be found a moment later.
  const reader = Object.entries(wanted.at(-1) ?? {})
  assert.deepEqual(reader.map(([name]) => name).toSorted(), [
    'production/authorization',
    'production/gateway',
    'sandbox/authorization',
    'sandbox/gateway',
  ])
})
const Published = z.object({ epoch: z.int(), sha256: z.string() })
