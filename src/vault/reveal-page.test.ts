/** The page on which a cardholder reads the card: what a browser may do with it, who may frame it, and how often it opens. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { pino } from 'pino'
import { Agent, request } from 'undici'
import { z } from 'zod'
import { type Caller, CALLER_HEADER, callerSigner } from '#platform/caller.ts'
import { makeAuthority, makeServerCertificate } from '#platform/certificates.ts'
import { portsOf, readSettings } from '#platform/config.ts'
import { sha256url } from '#platform/jose.ts'
import { makeRandomKey, makeSigningKey } from '#platform/keys.ts'
import { layoutOf } from '#platform/layout.ts'
import { rpcClient } from '#platform/rpc.ts'
import { accessibilityFaults, noBrowser, openBrowser, sideways } from '#test/browser/chromium.ts'
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
const settings = readSettings({
  PORTICO_DATA: data,
  PORTICO_DATABASE_URL_VAULT: database.url('vault'),
  PORTICO_PORT_BASE: '19920',
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
const bank = rpcClient(vaultContract, files.socket('vault'))
const gateway = new Agent({ connect: { socketPath: files.socket('vault') } })
// A busy machine shakes few hands at a time: so many are a race, and no more wait for each other.
const browser = new Agent({
  connect: { ca: readFileSync(layout.serverCa.certificate), timeout: 60_000 },
  connections: 32,
})
after(async () => {
  await Promise.all([bank.close(), gateway.close(), browser.close()])
  await vault.stop()
})

const partnerId = `partner_${'1'.repeat(32)}`
const app = 'https://app.partner.example'

const issued = async (cardholderName = 'DILNOZA RAHIMOVA') => {
  const cardId = `card_${randomBytes(16).toString('hex')}`
  const card = await bank.issue({ cardId, partnerId, bin: '999909', months: 36, cardholderName })
  return { ...card, cardId }
}

const Json = z.record(z.string(), z.unknown())
const ask = async (cardId: string, body: object, change: Partial<Caller> = {}) => {
  const text = JSON.stringify(body)
  const header = signCaller({
    callId: randomBytes(16).toString('hex'),
    interactionId: randomBytes(16).toString('hex'),
    operation: 'revealCard',
    partnerId,
    applicationId: `application_${'2'.repeat(32)}`,
    subject: null,
    consentId: null,
    details: [],
    revealKey: null,
    frameOrigins: [app],
    idempotencyKey: null,
    epoch: 1,
    bodySha256: sha256url(text),
    at: clock,
    withinMs: 25_000,
    ...change,
  })
  const answer = await request(`http://vault/cards/v1/cards/${cardId}/reveal`, {
    method: 'POST',
    dispatcher: gateway,
    headers: { 'content-type': 'application/json', [CALLER_HEADER]: header },
    body: text,
  })
  return { status: answer.statusCode, body: Json.parse(await answer.body.json()) }
}
const page = async (cardId: string, body: object = { mode: 'hosted', frameOrigin: app }) => {
  const { status, body: said } = await ask(cardId, body)
  assert.equal(status, 200, JSON.stringify(said))
  assert.deepEqual(Object.keys(said), ['url', 'expiresAt'])
  return String(said['url'])
}
const visit = async (url: string, method: 'GET' | 'POST' = 'GET', headers = {}) => {
  const answer = await request(url, { method, dispatcher: browser, headers })
  return { status: answer.statusCode, headers: answer.headers, html: await answer.body.text() }
}
const digitsIn = (html: string) =>
  /id="number">([\d ]+)</.exec(html)?.[1]?.replaceAll(' ', '') ?? ''

test('the page shows the card once, to whoever presses its button; the address itself shows nothing', async () => {
  const card = await issued()
  const url = await page(card.cardId)
  assert.match(url, /^https:\/\/localhost:19936\/reveal\/[A-Za-z0-9_-]{43}$/)
  const before = await visit(url)
  const again = await visit(url)
  const shown = await visit(url, 'POST', { 'sec-fetch-site': 'same-origin' })
  const later = [await visit(url, 'POST'), await visit(url)]

  assert.deepEqual([before.status, again.status, digitsIn(before.html)], [200, 200, ''])
  assert.equal(shown.status, 200)
  assert.ok(isCardNumber(Buffer.from(digitsIn(shown.html))))
  assert.equal(digitsIn(shown.html).slice(-4), card.lastFour)
  assert.match(shown.html, /id="expiry">11\/29</)
  assert.match(shown.html, /id="code">\d{3}</)
  assert.match(shown.html, /id="holder">DILNOZA RAHIMOVA</)
  assert.equal(shown.headers['refresh'], '60; url=/reveal/over')
  for (const { status, html } of later) assert.deepEqual([status, digitsIn(html)], [404, ''])
})

test('of sixty-four who press at once, one reads the card', async () => {
  const url = await page((await issued()).cardId)
  const all = await Promise.all(Array.from({ length: 64 }, () => visit(url, 'POST')))
  assert.equal(all.filter(({ html }) => digitsIn(html) !== '').length, 1)
})

test('CSP: nothing is loaded or run, and only the origin that the partner registered and named may frame it', async () => {
  const { cardId } = await issued()
  const framed = await visit(await page(cardId))
  const alone = await visit(await page(cardId, { mode: 'hosted' }))
  const said = String(framed.headers['content-security-policy'])

  assert.match(said, /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'/)
  assert.match(said, new RegExp(`frame-ancestors ${app}$`))
  assert.match(String(alone.headers['content-security-policy']), /frame-ancestors 'none'$/)
  assert.equal(framed.headers['cache-control'], 'no-store')
  assert.equal(framed.headers['referrer-policy'], 'no-referrer')
  assert.equal(framed.headers['portico-environment'], 'sandbox')
  assert.doesNotMatch(framed.html, /<script|javascript:|<[^>]+\son[a-z]+=/i)
  const style = /<style>([\s\S]*)<\/style>/.exec(framed.html)?.[1] ?? ''
  assert.ok(said.includes(createHash('sha256').update(style).digest('base64')))
  for (const frameOrigin of [
    'https://evil.example',
    'http://app.partner.example',
    'https://app.partner.example; default-src *',
  ]) {
    const { status } = await ask(cardId, { mode: 'hosted', frameOrigin })
    assert.ok(status === 409 || status === 400, frameOrigin)
  }
})

test('the address is over after a minute, and another site’s form does not open it', async () => {
  const { cardId } = await issued()
  const late = await page(cardId)
  clock = noon.add({ seconds: 60 })
  const over = await visit(late, 'POST')
  clock = noon
  const foreign = await visit(await page(cardId), 'POST', { 'sec-fetch-site': 'cross-site' })
  const never = await visit(`https://localhost:19936/reveal/${'A'.repeat(43)}`)

  assert.deepEqual([over.status, digitsIn(over.html)], [404, ''])
  assert.deepEqual([foreign.status, digitsIn(foreign.html)], [404, ''])
  assert.equal(never.html, over.html, 'an address that never was says the same as one that is over')
})

test('a card that was locked after its page was asked for is not shown, and another partner’s gets no page', async () => {
  const { cardId } = await issued()
  const url = await page(cardId)
  await bank.setRevealable({ cardId, revealable: false })
  const locked = await visit(url, 'POST')
  const foreign = await ask(cardId, { mode: 'hosted' }, { partnerId: `partner_${'9'.repeat(32)}` })

  assert.deepEqual([locked.status, digitsIn(locked.html)], [409, ''])
  assert.equal(foreign.status, 404)
  assert.equal((await ask(cardId, { mode: 'hosted' })).body['code'], 'cards/not-revealable')
})

test('the page speaks English, Russian and Uzbek, and a name with signs stays a name', async () => {
  const { cardId } = await issued('O<B>IDA "X" & Y')
  for (const [lang, words] of [
    ['en', 'Card details'],
    ['ru', 'Реквизиты карты'],
    ['uz', 'Karta maʼlumotlari'],
  ] as const) {
    const url = await page(cardId)
    const asked = await visit(`${url}?lang=${lang}`)
    assert.match(asked.html, new RegExp(`<html lang="${lang}">[\\s\\S]*<h1>${words}</h1>`))
    const shown = await visit(`${url}?lang=${lang}`, 'POST')
    assert.match(shown.html, new RegExp(`<h1>${words}</h1>`))
    assert.match(shown.html, /O&lt;B&gt;IDA &quot;X&quot; &amp; Y</)
  }
})

test('PCI DSS 3.3.1: after it was shown, neither number nor code is in the database or the log', async () => {
  const { cardId } = await issued()
  const url = await page(cardId)
  const { html } = await visit(url, 'POST')
  const [number, secret] = [digitsIn(html), url.slice(-43)]
  const tables = await database.owner.many(z.object({ name: z.string() }))`
    select format('%I.%I', table_schema, table_name) as name
      from information_schema.tables where table_schema in ('vault', 'journal') and table_type = 'BASE TABLE' limit 100
  `
  const Whole = z.object({ whole: z.string().nullable() })
  let read = ''
  for (const { name } of tables)
    read +=
      (
        await database.owner.one(Whole)`
          select (xpath('/', query_to_xml(${`select * from ${name}`}, true, false, '')))[1]::text as whole
        `
      ).whole ?? ''
  const all = read + logged.join('')
  assert.ok(all.includes(cardId), 'what may be there is found')
  const hex = Buffer.from(number).toString('hex')
  for (const wanted of [number, html.match(/id="number">([\d ]+)/)?.[1] ?? number, hex, secret])
    assert.ok(!all.includes(wanted))
})

test(
  'the page has no accessibility violation, before and after, in light and dark, at phone and desktop width',
  { skip: noBrowser },
  async () => {
    const chromium = await openBrowser()
    try {
      for (const look of [
        { width: 360, colorScheme: 'light' as const, lang: 'uz' },
        { width: 1280, colorScheme: 'dark' as const, lang: 'ru' },
      ]) {
        const context = await chromium.newContext({
          viewport: { width: look.width, height: 800 },
          colorScheme: look.colorScheme,
          ignoreHTTPSErrors: true,
        })
        context.setDefaultTimeout(60_000)
        const seen = await context.newPage()
        await seen.goto(`${await page((await issued()).cardId)}?lang=${look.lang}`)
        assert.deepEqual(await accessibilityFaults(seen), [])
        await seen.click('#show')
        await seen.waitForSelector('#number')
        assert.match((await seen.textContent('#number')) ?? '', /^(\d{4} ?){4}$/)
        assert.deepEqual(await accessibilityFaults(seen), [])
        assert.equal(await sideways(seen), 0)
        await context.close()
      }
    } finally {
      await chromium.close()
    }
  },
)
