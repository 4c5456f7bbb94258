import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeRandomKey, makeSigningKey } from '#platform/keys.ts'
import { layoutOf } from '#platform/layout.ts'
import { doing, freshDatabase, noon } from '#test/world.ts'
import { openCircuit } from './circuit.ts'
import { issueCard } from './index.ts'
import { keyServiceContract } from './key-service.contract.ts'
import { fileKeyService, movedKeyService } from './key-service.ts'
import { openKeyring } from './keyring.ts'
import { beginRotation, finishRotation } from './rotating.ts'
import * as rotationStore from './rotation-store.ts'
import { startTransitEngine, transitCertificates } from './trial.ts'
import { transitKeyService } from './transit-key-service.ts'

const ROLE = 'portico-sandbox'
const certificates = await transitCertificates(mkdtempSync(join(tmpdir(), 'transit-')))
const client = await certificates.client(ROLE)
const endings: (() => Promise<void>)[] = []
after(async () => {
  for (const ending of endings) await ending()
})

const newEngine = async (circuit = openCircuit()) => {
  const engine = await startTransitEngine(certificates, ROLE)
  const after = (timeoutMs: number) =>
    transitKeyService({
      ...client,
      url: engine.url,
      name: ROLE,
      mount: 'transit',
      ca: certificates.ca,
      circuit,
      timeoutMs,
    })
  // One that waits for a busy machine, and one with no patience for a service that is silent.
  const [service, hasty] = [after(60_000), after(300)]
  endings.push(service.close, hasty.close, engine.stop)
  return { engine, service, hasty }
}
const place = { table: 'vault.data_key', bin: '999909' }

keyServiceContract('a file', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'kek-')), 'kek.key')
  makeRandomKey(path)
  return fileKeyService(path)
})
keyServiceContract('a transit engine', async () => (await newEngine()).service)

test('the key service knows the vault by its certificate, and by nothing else', async () => {
  const { engine } = await newEngine()
  const other = await certificates.client('portico-production')
  for (const [name, files] of [
    ['another cell’s certificate', other],
    ['a role that the certificate is not for', client],
  ] as const) {
    const role = files === client ? 'portico-production' : ROLE
    const service = transitKeyService({
      ...files,
      url: engine.url,
      name: role,
      mount: 'transit',
      ca: certificates.ca,
    })
    await assert.rejects(service.current(), { code: 'vault/keys-refused' }, name)
    await service.close()
  }
})

test('a server that the bank’s authority did not certify is told nothing', async () => {
  const { engine } = await newEngine()
  const elsewhere = await transitCertificates(mkdtempSync(join(tmpdir(), 'elsewhere-')))
  const service = transitKeyService({
    ...client,
    url: engine.url,
    name: ROLE,
    mount: 'transit',
    ca: elsewhere.ca,
  })
  await assert.rejects(service.wrap(randomBytes(32), place), { code: 'vault/keys-away' })
  assert.deepEqual(engine.asked, [])
  await service.close()
})

test('a token that was revoked is replaced by a new one', async () => {
  const { engine, service } = await newEngine()
  const wrapped = await service.wrap(randomBytes(32), place)
  engine.forgetTokens()
  await service.unwrap(wrapped, place)
  assert.equal(engine.asked.filter((what) => what.includes('login')).length, 2)
})

test('a key service that is silent, broken or sealed is away, and is left alone for a while', async () => {
  let nowMs = 0
  for (const mood of ['silent', 'broken', 'sealed'] as const) {
    const { engine, service, hasty } = await newEngine(openCircuit(() => nowMs))
    const wrapped = await service.wrap(randomBytes(32), place)
    engine.mood = mood
    const away = { code: 'vault/keys-away' }
    await Promise.all([1, 2, 3].map(() => assert.rejects(hasty.unwrap(wrapped, place), away)))
    const asked = engine.asked.length
    for (let n = 0; n < 20; n++) await assert.rejects(service.unwrap(wrapped, place), away)
    assert.equal(engine.asked.length, asked, 'while the circuit is open nobody is asked')

    engine.mood = 'well'
    nowMs += 6_000
    await service.unwrap(wrapped, place)
    await service.unwrap(wrapped, place)
  }
})

