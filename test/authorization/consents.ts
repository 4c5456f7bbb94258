/** A partner at the consents' own addresses: its token, its proofs, its calls. */
import { createHash } from 'node:crypto'
import { type Agent, fetch } from 'undici'
import { z } from 'zod'
import { authorise } from './flows.ts'
import type { House } from './house.ts'
import { type Application, newApplication } from './partner.ts'
import { authenticated, newKeys, post, proof } from './wire.ts'

const Body = z.looseObject({
  consentId: z.string().optional(),
  status: z.unknown().optional(),
  code: z.string().optional(),
})

export const call = async (
  agent: Agent,
  url: string,
  headers: Record<string, string>,
  method: 'GET' | 'POST' = 'GET',
  json?: object,
) => {
  const answer = await fetch(url, {
    dispatcher: agent,
    method,
    headers: { ...headers, ...(json && { 'content-type': 'application/json' }) },
    ...(json && { body: JSON.stringify(json) }),
  })
  const text = await answer.text()
  return {
    status: answer.status,
    text,
    body: Body.parse(JSON.parse(text)),
    headers: answer.headers,
  }
}

export const claimsIn = (token: string): Record<string, unknown> =>
  z
    .record(z.string(), z.unknown())
    .parse(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()))

export const ath = (token: string) => createHash('sha256').update(token).digest('base64url')

/** An application with its own DPoP-bound token. */
export const withToken = async (house: House, app: Application, scope?: string) => {
  const keys = await newKeys()
  const url = `${house.issuer}/token`
  const answer = await post(
    app.via(false),
    url,
    {
      grant_type: 'client_credentials',
      ...(scope !== undefined && { scope }),
      ...(await authenticated(house, app)),
    },
    { dpop: await proof(keys, url) },
  )
  const token = answer.body.access_token ?? ''
  const headersFor = async (htu: string, htm: string, claims: Record<string, unknown> = {}) => ({
    authorization: `DPoP ${token}`,
    dpop: await proof(keys, htu, { htm, ath: ath(token), ...claims }),
  })
  const ask = async (
    path: string,
    { method = 'GET', json, headers = {} }: Asking = {},
  ): ReturnType<typeof call> => {
    const address = `${house.issuer}${path}`
    const own = { ...(await headersFor(address, method)), ...headers }
    return call(app.via(false), address, own, method, json)
  }
  return { token, headersFor, ask }
}

interface Asking {
  readonly method?: 'GET' | 'POST'
  readonly json?: object
  readonly headers?: Record<string, string>
}

/** What the server says to push, pushed, and answered by the customer. */
const AuthorizationRequest = z.object({
  consentId: z.string(),
  authorizationRequest: z.object({
    authorization_details: z.array(z.looseObject({ type: z.string() })),
    scope: z.string().optional(),
  }),
})
export const askedBy = (body: unknown) => {
  const { authorizationRequest } = AuthorizationRequest.parse(body)
  const [detail] = authorizationRequest.authorization_details
  return { detail: detail ?? {}, scope: authorizationRequest.scope ?? '' }
}

/** An application with a consent that a customer gave. */
export const given = async (house: House) => {
  const app = await newApplication(house)
  const { tokens, config, DPoP } = await authorise(house, app)
  const [detail] = z
    .array(z.object({ consentId: z.string() }))
    .parse(tokens['authorization_details'])
  const url = `${house.issuer}/consents/v1/consents/${detail?.consentId}`
  return { app, tokens, config, DPoP, url, consentId: detail?.consentId }
}
