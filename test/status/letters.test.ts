/** Letters about the status: asked for twice, ended with one press, told once. The mail is what the page wrote to its disk. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { onDisk, pretendControl, someFacts, statusWorld } from './world.ts'
import type { StatusFacts } from '../../src/status/facts.ts'
import { readToken, tokenOf } from '../../src/status/letter-link.ts'
import { startStatus } from '../../src/status/status.ts'

const noon = Temporal.Instant.from('2026-11-23T12:00:00Z')
let now = noon
const world = await statusWorld(() => now)
const { layout, url } = world
onDisk(world, someFacts(noon))
let facts: StatusFacts = someFacts(noon)
const control = await pretendControl(world, () => facts)
const status = await startStatus(world, { everyMs: 20, sendMs: 20 })
after(async () => {
  await status.stop()
  control.closeAllConnections()
  control.close()
})

interface Letter {
  readonly to: string
  readonly head: string
  readonly text: string
}
/** RFC 5322 lines unfolded, quoted-printable and base64 read. */
const letterIn = (raw: string): Letter => {
  const cut = raw.indexOf('\r\n\r\n')
  const head = raw.slice(0, cut).replaceAll(/\r\n[ \t]/g, ' ')
  const body = raw.slice(cut + 4)
  const encoding = /content-transfer-encoding: (\S+)/i.exec(head)?.[1]?.toLowerCase()
  const bytes =
    encoding === 'base64'
      ? Buffer.from(body, 'base64')
      : Buffer.from(
          body
            .replaceAll('=\r\n', '')
            .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) =>
              String.fromCharCode(Number.parseInt(hex, 16)),
            ),
          'latin1',
        )
  const text = encoding === '7bit' ? body : bytes.toString('utf8')
  return { to: /^to: (.*)$/im.exec(head)?.[1] ?? '', head, text }
}
const letters = (to: string): Letter[] =>
  existsSync(layout.mail)
    ? readdirSync(layout.mail)
        .filter((name) => name.endsWith('.eml'))
        .map((name) => letterIn(readFileSync(join(layout.mail, name), 'utf8')))
        .filter((letter) => letter.to.includes(to))
    : []

/** Those that tell something, not the one that asks. */
const news = (to: string) => letters(to).filter(({ head }) => /^list-unsubscribe:/im.test(head))

const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(fields).toString(),
  })
const until = async (what: string, look: () => boolean) => {
  const deadline = performance.now() + 60_000
  while (!look()) {
    assert.ok(performance.now() < deadline, what)
    await sleep(20)
  }
}
const kept = () =>
  existsSync(layout.status.subscribers) ? readFileSync(layout.status.subscribers, 'utf8') : ''

const subscribed = async (address: string, language = 'en') => {
  assert.equal((await post('/subscriptions', { address, language })).status, 200)
  await until('the letter that asks', () => letters(address).length > 0)
  const link = /http:\S+confirm\?token=\S+/.exec(letters(address)[0]?.text ?? '')?.[0] ?? ''
  const path = link.slice(url.length)
  return { path, confirm: () => post(path, {}) }
}

const isTold = (facts_: StatusFacts, more: string): StatusFacts => ({
  ...facts_,
  incidents: [
    {
      id: `incident_${more}`,
      title: `Accounts are slow ${more}`,
      severity: 'minor',
      cell: 'production',
      parts: ['accounts'],
      beganAt: now,
      openedAt: now,
      endedAt: null,
      updates: [
        { id: `bulletin_${more}`, state: 'identified', text: 'The core is slow.', at: now },
      ],
    },
    ...facts_.incidents,
  ],
})

test('an address that never said yes is kept nowhere, and opening the link does not say yes', async () => {
  const { path, confirm } = await subscribed('parvina@partner.example')
  const opened = await fetch(`${url}${path}`)

  assert.match(await opened.text(), /Yes, write to me/)
  assert.doesNotMatch(kept(), /parvina/)
  assert.equal((await confirm()).status, 200)
  assert.match(kept(), /parvina@partner\.example/)
})

test('what is new is told once, in the reader’s language, and what was there before is not', async () => {
  await (await subscribed('sardor@partner.example', 'uz')).confirm()
  facts = isTold(facts, '1')
  await until('the letter', () => news('sardor@partner.example').length > 0)
  await sleep(100)

  const [told, ...more] = news('sardor@partner.example')
  assert.deepEqual(more, [])
  assert.match(told?.text ?? '', /The core is slow\./)
  assert.match(told?.text ?? '', /Xatlar kerak emas/)
})

test('RFC 8058: one POST from the mailer ends the letters, a GET does not, and no session is needed', async () => {
  const address = 'olim@partner.example'
  await (await subscribed(address)).confirm()
  facts = isTold(facts, '2')
  await until('the letter', () => news(address).length > 0)
  const { head = '' } = news(address)[0] ?? {}
  const link = /^list-unsubscribe: <([^>]+)>$/im.exec(head)?.[1] ?? ''
  assert.match(head, /^list-unsubscribe-post: List-Unsubscribe=One-Click$/im)

  assert.equal((await fetch(link)).status, 200)
  assert.match(kept(), /olim@partner/)
  const pressed = await fetch(link, {
    method: 'POST',
    redirect: 'error',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'List-Unsubscribe=One-Click',
  })
  assert.equal(pressed.status, 200)
  assert.doesNotMatch(kept(), /olim@partner/)
})

test('a link does only what it was made for, for a day, and none can be made up', async () => {
  const key = Buffer.alloc(32, 7)
  const said = {
    does: 'begin',
    address: 'a@partner.example',
    language: 'en',
    until: Math.floor(noon.epochMilliseconds / 1000) + 86_400,
  } as const
  const token = tokenOf(key, said)

  assert.deepEqual(readToken(key, token, 'begin', noon), said)
  assert.equal(readToken(key, token, 'end', noon), undefined)
  assert.equal(readToken(key, token, 'begin', noon.add({ hours: 25 })), undefined)
  assert.equal(readToken(Buffer.alloc(32, 8), token, 'begin', noon), undefined)
  const [body = '', seal = ''] = token.split('.')
  const other = Buffer.from(body, 'base64url').toString().replace('a@partner', 'b@partner')
  const forged = `${Buffer.from(other).toString('base64url')}.${seal}`
  assert.equal(readToken(key, forged, 'begin', noon), undefined)
  assert.equal((await post('/subscriptions/confirm?token=made.up', {})).status, 400)
})

test('letters that ask go to one address three times an hour at most, never for another site’s page, never elsewhere', async () => {
  const address = 'many@partner.example'
  const codes = []
  for (let i = 0; i < 4; i++)
    codes.push((await post('/subscriptions', { address, language: 'en' })).status)
  const elsewhere = await post(
    '/subscriptions',
    { address: 'x@partner.example', language: 'en' },
    { 'sec-fetch-site': 'cross-site' },
  )
  const header = await post('/subscriptions', {
    address: 'x@partner.example\r\nbcc: y@partner.example',
    language: 'en',
  })

  assert.deepEqual(codes, [200, 200, 200, 429])
  assert.equal(elsewhere.status, 403)
  assert.equal(header.status, 422)
  assert.equal(letters('x@partner.example').length, 0)
})
