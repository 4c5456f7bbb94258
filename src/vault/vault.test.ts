import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { pino } from 'pino'
import { Agent, request } from 'undici'
import { z } from 'zod'
import { readEntries, seal, verifyChain } from '#journal/index.ts'
import { type Caller, CALLER_HEADER, callerSigner } from '#platform/caller.ts'
import { portsOf, readSettings } from '#platform/config.ts'
import {
  decryptWith,
  importVerifyKey,
  type JWK,
  publicJwk,
  sha256url,
  verifyJws,
} from '#platform/jose.ts'
import { makeAuthority, makeServerCertificate } from '#platform/certificates.ts'
import { makeRandomKey, makeSigningKey, readJwk } from '#platform/keys.ts'
import { layoutOf } from '#platform/layout.ts'
import { rpcClient } from '#platform/rpc.ts'
import type { Sql } from '#platform/sql.ts'
import { freshDatabase, noon } from '#test/world.ts'
import { vaultContract } from './contract.ts'
import { isCardNumber } from './number.ts'
import { startVault } from './vault.ts'

const database = await freshDatabase('vault')
const data = mkdtempSync(join(tmpdir(), 'vault-'))
const layout = layoutOf(data)
const files = layout.cell('sandbox')
for (const key of [files.vault.kek, files.vault.lookup]) makeRandomKey(key)
await makeSigningKey(files.vault.signing, files.vault.publicKey, 'ES256')
await makeServerCertificate(
  await makeAuthority(layout.serverCa, 'servers'),
  files.tls('vault'),
  'vault',
)
const signCaller = callerSigner(makeRandomKey(files.callerKey('vault')))

const logged: string[] = []
const settings = readSettings({
  PORTICO_DATA: data,
  PORTICO_DATABASE_URL_VAULT: database.url('vault'),
  PORTICO_PORT_BASE: '19900',
})
let clock = noon
const vault = await startVault({
  cell: 'sandbox',
  settings,
  layout,
  ports: portsOf(settings),
  log: pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) }),
  now: () => clock,
})
const bank = rpcClient(vaultContract, files.socket('vault'))
const gateway = new Agent({ connect: { socketPath: files.socket('vault') }, connections: 8 })
after(async () => {
  await bank.close()
  await gateway.close()
  await vault.stop()
})

const partnerId = `partner_${'1'.repeat(32)}`
const newCardId = () => `card_${randomBytes(16).toString('hex')}`
const asked = (cardId = newCardId()) => ({
  cardId,
  partnerId,
  bin: '999909',
  months: 36,
  cardholderName: 'DILNOZA RAHIMOVA',
})

const newRevealKey = async (): Promise<JWK> => {
  const { privateKey } = await crypto.subtle.generateKey(
    { name: 'ECDH', namedCurve: 'P-256' },
    true,
    ['deriveBits'],
  )
  const { crv = '', x = '', y = '', d = '' } = await crypto.subtle.exportKey('jwk', privateKey)
  return { kty: 'EC', crv, x, y, d, alg: 'ECDH-ES+A256KW', kid: 'reveal-1' }
}
const revealKey = await newRevealKey()

const callOf = (body: string, change: Partial<Caller> = {}): Caller => ({
  callId: randomBytes(16).toString('hex'),
  interactionId: randomBytes(16).toString('hex'),
  operation: 'revealCard',
  partnerId,
  applicationId: `application_${'2'.repeat(32)}`,
  subject: null,
  consentId: null,
  details: [],
  revealKey: { ...publicJwk(revealKey), kty: 'EC' },
  idempotencyKey: null,
  epoch: 1,
  bodySha256: sha256url(body),
  at: clock,
  withinMs: 25_000,
  ...change,
})

const askedBody = '{"mode":"jwe"}'
const reveal = async (
  cardId: string,
  how: { change?: Partial<Caller>; header?: string | null; body?: string } = {},
) => {
  const body = how.body ?? askedBody
  const header = how.header === undefined ? signCaller(callOf(askedBody, how.change)) : how.header
  const answer = await request(`http://vault/cards/v1/cards/${cardId}/reveal`, {
    method: 'POST',
    dispatcher: gateway,
    headers: {
      'content-type': 'application/json',
      ...(header !== null && { [CALLER_HEADER]: header }),
    },
    body,
  })
  const json = z.record(z.string(), z.unknown()).parse(await answer.body.json())
  return { status: answer.statusCode, headers: answer.headers, body: json }
}

const Revealed = z.object({
  pan: z.string(),
  cvc: z.string().regex(/^\d{3}$/),
  expiry: z.object({ month: z.number(), year: z.number() }),
  cardholderName: z.string(),
  cardId: z.string(),
  aud: z.string(),
  iat: z.number(),
})

const opened = async (jwe: unknown, key: JWK = revealKey) => {
  const jws = Buffer.from(await decryptWith(String(jwe), key)).toString('utf8')
  const claims = await verifyJws(
    jws,
    await importVerifyKey(readJwk(files.vault.publicKey), 'ES256'),
  )
  return Revealed.parse(claims)
}

