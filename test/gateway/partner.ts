/** A partner's application with the keys that only it holds, and what the issuer signs for it. */
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import type { SnapshotApplication, SnapshotPartner } from '#gateway/snapshot.ts'
import { uuidv7 } from '#kernel/id.ts'
import { type Authority, issueClientCertificate } from '#platform/certificates.ts'
import {
  importSigningKey,
  type JWK,
  newSigningJwk,
  publicJwk,
  type SigningKey,
  signJws,
  thumbprint,
} from '#platform/jose.ts'

export const day = '2026-11-22'
export const scopes = [
  'accounts',
  'accounts:verify',
  'payments',
  'payments:split',
  'cards:read',
  'cards:issue',
  'cards:reveal',
]
const permissions = [
  'accounts.read',
  'accounts.ownership-verification',
  'payments.initiate',
  'payments.split',
  'cards.issue',
  'cards.reveal',
]

export interface Holder {
  readonly partner: SnapshotPartner
  readonly application: SnapshotApplication
  readonly partnerId: string
  readonly applicationId: string
  readonly dpop: SigningKey
  readonly dpopJwk: JWK
  readonly dpopPrivateJwk: JWK
  readonly jkt: string
  readonly certificate: ClientCertificate
}

export interface ClientCertificate {
  readonly pem: string
  readonly key: string
  readonly sha256: string
}

export type Change = (claims: Record<string, unknown>) => Record<string, unknown>
export const unchanged: Change = (claims) => claims

/** The claims without one of them. */
export const without =
  (name: string): Change =>
  (claims) =>
    Object.fromEntries(Object.entries(claims).filter(([claim]) => claim !== name))

export const newHolder = async (
  authority: Authority,
  cell: string,
  senderConstraint: 'dpop' | 'mtls',
  change: Partial<SnapshotPartner> = {},
): Promise<Holder> => {
  const partnerId = `partner_${uuidv7()}`
  const applicationId = `application_${uuidv7()}`
  const jwk = await newSigningJwk('ES256')
  const dpopJwk = publicJwk(jwk)
  return {
    partner: {
      id: partnerId,
      status: 'active',
      permissions: Object.fromEntries(
        permissions.map((p) => [p, { granted: true, until: null, limit: null }]),
      ),
      contract: {
        id: `contract_${uuidv7()}`,
        tier: 'Gold',
        priceVersion: '2026-11',
        products: ['accounts', 'payments', 'cards'],
      },
      limits: {
        rate: { perSecond: 10_000, burst: 10_000 },
        concurrency: 500,
        dailyQuota: 1_000_000,
        budgets: {
          'ownership-verifications': { perSecond: 0.1, burst: 3 },
          'card-reveals': { perSecond: 1, burst: 100 },
        },
      },
      ...change,
    },
    application: {
      id: applicationId,
      partnerId,
      status: 'active',
      scopes,
      apiVersion: day,
      senderConstraint,
      revealKey: null,
      permissions: null,
    },
    partnerId,
    applicationId,
    dpop: await importSigningKey(jwk),
    dpopJwk,
    dpopPrivateJwk: jwk,
    jkt: await thumbprint(dpopJwk),
    certificate: await newCertificate(authority, { cell, partnerId, applicationId, days: 30 }),
  }
}

/** A key, its request for a certificate, and the certificate. */
export const newCertificate = async (
  authority: Authority,
  holder: { cell: string; partnerId: string; applicationId: string; days: number },
): Promise<ClientCertificate> => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=app',
    keys,
    signingAlgorithm: algorithm,
  })
  const { pem, sha256 } = await issueClientCertificate(authority, request.toString('pem'), holder)
  const key = x509.PemConverter.encode(
    await crypto.subtle.exportKey('pkcs8', keys.privateKey),
    'PRIVATE KEY',
  )
  return { pem, key, sha256 }
}

/** Signs access tokens as the cell's issuer does. `change` bends the claims, `header` and `key` the rest. */
export const issuing =
  (issuerJwk: JWK, names: { issuer: string; audience: string; cell: string }) =>
  async (
    holder: Holder,
    change: Change = unchanged,
    header: Record<string, unknown> = {},
    key?: SigningKey,
  ): Promise<string> => {
    const now = Math.floor(Date.now() / 1000)
    const claims = change({
      iss: names.issuer,
      aud: names.audience,
      sub: holder.applicationId,
      client_id: holder.applicationId,
      scope: scopes.join(' '),
      jti: uuidv7(),
      iat: now,
      exp: now + 300,
      env: names.cell,
      partner_id: holder.partnerId,
      cnf:
        holder.application.senderConstraint === 'dpop'
          ? { jkt: holder.jkt }
          : { 'x5t#S256': holder.certificate.sha256 },
    })
    return signJws(claims, key ?? (await importSigningKey(issuerJwk)), { typ: 'at+jwt', ...header })
  }

/** The token of a customer's consent. */
export const withConsent =
  (consentId: string, detail: Record<string, unknown>): Change =>
  (claims) => ({
    ...claims,
    sub: 'sub_1',
    acr: 'urn:bank:sca',
    auth_time: Math.floor(Date.now() / 1_000) - 60,
    consent_id: consentId,
    authorization_details: [{ ...detail, consentId }],
  })

export const acc = `acc_${'1'.repeat(31)}a`
export const otherAcc = `acc_${'2'.repeat(31)}b`

export const accountsDetail = (more: Record<string, unknown> = {}) => ({
  type: 'urn:bank:accounts:v1',
  permissions: ['ReadAccountsBasic', 'ReadBalances', 'ReadTransactionsBasic'],
  accounts: [acc],
  ...more,
})
