import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { z } from 'zod'
import { newSigningJwk, publicJwk } from '#platform/jose.ts'
import { writeWhole } from '#platform/keys.ts'
import { openCell } from '#test/gateway/cell.ts'
import { CLAIMS_KEYS_PATH, openClaimsKeys } from './claims-keys.ts'

const folder = mkdtempSync(join(tmpdir(), 'claims-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const Keys = z.object({ keys: z.array(z.looseObject({ kid: z.string() })) })

test('who relies on a claim fetches its keys without a token, at the gateway', async () => {
  const cell = await openCell()
  after(() => cell.close())
  await cell.start()
  await cell.publishAndWait()
  const file = cell.world.layout.cell(cell.world.cell).claimsKeys.publicKeys
  assert.equal((await cell.ask({ path: CLAIMS_KEYS_PATH })).status, 404)
  const jwk = await newSigningJwk('PS256')
  writeWhole(file, JSON.stringify({ keys: [publicJwk(jwk)] }))

  const answer = await cell.ask({ path: CLAIMS_KEYS_PATH })
  assert.equal(answer.status, 200)
  const { keys } = Keys.parse(answer.json)
  assert.deepEqual(
    keys.map(({ kid }) => kid),
    [jwk.kid],
  )
  assert.notEqual((await cell.ask({ path: CLAIMS_KEYS_PATH, method: 'POST' })).status, 200)
})

test('a private member never leaves, whatever somebody wrote into the file; a new key is seen within a minute', async () => {
  const path = join(folder, 'claims.json')
  let nowMs = 0
  const read = openClaimsKeys(path, () => nowMs)
  assert.equal(await read(), undefined)
  const jwk = await newSigningJwk('PS256')
  writeWhole(path, JSON.stringify({ keys: [jwk] }))
  const body = (await read())?.body ?? ''
  assert.doesNotMatch(String(body), /"(d|p|q|dp|dq|qi)"/)
  assert.ok(String(body).includes(String(jwk.kid)))

  const next = await newSigningJwk('PS256')
  writeWhole(path, JSON.stringify({ keys: [publicJwk(next), publicJwk(jwk)] }))
  nowMs = 60_000
  assert.equal(Keys.parse(JSON.parse(String((await read())?.body))).keys.length, 2)
})