/** A vault whose keys began in a file and are now in a key service. */
const newVault = async (lifeMs?: number) => {
  const database = await freshDatabase('vault')
  const files = layoutOf(mkdtempSync(join(tmpdir(), 'vault-'))).cell('sandbox').vault
  for (const key of [files.kek, files.lookup]) makeRandomKey(key)
  await makeSigningKey(files.signing, files.publicKey, 'ES256')
  const { engine, service: transit } = await newEngine()
  const service = movedKeyService(transit, fileKeyService(files.kek))
  const how = { service, ...(lifeMs !== undefined && { lifeMs }) }
  const db = database.as('vault')
  const issue = (keyring: Awaited<ReturnType<typeof openKeyring>>, cardId: string) =>
    doing(db)((w) =>
      issueCard(
        w,
        { keyring, zone: 'Asia/Tashkent', origin: 'https://localhost:1' },
        { cardId, partnerId: 'p', bin: '999909', months: 36, cardholderName: 'DILNOZA RAHIMOVA' },
      ),
    )
  const open = () => openKeyring(files, database.as('vault'), how)
  const inFile = await openKeyring(files, database.as('vault'))
  return { db, engine, issue, open, inFile, database }
}

test('keys move from the file to the key service by a rotation, and every card reads as before', async () => {
  const vault = await newVault()
  const before = await vault.issue(vault.inFile, 'card_1')
  const keyring = await vault.open()
  assert.deepEqual(await vault.issue(keyring, 'card_1'), before)

  const room = { db: vault.db, keyring, now: () => Temporal.Now.instant(), stopped: () => false }
  await beginRotation(room)
  await finishRotation(room)

  assert.deepEqual(await rotationStore.namesInUse(vault.db), ['transit-v1'])
  assert.deepEqual(await vault.issue(await vault.open(), 'card_1'), before)
  await beginRotation(room)
  await finishRotation(room)
  assert.deepEqual(await rotationStore.namesInUse(vault.db), ['transit-v2'])
  assert.ok(vault.engine.asked.some((what) => what.endsWith('/trim')))
  assert.deepEqual(await vault.issue(await vault.open(), 'card_1'), before)
})

test('while the key service is away nothing that was not unwrapped opens, and nothing new is sealed', async () => {
  const vault = await newVault()
  const held = await vault.open()
  const card = await vault.issue(held, 'card_1')
  vault.engine.mood = 'broken'
  assert.deepEqual(await vault.issue(held, 'card_1'), card)
  await assert.rejects(vault.issue(await vault.open(), 'card_1'), { code: 'vault/keys-away' })
  await assert.rejects(vault.issue(await vault.open(), 'card_2'), { code: 'vault/keys-away' })
})

test('a data key leaves memory when its life is over, and a copy that works on is not touched', async () => {
  const vault = await newVault(1)
  const keyring = await vault.open()
  using copy = await keyring.ofRange('999909', noon)
  const bytes = Buffer.from(copy.card)
  const unwraps = () => vault.engine.asked.filter((what) => what.includes('/decrypt/')).length
  const before = unwraps()
  for (let tries = 0; tries < 600 && unwraps() === before; tries++) {
    await sleep(100)
    using again = await keyring.ofRange('999909', noon)
    assert.deepEqual(again.card, bytes)
  }
  assert.ok(unwraps() > before, 'it was asked for again')
  assert.deepEqual(copy.card, bytes)
  vault.engine.mood = 'broken'
  const refused = async () => {
    for (let tries = 0; tries < 600; tries++) {
      using keys = await keyring.ofRange('999909', noon)
      assert.deepEqual(keys.card, bytes)
      await sleep(100)
    }
  }
  await assert.rejects(refused(), { code: 'vault/keys-away' })
})
