/** The first thing that a request meets: one exact host, known paths, known methods, small bodies. Pure. */
import { problem, type Problem } from '#kernel/problem.ts'

export const misdirected = problem('authorization/misdirected', 421, 'This server has another name')
export const pathUnknown = problem('authorization/not-found', 404, 'No such resource')
export const methodNotAllowed = problem(
  'authorization/method-not-allowed',
  405,
  'The resource has no such method',
)
export const bodyTooLarge = problem('authorization/body-too-large', 413, 'The body is too large')

/** `tls` speaks to browsers and partners, `mtls` to partners that show a certificate. */
export type Door = 'tls' | 'mtls'

export type Place =
  | 'library'
  | 'registration'
  | 'interaction'
  | 'dashboard'
  | 'sign-in'
  | 'consents'
  | 'asset'

interface Route {
  readonly pattern: RegExp
  readonly methods: readonly string[]
  readonly place: Place
  readonly doors: readonly Door[]
}

const browser = ['tls'] as const
const partner = ['tls', 'mtls'] as const

/** RFC 9126 §2.3 wants 405 for a known path; the authorization endpoint takes GET alone, since every request is pushed. */
const routes: readonly Route[] = [
  {
    pattern: /^\/\.well-known\/(openid-configuration|oauth-authorization-server)$/,
    methods: ['GET'],
    place: 'library',
    doors: browser,
  },
  { pattern: /^\/jwks$/, methods: ['GET'], place: 'library', doors: browser },
  { pattern: /^\/auth(\/[\w-]{1,64})?$/, methods: ['GET'], place: 'library', doors: browser },
  { pattern: /^\/request$/, methods: ['POST'], place: 'library', doors: partner },
  { pattern: /^\/token$/, methods: ['POST'], place: 'library', doors: partner },
  { pattern: /^\/token\/revocation$/, methods: ['POST'], place: 'library', doors: partner },
  { pattern: /^\/registration$/, methods: ['POST'], place: 'registration', doors: browser },
  {
    pattern: /^\/registration\/[\w-]{1,64}$/,
    methods: ['GET', 'PUT', 'DELETE'],
    place: 'registration',
    doors: browser,
  },
  {
    pattern: /^\/interaction\/[\w-]{1,64}$/,
    methods: ['GET', 'POST'],
    place: 'interaction',
    doors: browser,
  },
  {
    pattern:
      /^\/dashboard(\/consents\/consent_[0-9a-f]{32}|\/partners\/partner_[0-9a-f]{32})?(\/revocation)?$/,
    methods: ['GET', 'POST'],
    place: 'dashboard',
    doors: browser,
  },
  {
    pattern: /^\/dashboard\/(sign-out|consents\/consent_[0-9a-f]{32}\/(signature|pin))$/,
    methods: ['POST'],
    place: 'dashboard',
    doors: browser,
  },
  { pattern: /^\/dashboard\/signed-out$/, methods: ['GET'], place: 'dashboard', doors: browser },
  { pattern: /^\/sign-in\/return$/, methods: ['GET'], place: 'sign-in', doors: browser },
  { pattern: /^\/consents\/v1\/types$/, methods: ['GET'], place: 'consents', doors: partner },
  {
    pattern: /^\/consents\/v1\/(openapi\.json|consents\/[\w-]{1,64}(\/usage)?)$/,
    methods: ['GET'],
    place: 'consents',
    doors: partner,
  },
  {
    pattern: /^\/consents\/v1\/consents(\/[\w-]{1,64}\/(revocation|extension))?$/,
    methods: ['POST'],
    place: 'consents',
    doors: partner,
  },
  { pattern: /^\/assets\/[\w./-]{1,100}$/, methods: ['GET'], place: 'asset', doors: browser },
]

export const BODY_BYTES_MAX = 65_536

export interface Head {
  readonly method: string
  readonly url: string
  /** Every Host header that came. */
  readonly hosts: readonly string[]
  readonly contentLength: string | undefined
}

export interface Admission {
  readonly place: Place
  readonly path: string
  readonly query: URLSearchParams
}

/** Where a request goes; or why it goes nowhere. Endpoint addresses are made of the host, so a forged one stops here. */
export const admit = (
  head: Head,
  door: { readonly kind: Door; readonly host: string },
): Admission | Problem => {
  if (head.hosts.length !== 1 || head.hosts[0] !== door.host)
    return misdirected(`it is ${door.host}`)
  const [path = '', ...rest] = head.url.split('?')
  const route = routes.find((r) => r.doors.includes(door.kind) && r.pattern.test(path))
  if (!route) return pathUnknown('there is nothing at this address')
  if (!route.methods.includes(head.method))
    return methodNotAllowed(`${head.method} is not among its methods`, {
      headers: { allow: route.methods.join(', ') },
    })
  if (Number(head.contentLength ?? 0) > BODY_BYTES_MAX)
    return bodyTooLarge(`more than ${BODY_BYTES_MAX} bytes`)
  return { place: route.place, path, query: new URLSearchParams(rest.join('?')) }
}

/** A form goes to us, and from there back to the partner: browsers check the second step too. */
export const contentSecurityPolicy = (formTargets: readonly string[] = []): string =>
  [
    "default-src 'none'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self'",
    `form-action ${["'self'", ...formTargets].join(' ')}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

/** On every answer of every door. */
export const safetyHeaders: Readonly<Record<string, string>> = {
  'strict-transport-security': 'max-age=63072000',
  'content-security-policy': contentSecurityPolicy(),
  'cache-control': 'no-store',
  // Not `no-referrer`: browsers would send `Origin: null` with our own forms.
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=()',
}
