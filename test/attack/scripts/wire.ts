/** Bytes that two readers could read differently, headers that are ours, answers kept for the wrong reader (TH9, TH10). */
import { once } from 'node:events'
import { get } from 'node:http'
import { connect } from 'node:tls'
import type { Attack, Attempt } from '../attack.ts'
import type { Ground } from '../ground.ts'

/** Everything that comes back for these bytes until the other side is done, or a moment has passed. */
const sendBytes = async ({ wellKnown, sandbox }: Ground, bytes: string): Promise<string> => {
  const { port } = new URL(sandbox.gateway)
  const socket = connect({ host: 'localhost', port: Number(port), ca: wellKnown.ca })
  let heard = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => (heard += chunk))
  socket.on('error', () => {})
  await once(socket, 'secureConnect')
  socket.write(bytes, 'latin1')
  socket.setTimeout(3_000, () => socket.destroy())
  await once(socket, 'close')
  return heard
}

const statusesIn = (heard: string) =>
  [...heard.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status))

const host = 'Host: localhost\r\n'
const hidden = `GET /fx/v1/rates HTTP/1.1\r\n${host}\r\n`
const smuggled: Readonly<Record<string, string>> = {
  'length and chunks': `POST /cards/v1/cards HTTP/1.1\r\n${host}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
  'two lengths': `POST /cards/v1/cards HTTP/1.1\r\n${host}Content-Length: 0\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
  'a length with a sign': `POST /cards/v1/cards HTTP/1.1\r\n${host}Content-Length: +0\r\n\r\n${hidden}`,
  'a coding with a space': `POST /cards/v1/cards HTTP/1.1\r\n${host}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${hidden}`,
  'a coding that is none': `POST /cards/v1/cards HTTP/1.1\r\n${host}Transfer-Encoding: xchunked\r\n\r\n${hidden}`,
  'coding identity after chunked': `POST /cards/v1/cards HTTP/1.1\r\n${host}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${hidden}`,
  'a folded header': `GET /fx/v1/rates HTTP/1.1\r\n${host}X-A: b\r\n Transfer-Encoding: chunked\r\n\r\n${hidden}`,
  'bare line feeds': `GET /fx/v1/rates HTTP/1.1\n${host}Content-Length: 0\n\n${hidden}`,
  'a NUL in a value': `GET /fx/v1/rates HTTP/1.1\r\n${host}X-A: b\0c\r\n\r\n`,
  'two hosts': `GET /fx/v1/rates HTTP/1.1\r\n${host}Host: evil.example\r\n\r\n`,
  'an absolute address': `GET http://evil.example/fx/v1/rates HTTP/1.1\r\n${host}\r\n`,
  'a chunk size with a sign': `POST /cards/v1/cards HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n${hidden}`,
  'upgrade to h2c': `GET /fx/v1/rates HTTP/1.1\r\n${host}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n`,
}

const smuggling: Attack = {
  threat: 'TH9',
  has: 'a connection to the public port',
  tries: 'requests whose end two readers could see at different places, with a second one inside',
  expects: 'one refusal (4xx), the hidden one is never answered',
  run: async (ground) => {
    const attempts: Attempt[] = []
    for (const [what, bytes] of Object.entries(smuggled)) {
      const statuses = statusesIn(await sendBytes(ground, bytes))
      attempts.push({
        what,
        refused: statuses.length <= 1 && statuses.every((status) => status >= 400 && status < 500),
        said: statuses.join(' then ') || 'the connection ends',
      })
    }
    return attempts
  },
}

