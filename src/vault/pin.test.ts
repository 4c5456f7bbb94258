import assert from 'node:assert/strict'
import { createCipheriv, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { pino } from 'pino'
import { Agent, request } from 'undici'
import { z } from 'zod'
import { CALLER_HEADER, callerSigner } from '#platform/caller.ts'
import { makeAuthority, makeServerCertificate } from '#platform/certificates.ts'
import { portsOf, readSettings } from '#platform/config.ts'
import { sha256url } from '#platform/jose.ts'
import { makeRandomKey, makeSigningKey } from '#platform/keys.ts'
import { layoutOf } from '#platform/layout.ts'
import { rpcClient } from '#platform/rpc.ts'
import { accessibilityFaults, noBrowser, openBrowser, sideways } from '#test/browser/chromium.ts'
import { freshDatabase, noon } from '#test/world.ts'
import { pinContract, vaultContract } from './contract.ts'
import { isFit } from './pin.ts'
import { pinBlock, pinOf } from './pin-block.ts'
import { startVault } from './vault.ts'

const database = await freshDatabase('vault')
const data = mkdtempSync(join(tmpdir(), 'vault-'))
const layout = layoutOf(data)
const files = layout.cell('sandbox')
for (const key of [files.vault.kek, files.vault.lookup]) makeRandomKey(key)
const signCaller = callerSigner(makeRandomKey(files.callerKey('vault')))
await makeSigningKey(files.vault.signing, files.vault.publicKey, 'ES256')
const servers = await makeAuthority(layout.serverCa, 'servers')
await makeServerCertificate(servers, files.tls('vault'), 'vault')
const settings = readSettings({
  PORTICO_DATA: data,
  PORTICO_DATABASE_URL_VAULT: database.url('vault'),
  PORTICO_PORT_BASE: '19300',
})
const logged: string[] = []
let clock = noon
const vault = await startVault({
  cell: 'sandbox',
  settings,
  layout,
  ports: portsOf(settings),
  log: pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) }),
  now: () => clock,
})
const bank = rpcClient({ ...vaultContract, ...pinContract }, files.socket('vault'))
// A busy machine shakes few hands at a time: so many are a race, and no more wait for each other.
const browser = new Agent({
  connect: { ca: readFileSync(layout.serverCa.certificate), timeout: 60_000 },
  connections: 32,
})
after(async () => {
  await Promise.all([bank.close(), browser.close()])
  await vault.stop()
})

const issued = async () => {
  const cardId = `card_${randomBytes(16).toString('hex')}`
  const about = { partnerId: 'partner_1', bin: '999909', months: 36 }
  await bank.issue({ cardId, ...about, cardholderName: 'DILNOZA RAHIMOVA' })
  return cardId
}
const page = async (cardId: string) => (await bank.openPage({ cardId })).url
const send = async (url: string, fields?: Record<string, string>, headers = {}) => {
  const answer = await request(url, {
    method: fields ? 'POST' : 'GET',
    dispatcher: browser,
    headers: { ...(fields && { 'content-type': 'application/x-www-form-urlencoded' }), ...headers },
    ...(fields && { body: new URLSearchParams(fields).toString() }),
  })
  return { status: answer.statusCode, headers: answer.headers, html: await answer.body.text() }
}
const choose = async (cardId: string, chosen: string, present?: string) =>
  send(await page(cardId), { ...(present && { present }), chosen, again: chosen })
const pinIn = (html: string) => /id="pin">(\d+)</.exec(html)?.[1]
const shown = async (cardId: string) => pinIn((await send(await page(cardId), { show: '1' })).html)

test('ISO 9564-1 §9.4: a block of format 4 is control, length, PIN and fill, enciphered over the number', () => {
  const key = Buffer.alloc(32, 7)
  const number = Buffer.from('4111111111111111')
  const ecb = (block: Buffer) =>
    createCipheriv('aes-256-ecb', key, null).setAutoPadding(false).update(block)
  for (const random of ['0000000000000000', 'ffffffffffffffff']) {
    const first = ecb(Buffer.from(`441234aaaaaaaaaa${random}`, 'hex'))
    const account = Buffer.from('44111111111111111000000000000000', 'hex')
    const block = ecb(Buffer.from(first.map((byte, at) => byte ^ (account[at] ?? 0))))
    assert.equal(pinOf(block, number, key).toString(), '1234')
  }
})

