/** Certificates that change while the gateway runs: new handshakes meet the new one, broken files change nothing. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'node:tls'
import { makeAuthority, makeServerCertificate, readAuthority } from '#platform/certificates.ts'
import { certificateRefused, readCredentials, tryCredentials } from '#gateway/edge/tls.ts'
import { openCell } from './cell.ts'
import { newCertificate } from './partner.ts'
import { answerJson } from './played.ts'

const cell = await openCell()
after(() => cell.close())
const holder = await cell.addHolder('mtls')
await cell.start()
await cell.publishAndWait()
cell.setPlay((_, response) => answerJson(response, 200, { data: [], next: null }))
const token = await cell.token(holder)
const cards = { path: '/cards/v1/cards' }
const { layout, ports } = cell.world
const files = cell.files.tls('gateway')
const authority = await readAuthority(layout.serverCa)
const { gateway, gatewayMtls } = ports[cell.cell]

/** What a fresh connection is shown; null where the handshake fails. */
const shownAt = (port: number, client = holder.certificate): Promise<string | null> =>
  new Promise((resolve) => {
    const socket = connect({
      port,
      host: '127.0.0.1',
      servername: 'localhost',
      ca: cell.ca,
      cert: client.pem,
      key: client.key,
    })
    socket.once('error', () => resolve(null))
    socket.once('secureConnect', () => {
      resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? null)
      socket.destroy()
    })
  })

test('S13: a new certificate serves new handshakes at both doors, and no standing connection is lost', async () => {
  assert.equal((await cell.callMtls(holder, token, cards)).status, 200)
  const before = await shownAt(gateway)
  const made = {
    certificate: `${files.certificate}.2`,
    key: `${files.key}.2`,
  }
  await makeServerCertificate(authority, made, 'renewed')
  writeFileSync(files.certificate, readFileSync(made.certificate))
  writeFileSync(files.key, readFileSync(made.key))
  const endMs = performance.now() + 60_000
  while ((await shownAt(gateway)) === before) {
    assert.ok(performance.now() < endMs, 'it was never served')
    assert.equal((await cell.callMtls(holder, token, cards)).status, 200)
    await sleep(50)
  }
  assert.equal(await shownAt(gatewayMtls), await shownAt(gateway))
  assert.equal((await cell.callMtls(holder, token, cards)).status, 200)
})

test('broken files are told, and the old certificate serves on', async () => {
  const before = await shownAt(gateway)
  const key = readFileSync(files.key)
  writeFileSync(files.key, 'no key at all')
  const endMs = performance.now() + 60_000
  while (!cell.printed.some((line) => line.includes('the new certificate is refused'))) {
    assert.ok(performance.now() < endMs, 'it was never told')
    await sleep(50)
  }
  assert.equal(await shownAt(gateway), before)
  assert.equal((await cell.callMtls(holder, token, cards)).status, 200)
  writeFileSync(files.key, key)
})

test('another authority of partners is met by new handshakes', async () => {
  const next = {
    certificate: `${cell.files.partnerCa.certificate}.2`,
    key: `${cell.files.partnerCa.key}.2`,
  }
  const successor = await makeAuthority(next, 'partners, next')
  const client = await newCertificate(successor, {
    cell: cell.cell,
    partnerId: holder.partnerId,
    applicationId: holder.applicationId,
    days: 1,
  })
  const both = `${readFileSync(cell.files.partnerCa.certificate, 'utf8')}\n${successor.certificatePem}\n`
  const asks = async () => {
    // TLS 1.3 tells a client late that its certificate is not taken: only an answer proves that it was.
    const answered = await cell
      .callMtls({ ...holder, certificate: client }, token, cards)
      .catch(() => undefined)
    return answered?.status
  }
  assert.equal(await asks(), undefined)
  writeFileSync(cell.files.partnerCa.certificate, both)
  const endMs = performance.now() + 60_000
  while ((await asks()) !== 401) {
    assert.ok(performance.now() < endMs, 'it was never trusted')
    await sleep(50)
  }
})

test('what no client could use is refused before anybody meets it', async () => {
  const good = readCredentials({ ...files, partnerCa: cell.files.partnerCa.certificate })
  const nowMs = Date.now()
  await tryCredentials(good, nowMs)
  const { pem, key } = holder.certificate
  for (const [what, bad, atMs] of [
    ['another key', { ...good, key }, nowMs],
    ['another certificate', { ...good, certificate: pem }, nowMs],
    ['no certificate', { ...good, certificate: 'x' }, nowMs],
    ['no authority', { ...good, partnerCa: pem }, nowMs],
    ['one that has ended', good, nowMs + 400 * 86_400_000],
    ['one that has not begun', good, nowMs - 86_400_000],
  ] as const)
    await assert.rejects(
      tryCredentials(bad, atMs),
      (error: unknown) => Reflect.get(Object(error), 'code') === certificateRefused.code,
      what,
    )
})
