/** Those who call: 64 partners, each with a certificate, a DPoP key and 16 access tokens, each token of another consent. */
import { createPrivateKey, sign } from 'node:crypto'
import { uuidv7 } from '#kernel/id.ts'
import type { openCell } from '#test/gateway/cell.ts'
import { type Holder, withConsent } from '#test/gateway/partner.ts'
import type { Rung } from './peers/peer.ts'
import type { Lane } from './plan.ts'

type Cell = Awaited<ReturnType<typeof openCell>>

const PARTNERS = 64
const TOKENS_EACH = 16
/** Of the five minutes that a token lives, what leaves enough for the longest measurement. */
const YOUNG_MS = 120_000
const PATH = '/accounts/v1/accounts'

export interface Token {
  readonly token: string
  readonly consentId: string
}

export interface Clients {
  readonly mtls: readonly Holder[]
  /** Another partner of the same kind, with limits of its own. */
  newHolder(limits: Holder['partner']['limits']): Promise<Holder>
  /** Tokens of this minute: they live for five. */
  tokensOf(holder: Holder): Promise<Token[]>
  /** `algorithm` of the access tokens, for who cannot verify ours. */
  lanesFor(rung: Rung, algorithm?: 'PS256' | 'RS256'): Promise<Lane[]>
  lanesOf(holders: readonly Holder[]): Promise<Lane[]>
}

const head = (host: string, token: string) =>
  [
    `GET ${PATH} HTTP/1.1`,
    `Host: ${host}`,
    `Authorization: ${token}`,
    'Accept: application/json',
    // The customer is there, so that no access is counted as unattended.
    'x-fapi-customer-ip-address: 192.0.2.7',
    '',
  ].join('\r\n')

const generous: Holder['partner']['limits'] = {
  rate: { perSecond: 100_000, burst: 100_000 },
  concurrency: 500,
  dailyQuota: 1_000_000_000,
  budgets: {},
}
const accounts = Array.from({ length: 8 }, (_, i) => `acc_${String(i + 1).padStart(32, '1')}`)
const detail = { type: 'urn:bank:accounts:v1', permissions: ['ReadAccountsBasic'], accounts }

export const newClients = async (cell: Cell): Promise<Clients> => {
  const all = (constraint: 'mtls' | 'dpop') =>
    Promise.all(
      Array.from({ length: PARTNERS }, () => cell.addHolder(constraint, { limits: generous })),
    )
  const mtls = await all('mtls')
  const dpop = await all('dpop')
  const { gateway, gatewayMtls } = cell.addresses

  const tokensOf = (holder: Holder): Promise<Token[]> =>
    Promise.all(
      Array.from({ length: TOKENS_EACH }, async () => {
        const consentId = `consent_${uuidv7()}`
        const consented = withConsent(consentId, detail)
        const token = await cell.token(holder, (claims) => ({
          ...consented(claims),
          acr: 'urn:bank:sca',
        }))
        return { token, consentId }
      }),
    )
  const provenByKey = async (holder: Holder): Promise<Lane> => {
    const tokens = (await tokensOf(holder)).map(({ token }) => token)
    return {
      cert: null,
      key: null,
      requests: tokens.map((token) => head(new URL(gateway).host, `DPoP ${token}`)),
      dpop: {
        privateJwk: holder.dpopPrivateJwk,
        publicJwk: holder.dpopJwk,
        htm: 'GET',
        htu: `${gateway}${PATH}`,
        tokens,
      },
    }
  }
  const provenByCertificate = async (holder: Holder): Promise<Lane> => ({
    cert: holder.certificate.pem,
    key: holder.certificate.key,
    requests: (await tokensOf(holder)).map(
      ({ token }) => `${head(new URL(gatewayMtls).host, `Bearer ${token}`)}\r\n`,
    ),
    dpop: null,
  })
  const provenByOlderSignature = async (holder: Holder): Promise<Lane> => ({
    cert: holder.certificate.pem,
    key: holder.certificate.key,
    requests: (await tokensOf(holder)).map(
      ({ token }) => `${head(new URL(gatewayMtls).host, `Bearer ${signedByRs256(token)}`)}\r\n`,
    ),
    dpop: null,
  })
  const issuerKey = createPrivateKey({ key: cell.issuerJwk, format: 'jwk' })
  /** The same claims by the same key, in the signature of RFC 7518 §3.3. */
  const signedByRs256 = (token: string): string => {
    const header = { typ: 'at+jwt', alg: 'RS256', kid: cell.issuerJwk.kid }
    const text = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${token.split('.')[1]}`
    return `${text}.${sign('sha256', Buffer.from(text), issuerKey).toString('base64url')}`
  }

  /** 1,024 signatures take a second: lanes serve every gateway that is measured while their tokens are young. */
  const kept = new Map<string, { readonly lanes: Lane[]; readonly madeMs: number }>()
  const keptLanes = async (kind: string, make: () => Promise<Lane>[]): Promise<Lane[]> => {
    const known = kept.get(kind)
    if (known && performance.now() - known.madeMs < YOUNG_MS) return known.lanes
    const lanes = await Promise.all(make())
    kept.set(kind, { lanes, madeMs: performance.now() })
    return lanes
  }
  return {
    mtls,
    newHolder: (limits) => cell.addHolder('mtls', { limits }),
    tokensOf,
    lanesOf: (holders) => Promise.all(holders.map(provenByCertificate)),
    lanesFor: (rung, algorithm = 'PS256') => {
      if (rung === 'T6') return keptLanes('dpop', () => dpop.map(provenByKey))
      const proven = algorithm === 'PS256' ? provenByCertificate : provenByOlderSignature
      return keptLanes(algorithm, () => mtls.map(proven))
    },
  }
}
