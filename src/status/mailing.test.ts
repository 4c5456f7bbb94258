/** Which refusal of a mail server is whose: read from a real one that refuses. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { readSettings } from '#platform/config.ts'
import { layoutOf } from '#platform/layout.ts'
import { openLog } from '#platform/log.ts'
import { openMail } from '#platform/mail.ts'
import { openMailing } from './mailing.ts'
import { openSubscribers } from './subscribers.ts'

const noon = Temporal.Instant.from('2026-11-23T12:00:00Z')
const place = mkdtempSync(join(tmpdir(), 'portico-letters-'))
after(() => rmSync(place, { recursive: true, force: true }))

/** What the server answers to a command, where it does not take it. */
let refuses: (line: string) => string | undefined = () => undefined
const server = createServer((socket) => {
  let writing = false
  socket.setEncoding('utf8').write('220 here\r\n')
  socket.on('error', () => {})
  socket.on('data', (text: string) => {
    for (const line of text.split('\r\n').slice(0, -1)) {
      if (writing && line !== '.') continue
      const refusal = refuses(line)
      writing = line === 'DATA' && refusal === undefined
      socket.write(`${refusal ?? (writing ? '354 go on' : '250 yes')}\r\n`)
    }
  })
})
await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
after(() => server.close())

const addresses = ['first@one.example', 'second@two.example', 'third@three.example']
const sent = async (refusing: typeof refuses) => {
  refuses = refusing
  const { port } = server.address() as AddressInfo
  const settings = readSettings({ PORTICO_SMTP_URL: `smtp://127.0.0.1:${port}?ignoreTLS=true` })
  const subscribers = openSubscribers(join(place, `${crypto.randomUUID()}.json`))
  const letter = { id: 'news', language: 'en', title: 'Cards', text: 'Down', link: 'x' } as const
  subscribers.tell(
    ['news'],
    addresses.map((address) => ({ ...letter, address, since: noon })),
  )
  const mailing = openMailing({
    mail: openMail(settings, layoutOf(place)),
    subscribers,
    key: new Uint8Array(32),
    page: { bank: 'Namuna', zone: 'Asia/Tashkent', url: 'http://status.example' },
    log: openLog({ process: 'status' }, 'silent'),
    now: () => noon,
  })
  await mailing.send()
  return subscribers.waiting().map(({ address }) => address)
}

test('letters that are taken wait no longer', async () => {
  assert.deepEqual(await sent(() => undefined), [])
})

test('a reader who cannot be reached now keeps nobody waiting but itself', async () => {
  const waiting = await sent((line) => (line.includes('first@') ? '450 later' : undefined))
  assert.deepEqual(waiting, ['first@one.example'])
})

test('a reader who is refused for good is not written to again', async () => {
  assert.deepEqual(await sent((line) => (line.includes('first@') ? '550 nobody' : undefined)), [])
})

test('a server that refuses our sender, or closes, takes nobody’s letter away', async () => {
  for (const refusing of [
    (line: string) => (line.startsWith('MAIL FROM') ? '550 not you' : undefined),
    (line: string) => (line.startsWith('RCPT TO') ? '421 closing' : undefined),
    (line: string) => (/^(EHLO|HELO)/.test(line) ? '554 nobody' : undefined),
  ])
    assert.deepEqual(await sent(refusing), addresses)
})
