/** Access tokens of one cell at the doors of the other that read them: its gateway, and what its issuer keeps of consents. */
import { createHash } from 'node:crypto'
import { uuidv7 } from '#kernel/id.ts'
import { CALLER_HEADER } from '#platform/caller.ts'
import { signJws } from '#platform/jose.ts'
import type { Chance } from './chance.ts'
import { forged } from './forgery.ts'
import { type Direction, judged, type Kind, wireWays } from './kind.ts'
import type { Asked } from './operations.ts'
import type { Heard } from './sending.ts'

const nowS = () => Math.floor(Date.now() / 1000)

/** What the gateway says before it believes anything: anything else is an acceptance. */
const identityCodes = [
  'gateway/token-invalid',
  'gateway/wrong-environment',
  'gateway/sender-unproven',
]
const unidentified = ({ status, body }: Heard) =>
  status === 401 && identityCodes.includes(String(body['code']))

const minted = async ({ from, to, issuerKeys }: Direction, chance: Chance) => {
  const key = chance.of(issuerKeys)
  const [home, away] = [
    { iss: from.issuer, aud: from.gateway, env: from.cell },
    { iss: to.issuer, aud: to.gateway, env: to.cell },
  ]
  const pick = chance.of([
    home,
    away,
    { ...home, aud: away.aud },
    { ...home, env: away.env },
    { ...away, iss: home.iss },
    { ...away, env: home.env },
  ])
  return signJws(
    {
      ...pick,
      sub: chance.of([from, to]).applicationId,
      client_id: chance.of([from, to]).applicationId,
      scope: 'payments payments:split accounts cards:read',
      jti: uuidv7(),
      iat: nowS(),
      exp: nowS() + 300,
      partner_id: `partner_${'1'.repeat(32)}`,
      cnf: { jkt: 'A'.repeat(43) },
    },
    key,
    { typ: 'at+jwt' },
  )
}

const hostsOf = ({ from, to }: Direction) =>
  [from.gateway, to.gateway].map((origin) => new URL(origin).host)

/** Headers that somebody hopes are believed. */
const hopes = (chance: Chance, way: Direction): Record<string, string> =>
  chance.of<Record<string, string>>([
    {},
    { host: chance.of(hostsOf(way)) },
    { 'x-forwarded-host': chance.of(hostsOf(way)), 'x-forwarded-proto': 'https' },
    { forwarded: `host=${chance.of(hostsOf(way))};proto=https` },
    { 'portico-environment': way.from.cell, 'x-environment': way.from.cell },
    { [CALLER_HEADER]: 'e30.e30' },
    { cookie: `portico_portal=${'A'.repeat(43)}; __Secure-portico_${way.to.cell}_session=x` },
  ])

export const tokenAtGateway: Kind = {
  weight: 58,
  tryOnce: async (way, chance) => {
    const { from, to, sending, world, publicKeys } = way
    const genuine = chance.once(2) ? from.accessToken : await minted(way, chance)
    const token = forged(genuine, chance.of(wireWays), {
      chance,
      seen: to.accessToken,
      publicKeys,
      wanted: { iss: to.issuer, aud: to.gateway, env: to.cell, client_id: to.applicationId },
    })
    // What was seen on the way of the other cell, unchanged, would be its own credential.
    if (token === to.accessToken) return 'unheard'
    const { method, path } = chance.of(way.asked)
    const proof = await chance.of([from, to]).proof(method, chance.of([to, from]).gateway + path, {
      ath: createHash('sha256').update(token).digest('base64url'),
      nonce: way.nonce,
    })
    const hoped = hopes(chance, way)
    const heard = await sending.send(world.ports[to.cell].gateway, {
      method,
      path,
      headers: {
        authorization: `${chance.of(['DPoP', 'DPoP', 'Bearer', 'dpop'])} ${token}`,
        dpop: proof,
        'idempotency-key': uuidv7(),
        ...hoped,
      },
    })
    way.nonce = String(heard.headers['dpop-nonce'] ?? way.nonce)
    // RFC 9110 §7.4: a request for another host is turned away before anybody looks at its token.
    const misdirected = ({ status, body }: Heard) =>
      'host' in hoped && status === 400 && body['code'] === 'gateway/malformed'
    return judged(way, heard, (h) => unidentified(h) || misdirected(h))
  },
}

const nobodysConsent = `/consents/v1/consents/consent_${'0'.repeat(32)}`
const aboutConsents: readonly Asked[] = [
  { method: 'POST', path: '/consents/v1/consents' },
  { method: 'GET', path: nobodysConsent },
  { method: 'GET', path: `${nobodysConsent}/usage` },
  { method: 'POST', path: `${nobodysConsent}/revocation` },
  { method: 'POST', path: `${nobodysConsent}/extension` },
]

/** The issuer reads access tokens too: at the addresses of what it keeps of consents. */
export const tokenAtConsents: Kind = {
  weight: 4,
  most: 800,
  tryOnce: async (way, chance) => {
    const { from, to, sending, world, publicKeys } = way
    const genuine = chance.once(2) ? from.accessToken : await minted(way, chance)
    const token = forged(genuine, chance.of(wireWays), {
      chance,
      seen: to.accessToken,
      publicKeys,
      wanted: { iss: to.issuer, aud: to.gateway, client_id: to.applicationId },
    })
    if (token === to.accessToken) return 'unheard'
    const { method, path } = chance.of(aboutConsents)
    const proof = await chance.of([from, to]).proof(method, chance.of([to, from]).issuer + path, {
      ath: createHash('sha256').update(token).digest('base64url'),
    })
    const heard = await sending.send(world.ports[to.cell].authorization, {
      method,
      path,
      headers: { authorization: `${chance.of(['DPoP', 'DPoP', 'Bearer'])} ${token}`, dpop: proof },
    })
    const refusals = ['authorization/token-invalid', 'authorization/sender-unproven']
    return judged(
      way,
      heard,
      ({ status, body }) => status === 401 && refusals.includes(String(body['code'])),
    )
  },
}
