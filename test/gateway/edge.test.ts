/** The edge from the attacker's side: real TLS, a real gateway, and an honest partner beside every attack. */
import assert from 'node:assert/strict'
import { connect as connectTcp, type Socket } from 'node:net'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { openCell, refused } from './cell.ts'
import { newCertificate } from './partner.ts'
import { answerJson } from './played.ts'

const PER_ADDRESS = 60
const cell = await openCell({
  PORTICO_EDGE_HEAD_SECONDS: '1',
  PORTICO_EDGE_REQUEST_SECONDS: '2',
  PORTICO_EDGE_CONNECTIONS_PER_ADDRESS: String(PER_ADDRESS),
  PORTICO_EDGE_HANDSHAKES: '8',
  PORTICO_EDGE_HANDSHAKES_PER_ADDRESS: '30',
  PORTICO_EDGE_REQUESTS_PER_CONNECTION: '50',
  PORTICO_EDGE_UNPROVEN_PER_ADDRESS: '5',
})
after(() => cell.close())
const holder = await cell.addHolder('mtls')
await cell.start()
await cell.publishAndWait()
cell.setPlay((_, response) => answerJson(response, 200, { data: [], next: null }))
const token = await cell.token(holder)
const cards = { path: '/cards/v1/cards' }
const { gateway: port, gatewayMtls: mtlsPort } = cell.world.ports[cell.cell]
const host = new URL(cell.addresses.gateway).host
const shown = { cert: holder.certificate.pem, key: holder.certificate.key }

/** Attackers come from addresses of their own: all of 127/8 is this machine. */
const attackers = {
  loris: '127.0.0.2',
  knocker: '127.0.0.3',
  liar: '127.0.0.4',
  silent: '127.0.0.5',
}

/** A partner that goes on calling while something else happens. Answers how many calls were answered well. */
const callingWhile = async (attack: Promise<unknown>): Promise<number> => {
  let done = false
  void attack.finally(() => {
    done = true
  })
  let answered = 0
  while (!done) {
    const { status, text } = await cell.callMtls(holder, token, cards)
    assert.equal(status, 200, text)
    answered++
  }
  await attack
  return answered
}

const opened: Socket[] = []
after(() => opened.forEach((socket) => socket.destroy()))
const track = <S extends Socket>(socket: S): S => {
  opened.push(socket)
  socket.on('error', () => {})
  return socket
}
const tcp = (localAddress: string): Socket =>
  track(connectTcp({ port, host: '127.0.0.1', localAddress }))
const tls = (localAddress: string, more: ConnectionOptions = {}): TLSSocket =>
  track(
    connectTls({
      servername: 'localhost',
      ca: cell.ca,
      socket: track(connectTcp({ port: more.port ?? port, host: '127.0.0.1', localAddress })),
      ...more,
    }),
  )
const happens = (socket: Socket, event: string): Promise<void> =>
  new Promise((resolve) => socket.once(event, () => resolve()))
const closed = async (socket: Socket): Promise<void> => {
  if (!socket.closed) await happens(socket, 'close')
}
const secured = async (socket: TLSSocket): Promise<boolean> =>
  Promise.race([
    happens(socket, 'secureConnect').then(() => true),
    closed(socket).then(() => false),
  ])

test('slowloris: 500 connections from one address that never end their heads disturb nobody, and are ended', async () => {
  const attack = async () => {
    const sockets = Array.from({ length: 500 }, () => tls(attackers.loris))
    const welcome = await Promise.all(sockets.map(secured))
    const inside = sockets.filter((_, i) => welcome[i])
    // As many as may at once; where the machine is slow, others after the first were ended.
    assert.ok(inside.length > 0 && inside.length < sockets.length, `${inside.length} were let in`)
    const dribbling = setInterval(
      () => inside.forEach((s) => s.writable && s.write('X-A: b\r\n')),
      100,
    )
    inside.forEach((s) => s.write(`GET /cards/v1/cards HTTP/1.1\r\nHost: ${host}\r\n`))
    await Promise.all(sockets.map(closed))
    clearInterval(dribbling)
  }
  const answered = await callingWhile(attack())
  assert.ok(answered > 20, `the partner was answered ${answered} times`)
})

test('connections that never begin their handshake are ended, and hold up nobody else’s', async () => {
  const silent = Array.from({ length: PER_ADDRESS }, () => tcp(attackers.silent))
  const ended = Promise.all(silent.map(closed))
  let over = false
  void ended.then(() => {
    over = true
  })
  let welcomed = 0
  while (!over) {
    const socket = tls('127.0.0.1')
    assert.equal(await secured(socket), true)
    socket.destroy()
    welcomed++
    await sleep(50)
  }
  assert.ok(welcomed > 5, `${welcomed} handshakes beside them`)
})

test('an address that shakes hands too often is not served for a while, and others are', async () => {
  let welcomed = 0
  for (let i = 0; i < 400; i++) {
    const socket = tls(attackers.knocker)
    if (await secured(socket)) welcomed++
    socket.destroy()
    await closed(socket)
  }
  // A burst of five seconds' worth, and what came back meanwhile.
  assert.ok(welcomed >= 150 && welcomed < 390, `${welcomed} handshakes`)
  assert.equal((await cell.callMtls(holder, token, cards)).status, 200)
})