const refusal = (code: string, status: number) => (answer: { status: number; body: object }) =>
  assert.deepEqual([answer.status, 'code' in answer.body && answer.body.code], [status, code])

test('a card is issued as token, range and last four; the partner alone can open the rest', async () => {
  const ask = asked()
  const card = await bank.issue(ask)
  const { status, headers, body } = await reveal(ask.cardId)

  assert.equal(status, 200)
  assert.equal(headers['cache-control'], 'no-store')
  assert.deepEqual(Object.keys(body), ['jwe'])
  const shown = await opened(body['jwe'])
  assert.ok(isCardNumber(Buffer.from(shown.pan)))
  assert.equal(shown.pan.slice(0, 6), card.bin)
  assert.equal(shown.pan.slice(-4), card.lastFour)
  assert.deepEqual(card.expiry, { month: 11, year: 2029 })
  assert.deepEqual(
    [shown.expiry, shown.cardholderName, shown.cardId, shown.iat],
    [card.expiry, ask.cardholderName, ask.cardId, noon.epochMilliseconds / 1000],
  )
  await assert.rejects(newRevealKey().then((stranger) => opened(body['jwe'], stranger)))
  assert.ok(!card.token.includes(shown.pan.slice(6, 12)))
})

test('an RSA key opens what was revealed to it', async () => {
  const ask = asked()
  await bank.issue(ask)
  const pair = await crypto.subtle.generateKey(
    {
      name: 'RSA-OAEP',
      modulusLength: 2048,
      publicExponent: Uint8Array.of(1, 0, 1),
      hash: 'SHA-256',
    },
    true,
    ['encrypt', 'decrypt'],
  )
  const privateKey = {
    ...(await crypto.subtle.exportKey('jwk', pair.privateKey)),
    alg: 'RSA-OAEP-256',
  } as JWK
  const change = { revealKey: { ...publicJwk(privateKey), kty: 'RSA' } }

  const { body } = await reveal(ask.cardId, { change })

  assert.equal((await opened(body['jwe'], privateKey)).cardId, ask.cardId)
})

test('PCI DSS 3.3.1: the code is computed and not kept, and is the same each time', async () => {
  const ask = asked()
  await bank.issue(ask)
  const first = await opened((await reveal(ask.cardId)).body['jwe'])
  const second = await opened((await reveal(ask.cardId)).body['jwe'])

  assert.equal(first.cvc, second.cvc)
  const Column = z.object({ name: z.string() })
  const columns = await database.owner.many(Column)`
    select column_name as name from information_schema.columns where table_schema = 'vault' order by 1 limit 100
  `
  assert.ok(!columns.some(({ name }) => /cvc|cvv|code|pin|track/.test(name)))
})

test('a card of another partner and a card of nobody get the same answer, byte by byte', async () => {
  const ask = asked()
  await bank.issue(ask)
  const foreign = await reveal(ask.cardId, { change: { partnerId: `partner_${'9'.repeat(32)}` } })
  const missing = await reveal(newCardId())

  refusal('gateway/not-found', 404)(foreign)
  const { instance: _, ...rest } = foreign.body
  const { instance: __, ...same } = missing.body
  assert.deepEqual(rest, same)
})

test('without a fit reveal key nothing is revealed, and the partner is told what to do', async () => {
  const ask = asked()
  await bank.issue(ask)
  const { d: _, ...ec } = revealKey
  for (const unfit of [
    null,
    { ...revealKey, kty: 'EC' },
    { ...ec, kty: 'EC', alg: 'ECDH-ES' },
    { ...ec, kty: 'EC', alg: 'RSA-OAEP-256' },
    { ...ec, kty: 'EC', crv: 'secp256k1' },
    { kty: 'oct', k: 'c2VjcmV0', alg: 'A256KW' },
  ])
    refusal(
      'cards/reveal-key-missing',
      409,
    )(await reveal(ask.cardId, { change: { revealKey: unfit } }))
})

test('a card that the bank has locked is not revealed until it is unlocked, and an expired one never', async () => {
  const ask = asked()
  await bank.issue(ask)
  await bank.setRevealable({ cardId: ask.cardId, revealable: false })
  refusal('cards/not-revealable', 409)(await reveal(ask.cardId))

  await bank.setRevealable({ cardId: ask.cardId, revealable: true })
  assert.equal((await reveal(ask.cardId)).status, 200)

  clock = Temporal.Instant.from('2029-11-30T12:00:00Z')
  assert.equal((await reveal(ask.cardId)).status, 200)
  clock = Temporal.Instant.from('2029-12-01T12:00:00Z')
  refusal('cards/not-revealable', 409)(await reveal(ask.cardId))
  clock = noon
  await assert.rejects(bank.setRevealable({ cardId: newCardId(), revealable: true }), {
    code: 'gateway/not-found',
  })
})