const headerInjection: Attack = {
  threat: 'TH10',
  has: 'its own good token; and the names of headers that parts of a platform believe',
  tries: 'to be somebody else by header, and to write headers of the answer through its own',
  expects: 'nothing changes: the answer is the one without them',
  run: async (ground) => {
    const { askAs, attacker, victim, sandbox } = ground
    const authorization = `Bearer ${attacker.own.accessToken}`
    const url = `${sandbox.gatewayMtls}/cards/v1/cards/${victim.cardId}`
    const usual = await askAs(attacker.certified, url, { headers: { authorization } })
    const hopes: Record<string, string>[] = [
      { 'portico-caller': 'e30.e30', 'portico-call': '1' },
      { 'x-portico-partner': victim.partner.id, 'x-partner-id': victim.partner.id },
      { 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1', forwarded: 'for=127.0.0.1' },
      { 'x-http-method-override': 'DELETE', 'x-original-url': '/internal/ready' },
      { 'x-rewrite-url': '/internal/ready', 'x-forwarded-prefix': '/internal' },
      { 'x-fapi-customer-ip-address': "127.0.0.1' or 1=1", 'x-user': 'admin', 'x-role': 'admin' },
    ]
    const attempts: Attempt[] = []
    for (const hope of hopes) {
      const answer = await askAs(attacker.certified, url, { headers: { authorization, ...hope } })
      const same =
        (answer.status === usual.status && answer.body['code'] === usual.body['code']) ||
        answer.status === 400
      attempts.push({
        what: Object.keys(hope).join(', '),
        refused: same && answer.status >= 400,
        said: `${answer.status} ${String(answer.body['code'])}, without them ${usual.status}`,
      })
    }
    const answers = await sendBytes(
      ground,
      `GET /fx/v1/rates HTTP/1.1\r\n${host}x-fapi-interaction-id: a%0d%0aset-cookie:%20a=b\r\nConnection: close\r\n\r\n`,
    )
    attempts.push({
      what: 'a line end in the interaction id',
      refused: !/^set-cookie/im.test(answers),
      said: `${statusesIn(answers).join()} without a cookie`,
    })
    return attempts
  },
}

const poisonedCache: Attack = {
  threat: 'TH9, TH3',
  has: 'a cache between it and other partners',
  tries: 'an answer to be kept for others: about a card, a refusal, under another host',
  expects:
    'cache-control: no-store on what is personal and on refusals; another host is not believed',
  run: async ({ victim, ask, sandbox, wellKnown }) => {
    const kept = (headers: Headers) => headers.get('cache-control') ?? ''
    const card = await victim.certified.call(
      victim.consented,
      'GET',
      `/cards/v1/cards/${victim.cardId}`,
    )
    if (card.status !== 200) throw new Error(`the victim cannot read its own card: ${card.status}`)
    const refusal = await ask(`${sandbox.gateway}/cards/v1/cards`)
    const portal = await ask(`${wellKnown.portal}/.well-known/portico`, {
      headers: { 'x-forwarded-host': 'evil.example' },
    })
    const rebound = await new Promise<number>((resolve, reject) => {
      const headers = { host: 'evil.example' }
      get(`${wellKnown.portal}/api/bank`, { headers, agent: false }, (answer) => {
        answer.resume()
        resolve(answer.statusCode ?? 0)
      }).once('error', reject)
    })
    return [
      { what: 'a card', refused: /no-store/.test(kept(card.headers)), said: kept(card.headers) },
      {
        what: 'a refusal',
        refused: /no-store/.test(kept(refusal.headers)),
        said: kept(refusal.headers),
      },
      {
        what: 'another host in the well-known document',
        refused: !JSON.stringify(portal.body).includes('evil.example'),
        said: String(portal.status),
      },
      {
        what: 'the portal under a name of the attacker’s',
        refused: rebound >= 400,
        said: String(rebound),
      },
    ]
  },
}

const doors: Attack = {
  threat: 'TH12, TH10',
  has: 'a browser and the public ports',
  tries: 'what is for operators: health, metrics, sockets, traces, other methods',
  expects: '400, 401, 404 or 405',
  run: async (ground) => {
    const { ask, sandbox, wellKnown } = ground
    const attempts: Attempt[] = []
    for (const origin of [sandbox.gateway, sandbox.issuer, wellKnown.portal, wellKnown.console])
      for (const path of [
        '/internal/ready',
        '/metrics',
        '/link/sandbox/gateway',
        '/debug',
        '/.env',
      ]) {
        const answer = await ask(`${origin}${path}`)
        // A page of the portal is a page for every address that is none of its API.
        const page = String(answer.headers.get('content-type')).startsWith('text/html')
        attempts.push({
          what: `${new URL(origin).port} ${path}`,
          refused: answer.status >= 400 || page,
          said: page ? 'the page itself' : String(answer.status),
        })
      }
    for (const method of ['TRACE', 'CONNECT', 'PUT', 'DELETE']) {
      const bytes = `${method} /cards/v1/cards HTTP/1.1\r\n${host}Connection: close\r\n\r\n`
      const heard = statusesIn(await sendBytes(ground, bytes))
      attempts.push({
        what: method,
        refused: heard.every((status) => status >= 400),
        said: heard.join() || 'the connection ends',
      })
    }
    return attempts.map((attempt) => ({ ...attempt, what: attempt.what.replace(/^\d+/, 'port') }))
  },
}

export const wireAttacks: Readonly<Record<string, Attack>> = {
  'request smuggling': smuggling,
  'header injection': headerInjection,
  'cache poisoning': poisonedCache,
  'doors of operators': doors,
}
