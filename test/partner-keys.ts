/** Keys as partners of tests make them. */
import * as x509 from '@peculiar/x509'
import { generateKeyPairSync } from 'node:crypto'

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** A P-256 pair: its public JWK, and a CSR for it whose subject nobody should believe. */
export const newKey = async () => {
  const keys = await crypto.subtle.generateKey(ecdsa, true, ['sign', 'verify'])
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=somebody else, O=Another Partner',
    keys,
    signingAlgorithm: ecdsa,
  })
  const {
    kty = '',
    crv = '',
    x = '',
    y = '',
  } = await crypto.subtle.exportKey('jwk', keys.publicKey)
  return { jwk: { kty, crv, x, y }, csr: csr.toString('pem') }
}

export const rsaJwk = (bits: number) =>
  generateKeyPairSync('rsa', { modulusLength: bits }).publicKey.export({ format: 'jwk' })
export const ecJwk = (namedCurve: string) =>
  generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'jwk' })
export const ed25519Jwk = () => generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
export const privateJwk = () =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
