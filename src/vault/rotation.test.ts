import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { makeServerCertificate, makeAuthority } from '#platform/certificates.ts'
import { makeRandomKey, makeSigningKey } from '#platform/keys.ts'
import { layoutOf } from '#platform/layout.ts'
import { doing, freshDatabase } from '#test/world.ts'
import { placesOf } from './card.ts'
import { open } from './envelope.ts'
import { issueCard } from './index.ts'
import { type Keyring, openKeyring, placeOfKey } from './keyring.ts'
import { isCardNumber } from './number.ts'
import { beginRotation, finishRotation, rotationState } from './rotating.ts'
import * as store from './store.ts'

/** A vault's database and keys of its own. */
const newVault = async () => {
  const database = await freshDatabase('vault')
  const data = mkdtempSync(join(tmpdir(), 'vault-'))
  const layout = layoutOf(data)
  const files = layout.cell('sandbox')
  for (const key of [files.vault.kek, files.vault.lookup]) makeRandomKey(key)
  makeRandomKey(files.callerKey('vault'))
  await makeSigningKey(files.vault.signing, files.vault.publicKey, 'ES256')
  const servers = await makeAuthority(layout.serverCa, 'servers')
  await makeServerCertificate(servers, files.tls('vault'), 'vault')
  const db = database.as('vault')
  const keyring = await openKeyring(files.vault, database.as('vault'))
  const now = () => Temporal.Now.instant().round({ smallestUnit: 'microsecond' })
  const issue = (cardholderName = 'DILNOZA RAHIMOVA', bin = '999909') => {
    const cardId = `card_${randomBytes(16).toString('hex')}`
    const ask = { cardId, partnerId: 'partner_1', bin, months: 36, cardholderName }
    return doing(
      db,
      'system',
      now(),
    )((w) =>
      issueCard(w, { keyring, zone: 'Asia/Tashkent', origin: 'https://localhost:1' }, ask),
    ).then((card) => ({
      ...card,
      cardId,
    }))
  }
  /** Reads cards as a vault would that starts now: every key is read anew. */
  const started = () => openKeyring(files.vault, database.as('vault'))
  const readable = async (cardId: string, ring?: Keyring) => {
    const kept = await store.find(db, cardId)
    assert.ok(kept)
    ring ??= await started()
    const keys = await ring.ofRange(kept.bin, now(), kept.keyVersion)
    const number = open(kept.sealedNumber, keys.card, placesOf(kept).number)
    const name = open(kept.sealedCardholder, keys.card, placesOf(kept).cardholder)
    return { kept, number, name: name.toString(), cvc: keys.cvc.toString('hex') }
  }
  const room = { db, keyring, now, stopped: () => false }
  return { database, data, files, db, issue, started, readable, room }
}

const Version = z.object({ version: z.number(), wrappedBy: z.string().nullable() })
const keysOf = (vault: Awaited<ReturnType<typeof newVault>>) => vault.database.owner.many(Version)`
  select version, wrapped_by as "wrappedBy" from vault.data_key where purpose = 'card' order by bin, version
`

test('a rotation replaces every key, destroys the old ones, and every card reads as before', async () => {
  const vault = await newVault()
  const cards = await Promise.all(['ONE', 'TWO', 'THREE'].map((name) => vault.issue(name)))
  const elsewhere = await vault.issue('FOUR', '99990811')
  const before = await vault.readable(elsewhere.cardId)
  const kek = readFileSync(vault.files.vault.kek, 'utf8')

  await beginRotation(vault.room)
  await finishRotation(vault.room)

  assert.ok(!readFileSync(vault.files.vault.kek, 'utf8').includes(kek.trim()))
  const keys = await keysOf(vault)
  assert.deepEqual(
    keys.map(({ version }) => version),
    [2, 2],
  )
  assert.equal(new Set(keys.map(({ wrappedBy }) => wrappedBy)).size, 1)
  for (const [at, name] of ['ONE', 'TWO', 'THREE', 'FOUR'].entries()) {
    const card = [...cards, elsewhere][at]
    assert.ok(card)
    const now = await vault.readable(card.cardId)
    assert.ok(isCardNumber(now.number))
    assert.equal(now.number.toString('latin1', 12), card.lastFour)
    assert.equal(now.name, name)
    assert.equal(now.kept.keyVersion, 2)
  }
  const after = await vault.readable(elsewhere.cardId)
  assert.deepEqual(after.number, before.number)
  assert.equal(after.cvc, before.cvc, 'the code that is printed on a card does not change')
  assert.notDeepEqual(after.kept.sealedNumber, before.kept.sealedNumber)
  const state = await rotationState(vault.db)
  assert.ok(state.finishedAt)
  assert.equal(state.cardsBehind, 0)
})

