import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { portsOf, readSettings } from '#platform/config.ts'
import { newSigningJwk } from '#platform/jose.ts'
import { makeRandomKey, makeSigningKeySet, writeWhole } from '#platform/keys.ts'
import { layoutOf } from '#platform/layout.ts'
import { openLog } from '#platform/log.ts'
import type { CellWorld } from '#platform/process.ts'
import { noon } from '#test/world.ts'
import { readCellKeys } from './guard.ts'

/** A cell with good keys, for the test to spoil. */
const furnished = async () => {
  const settings = readSettings({ PORTICO_DATA: mkdtempSync(join(tmpdir(), 'az-guard-')) })
  const layout = layoutOf(settings.PORTICO_DATA)
  const world: CellWorld = {
    cell: 'production',
    settings,
    layout,
    ports: portsOf(settings),
    log: openLog({ process: 'test' }, 'silent'),
    now: () => noon,
  }
  const files = layout.cell('production')
  await makeSigningKeySet(files.issuerKeys, files.issuerPublicKeys, 'PS256')
  makeRandomKey(files.cookieKey)
  makeRandomKey(files.nonceKey('authorization'))
  return { world, layout, files }
}

const unfit = { code: 'authorization/keys' }

test('good keys are taken', async () => {
  const { world } = await furnished()
  const keys = readCellKeys(world)
  assert.equal(keys.issuer.length, 1)
  assert.deepEqual(
    keys.nonce.map((secret) => secret.length),
    [32],
  )
})

test('a start with a secret that is short or of known value is refused', async () => {
  for (const secret of [Buffer.alloc(32), Buffer.from('short'), Buffer.alloc(32, 'ab')]) {
    const { world, files } = await furnished()
    writeFileSync(files.cookieKey, secret.toString('base64url'))
    assert.throws(() => readCellKeys(world), unfit)
  }
})

test('a start without the nonce secret is refused, with the file named', async () => {
  const { world, files } = await furnished()
  writeFileSync(files.nonceKey('authorization'), '')
  assert.throws(() => readCellKeys(world), /dpop-nonce\.key is not 32 random bytes/)
})

test('FAPI 2.0 §5.4: a start with a key of another algorithm, or of the other cell, is refused', async () => {
  const { world, files } = await furnished()
  writeWhole(files.issuerKeys, JSON.stringify({ keys: [await newSigningJwk('ES256')] }))
  assert.throws(() => readCellKeys(world), unfit)

  const other = await furnished()
  const theirs = other.layout.cell('sandbox').issuerPublicKeys
  writeWhole(theirs, readFileSync(other.files.issuerPublicKeys))
  assert.throws(() => readCellKeys(other.world), /cells share no key/)
})
