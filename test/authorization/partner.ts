/** A stranger: an application of a partner with its own keys, on `openid-client` and `oauth4webapi`. */
import 'reflect-metadata'
import { randomUUID } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import * as oidc from 'openid-client'
import { Agent, fetch } from 'undici'
import type { RegistryClient } from '#authorization/registry.ts'
import { uuidv7 } from '#kernel/id.ts'
import { issueClientCertificate, sanUri } from '#platform/certificates.ts'
import type { House } from './house.ts'

export interface Application {
  readonly row: RegistryClient
  readonly id: string
  readonly partnerId: string
  readonly redirectUri: string
  /** ES256, for private_key_jwt. */
  readonly key: CryptoKeyPair
  readonly kid: string
  readonly certificate: { readonly pem: string; readonly keyPem: string; readonly sha256: string }
  /** A way to the house, with the certificate or without. */
  readonly via: (withCertificate: boolean) => Agent
}

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

const certify = async (house: House, partnerId: string, applicationId: string) => {
  const keys = await crypto.subtle.generateKey(ecdsa, true, ['sign', 'verify'])
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=app',
    keys,
    signingAlgorithm: ecdsa,
  })
  const { cell } = house.world
  const holder = { cell, partnerId, applicationId, days: 30 }
  const { pem, sha256 } = await issueClientCertificate(house.partnerCa, csr.toString('pem'), holder)
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  return { pem, sha256, keyPem: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY') }
}

const agents: Agent[] = []
/** Lets go of every connection: call it after the tests of a file. */
export const hangUp = async (): Promise<void> => {
  await Promise.all(agents.splice(0).map((agent) => agent.destroy()))
}

export const agentFor = (house: House, certificate?: { pem: string; keyPem: string }): Agent => {
  const agent = new Agent({
    connections: 64,
    connect: {
      ca: house.ca,
      ...(certificate && { cert: certificate.pem, key: certificate.keyPem }),
    },
  })
  agents.push(agent)
  return agent
}

/** Registers an application as control would publish it. */
export const newApplication = async (
  house: House,
  wishes: Partial<RegistryClient> = {},
): Promise<Application> => {
  const id = `application_${uuidv7()}`
  const partnerId = wishes.partnerId ?? `partner_${uuidv7()}`
  const key = await crypto.subtle.generateKey(ecdsa, true, ['sign', 'verify'])
  const kid = randomUUID()
  const publicKey = await crypto.subtle.exportKey('jwk', key.publicKey)
  const certificate = await certify(house, partnerId, id)
  const [redirectUri = 'https://partner.example/callback'] = wishes.redirectUris ?? []
  const { cell } = house.world
  const row: RegistryClient = {
    applicationId: id,
    partnerId,
    partnerName: 'Anor Telecom',
    partnerStatus: 'active',
    applicationName: 'Anor application',
    authentication: 'private_key_jwt',
    senderConstraint: 'dpop',
    jwks: [{ kty: 'EC', crv: 'P-256', x: publicKey.x, y: publicKey.y, kid, alg: 'ES256' }],
    sanUri: sanUri({ cell, partnerId, applicationId: id }),
    certificates: [certificate.sha256],
    redirectUris: [redirectUri],
    grantTypes: ['client_credentials', 'authorization_code', 'refresh_token'],
    scopes: [
      'accounts',
      'accounts:verify',
      'payments',
      'cards:read',
      'cards:issue',
      'cards:reveal',
    ],
    authorizationDetailsTypes: [
      'urn:bank:accounts:v1',
      'urn:bank:payment:v1',
      'urn:bank:card-issue:v1',
    ],
    ...wishes,
  }
  await house.admit(row)
  const plain = agentFor(house)
  const shown = agentFor(house, certificate)
  return { row, id, partnerId, redirectUri, key, kid, certificate, via: (w) => (w ? shown : plain) }
}

/** `fetch` over an agent, as `openid-client` wants it. */
const fetchVia =
  (agent: Agent): oidc.CustomFetch =>
  async (url, options) => {
    const { body, method, headers, signal } = options
    const answer = await fetch(url, {
      method,
      headers,
      redirect: 'manual',
      dispatcher: agent,
      ...(body instanceof URLSearchParams && { body: body.toString() }),
      ...(signal && { signal }),
    })
    const text = await answer.text()
    return new Response([204, 303].includes(answer.status) ? null : text, {
      status: answer.status,
      headers: [...answer.headers],
    })
  }

/** The application as `openid-client` sees the server: discovered, with its own way to prove itself. */
export const clientOf = async (house: House, app: Application): Promise<oidc.Configuration> => {
  const { authentication, senderConstraint } = app.row
  const byCertificate = authentication === 'tls_client_auth'
  const aliases = byCertificate || senderConstraint === 'mtls'
  return oidc.discovery(
    new URL(house.issuer),
    app.id,
    {
      use_mtls_endpoint_aliases: aliases,
      tls_client_certificate_bound_access_tokens: senderConstraint === 'mtls',
    },
    byCertificate
      ? oidc.TlsClientAuth()
      : oidc.PrivateKeyJwt({ key: app.key.privateKey, kid: app.kid }),
    { [oidc.customFetch]: fetchVia(app.via(aliases)) },
  )
}

export const dpopKeys = (): Promise<CryptoKeyPair> => oidc.randomDPoPKeyPair('ES256')

export const accountsDetail = {
  type: 'urn:bank:accounts:v1',
  permissions: ['ReadAccountsBasic', 'ReadBalances'],
  purpose: { code: 'PFM', text: 'Oilangiz xarajatlariga mos tarif tanlash uchun.' },
}

export const paymentDetail = {
  type: 'urn:bank:payment:v1',
  instructedAmount: { amount: '1000000.00', currency: 'UZS' },
  creditorAccount: {
    schemeName: 'UZ.AccountNumber',
    identification: '80208000900000001001',
    bankCode: '09998',
  },
  creditorName: 'Bozor Marketplace',
  endToEndIdentification: 'ORDER-1',
}

export const cardDetail = { type: 'urn:bank:card-issue:v1', cardType: 'virtual', currency: 'UZS' }
