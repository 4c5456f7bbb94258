/** X.509: the local authorities, server certificates, partners' client certificates from their CSR. */
import 'reflect-metadata'
import { createHash, createPublicKey, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import * as x509 from '@peculiar/x509'
import { problem } from '#kernel/problem.ts'
import type { JWK } from './jose.ts'
import { writeWhole } from './keys.ts'

x509.cryptoProvider.set(crypto)

export const csrRefused = problem(
  'partners/csr-refused',
  400,
  'The certificate request cannot be used',
)

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const serial = () => Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('hex')

interface Files {
  readonly certificate: string
  readonly key: string
}

export interface Authority {
  readonly certificatePem: string
  readonly certificate: x509.X509Certificate
  readonly key: CryptoKey
}

const exportKey = async (key: CryptoKey) =>
  x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')

const importKey = async (pem: string) =>
  crypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(pem), ecdsa, true, ['sign'])

/** The authority in these files, made on first use. */
export const makeAuthority = async (files: Files, name: string): Promise<Authority> => {
  if (!existsSync(files.certificate) || !existsSync(files.key)) {
    const keys = await crypto.subtle.generateKey(ecdsa, true, ['sign', 'verify'])
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: serial(),
      name: `CN=${name}`,
      notBefore: new Date(Date.now() - 3_600_000),
      notAfter: new Date(Date.now() + 10 * 365 * 86_400_000),
      keys,
      signingAlgorithm: ecdsa,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
          true,
        ),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    })
    writeWhole(files.key, await exportKey(keys.privateKey))
    writeWhole(files.certificate, certificate.toString('pem'), 0o644)
  }
  return readAuthority(files)
}

export const readAuthority = async (files: Files): Promise<Authority> => {
  const certificatePem = readFileSync(files.certificate, 'utf8')
  return {
    certificatePem,
    certificate: new x509.X509Certificate(certificatePem),
    key: await importKey(readFileSync(files.key, 'utf8')),
  }
}

const issue = async (
  authority: Authority,
  subject: {
    name: string
    publicKey: x509.PublicKeyType
    days: number
    san: x509.JsonGeneralName[]
    usage: string
  },
) =>
  x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    issuer: authority.certificate.subject,
    subject: subject.name,
    notBefore: new Date(Date.now() - 300_000),
    notAfter: new Date(Date.now() + subject.days * 86_400_000),
    publicKey: subject.publicKey,
    signingKey: authority.key,
    signingAlgorithm: ecdsa,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([subject.usage]),
      new x509.SubjectAlternativeNameExtension(subject.san),
      await x509.AuthorityKeyIdentifierExtension.create(authority.certificate),
    ],
  })

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'
const RENEW_BEFORE_MS = 30 * 86_400_000

/** A server certificate for localhost in these files; made on first use and again in its last 30 days. */
export const makeServerCertificate = async (
  authority: Authority,
  files: Files,
  name: string,
): Promise<void> => {
  if (existsSync(files.certificate) && existsSync(files.key)) {
    const held = new x509.X509Certificate(readFileSync(files.certificate, 'utf8'))
    const ours = await held.verify({ publicKey: authority.certificate, signatureOnly: true })
    if (ours && held.notAfter.getTime() - Date.now() > RENEW_BEFORE_MS) return
  }
  const keys = await crypto.subtle.generateKey(ecdsa, true, ['sign', 'verify'])
  const certificate = await issue(authority, {
    name: `CN=${name}`,
    publicKey: keys.publicKey,
    days: 365,
    san: [
      { type: 'dns', value: 'localhost' },
      { type: 'ip', value: '127.0.0.1' },
      { type: 'ip', value: '::1' },
    ],
    usage: SERVER_AUTH,
  })
  writeWhole(files.key, await exportKey(keys.privateKey))
  writeWhole(files.certificate, certificate.toString('pem'), 0o644)
}

/** A new P-256 key and the request for its certificate, both PEM: the partner's side of `issueClientCertificate`. */
export const newClientRequest = async (name: string): Promise<{ key: string; csr: string }> => {
  const keys = await crypto.subtle.generateKey(ecdsa, true, ['sign', 'verify'])
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: ecdsa,
  })
  return { key: await exportKey(keys.privateKey), csr: request.toString('pem') }
}

export interface ClientCertificate {
  readonly pem: string
  /** RFC 8705 §3.1: base64url SHA-256 of the DER, the value of `cnf.x5t#S256`. */
  readonly sha256: string
  /** Hex SHA-256 of the SubjectPublicKeyInfo: the same key under two names is found by it. */
  readonly keySha256: string
  readonly serialNumber: string
  readonly notAfter: Temporal.Instant
}