test('only this cell’s gateway opens the partner’s door, for this operation and this body', async () => {
  const ask = asked()
  await bank.issue(ask)
  const stranger = callerSigner(makeRandomKey(files.callerKey('bank')))
  const [payload = '', signature = ''] = signCaller(callOf(askedBody)).split('.')
  const [other = ''] = signCaller(callOf(askedBody, { partnerId: 'partner_x' })).split('.')

  for (const header of [
    null,
    '',
    'a.b',
    payload,
    stranger(callOf(askedBody)),
    `${other}.${signature}`,
    signCaller(callOf(askedBody, { operation: 'getCard' })),
    signCaller(callOf('{}')),
  ])
    refusal('bank/caller-unproven', 401)(await reveal(ask.cardId, { header }))
  const late = signCaller(callOf(askedBody, { at: noon.subtract({ seconds: 26 }) }))
  refusal('bank/caller-late', 401)(await reveal(ask.cardId, { header: late }))
  for (const body of ['{"mode":"jwe" }', '', '[]'])
    refusal('bank/caller-unproven', 401)(await reveal(ask.cardId, { body }))
})

test('a body that is not the request is refused with its place', async () => {
  const ask = asked()
  await bank.issue(ask)
  for (const body of ['{"mode":"plain"}', '{"mode":"jwe","x":1}', 'jwe'])
    refusal(
      'platform/request-invalid',
      400,
    )(await reveal(ask.cardId, { body, header: signCaller(callOf(body)) }))
})

test('a ciphertext that was altered, moved to another card, or given to another partner opens nowhere', async () => {
  const [one, two] = [asked(), asked()]
  await bank.issue(one)
  await bank.issue(two)
  const thief = `partner_${'9'.repeat(32)}`
  const broken = refusal('vault/seal-broken', 500)

  await database.owner.run`
    update vault.card set sealed_number = set_byte(sealed_number, 20, get_byte(sealed_number, 20) # 1)
     where card_id = ${one.cardId}
  `
  broken(await reveal(one.cardId))
  await database.owner.run`
    update vault.card a set sealed_number = b.sealed_number from vault.card b
     where a.card_id = ${one.cardId} and b.card_id = ${two.cardId}
  `
  broken(await reveal(one.cardId))
  await database.owner
    .run`update vault.card set partner_id = ${thief} where card_id = ${two.cardId}`
  broken(await reveal(two.cardId, { change: { partnerId: thief } }))
})

test('every reveal leaves a line in the journal, a refused one none, and no line has card data', async () => {
  const ask = asked()
  await bank.issue(ask)
  const call = callOf(askedBody)
  const { body } = await reveal(ask.cardId, { header: signCaller(call) })
  await reveal(ask.cardId, { change: { revealKey: null } })

  const { pan } = await opened(body['jwe'])
  const last = await seal(database.owner)
  const lines = (await readEntries(database.owner, last > 50n ? last - 50n : 0n)).filter(
    (line) => line.subject === ask.cardId,
  )
  assert.deepEqual(
    lines.map((line) => line.event),
    ['vault.issued', 'vault.revealed'],
  )
  assert.equal(lines[1]?.actor, `application:${call.applicationId}`)
  assert.equal(lines[1]?.data['callId'], call.callId)
  assert.ok(lines.every((line) => !line.body.includes(pan) && !line.body.includes(pan.slice(-4))))
  const report = await verifyChain(
    (async function* () {
      for (let after = 0n; after < last; after += 500n)
        yield* await readEntries(database.owner, after)
    })(),
  )
  assert.equal(report.whole, true)
})

test('a canary number is nowhere: not in a table as text, hex or base64, not in a line of the log', async () => {
  const ask = { ...asked(), bin: '99990912' }
  await bank.issue(ask)
  const { pan } = await opened((await reveal(ask.cardId)).body['jwe'])
  const bytes = Buffer.from(pan)
  const spellings = [
    pan,
    pan.replaceAll(/(\d{4})(?=\d)/g, '$1 '),
    bytes.toString('hex'),
    // The middle of it as base64 spells it at each of the three alignments.
    ...[0, 1, 2].map((skip) => bytes.subarray(skip, skip + 12).toString('base64')),
    // What no truncated form may show either: more than first six and last four.
    pan.slice(0, 12),
    pan.slice(6),
  ]

  const Table = z.object({ schema: z.string(), name: z.string() })
  const tables = await database.owner.many(Table)`
    select schemaname as schema, tablename as name from pg_tables
     where schemaname not in ('pg_catalog', 'information_schema') order by 1, 2 limit 100
  `
  assert.ok(tables.some(({ name }) => name === 'card') && tables.length >= 5)
  const Text = z.object({ text: z.string() })
  const dump: string[] = []
  for (const { schema, name } of tables)
    for (const format of ['hex', 'escape']) {
      const rows: Sql = { strings: [`select t::text as text from ${schema}.${name} t`], values: [] }
      const texts = await database.owner.transaction(async (tx) => {
        await tx.run`select set_config('bytea_output', ${format}, true)`
        return tx.many(Text)`${rows}`
      })
      dump.push(...texts.map((row) => row.text))
    }
  const everything = dump.join('\n') + logged.join('')
  assert.ok(everything.includes(ask.cardId), 'the dump holds the card')
  for (const spelling of spellings) assert.ok(!everything.includes(spelling), spelling)
})