test('no certificate, one of another authority, and one that the registry does not know are not served', async () => {
  const bare = tls('127.0.0.1', { port: mtlsPort })
  await secured(bare)
  bare.write(`GET /cards/v1/cards HTTP/1.1\r\nHost: localhost:${mtlsPort}\r\n\r\n`)
  await closed(bare)
  assert.equal(bare.bytesRead, 0)
  const stranger = await newCertificate(cell.partnerCa, {
    cell: cell.cell,
    partnerId: holder.partnerId,
    applicationId: holder.applicationId,
    days: 1,
  })
  const answered = await cell.callMtls(
    { ...holder, certificate: stranger },
    await cell.token({ ...holder, certificate: stranger }),
    cards,
  )
  refused(answered, 401, 'gateway/sender-unproven')
})

test('G17: who fails to prove itself is soon not verified any more; a partner at the same address is served on', async () => {
  assert.equal((await cell.callMtls(holder, token, cards)).status, 200)
  const forged = `${token.slice(0, -6)}AAAAAA`
  const statuses: number[] = []
  for (let i = 0; i < 60; i++) {
    const answered = await cell.callMtls(holder, forged, cards)
    statuses.push(answered.status)
    if (answered.status === 429) {
      refused(answered, 429, 'gateway/too-many-unproven')
      assert.ok(answered.headers['retry-after'])
    }
  }
  assert.ok(statuses.slice(0, 40).every((s) => s === 401) && statuses.includes(429))
  assert.equal((await cell.callMtls(holder, token, cards)).status, 200)
})

test('S8: no TLS session is resumed where certificates are shown, in 1.2 and in 1.3', async () => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const options = { port: mtlsPort, maxVersion, ...shown }
    const sessions: Buffer[] = []
    const first = tls('127.0.0.1', options)
    first.on('session', (session) => sessions.push(session))
    await secured(first)
    const [held] = [first.getSession()]
    first.write(`GET /cards/v1/cards HTTP/1.1\r\nHost: localhost:${mtlsPort}\r\n\r\n`)
    await happens(first, 'data')
    first.destroy()
    for (const session of [...sessions, held]) {
      if (!session) continue
      const again = tls('127.0.0.1', { ...options, session })
      assert.equal(await secured(again), true)
      assert.equal(again.isSessionReused(), false, maxVersion)
      again.destroy()
    }
  }
})

test('only TLS 1.2 with forward secrecy and AEAD, and 1.3, are spoken', async () => {
  for (const [options, spoken] of [
    [{ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }, true],
    [{ minVersion: 'TLSv1.3' }, true],
    [{ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' }, false],
    [{ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA256' }, false],
    [{ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-CHACHA20-POLY1305' }, false],
    [{ maxVersion: 'TLSv1.2', ciphers: 'DHE-RSA-AES128-GCM-SHA256' }, false],
  ] as const satisfies readonly (readonly [ConnectionOptions, boolean])[])
    assert.equal(await secured(tls('127.0.0.1', options)), spoken, JSON.stringify(options))
})

test('a connection serves so many requests and is then ended by its answer', async () => {
  const socket = tls('127.0.0.1', { port: mtlsPort, ...shown })
  await secured(socket)
  let text = ''
  socket.on('data', (chunk) => (text += String(chunk)))
  for (let i = 1; i <= 50; i++) {
    socket.write(`GET /a HTTP/1.1\r\nHost: localhost:${mtlsPort}\r\n\r\n`)
    while ((text.match(/HTTP\/1\.1 404/g) ?? []).length < i) await happens(socket, 'data')
  }
  await closed(socket)
  assert.equal(text.match(/connection: close/gi)?.length, 1)
})

test('pipelining without taking the answers ends the connection, and costs one answer at a time', async () => {
  const socket = tls('127.0.0.1', { port: mtlsPort, ...shown })
  await secured(socket)
  let text = ''
  socket.on('data', (chunk) => (text += String(chunk)))
  const one = `GET /cards/v1/cards HTTP/1.1\r\nHost: localhost:${mtlsPort}\r\nAuthorization: Bearer ${token}\r\n\r\n`
  socket.write(one.repeat(40))
  await closed(socket)
  const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, s]) => s)
  assert.ok(statuses.length > 0 && statuses.length <= 17, String(statuses))
  assert.ok(statuses.every((s) => s === '200'))
})

test('an upload that stops half way is answered 408, and nothing of it reached the bank', async () => {
  const before = cell.heard.length
  const socket = tls('127.0.0.1', { port: mtlsPort, ...shown })
  await secured(socket)
  let text = ''
  socket.on('data', (chunk) => (text += String(chunk)))
  socket.write(
    `POST /accounts/v1/ownership-verifications HTTP/1.1\r\nHost: localhost:${mtlsPort}\r\nAuthorization: Bearer ${token}\r\n` +
      `Content-Type: application/json\r\nContent-Length: 1000\r\nIdempotency-Key: ${crypto.randomUUID()}\r\n\r\n{"iban":`,
  )
  await closed(socket)
  assert.match(text, /^HTTP\/1\.1 408/)
  assert.equal(cell.heard.length, before)
})