test('a key file of before the rotation opens nothing any more', async () => {
  const vault = await newVault()
  await vault.issue()
  const stolen = readFileSync(vault.files.vault.kek, 'utf8').trim()
  await beginRotation(vault.room)
  await finishRotation(vault.room)

  const id = { purpose: 'card', bin: '999909', version: 2 } as const
  const row = await store.dataKey(vault.db, id)
  assert.ok(row)
  const [held = ''] = readFileSync(vault.files.vault.kek, 'utf8').trim().split('\n')
  assert.equal(open(row.bytes, Buffer.from(held, 'base64url'), placeOfKey(id)).length, 32)
  assert.throws(() => open(row.bytes, Buffer.from(stolen, 'base64url'), placeOfKey(id)), {
    code: 'vault/seal-broken',
  })
})

test('a data key that a card is sealed under cannot be deleted, whoever asks', async () => {
  const vault = await newVault()
  await vault.issue()
  await assert.rejects(
    vault.db.run`delete from vault.data_key where purpose = 'card'`,
    /card_key_kept/,
  )
})

test('two rotations at once are one', async () => {
  const vault = await newVault()
  await vault.issue()
  await Promise.all([1, 2, 3].map(() => beginRotation(vault.room)))
  await finishRotation(vault.room)
  const [key] = await keysOf(vault)
  assert.equal(key?.version, 2)
})

const main = join(import.meta.dirname, '..', 'main.ts')
const children: ChildProcess[] = []
after(() => {
  for (const child of children) child.kill('SIGKILL')
})

test('a vault that is killed in the middle of a rotation goes on where it was, and cards are issued meanwhile', async () => {
  const vault = await newVault()
  const cards = []
  for (let n = 0; n < 20; n++)
    cards.push(...(await Promise.all(Array.from({ length: 20 }, () => vault.issue()))))
  await beginRotation(vault.room)

  const start = () => {
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', main, 'start', 'vault', '--cell', 'sandbox'],
      {
        env: {
          PATH: process.env['PATH'],
          PORTICO_DATA: vault.data,
          PORTICO_DATABASE_URL_VAULT: vault.database.url('vault'),
          PORTICO_LOG_LEVEL: 'silent',
          PORTICO_PORT_BASE: '19800',
        },
        stdio: 'ignore',
      },
    )
    children.push(child)
    return child
  }
  const until = async (wanted: (state: { behind: number; finished: boolean }) => boolean) => {
    for (let tries = 0; tries < 6_000; tries++) {
      const { cardsBehind, finishedAt } = await rotationState(vault.database.owner)
      if (wanted({ behind: cardsBehind, finished: finishedAt !== null })) return cardsBehind
      await sleep(5)
    }
    return assert.fail('the rotation does not come that far')
  }

  const first = start()
  const behind = await until((state) => state.behind > 0 && state.behind < cards.length)
  first.kill('SIGKILL')
  await once(first, 'exit')
  const left = await rotationState(vault.database.owner)
  assert.equal(left.finishedAt, null, `killed in the middle: ${behind} cards were left`)

  const second = start()
  const late = await vault.issue('LATE')
  await until((state) => state.finished)
  second.kill('SIGTERM')
  await once(second, 'exit')

  const ring = await vault.started()
  for (const card of [...cards, late]) {
    const { kept, number } = await vault.readable(card.cardId, ring)
    assert.equal(kept.keyVersion, 2)
    assert.equal(number.toString('latin1', 12), card.lastFour)
  }
  const keys = await keysOf(vault)
  assert.deepEqual(
    keys.map(({ version }) => version),
    [2],
  )
})