/** What a CSR asks a certificate for: its key, proven to be held and strong enough. */
export interface CertificateRequest {
  readonly publicKey: x509.PublicKey
  /** The same key as a JWK: two encodings of one key are told to be one by its thumbprint (RFC 7638). */
  readonly jwk: JWK
}

/** Reads a PEM CSR. Accepts P-256, P-384 and RSA from 3072 bits; throws `partners/csr-refused` for all else. */
export const readCertificateRequest = async (csrPem: string): Promise<CertificateRequest> => {
  let request: x509.Pkcs10CertificateRequest
  let jwk: JWK
  let held: boolean
  try {
    request = new x509.Pkcs10CertificateRequest(csrPem)
    const spki = Buffer.from(request.publicKey.rawData)
    jwk = createPublicKey({ key: spki, format: 'der', type: 'spki' }).export({ format: 'jwk' })
    held = await request.verify()
  } catch (cause) {
    throw csrRefused('it is not a PEM certificate request (PKCS #10) for a key that we know', {
      cause,
      hint: 'openssl req -new -key app.key -subj /CN=app',
    })
  }
  if (!held) throw csrRefused('its signature does not match its key')
  const bits = Buffer.from(jwk.n ?? '', 'base64url').length * 8
  if (jwk.crv !== 'P-256' && jwk.crv !== 'P-384' && bits < 3072)
    throw csrRefused('its key must be P-256, P-384 or RSA of at least 3072 bits')
  return { publicKey: request.publicKey, jwk }
}

/** Signs a partner's CSR. Subject and SAN are ours, never the CSR's: the SAN URI names cell, partner and application. */
export const issueClientCertificate = async (
  authority: Authority,
  csrPem: string,
  holder: { cell: string; partnerId: string; applicationId: string; days: number },
): Promise<ClientCertificate> => {
  const request = await readCertificateRequest(csrPem)
  const certificate = await issue(authority, {
    name: `CN=${holder.applicationId},OU=${holder.cell},O=${holder.partnerId}`,
    publicKey: request.publicKey,
    days: holder.days,
    san: [{ type: 'url', value: sanUri(holder) }],
    usage: CLIENT_AUTH,
  })
  const sha256 = createHash('sha256')
    .update(new Uint8Array(certificate.rawData))
    .digest('base64url')
  const keySha256 = createHash('sha256')
    .update(new Uint8Array(request.publicKey.rawData))
    .digest('hex')
  return {
    pem: certificate.toString('pem'),
    sha256,
    keySha256,
    serialNumber: certificate.serialNumber,
    notAfter: Temporal.Instant.fromEpochMilliseconds(certificate.notAfter.getTime()),
  }
}

/** The name that a client certificate carries, and that `tls_client_auth` compares (RFC 8705 §2.1.2, SAN URI). */
export const sanUri = (holder: { cell: string; partnerId: string; applicationId: string }) =>
  `urn:bank:${holder.cell}:${holder.partnerId}:${holder.applicationId}`

/** A certificate that a partner signed itself (RFC 8705 §2.2): its key, and the time for which it says that it holds. */
export interface SelfSignedCertificate {
  readonly pem: string
  /** As an `x5c` member carries it. */
  readonly der: string
  readonly sha256: string
  readonly serialNumber: string
  readonly notBefore: Temporal.Instant
  readonly notAfter: Temporal.Instant
  readonly jwk: JWK
}

/** Reads the base64 DER of an `x5c` member; undefined where it is no certificate that its own key signed. */
export const readSelfSigned = (base64: string): SelfSignedCertificate | undefined => {
  try {
    const certificate = new X509Certificate(Buffer.from(base64, 'base64'))
    const { subject, issuer, publicKey, raw, validFromDate, validToDate } = certificate
    if (subject !== issuer || !certificate.verify(publicKey)) return undefined
    return {
      pem: certificate.toString(),
      der: raw.toString('base64'),
      sha256: createHash('sha256').update(raw).digest('base64url'),
      serialNumber: certificate.serialNumber.toLowerCase(),
      notBefore: Temporal.Instant.fromEpochMilliseconds(validFromDate.getTime()),
      notAfter: Temporal.Instant.fromEpochMilliseconds(validToDate.getTime()),
      jwk: publicKey.export({ format: 'jwk' }),
    }
  } catch {
    return undefined
  }
}
