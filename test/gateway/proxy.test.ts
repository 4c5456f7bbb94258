/** A proxy in front that ends the callers' TLS (RFC 9440): what is believed of it, and that nobody else can say it. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request as httpsRequest } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeAuthority } from '#platform/certificates.ts'
import { type Answered, type Asked, openCell, refused } from './cell.ts'
import { type ClientCertificate, newCertificate } from './partner.ts'
import { answerJson, read } from './played.ts'

const folder = mkdtempSync(join(tmpdir(), 'px-'))
const filesOf = (name: string) => ({
  certificate: join(folder, `${name}.pem`),
  key: join(folder, `${name}.key`),
})
const elsewhere = await makeAuthority(filesOf('ca'), 'somebody else')
const nobody = { cell: 'production', partnerId: 'p', applicationId: 'a', days: 30 }
const ours = await newCertificate(elsewhere, nobody)
const fingerprint = Buffer.from(ours.sha256, 'base64url').toString('hex')
const cell = await openCell({
  PORTICO_TRUSTED_PROXY: `127.0.0.1,::1 ${fingerprint}`,
  PORTICO_EDGE_UNPROVEN_PER_ADDRESS: '1',
})
let haproxy: ChildProcess | undefined
after(async () => {
  haproxy?.kill('SIGKILL')
  await cell.close()
  rmSync(folder, { recursive: true, force: true })
})
const holder = await cell.addHolder('mtls')
const other = await cell.addHolder('mtls')
await cell.start()
await cell.publishAndWait()
cell.setPlay((_, response) => answerJson(response, 200, { data: [], next: null }))
const token = await cell.token(holder)
const ports = cell.world.ports[cell.cell]
const mutualHost = new URL(cell.addresses.gatewayMtls).host
const cards = '/cards/v1/cards'

const derOf = (pem: string): string => pem.replaceAll(/-----[A-Z ]+-----|\s/g, '')
const clientCert = (certificate: ClientCertificate) => `:${derOf(certificate.pem)}:`

const agents: Agent[] = []
after(() => agents.forEach((agent) => agent.destroy()))
const agentWith = (shown: ClientCertificate | undefined, localAddress = '127.0.0.1'): Agent => {
  const agent = new Agent({
    ca: cell.ca,
    keepAlive: true,
    localAddress,
    ...(shown && { cert: shown.pem, key: shown.key }),
  })
  agents.push(agent)
  return agent
}
const proxy = agentWith(ours)

/** One request as the proxy passes it on. */
const pass = (
  headers: Record<string, string | string[]>,
  { agent = proxy, accessToken = token, port = ports.gatewayProxy, host = mutualHost } = {},
): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const request = httpsRequest(
      {
        host: '127.0.0.1',
        servername: 'localhost',
        port,
        agent,
        path: cards,
        headers: { host, authorization: `Bearer ${accessToken}`, ...headers },
      },
      (response) => {
        read(response).then((text) => {
          const json: Answered['json'] = JSON.parse(text || '{}')
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json })
        }, reject)
      },
    )
    request.once('error', reject)
    request.end()
  })

test('RFC 9440: the certificate that the proxy passes on is the caller’s, and no other certificate is', async () => {
  assert.equal((await pass({ 'client-cert': clientCert(holder.certificate) })).status, 200)
  refused(await pass({}), 401, 'gateway/sender-unproven')
  const swapped = await pass({ 'client-cert': clientCert(other.certificate) })
  refused(swapped, 401, 'gateway/sender-unproven')
})

test('the same proxy passes on callers without a certificate, and their proofs are for the public address', async () => {
  const convenient = await cell.addHolder('dpop')
  await cell.publishAndWait()
  const accessToken = await cell.token(convenient)
  const host = new URL(cell.addresses.gateway).host
  let nonce = {}
  for (const expected of [401, 200]) {
    const asked: Asked = { path: cards }
    const dpop = await cell.proof(convenient, accessToken, asked, (claims) => ({
      ...claims,
      ...nonce,
    }))
    const answered = await pass({ authorization: `DPoP ${accessToken}`, dpop }, { host })
    assert.equal(answered.status, expected, answered.text)
    nonce = { nonce: answered.headers['dpop-nonce'] }
  }
})

test('RFC 9440 §2: what is not one certificate of our authority, written in the one way, is refused', async () => {
  const der = derOf(holder.certificate.pem)
  const foreign = await newCertificate(elsewhere, nobody)
  const ended = await newCertificate(cell.partnerCa, { ...nobody, days: -1 / 1440 })
  for (const [what, headers] of Object.entries({
    'not in colons': { 'client-cert': der },
    'not base64': { 'client-cert': `:${der.slice(1)}!:` },
    base64url: { 'client-cert': `:${Buffer.from(der, 'base64').toString('base64url')}:` },
    'with something behind it': {
      'client-cert': `:${Buffer.concat([Buffer.from(der, 'base64'), Buffer.of(0)]).toString('base64')}:`,
    },
    'with parameters': { 'client-cert': `:${der}:;a=1` },
    empty: { 'client-cert': '::' },
    twice: { 'client-cert': [`:${der}:`, `:${der}:`] },
    'of another authority': { 'client-cert': clientCert(foreign) },
    'of the authority itself': { 'client-cert': `:${derOf(cell.partnerCa.certificatePem)}:` },
    'of another authority, which comes along': {
      'client-cert': clientCert(foreign),
      'client-cert-chain': `:${derOf(elsewhere.certificatePem)}:`,
    },
    'a chain without it': { 'client-cert-chain': `:${derOf(elsewhere.certificatePem)}:` },
    'that has ended': { 'client-cert': clientCert(ended) },
  }))
    refused(
      await pass(headers).catch((e: unknown) => assert.fail(`${what}: ${String(e)}`)),
      400,
      'gateway/malformed',
    )
})

