/** What every request to portal and console passes before its route sees it. */
import type { FastifyRequest, RouteOptions } from 'fastify'
import { assert } from '#kernel/assert.ts'
import { problem } from '#kernel/problem.ts'
import type { Server } from '#platform/http.ts'
import { personRoleMissing } from '#control/partners/index.ts'
import { staffRoleMissing } from '#control/staff/index.ts'
import { proves } from '#control/sign-in/index.ts'
import { notSignedIn, type SignedIn } from './context.ts'
import { type Office, secretOf } from './cookie.ts'

export const hostRefused = problem('control/host-refused', 421, 'This is another host’s server')
export const crossSite = problem('control/cross-site', 403, 'The request came from another site')

const reads = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Nothing but our own files and our own API; no inline script or style; never inside another page. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

const headers = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=()',
}

interface Guard {
  readonly office: Office
  /** Where people open it. */
  readonly address: string
  readonly port: number
  readonly now: () => Temporal.Instant
  /** Who holds a session's secret. */
  readonly whoIs: (secret: string) => Promise<SignedIn | null>
  /** Keeps what personal data are read for; throws where nothing is said. */
  readonly statePurpose: (request: FastifyRequest) => Promise<void>
}

/** Puts the guard before every route that is added after it. */
export const guard = (
  server: Server,
  { office, address, port, now, whoIs, statePurpose }: Guard,
): void => {
  const origins = new Map(
    [address, ...['localhost', '127.0.0.1', '[::1]'].map((name) => `http://${name}:${port}`)].map(
      (origin) => [new URL(origin).host, origin],
    ),
  )
  server.decorateRequest('signedIn', null)
  server.addHook('onRoute', declaresItsRoles)
  server.addHook('onRequest', async (request, reply) => {
    void reply.headers(headers)
    if (request.url.startsWith('/api/')) void reply.header('cache-control', 'no-store')
    fromOurOwnPages(request, origins)
    const { open, own, roles, proof = usual[office] } = request.routeOptions.config
    if (request.is404 || request.routeOptions.url === '/*') return
    const secret = secretOf(request, office)
    if (secret) request.signedIn = await whoIs(secret)
    if (open) return
    if (!request.signedIn) throw notSignedIn('this needs a session')
    if (own) return
    proves(request.signedIn.standing, 'password', now())
    const held: readonly string[] = request.signedIn.roles
    if (roles && !roles.some((role) => held.includes(role)))
      throw (office === 'portal' ? personRoleMissing : staffRoleMissing)(
        `this is for ${roles.join(' or ')}`,
      )
    proves(request.signedIn.standing, proof, now())
  })
  server.addHook('preHandler', async (request) => {
    if (request.routeOptions.config.purpose) await statePurpose(request)
  })
  server.addHook('preHandler', async (request) => {
    const { routeOptions, signedIn, method, body, query, params } = request
    const { open, own } = routeOptions.config
    if (open || own || !signedIn || ![body, query, params].some(inProduction)) return
    proves(signedIn.standing, reads.has(method) ? 'factor' : 'fresh', now())
  })
}

const usual = { console: 'factor', portal: 'password' } as const
/** Where one of our requests names a cell, it names it so. */
const inProduction = (named: unknown) =>
  typeof named === 'object' && named !== null && 'cell' in named && named.cell === 'production'

/** A route that changes something says who may: to forget it must not mean everybody. */
const declaresItsRoles = ({ method, url, config }: RouteOptions) => {
  if ([method].flat().every((m) => reads.has(m))) return
  assert(
    config?.open || config?.own || config?.roles?.length,
    `${String(method)} ${url} does not say who may call it`,
  )
  assert(
    config.paper || !config.roles?.includes('auditor'),
    `${String(method)} ${url}: an auditor changes nothing`,
  )
}

/**
 * A name that only points here (DNS rebinding) and a page of another site (cross-site request forgery) are refused.
 * No form and no other origin can send the header without asking first, and nobody is ever told that they may.
 */
const fromOurOwnPages = (request: FastifyRequest, origins: ReadonlyMap<string, string>) => {
  const { host = '', origin, 'sec-fetch-site': site = 'same-origin' } = request.headers
  if (!origins.has(host)) throw hostRefused(`it answers as ${[...origins.keys()][0]}`)
  if (reads.has(request.method)) return
  if (request.headers['x-portico-csrf'] !== '1')
    throw crossSite('a request that changes something carries the header x-portico-csrf: 1')
  if (origin !== undefined && origin !== origins.get(host))
    throw crossSite('its origin is not ours')
  if (site !== 'same-origin' && site !== 'none') throw crossSite('a page elsewhere sent it')
}
