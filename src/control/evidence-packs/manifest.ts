/** What a pack consists of, by digest, and the bank's signature over that list. */
import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { z } from 'zod'
import { canonical } from '#kernel/canonical.ts'
import type { JWK } from '#platform/jose.ts'
import type { PackFile } from './tar.ts'

export const MANIFEST = 'manifest.json'
export const SIGNATURE = 'manifest.sig'

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)

export const Manifest = z.strictObject({
  format: z.literal('portico.evidence-pack-manifest/1'),
  /** Public half of the key that signed (RFC 8037); whoever verifies compares it with the one that they know. */
  key: z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string() }),
  files: z.array(
    z.strictObject({ name: z.string(), bytes: z.int().nonnegative(), sha256: Sha256 }),
  ),
})
export type Manifest = z.output<typeof Manifest>

export const sha256Of = (bytes: string | Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex')

/** The files with their manifest and its signature (Ed25519 over the manifest's bytes, base64). */
export const signedFiles = (files: readonly PackFile[], key: JWK): PackFile[] => {
  const manifest: Manifest = {
    format: 'portico.evidence-pack-manifest/1',
    key: { kty: 'OKP', crv: 'Ed25519', x: String(key['x']) },
    files: files.map(({ name, bytes }) => ({
      name,
      bytes: bytes.length,
      sha256: sha256Of(bytes),
    })),
  }
  const bytes = Buffer.from(`${canonical(manifest)}\n`)
  const signature = sign(null, bytes, createPrivateKey({ key: { ...key }, format: 'jwk' }))
  return [
    ...files,
    { name: MANIFEST, bytes },
    { name: SIGNATURE, bytes: Buffer.from(`${signature.toString('base64')}\n`) },
  ]
}

/** Whether the signature is this key's over these bytes, in its one spelling. */
export const isSigned = (bytes: Buffer, signature: string, x: string): boolean => {
  const raw = Buffer.from(signature, 'base64')
  if (`${raw.toString('base64')}\n` !== signature) return false
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  return verify(null, bytes, key, raw)
}