test('nobody but the proxy, at its address and with its certificate, is heard at its door', async () => {
  const header = { 'client-cert': clientCert(holder.certificate) }
  const stolen = agentWith(holder.certificate)
  for (const agent of [
    agentWith(undefined),
    stolen,
    agentWith(await newCertificate(elsewhere, nobody)),
  ])
    await assert.rejects(pass(header, { agent }), 'another certificate')
  await assert.rejects(pass(header, { agent: agentWith(ours, '127.0.0.9') }), 'another address')
  assert.equal((await pass(header)).status, 200)
})

test('at every other door a certificate in a header is refused, also from who shows one', async () => {
  const header = { 'client-cert': clientCert(holder.certificate) }
  for (const [agent, port, host] of [
    [agentWith(undefined), ports.gateway, new URL(cell.addresses.gateway).host],
    [agentWith(other.certificate), ports.gatewayMtls, mutualHost],
  ] as const) {
    refused(await pass(header, { agent, port, host }), 400, 'gateway/malformed')
    refused(
      await pass({ 'client-cert-chain': '::' }, { agent, port, host }),
      400,
      'gateway/malformed',
    )
    const spoofed = {
      'x-forwarded-client-cert': 'x',
      'x-forwarded-for': '1.2.3.4',
      forwarded: 'for=1.2.3.4',
    }
    refused(await pass(spoofed, { agent, port, host }), 401, 'gateway/sender-unproven')
  }
})

test('RFC 7239: who fails behind the proxy is counted by its own address, the nearest that was named', async () => {
  const forged = (at: string) => ({ forwarded: `for=192.0.2.99, for=${at};proto=https` })
  const forgery = { accessToken: `${token.slice(0, -6)}AAAAAA` }
  const statuses: number[] = []
  for (let i = 0; i < 13; i++) statuses.push((await pass(forged('192.0.2.1'), forgery)).status)
  assert.deepEqual([statuses[0], statuses.at(-1)], [401, 429])
  for (const neighbour of ['192.0.2.2', '"[2001:db8::1]:4711"', 'unknown'])
    assert.equal((await pass(forged(neighbour), forgery)).status, 401, neighbour)
})

test('S10: a certificate that is revoked is refused at the next request, on the proxy’s standing connection', async () => {
  const leaver = await cell.addHolder('mtls')
  await cell.publishAndWait()
  const options = { accessToken: await cell.token(leaver) }
  const header = { 'client-cert': clientCert(leaver.certificate) }
  assert.equal((await pass(header, options)).status, 200)
  cell.revoke('certificate', leaver.certificate.sha256)
  for (let tries = 0; (await pass(header, options)).status === 200; tries++) {
    assert.ok(tries < 100, 'it was never heard')
    await sleep(20)
  }
  refused(await pass(header, options), 401, 'gateway/sender-unproven')
})

const installed = spawnSync('haproxy', ['-v']).status === 0

test(
  'a real HAProxy in front: callers show it their certificates, and what they write themselves is dropped',
  { skip: installed ? false : 'haproxy is NOT installed, so nothing was tried with it' },
  async () => {
    const port = cell.world.settings.PORTICO_PORT_BASE + 45
    const tls = cell.files.tls('gateway')
    const both = (name: string, certificate: string, key: string) => {
      writeFileSync(join(folder, name), `${certificate}\n${key}\n`)
      return join(folder, name)
    }
    const front = both(
      'front.pem',
      readFileSync(tls.certificate, 'utf8'),
      readFileSync(tls.key, 'utf8'),
    )
    const client = both('client.pem', ours.pem, ours.key)
    writeFileSync(
      join(folder, 'haproxy.cfg'),
      `defaults
  mode http
  timeout connect 2s
  timeout client 5s
  timeout server 5s
frontend callers
  bind 127.0.0.1:${port} ssl crt ${front} ca-file ${cell.files.partnerCa.certificate} verify optional alpn h2,http/1.1
  http-request del-header client-cert
  http-request del-header client-cert-chain
  http-request del-header forwarded
  http-request set-header client-cert :%[ssl_c_der,base64]: if { ssl_c_used }
  http-request set-header forwarded for=%[src]
  http-request set-header host ${mutualHost}
  default_backend gateway
backend gateway
  server one 127.0.0.1:${ports.gatewayProxy} ssl crt ${client} ca-file ${cell.world.layout.serverCa.certificate} verify required verifyhost localhost
`,
    )
    haproxy = spawn('haproxy', ['-db', '-f', join(folder, 'haproxy.cfg')], { stdio: 'ignore' })
    while (!(await listens(port))) await sleep(20)
    const through = (shown: ClientCertificate | undefined, headers: Record<string, string> = {}) =>
      pass(headers, { agent: agentWith(shown), port })
    const lie = { 'client-cert': clientCert(holder.certificate) }
    assert.equal((await through(holder.certificate)).status, 200)
    assert.equal((await through(holder.certificate, lie)).status, 200)
    refused(await through(undefined), 401, 'gateway/sender-unproven')
    refused(await through(undefined, lie), 401, 'gateway/sender-unproven')
    refused(await through(other.certificate, lie), 401, 'gateway/sender-unproven')
  },
)

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
