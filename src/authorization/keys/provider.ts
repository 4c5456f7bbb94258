/** The key provider: private halves in a file that only this cell's authorization server reads, public ones beside it. */
import { existsSync } from 'node:fs'
import { canonical } from '#kernel/canonical.ts'
import { type JWK, newSigningJwk, publicJwk } from '#platform/jose.ts'
import { readJwks, writeWhole } from '#platform/keys.ts'
import type { CellLayout } from '#platform/layout.ts'

export type KeyFiles = Pick<CellLayout, 'issuerKeys' | 'issuerPublicKeys'>

export const privateKeys = (files: KeyFiles): JWK[] => readJwks(files.issuerKeys)

export const makeKey = async (files: KeyFiles): Promise<JWK> => {
  const jwk = await newSigningJwk('PS256')
  writeWhole(files.issuerKeys, JSON.stringify({ keys: [...privateKeys(files), jwk] }))
  return publicJwk(jwk)
}

/** Forgets the private half. The last key stays: a file without one starts nothing. */
export const forgetKeys = (files: KeyFiles, kids: readonly string[]): void => {
  const all = privateKeys(files)
  const left = all.filter((key) => !kids.includes(key.kid ?? ''))
  if (left.length > 0 && left.length < all.length)
    writeWhole(files.issuerKeys, JSON.stringify({ keys: left }))
}

/** What control publishes to the gateways. */
export const tellPublicKeys = (files: KeyFiles, keys: readonly JWK[]): void => {
  const held = existsSync(files.issuerPublicKeys) ? readJwks(files.issuerPublicKeys) : []
  if (keys.length > 0 && canonical(held) !== canonical(keys))
    writeWhole(files.issuerPublicKeys, JSON.stringify({ keys }), 0o644)
}
