/** What a partner may ask of a customer: the checks of PAR that the library leaves to us. */
import { type Client, errors, type KoaContextWithOIDC, type UnknownObject } from 'oidc-provider'
import { z } from 'zod'
import { pointerOf } from '#platform/http.ts'
import type { Db } from '#platform/db.ts'
import type { Clients } from '../clients/index.ts'
import {
  type AnybodyIsReal,
  type ConsentType,
  consentTypes,
  endUnfit,
  isClosedToNew,
  isConsentType,
  namedUnfit,
  SCA,
  scopes,
  somebodyUnfit,
} from '../consents/index.ts'

export { SCA } from '../consents/index.ts'

const AskedDetails = z.array(z.looseObject({ type: z.string() }))

/** `authorization_details` as they came, each with a type; empty where there are none. */
const askedTypes = (ctx: KoaContextWithOIDC): string[] => {
  const raw: unknown = ctx.oidc.params?.['authorization_details']
  if (typeof raw !== 'string') return []
  // The library parsed it before: it is a JSON array of objects with types.
  return AskedDetails.parse(JSON.parse(raw)).map((detail) => detail.type)
}

const askedScopes = (ctx: KoaContextWithOIDC): string[] => {
  const asked: unknown = ctx.oidc.params?.['scope']
  return typeof asked === 'string' ? asked.split(' ') : []
}

interface Askable {
  readonly postgres: Db
  readonly now: () => Temporal.Instant
  readonly clients: Pick<Clients, 'find'>
  readonly anybodyIsReal: AnybodyIsReal
}

/** RFC 9396 §5: unknown members, missing ones and wrong values are refused with the place named. */
const validator =
  (type: ConsentType, { postgres, now, clients, anybodyIsReal }: Askable) =>
  async (ctx: KoaContextWithOIDC, detail: UnknownObject, client: Client): Promise<void> => {
    const parsed = consentTypes[type].schema.safeParse(detail)
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      throw new errors.InvalidAuthorizationDetails(
        `${type}${pointerOf(issue?.path ?? [])}: ${issue?.message}`,
      )
    }
    if (isClosedToNew(clients.find(client.clientId, now()), type, now()))
      throw new errors.InvalidAuthorizationDetails(
        `${type}: its licence has lapsed so far that no new consent may be asked for`,
      )
    const request = { applicationId: client.clientId, scopes: askedScopes(ctx), now: now() }
    const unfit =
      endUnfit(parsed.data, now()) ??
      (await namedUnfit(postgres, parsed.data, request)) ??
      (await somebodyUnfit(detail, anybodyIsReal).catch((cause: unknown) => {
        throw new errors.TemporarilyUnavailable('the bank is not answering', { cause })
      }))
    if (unfit) throw new errors.InvalidAuthorizationDetails(`${type}: ${unfit}`)
  }

/** The configuration's `types`: one entry for each type of consent. */
export const detailTypes = (world: Askable) =>
  Object.fromEntries(
    Object.keys(consentTypes)
      .filter(isConsentType)
      .map((type) => [type, { validate: validator(type, world) }]),
  )

const YEAR_SECONDS = 366 * 86_400

/**
 * A refresh token of a consent that can be renewed outlives its present end: what it may still do, the consent says at
 * every use. One of a consent for one use ends with it.
 */
export const refreshSeconds = (ctx: KoaContextWithOIDC, left: number): number => {
  const [detail] = AskedDetails.catch([]).parse(ctx.oidc.grant?.rar)
  const type = detail?.type ?? ''
  return isConsentType(type) && consentTypes[type].duration !== 'ONE_TIME' ? YEAR_SECONDS : left
}

/** RFC 9068 §2.2.1: how and when the customer proved to be themselves; the same in every token of one authorisation. */
export const authenticationClaims = (
  ctx: KoaContextWithOIDC,
): { acr?: string; auth_time?: number } => {
  const { AuthorizationCode: code, RefreshToken: refreshToken } = ctx.oidc.entities
  const source = refreshToken ?? code
  return {
    ...(source?.acr !== undefined && { acr: source.acr }),
    ...(source?.authTime !== undefined && { auth_time: source.authTime }),
  }
}

/** One request asks for one consent, and for no scope that the customer would not see on its page. */
export const asksForOneConsent = (ctx: KoaContextWithOIDC): void => {
  const [type, ...more] = askedTypes(ctx)
  if (type === undefined || more.length > 0)
    throw new errors.InvalidAuthorizationDetails(
      'ask for one consent at a time: authorization_details holds exactly one object',
    )
  const opened = isConsentType(type) ? consentTypes[type].opens : []
  for (const scope of askedScopes(ctx))
    if (scopes.includes(scope) && !opened.includes(scope))
      throw new errors.InvalidScope(`${type} does not open this scope`, scope)
}

const AcrRequest = z.object({
  id_token: z
    .object({
      acr: z
        .object({
          essential: z.boolean().optional(),
          value: z.unknown().optional(),
          values: z.array(z.unknown()).optional(),
        })
        .nullish(),
    })
    .optional(),
})

/** An essential `acr` that we do not have is denied at once, never ignored and never asked for in a circle. */
export const assertAcr = (_ctx: KoaContextWithOIDC, claims: unknown): void => {
  const acr = AcrRequest.safeParse(claims).data?.id_token?.acr
  if (!acr?.essential) return
  const wanted = acr.values ?? (acr.value === undefined ? [SCA] : [acr.value])
  if (!wanted.includes(SCA)) throw new errors.AccessDenied(`the only acr is ${SCA}`)
}

const ASSERTION_SECONDS_MAX = 300
/** FAPI 2.0 §5.3.2.1: ten seconds ahead are taken, more than sixty are not; the library looks at `nbf` alone. */
const AHEAD_SECONDS_MAX = 60

/** RFC 7523 §3, FAPI 2.0 §5.3.2.1: the issuer alone as audience, and a short life, which the library does not ask for. */
export const assertAssertion =
  (
    now: () => Temporal.Instant,
    ownCertificate: (ctx: KoaContextWithOIDC, client: Client) => boolean,
  ) =>
  async (
    ctx: KoaContextWithOIDC,
    claims: Record<string, unknown>,
    _header: unknown,
    client: Client,
  ): Promise<void> => {
    const refuse = (detail: string) => new errors.InvalidClientAuth(detail)
    if (claims['aud'] !== ctx.oidc.issuer) throw refuse('aud is not the issuer, as one string')
    if (claims['sub'] !== claims['iss']) throw refuse('sub is not iss')
    const seconds = Math.floor(now().epochMilliseconds / 1000)
    const { iat, exp } = z
      .object({ iat: z.number().default(seconds), exp: z.number() })
      .parse(claims)
    if (iat - seconds > AHEAD_SECONDS_MAX) throw refuse('iat is in the future')
    if (exp - Math.min(iat, seconds) > ASSERTION_SECONDS_MAX)
      throw refuse(`it lives longer than ${ASSERTION_SECONDS_MAX} seconds`)
    if (client.tlsClientCertificateBoundAccessTokens && !ownCertificate(ctx, client))
      throw refuse('the certificate is not one of the application’s')
  }
