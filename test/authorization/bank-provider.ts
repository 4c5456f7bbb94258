/** A bank's own OpenID provider: a second oidc-provider with keys, certificate and people of its own. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { CompactSign, decodeJwt, importJWK } from 'jose'
import Provider from 'oidc-provider'
import { z } from 'zod'
import { makeAuthority, makeServerCertificate } from '#platform/certificates.ts'
import { type JWK, newSigningJwk, publicJwk } from '#platform/jose.ts'

export const SCA = 'urn:bank:sca'

/** How the next ID token is spoilt on its way out; undefined: not at all. */
export interface Spoiling {
  readonly claims?: (claims: Record<string, unknown>) => Record<string, unknown>
  /** Signed by somebody else, under the right `kid`. */
  readonly foreignKey?: boolean
  /** Not signed: `alg` none. */
  readonly unsigned?: boolean
}

export interface BankProvider {
  readonly issuer: string
  readonly clientId: string
  readonly keyFile: string
  readonly caFile: string
  readonly ca: string
  /** Lets its client return there, and answers from now on. */
  open(redirectUri: string): void
  spoil(how: Spoiling | undefined): void
  /** What it was last asked, by the pushed request. */
  asked(): Readonly<Record<string, unknown>>
}

const Body = z.looseObject({ id_token: z.string().optional() })

const unsigned = (claims: Record<string, unknown>) =>
  [{ alg: 'none' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
    .concat('.')

const signed = async (claims: Record<string, unknown>, key: JWK, kid: string | undefined) =>
  new CompactSign(Buffer.from(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'PS256', ...(kid !== undefined && { kid }) })
    .sign(await importJWK(key, 'PS256'))

/** The page of its sign-in: one field, two buttons. */
const page = (uid: string) =>
  `<!doctype html><title>Sign in</title><form action="/sign-in/${uid}" method="post">
   <input type="text" id="customer" name="customer">
   <button type="submit" id="submit" name="action" value="in">in</button>
   <button type="submit" id="cancel" name="action" value="cancel">cancel</button></form>`

const formOf = async (req: IncomingMessage): Promise<URLSearchParams> => {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(Buffer.from(chunk))
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'))
}

const newProvider = (
  issuer: string,
  { key, client, redirectUri }: { key: JWK; client: { id: string; key: JWK }; redirectUri: string },
): Provider =>
  new Provider(issuer, {
    jwks: { keys: [key] },
    clients: [
      {
        client_id: client.id,
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: 'ES256',
        id_token_signed_response_alg: 'PS256',
        jwks: { keys: [publicJwk(client.key)] },
        redirect_uris: [redirectUri],
        response_types: ['code'],
        grant_types: ['authorization_code'],
        require_auth_time: true,
      },
    ],
    acrValues: [SCA],
    claims: { openid: ['sub'], acr: null, auth_time: null },
    cookies: { keys: ['not a secret, only a test'] },
    interactions: { url: (_ctx, { uid }) => `/sign-in/${uid}` },
    findAccount: async (_ctx, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    loadExistingGrant: async (ctx) => {
      const { client: asking, session, provider } = ctx.oidc
      const grant = new provider.Grant({
        ...(asking && { clientId: asking.clientId }),
        ...(session?.accountId !== undefined && { accountId: session.accountId }),
      })
      grant.addOIDCScope('openid')
      grant.addOIDCClaims(['acr', 'auth_time'])
      await grant.save()
      return grant
    },
    features: {
      devInteractions: { enabled: false },
      claimsParameter: { enabled: true },
      pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
    },
    pkce: { required: () => true },
  })

/** Listens; answers once `open` has named the client's return address. */
export const openBankProvider = async (): Promise<BankProvider> => {
  const folder = mkdtempSync(join(tmpdir(), 'bank-provider-'))
  const file = (name: string) => join(folder, name)
  const authority = { certificate: file('ca.pem'), key: file('ca.key') }
  const server = { certificate: file('tls.pem'), key: file('tls.key') }
  await makeServerCertificate(await makeAuthority(authority, 'The bank'), server, 'localhost')
  const key = await newSigningJwk('PS256')
  const stranger = await newSigningJwk('PS256')
  const client = { id: 'portico-production', key: await newSigningJwk('ES256') }
  writeFileSync(file('client.jwk'), JSON.stringify(client.key))

  let spoiling: Spoiling | undefined
  let asked: Readonly<Record<string, unknown>> = {}
  let provider: Provider | undefined

  const spoilt = async (text: string, how: Spoiling): Promise<string> => {
    const body = Body.parse(JSON.parse(text))
    if (body.id_token === undefined) return text
    const before: Record<string, unknown> = { ...decodeJwt(body.id_token) }
    const claims = how.claims?.(before) ?? before
    const token = how.unsigned
      ? unsigned(claims)
      : await signed(claims, how.foreignKey ? stranger : key, key.kid)
    return JSON.stringify({ ...body, id_token: token })
  }

  /** Holds the answer of the token endpoint back and sends a spoilt one. */
  const spoilAnswer = (res: ServerResponse, how: Spoiling): void => {
    const send = res.end.bind(res)
    res.end = (chunk?: unknown) => {
      void spoilt(String(chunk), how).then((text) => {
        res.setHeader('content-length', Buffer.byteLength(text))
        send(text)
      })
      return res
    }
  }

  const signIn = async (op: Provider, req: IncomingMessage, res: ServerResponse) => {
    const details = await op.interactionDetails(req, res)
    asked = details.params
    if (req.method === 'GET') {
      res.setHeader('content-type', 'text/html')
      return res.end(page(details.uid))
    }
    const form = await formOf(req)
    const result =
      form.get('action') === 'cancel'
        ? { error: 'access_denied', error_description: 'the customer cancelled' }
        : { login: { accountId: form.get('customer') ?? '', acr: SCA, amr: ['hwk', 'pin'] } }
    return op.interactionFinished(req, res, result, { mergeWithLastSubmission: false })
  }

  const tls = createServer(
    { key: readFileSync(server.key), cert: readFileSync(server.certificate) },
    (req, res) => {
      const op = provider
      if (!op) return void res.writeHead(503).end()
      if (req.url?.startsWith('/sign-in/'))
        return void signIn(op, req, res).catch((error: unknown) =>
          res.writeHead(500).end(String(error)),
        )
      if (req.url === '/token' && spoiling) spoilAnswer(res, spoiling)
      void op.callback()(req, res)
    },
  )
  await new Promise<void>((resolve) => tls.listen(0, 'localhost', resolve))
  after(() => {
    tls.closeAllConnections()
    tls.close()
  })
  const issuer = `https://localhost:${(tls.address() as AddressInfo).port}`
  return {
    issuer,
    clientId: client.id,
    keyFile: file('client.jwk'),
    caFile: authority.certificate,
    ca: readFileSync(authority.certificate, 'utf8'),
    open: (redirectUri) => (provider = newProvider(issuer, { key, client, redirectUri })),
    spoil: (how) => (spoiling = how),
    asked: () => asked,
  }
}