test('a PIN comes back from its block with its number and key, and with no other', () => {
  const digits = (min: number, max: number) =>
    fc.string({ unit: fc.constantFrom(...'0123456789'.split('')), minLength: min, maxLength: max })
  const key = fc.uint8Array({ minLength: 32, maxLength: 32 })
  fc.assert(
    fc.property(digits(4, 12), digits(16, 16), digits(16, 16), key, (pin, number, other, k) => {
      const block = pinBlock(Buffer.from(pin), Buffer.from(number), k)
      assert.equal(block.length, 16)
      assert.equal(pinOf(block, Buffer.from(number), k).toString(), pin)
      assert.notDeepEqual(pinBlock(Buffer.from(pin), Buffer.from(number), k), block)
      if (other !== number)
        assert.throws(() => pinOf(block, Buffer.from(other), k), { code: 'vault/seal-broken' })
    }),
    { numRuns: 200 },
  )
})

test('a PIN of one digit, or of a row of digits, is not taken', () => {
  const fit = Array.from({ length: 10_000 }, (_, pin) => String(pin).padStart(4, '0')).filter(
    (pin) => isFit(Buffer.from(pin)),
  )
  assert.equal(fit.length, 10_000 - 10 - 7 - 7)
  for (const pin of ['123', '12345', '12a4', '٣٤٥٦']) assert.equal(isFit(Buffer.from(pin)), false)
})

test('a cardholder chooses a PIN at an address that is good once, and reads it at another', async () => {
  const cardId = await issued()
  const url = await page(cardId)
  assert.match(url, /^https:\/\/localhost:19316\/pin\/[A-Za-z0-9_-]{43}$/)
  assert.doesNotMatch((await send(url)).html, /name="present"|name="show"/)
  assert.equal((await send(url, { chosen: '2580', again: '2580' })).status, 200)
  for (const late of [await send(url), await send(url, { chosen: '3690', again: '3690' })])
    assert.equal(late.status, 404)

  const read = await send(await page(cardId), { show: '1' })
  assert.equal(pinIn(read.html), '2580')
  assert.equal(read.headers['refresh'], '60; url=/reveal/over')
  assert.equal(read.headers['cache-control'], 'no-store')
  assert.match(String(read.headers['content-security-policy']), /frame-ancestors 'none'/)
})

test('a PIN is changed by whoever knows it; three wrong ones in a row block it, over pages and at once', async () => {
  const cardId = await issued()
  await choose(cardId, '2580')
  assert.equal((await choose(cardId, '3691', '2580')).status, 200)
  assert.equal(await shown(cardId), '3691')

  const first = await choose(cardId, '4702', '0001')
  assert.equal(first.status, 422)
  assert.match(first.html, /Tries left: 2/)
  // Guesses at once are counted one by one.
  const guesses = await Promise.all(
    ['0002', '0003', '0004', '0005'].map((pin) => choose(cardId, '4702', pin)),
  )
  assert.equal(guesses.filter(({ status }) => status === 422).length, 1)
  assert.equal(guesses.filter(({ status }) => status === 409).length, 3)
  assert.equal((await choose(cardId, '4702', '3691')).status, 409, 'also the right one is late')
  const read = await send(await page(cardId), { show: '1' })
  assert.deepEqual([read.status, pinIn(read.html)], [409, undefined])

  await bank.clear({ cardId })
  assert.equal((await choose(cardId, '4702')).status, 200)
  assert.equal(await shown(cardId), '4702')
})

test('what is unequal or easily guessed is refused, and costs no try and no address', async () => {
  const url = await page(await issued())
  assert.match((await send(url, { chosen: '2580', again: '2581' })).html, /not the same/)
  for (const pin of ['1234', '7777', '9876', '25', '25800', '25a0', ''])
    assert.equal((await send(url, { chosen: pin, again: pin })).status, 422, pin)
  assert.equal(
    (await send(url, { chosen: '2580', again: '2580', more: 'x'.repeat(300) })).status,
    422,
  )
  assert.equal((await send(url, { chosen: '2580', again: '2580' })).status, 200)
})

test('of fifty who choose at one address at once, one does', async () => {
  const cardId = await issued()
  const url = await page(cardId)
  const pins = Array.from({ length: 50 }, (_, at) => `25${at + 10}`)
  const all = await Promise.all(pins.map((pin) => send(url, { chosen: pin, again: pin })))
  const chosen = pins.filter((_, at) => all[at]?.status === 200)
  assert.equal(chosen.length, 1)
  assert.equal(await shown(cardId), chosen[0])
})

test('the page is over after three minutes, is no other site’s form, and not for a card that is locked', async () => {
  const cardId = await issued()
  const url = await page(cardId)
  const fields = { chosen: '2580', again: '2580' }
  assert.equal((await send(url, fields, { 'sec-fetch-site': 'cross-site' })).status, 404)
  await bank.setRevealable({ cardId, revealable: false })
  assert.equal((await send(url, fields)).status, 409)
  await assert.rejects(page(cardId), { code: 'cards/not-revealable' })
  await bank.setRevealable({ cardId, revealable: true })
  clock = clock.add({ seconds: 181 })
  assert.equal((await send(url, fields)).status, 404)
  await assert.rejects(page('card_unknown'), { code: 'gateway/not-found' })
})

