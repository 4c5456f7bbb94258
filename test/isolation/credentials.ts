/** What of one cell is shown to the other over the wire: one attempt of each kind of credential, and how it is judged. */
import { readFileSync } from 'node:fs'
import type { Cell } from '#kernel/cell.ts'
import { uuidv7 } from '#kernel/id.ts'
import { CALLER_HEADER, callerSigner } from '#platform/caller.ts'
import { sha256url } from '#platform/jose.ts'
import { readRandomKey } from '#platform/keys.ts'
import { probeFiles } from '../../src/supervisor/probe.ts'
import { forged } from './forgery.ts'
import type { Written } from './holder.ts'
import { type Direction, judged, type Kind, wireWays } from './kind.ts'
import type { Heard, Request } from './sending.ts'
import { tokenAtConsents, tokenAtGateway } from './tokens.ts'

const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString()
const formHeaders = { 'content-type': 'application/x-www-form-urlencoded' }
const errorIs =
  (...errors: string[]) =>
  ({ status, body }: Heard) =>
    status >= 400 && errors.includes(String(body['error']))

const assertionAtIssuer: Kind = {
  weight: 22,
  tryOnce: async (way, chance) => {
    const { from, to, sending, world, publicKeys } = way
    const change = {
      aud: chance.of([to.issuer, to.issuer, from.issuer, [to.issuer], [from.issuer, to.issuer]]),
      ...(chance.once(2) && { sub: to.applicationId, iss: to.applicationId }),
    }
    const assertion = forged(await from.assertion(change), chance.of(wireWays), {
      chance,
      seen: from.accessToken,
      publicKeys,
      wanted: { aud: to.issuer, iss: to.applicationId, sub: to.applicationId },
    })
    const [path, fields] = chance.of<[string, Record<string, string>]>([
      ['/token', { grant_type: 'client_credentials', scope: 'payments:split' }],
      ['/token', { grant_type: 'refresh_token', refresh_token: from.refreshToken }],
      ['/request', { response_type: 'code', scope: 'payments' }],
      ['/token/revocation', { token: from.refreshToken }],
    ])
    const heard = await sending.send(world.ports[to.cell].authorization, {
      method: 'POST',
      path,
      headers: { ...formHeaders, dpop: await from.proof('POST', `${to.issuer}${path}`) },
      body: form({
        ...fields,
        client_id: chance.of([from, to]).applicationId,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
      }),
    })
    return judged(way, heard, errorIs('invalid_client', 'invalid_request'))
  },
}

/** An application that is known there, and proves it, brings what the other cell gave to its partner. */
const artefactAtIssuer: Kind = {
  weight: 4,
  most: 400,
  tryOnce: async (way, chance) => {
    const { from, to, sending, world } = way
    const port = world.ports[to.cell].authorization
    if (chance.once(4)) {
      const id = chance.of([from, to]).applicationId
      const uri = encodeURIComponent(from.requestUri)
      const path = `/auth?client_id=${id}&request_uri=${uri}`
      const heard = await sending.send(port, { method: 'GET', path })
      return judged(way, heard, ({ status }) => status === 400 || status === 401 || status === 403)
    }
    const grant = chance.of<Record<string, string>>([
      { grant_type: 'refresh_token', refresh_token: from.refreshToken },
      { grant_type: 'refresh_token', refresh_token: from.accessToken },
      {
        grant_type: 'authorization_code',
        code: from.refreshToken,
        redirect_uri: 'https://partner.example/back',
        code_verifier: 'v'.repeat(43),
      },
    ])
    const send = async (nonce?: string) =>
      sending.send(port, {
        method: 'POST',
        path: '/token',
        headers: {
          ...formHeaders,
          dpop: await to.proof('POST', `${to.issuer}/token`, { ...(nonce && { nonce }) }),
        },
        body: form({
          ...grant,
          client_id: to.applicationId,
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: await to.assertion(),
        }),
      })
    const first = await send()
    const challenged = first.body['error'] === 'use_dpop_nonce'
    const heard = challenged ? await send(String(first.headers['dpop-nonce'])) : first
    return judged(way, heard, errorIs('invalid_grant', 'invalid_request'))
  },
}

/** The handshake fails, or whoever came through is told that nobody knows the certificate. */
const certificateAtDoor: Kind = {
  weight: 3,
  most: 400,
  tryOnce: async (way, chance) => {
    const { from, to, sending, world } = way
    const files = probeFiles(world.layout, from.cell)
    const identity = { key: readFileSync(files.key), cert: readFileSync(files.certificate) }
    const { gatewayMtls, authorizationMtls } = world.ports[to.cell]
    const atGateway = chance.once(2)
    const request: Request = atGateway
      ? {
          ...chance.of(way.asked),
          headers: { authorization: `Bearer ${chance.of([from, to]).accessToken}` },
        }
      : {
          method: 'POST',
          path: '/token',
          headers: formHeaders,
          body: form({ grant_type: 'client_credentials', client_id: from.applicationId }),
        }
    try {
      const port = atGateway ? gatewayMtls : authorizationMtls
      const heard = await sending.sendAs(identity, port, request)
      return judged(way, heard, ({ status }) => status === 401 || (!atGateway && status === 400))
    } catch (error) {
      // TLS 1.3 tells a client of its certificate with an alert, or ends the connection.
      const said = `${String((error as NodeJS.ErrnoException).code)} ${String(error)}`
      return /ECONNRESET|EPIPE|ALERT|certificate|socket hang up/i.test(said) ? 'refused' : 'unheard'
    }
  },
}

