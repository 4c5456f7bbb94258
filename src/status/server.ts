/** What the page answers. Everything is public; nothing that is asked reaches another process. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { isLanguage } from '#kernel/format.ts'
import type { Log } from '#platform/log.ts'
import type { Asset } from './assets.ts'
import { calendar } from './calendar.ts'
import { judge, type Standing } from './judging.ts'
import type { Kept } from './keeping.ts'
import { atom, rss } from './news.ts'
import type { Around } from './pages/frame.ts'
import { front } from './pages/front.ts'
import { incidentPage } from './pages/incident.ts'
import { askForm, refusedPage } from './pages/letters.ts'
import { type Page, speaksOfNow, statuspage } from './statuspage.ts'
import { type Answer, answerLetters, type LetterDesk } from './subscribing.ts'
import { languageOf } from './texts/index.ts'

interface Serving {
  readonly kept: Pick<Kept, 'facts'>
  readonly page: Page
  readonly portal: string
  readonly assets: ReadonlyMap<string, Asset>
  readonly desk: LetterDesk
  readonly staleMs: number
  readonly now: () => Temporal.Instant
  readonly log: Log
}

const HTML = 'text/html; charset=utf-8'
const JSON_TYPE = 'application/json; charset=utf-8'
const FRESH = 'public, max-age=10'
const RETRY_SECONDS = 30

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

const always = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=()',
}

/** What may be read by any page and any monitor. */
const shared = {
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
}

const HEAD_MS = 10_000
const CONNECTIONS_MAX = 1_024

export const openStatusServer = (serving: Serving): Server => {
  const { log } = serving
  const server = createServer(
    { headersTimeout: HEAD_MS, requestTimeout: HEAD_MS, keepAliveTimeout: 5_000 },
    (request, response) => {
      answer(serving, request)
        .catch((cause: unknown): Answer => {
          log.error({ cause }, 'a question to the status page ended without an answer')
          return { status: 500, type: 'text/plain', body: 'Something went wrong on our side\n' }
        })
        .then((given) => send(request, response, given))
        .catch((cause: unknown) => {
          log.error({ cause }, 'an answer of the status page was not sent')
          response.destroy()
        })
    },
  )
  server.maxConnections = CONNECTIONS_MAX
  return server
}

const send = (
  request: IncomingMessage,
  response: ServerResponse,
  { status, type, body, headers }: Answer,
) => {
  const whole = Buffer.from(body)
  response.writeHead(status, {
    ...always,
    'cache-control': 'no-store',
    'content-type': type,
    'content-length': whole.length,
    ...headers,
  })
  response.end(request.method === 'HEAD' ? undefined : whole)
}

/** The path under which it is served stands before every path, and so may `/status`: the portal sends people on with it. */
const pathUnder = (base: string, path: string): string => {
  for (const prefix of [base, '/status'])
    if (prefix && (path === prefix || path.startsWith(`${prefix}/`)))
      return path.slice(prefix.length) || '/'
  return path
}

const answer = async (serving: Serving, request: IncomingMessage): Promise<Answer> => {
  const { assets, desk, page, portal } = serving
  const url = URL.parse(request.url ?? '/', 'http://status')
  if (!url) return { status: 400, type: 'text/plain', body: 'This is no address\n' }
  const base = new URL(page.url).pathname.replace(/\/+$/, '')
  const path = pathUnder(base, url.pathname)
  const language = languageOf(url.searchParams.get('lang'), request.headers['accept-language'])
  const around: Around = { page, language, base, path: undefined, portal }

  if (path.startsWith('/subscriptions')) return answerLetters(desk, { request, path, url, around })
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return {
      status: 405,
      type: 'text/plain',
      body: 'This is read, not written\n',
      headers: { allow: 'GET, HEAD' },
    }
  const found = assets.get(path)
  if (found) return fixed(found, request)
  if (path === '/subscribe') return { status: 200, type: HTML, body: askForm({ ...around, path }) }
  return read(serving, {
    path,
    around: { ...around, path },
    language: url.searchParams.get('lang'),
  })
}

const fixed = ({ type, body, etag }: Asset, request: IncomingMessage): Answer => {
  const headers = { etag, 'cache-control': 'public, max-age=3600' }
  return request.headers['if-none-match'] === etag
    ? { status: 304, type, body: '', headers }
    : { status: 200, type, body, headers }
}

const read = (
  serving: Serving,
  { path, around, language }: { path: string; around: Around; language: string | null },
): Answer => {
  const { kept, page, staleMs } = serving
  const now = serving.now()
  const facts = kept.facts()
  const standing = facts && judge(facts, now, staleMs)
  const fresh = { 'cache-control': FRESH, vary: 'accept-language' }
  if (path === '/')
    return {
      status: 200,
      type: HTML,
      body: front(around, standing, { now, staleMs }),
      headers: fresh,
    }
  if (path === '/health') return health(standing)
  const api = /^\/api\/v2\/([a-z/-]+)\.json$/.exec(path)?.[1]
  if (api !== undefined) return machine(api, { page, standing, now })
  if (!facts) return absent(around)
  // A feed is subscribed to once, and says in its address in which language.
  const chosen = isLanguage(language) ? language : 'en'
  switch (path) {
    case '/feed.atom':
      return feed('application/atom+xml', atom(facts, page, chosen))
    case '/feed.rss':
      return feed('application/rss+xml', rss(facts, page, chosen))
    case '/calendar.ics':
      return feed('text/calendar', calendar(facts, page, chosen))
  }
  const incident = facts.incidents.find(({ id }) => path === `/incidents/${id}`)
  if (!incident) return absent(around)
  return { status: 200, type: HTML, body: incidentPage(around, incident, facts), headers: fresh }
}

const feed = (type: string, body: string): Answer => ({
  status: 200,
  type: `${type}; charset=utf-8`,
  body,
  headers: { ...shared, 'cache-control': FRESH },
})

/** Where nothing is known of now, a monitor gets no word that it could take for good: 503, and what is known of the past. */
const machine = (
  name: string,
  { page, standing, now }: { page: Page; standing: Standing | undefined; now: Temporal.Instant },
): Answer => {
  const unknown = !standing || (standing.indicator === 'unknown' && speaksOfNow(name))
  const document = standing
    ? statuspage(name, { page, standing, now })
    : { page: { id: 'portico', url: page.url }, status: { indicator: 'unknown' } }
  if (!document)
    return { status: 404, type: JSON_TYPE, body: '{"error":"not_found"}\n', headers: shared }
  return {
    status: unknown ? 503 : 200,
    type: JSON_TYPE,
    body: JSON.stringify(document),
    headers: {
      ...shared,
      ...(unknown ? { 'retry-after': String(RETRY_SECONDS) } : { 'cache-control': FRESH }),
    },
  }
}

/** For `portico doctor` and whoever watches the page itself: it serves, and so old is what it knows. */
const health = (standing: Standing | undefined): Answer => ({
  status: 200,
  type: JSON_TYPE,
  body: JSON.stringify({
    serving: true,
    stale: standing?.stale ?? true,
    ageSeconds: standing ? Math.round(standing.ageMs / 1000) : null,
  }),
})

const absent = (around: Around): Answer => ({
  status: 404,
  type: HTML,
  body: refusedPage({ ...around, path: undefined }, 'absent'),
})