test('no call that the gateway vouches for leads to a PIN, whatever the partner asks for', async () => {
  const gateway = new Agent({ connect: { socketPath: files.socket('vault') } })
  const cardId = await issued()
  await choose(cardId, '2580')
  const bodies = [{ mode: 'pin' }, { mode: 'hosted', purpose: 'pin' }, { mode: 'hosted' }]
  const answers = await Promise.all(
    bodies.flatMap((said) =>
      ['reveal', 'pin', 'pins', 'pin-page'].map(async (word) => {
        const body = JSON.stringify(said)
        const header = signCaller({
          callId: 'call',
          interactionId: 'interaction',
          operation: 'revealCard',
          partnerId: 'partner_1',
          applicationId: 'application_1',
          subject: null,
          consentId: null,
          details: [],
          revealKey: null,
          frameOrigins: [],
          idempotencyKey: null,
          epoch: 1,
          bodySha256: sha256url(body),
          at: clock,
          withinMs: 25_000,
        })
        const answer = await request(`http://vault/cards/v1/cards/${cardId}/${word}`, {
          method: 'POST',
          dispatcher: gateway,
          headers: { 'content-type': 'application/json', [CALLER_HEADER]: header },
          body,
        })
        return { status: answer.statusCode, text: await answer.body.text() }
      }),
    ),
  )
  // What the partner may have is had: the calls are good, and the card’s own page is opened by the last.
  const opened = answers.filter(({ status }) => status === 200)
  assert.equal(opened.length, 1)
  const url = z.object({ url: z.string() }).parse(JSON.parse(opened[0]?.text ?? '')).url
  const elsewhere = await send(url.replace('/reveal/', '/pin/'), { show: '1' })
  assert.deepEqual([elsewhere.status, pinIn(elsewhere.html)], [404, undefined])
  for (const { text } of answers) assert.doesNotMatch(text, /\/pin\//)
  await gateway.close()
})

const Row = z.object({ row: z.string() }).transform(({ row }) => row)

test('a PIN is in no row, no line of the journal and no log, in no plain spelling', async () => {
  const cardId = await issued()
  await choose(cardId, '8362')
  await choose(cardId, '8363', '9471')
  assert.equal(await shown(cardId), '8362')
  const db = database.owner
  const kept = await db.many(
    Row,
  )`select to_json(p)::text as row from vault.pin p where card_id = ${cardId}`
  assert.equal(kept.length, 1)
  const lines = await db.many(Row)`
    select to_json(e)::text as row from journal.entry e where to_json(e)::text like ${`%${cardId}%`} limit 100
  `
  const kinds = ['vault.pin-page-opened', 'vault.pin-set', 'vault.pin-wrong', 'vault.pin-shown']
  for (const kind of kinds)
    assert.ok(
      lines.some((line) => line.includes(kind)),
      kind,
    )
  const about = lines.map((line) => line.replaceAll(cardId, ''))
  const words = [...about, ...logged].join('\n')
  for (const pin of ['8362', '9471', '8363'])
    for (const spelling of [`"${pin}"`, `=${pin}`, `:${pin},`, Buffer.from(pin).toString('base64')])
      assert.ok(!words.includes(spelling), spelling)
})

test(
  'a cardholder types a PIN on a phone, in light and dark, and no page has an accessibility violation',
  { skip: noBrowser },
  async () => {
    const cardId = await issued()
    await choose(cardId, '2580')
    const chromium = await openBrowser()
    try {
      for (const look of [
        { width: 360, colorScheme: 'light' as const, lang: 'en', pins: ['2580', '3691'] as const },
        { width: 360, colorScheme: 'dark' as const, lang: 'uz', pins: ['3691', '4702'] as const },
      ]) {
        const context = await chromium.newContext({
          viewport: { width: look.width, height: 800 },
          colorScheme: look.colorScheme,
          ignoreHTTPSErrors: true,
        })
        context.setDefaultTimeout(60_000)
        const seen = await context.newPage()
        await seen.goto(`${await page(cardId)}?lang=${look.lang}`)
        assert.deepEqual(await accessibilityFaults(seen), [])
        const [present, chosen] = look.pins
        await seen.fill('#present', present)
        await seen.fill('#chosen', chosen)
        await seen.fill('#again', '0000')
        await seen.click('#set')
        await seen.waitForSelector('[role=alert]')
        assert.deepEqual(await accessibilityFaults(seen), [])
        assert.equal(await sideways(seen), 0)
        await seen.fill('#present', present)
        await seen.fill('#chosen', chosen)
        await seen.fill('#again', chosen)
        await seen.click('#set')
        await seen.waitForSelector('#set', { state: 'detached' })
        assert.equal(await shown(cardId), chosen)
        await context.close()
      }
    } finally {
      await chromium.close()
    }
  },
)