/** Past the gateway: somebody who reached the socket of the other cell's bank or vault, with this cell's key. */
const callerAtSocket: Kind = {
  weight: 8,
  tryOnce: async (way, chance) => {
    const { from, to, sending, world } = way
    const upstream = chance.of(['bank', 'vault'] as const)
    const files = (cell: Cell) => world.layout.cell(cell)
    const other = upstream === 'bank' ? 'vault' : 'bank'
    const key = readRandomKey(
      chance.of([
        files(from.cell).callerKey(upstream),
        files(from.cell).callerKey(other),
        files(to.cell).callerKey(other),
      ]),
    )
    const { method, path } = upstream === 'vault' ? reveal : chance.of(atBank(way))
    const body = method === 'GET' ? undefined : '{}'
    const header = callerSigner(key)({
      callId: uuidv7().replaceAll('-', ''),
      interactionId: uuidv7(),
      operation: 'revealCard',
      partnerId: `partner_${'1'.repeat(32)}`,
      applicationId: to.applicationId,
      subject: null,
      consentId: null,
      details: [],
      revealKey: null,
      idempotencyKey: null,
      epoch: 1,
      bodySha256: sha256url(body ?? ''),
      at: Temporal.Now.instant(),
      withinMs: 25_000,
    })
    const heard = await sending.sendToSocket(files(to.cell).socket(upstream), {
      method,
      path,
      headers: { [CALLER_HEADER]: header, 'content-type': 'application/json' },
      ...(body !== undefined && { body }),
    })
    return judged(way, heard, ({ status }) => status === 401)
  },
}
const reveal = { method: 'POST', path: `/cards/v1/cards/card_${'0'.repeat(32)}/reveal` }
/** What the bank itself serves of the partner's operations. */
const atBank = ({ asked }: Direction) => asked.filter(({ path }) => !path.endsWith('/reveal'))

/** A gateway that asks control for the other cell's documents. */
const linkAtControl: Kind = {
  weight: 1,
  most: 200,
  tryOnce: async (way, chance) => {
    const { from, to, sending, world } = way
    const key = readRandomKey(world.layout.cell(from.cell).linkKey).toString('base64url')
    const heard = await sending.sendToSocket(world.layout.control.socket, {
      ...chance.of([
        { method: 'GET', path: `/link/${to.cell}/gateway` },
        { method: 'GET', path: `/link/${to.cell}/authorization` },
        { method: 'POST', path: `/link/${to.cell}/usage`, body: '{}' },
        { method: 'POST', path: `/link/${to.cell}/live`, body: '{}' },
      ]),
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    })
    return judged(way, heard, ({ status }) => status === 401)
  },
}

/** The partner's own key, used in one cell, says nothing in the other: neither the answer that was kept nor that there was one. */
const keyOfOtherCell: Kind = {
  weight: 1,
  most: 200,
  tryOnce: async ({ from, to, surprises }) => {
    const key = uuidv7()
    const passing = ({ status }: Written) => status === 401 || status === 429 || status >= 500
    for (const [which, expected] of [
      ['first', false],
      ['second', true],
    ] as const) {
      const home = await from.write(key)
      // The payment is nobody's: whatever else is said is about the moment, and not about the key.
      if (home.status !== 404) return 'unheard'
      if (home.replayed !== expected)
        throw new Error(`${from.cell} answers the ${which} use of a key wrongly: nothing is proven`)
    }
    const there = await to.write(key)
    if (passing(there)) return 'unheard'
    if (!there.replayed && there.status === 404) return 'refused'
    surprises.push(`${from.cell} → ${to.cell}: a key: ${JSON.stringify(there)}`)
    return 'accepted'
  },
}

/** A customer's visit to the dashboard of one cell, under either cell's name of the cookie. */
const visitAtDashboard: Kind = {
  weight: 1,
  most: 200,
  tryOnce: async (way, chance) => {
    const { from, to, sending, world } = way
    const own = await from.visit()
    const renamed = own.replaceAll(`_${from.cell}_`, `_${to.cell}_`)
    const heard = await sending.send(world.ports[to.cell].authorization, {
      method: 'GET',
      path: chance.of(['/dashboard', `/dashboard/consents/consent_${'0'.repeat(32)}`]),
      headers: { cookie: chance.of([renamed, renamed, own, `${own}; ${renamed}`]) },
    })
    // Whoever is nobody here is asked to sign in, or sent to where they are asked.
    const asked = ({ status, body }: Heard) =>
      status === 303 || (status === 200 && String(body['text']).includes('name="login"'))
    return judged(way, heard, asked)
  },
}

/** Every kind of credential, by its name in the report. */
export const kinds: Readonly<Record<string, Kind>> = {
  'access token and proof at the gateway': tokenAtGateway,
  'access token and proof at the issuer’s consents': tokenAtConsents,
  'client assertion at the issuer': assertionAtIssuer,
  'refresh token and pushed request at the issuer': artefactAtIssuer,
  'client certificate at the doors with certificates': certificateAtDoor,
  'caller header at the sockets of bank and vault': callerAtSocket,
  'link key at control': linkAtControl,
  'idempotency key at the gateway': keyOfOtherCell,
  'customer’s visit at the dashboard': visitAtDashboard,
}
