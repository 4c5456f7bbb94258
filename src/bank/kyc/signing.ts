/** The key by which the bank stands for what it tells of a customer: a key of its own, published for whoever verifies. */
import { importSigningKey, type JWK, publicJwk, signJws } from '#platform/jose.ts'
import { makeSigningKeySet } from '#platform/keys.ts'

export interface ClaimsSigner {
  /** A compact JWS over claims, issued by the cell. */
  sign(claims: Readonly<Record<string, unknown>>): Promise<string>
  /** Every key that a token may be verified by: the first signs, those behind it did. */
  readonly keys: readonly JWK[]
}

/** PS256, as FAPI 2.0 §5.4.1 names it; made on first use. */
export const openClaimsSigner = async (
  paths: { readonly key: string; readonly publicKeys: string },
  issuer: string,
): Promise<ClaimsSigner> => {
  const jwks = await makeSigningKeySet(paths.key, paths.publicKeys, 'PS256')
  return claimsSignerOf(jwks, issuer)
}

export const claimsSignerOf = async (
  jwks: readonly JWK[],
  issuer: string,
): Promise<ClaimsSigner> => {
  const keys = await Promise.all(jwks.slice(0, 1).map(importSigningKey))
  return {
    sign: async (claims) => {
      const [key] = keys
      if (!key) throw new Error('the key set of claims is empty')
      return signJws({ iss: issuer, ...claims }, key, { typ: 'JWT' })
    },
    keys: jwks.map(publicJwk),
  }
}
