/** The proxies as they are written, with this machine's addresses put in: asked by their own programs, and called through. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'

const folder = mkdtempSync(join(tmpdir(), 'dp-'))
const there = (program: string) =>
  spawnSync(program, ['-v'], { stdio: 'ignore' }).error === undefined
const skip = !there('openssl') ? 'no openssl here' : !there('haproxy') && 'no haproxy here'

const running: ChildProcess[] = []
const servers: Server[] = []
after(() => {
  for (const one of running) one.kill('SIGKILL')
  for (const one of servers) one.close()
  rmSync(folder, { recursive: true, force: true })
})

const openssl = (...words: string[]) => {
  const { status, stderr } = spawnSync('openssl', words, { encoding: 'utf8', cwd: folder })
  assert.equal(status, 0, stderr)
}
const selfMade = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2'.split(
  ' ',
)
const authority = (name: string) => {
  const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`]
  openssl(...selfMade, '-subj', `/CN=${name}`, ...files)
}
/** Common name and DNS name are the process's; good for both ends of a connection. */
const certificate = (name: string, by: string) => {
  const says = [
    '-addext',
    `subjectAltName=DNS:${name}`,
    '-addext',
    'basicConstraints=critical,CA:FALSE',
  ]
  const signer = ['-CA', `${by}.pem`, '-CAkey', `${by}.key`]
  const files = ['-keyout', `${name}.k`, '-out', `${name}.c`]
  openssl(...selfMade, '-subj', `/CN=${name}`, ...says, ...signer, ...files)
  const both = ['c', 'k']
    .map((kind) => readFileSync(join(folder, `${name}.${kind}`), 'utf8'))
    .join('')
  writeFileSync(join(folder, `${name}.pem`), both)
}

const freePort = async (): Promise<number> => {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return port
}

const listening = (where: string | number): Promise<boolean> =>
  new Promise((done) => {
    const probe = typeof where === 'string' ? connect(where) : connect(where, '127.0.0.1')
    probe.once('connect', () => {
      probe.destroy()
      done(true)
    })
    probe.once('error', () => done(false))
  })
const untilListening = async (where: string | number) => {
  for (let waited = 0; waited < 60_000; waited += 50) {
    if (await listening(where)) return
    await sleep(50)
  }
  assert.fail(`nobody listens at ${where}`)
}

/** A configuration of the project with other places in it, judged by its own program before it runs. */
const startHaproxy = (name: string, text: string, environment: Record<string, string> = {}) => {
  const file = join(folder, name)
  // As many connections as any machine has room for.
  writeFileSync(file, text.replace(/maxconn \d+/, 'maxconn 100'))
  const env = { PATH: process.env['PATH'], ...environment }
  const judged = spawnSync('haproxy', ['-c', '-f', file], { encoding: 'utf8', env })
  assert.equal(judged.status, 0, judged.stderr + judged.stdout)
  running.push(spawn('haproxy', ['-db', '-f', file], { stdio: 'ignore', env }))
}

/** Says its name to whoever comes. */
const saying = async (server: Server, where: string | number): Promise<number> => {
  servers.push(server)
  await new Promise<void>((done) =>
    typeof where === 'string'
      ? server.listen(where, done)
      : server.listen(where, '127.0.0.1', done),
  )
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}
const heard = (where: string): Promise<string> =>
  new Promise((done) => {
    let said = ''
    const socket = connect(where)
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => (said += chunk))
    socket.once('error', () => done(said))
    socket.once('close', () => done(said))
  })

test(
  'between pods a peer whom the table sends is carried to the socket, and another is not, whatever certificate it has',
  { skip },
  async () => {
    authority('link-ca')
    for (const name of ['bank', 'gateway', 'courier']) certificate(name, 'link-ca')
    const port = await freePort()
    const linkOf = (process: string, run: string) => {
      mkdirSync(join(folder, run), { recursive: true })
      return readFileSync('deploy/kubernetes/cell/links/' + process + '.cfg', 'utf8')
        .replaceAll('/var/lib/portico/run', join(folder, run))
        .replaceAll('/etc/link-tls/tls.pem', join(folder, `${run}.pem`))
        .replaceAll('/etc/link-tls/ca.pem', join(folder, 'link-ca.pem'))
        .replaceAll('/tmp/haproxy.pid', join(folder, `${run}.pid`))
        .replaceAll(':::9443 v4v6', `127.0.0.1:${port}`)
        .replaceAll(/"(\w+)\.portico-\$\{CELL\}\.svc\.cluster\.local:9443"/g, `127.0.0.1:${port}`)
        .replaceAll('resolvers cluster init-addr none', '')
        .replaceAll(/\nresolvers cluster\n.*\n.*\n/g, '\n')
    }
    const environment = { CELL: 'production' }
    startHaproxy('bank.cfg', linkOf('bank', 'bank'), environment)
    // The courier's own certificate, and the configuration of somebody who asks the bank.
    startHaproxy('gateway.cfg', linkOf('gateway', 'gateway'), environment)
    startHaproxy('courier.cfg', linkOf('gateway', 'courier'), environment)
    await saying(
      createServer((socket) => socket.end('the bank')),
      join(folder, 'bank', 'production-bank.sock'),
    )
    await untilListening(port)
    for (const run of ['gateway', 'courier'])
      await untilListening(join(folder, run, 'production-bank.sock'))
    assert.equal(await heard(join(folder, 'gateway', 'production-bank.sock')), 'the bank')
    assert.equal(await heard(join(folder, 'courier', 'production-bank.sock')), '')
  },
)

test(
  'every link, and the form that hands certificates on, is one that HAProxy takes',
  { skip },
  () => {
    authority('some-ca')
    certificate('some', 'some-ca')
    const pem = join(folder, 'some.pem')
    for (const file of [
      ...['gateway', 'authorization', 'bank', 'vault', 'courier'].map(
        (n) => `kubernetes/cell/links/${n}.cfg`,
      ),
      ...['control', 'status'].map((n) => `kubernetes/control/links/${n}.cfg`),
      'proxy/haproxy-rfc9440.cfg',
    ]) {
      const text = readFileSync(`deploy/${file}`, 'utf8').replaceAll(
        /\/etc\/(link-tls|haproxy)\/[a-z-]+\.pem/g,
        (path) => (path.includes('ca.pem') ? join(folder, 'some-ca.pem') : pem),
      )
      writeFileSync(join(folder, 'judged.cfg'), text)
      const env = { PATH: process.env['PATH'], CELL: 'sandbox' }
      const { status, stderr } = spawnSync('haproxy', ['-c', '-f', join(folder, 'judged.cfg')], {
        encoding: 'utf8',
        env,
      })
      assert.equal(status, 0, `${file}: ${stderr}`)
    }
  },
)

const NAME = 'api-mtls.production.open.bank.example'

/** Connects as a partner would, and says which certificate answered and whether its own arrived. */
const asked = (port: number, servername: string): Promise<string> =>
  new Promise((done) => {
    let said = ''
    const options = {
      host: '127.0.0.1',
      port,
      servername,
      ca: readFileSync(join(folder, 'front-ca.pem')),
      cert: readFileSync(join(folder, 'partner.c')),
      key: readFileSync(join(folder, 'partner.k')),
      checkServerIdentity: () => undefined,
    }
    const socket = connectTls(options)
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => (said += chunk))
    socket.once('error', () => done('ended'))
    socket.once('close', () => done(said || 'ended'))
  })

const gatewayBehind = async (): Promise<number> => {
  authority('front-ca')
  for (const name of ['partner', 'gateway-tls']) certificate(name, 'front-ca')
  const server = createTlsServer(
    {
      cert: readFileSync(join(folder, 'gateway-tls.c')),
      key: readFileSync(join(folder, 'gateway-tls.k')),
      ca: readFileSync(join(folder, 'front-ca.pem')),
      requestCert: true,
      rejectUnauthorized: true,
    },
    (socket) => {
      socket.on('error', () => {})
      socket.end(`the gateway met ${String(socket.getPeerCertificate().subject.CN)}`)
    },
  )
  server.on('tlsClientError', () => {})
  return saying(server, 0)
}

test(
  'HAProxy tells names apart and passes a partner’s own certificate on; another name meets nobody',
  { skip },
  async () => {
    const behind = await gatewayBehind()
    const port = await freePort()
    startHaproxy(
      'front.cfg',
      readFileSync('deploy/proxy/haproxy.cfg', 'utf8')
        .replace('bind :443', `bind 127.0.0.1:${port}`)
        .replaceAll('192.0.2.21:8421 check', `127.0.0.1:${behind}`)
        .replaceAll('192.0.2.22:8421 check', `127.0.0.1:${behind}`)
        .replaceAll('abns@pages', `abns@pages-${port}`)
        .replace('/etc/haproxy/offices.pem', join(folder, 'gateway-tls.pem')),
    )
    await untilListening(port)
    assert.equal(await asked(port, NAME), 'the gateway met partner')
    assert.equal(await asked(port, 'api-mtls.somebody.example'), 'ended')
  },
)

/** Debian keeps it apart from nginx itself. */
const stream =
  spawnSync(
    'sh',
    [
      '-c',
      'nginx -V 2>&1 | grep -q -- "--with-stream " || ls /usr/lib/nginx/modules/ngx_stream_module.so',
    ],
    { stdio: 'ignore' },
  ).status === 0
const noNginx =
  skip || (!there('nginx') && 'no nginx here') || (!stream && 'this nginx has no stream module')

test('nginx does the same', { skip: noNginx }, async () => {
  const behind = await gatewayBehind()
  const port = await freePort()
  const file = join(folder, 'nginx.conf')
  writeFileSync(
    file,
    `pid ${folder}/nginx.pid;\nerror_log stderr;\n${readFileSync('deploy/proxy/nginx.conf', 'utf8')
      .replace('listen 443;', `listen 127.0.0.1:${port};`)
      .replace('192.0.2.21:8421', `127.0.0.1:${behind}`)
      .replaceAll('unix:/run/nginx/pages.sock', `unix:${folder}/pages.sock`)
      .replaceAll('/etc/nginx/offices.pem', join(folder, 'gateway-tls.c'))
      .replaceAll('/etc/nginx/offices.key', join(folder, 'gateway-tls.k'))}`,
  )
  const judged = spawnSync('nginx', ['-t', '-c', file], { encoding: 'utf8' })
  assert.equal(judged.status, 0, judged.stderr)
  running.push(
    spawn('nginx', ['-c', file, '-g', 'daemon off; master_process off;'], { stdio: 'ignore' }),
  )
  await untilListening(port)
  assert.equal(await asked(port, NAME), 'the gateway met partner')
  assert.equal(await asked(port, 'api-mtls.somebody.example'), 'ended')
})
