/** Refuses a start that would serve with keys that are weak, missing or another cell's. */
import { existsSync } from 'node:fs'
import { cells } from '#kernel/cell.ts'
import { problem } from '#kernel/problem.ts'
import { publicJwk, type JWK, weakness } from '#platform/jose.ts'
import { readJwks, readRandomKeys } from '#platform/keys.ts'
import type { CellWorld } from '#platform/process.ts'

export const keysUnfit = problem('authorization/keys', 500, 'The keys of the cell cannot be used')

export interface CellKeys {
  /** JWK Set of the issuer, with private members. */
  readonly issuer: readonly JWK[]
  /** The one in force, and the one before it. */
  readonly cookie: readonly Buffer[]
  /** DPoP nonces: the same for every instance of the cell; in force, and before. */
  readonly nonce: readonly Buffer[]
}

const SECRET_BYTES = 32

const isTrivial = (secret: Buffer) => new Set(secret).size < SECRET_BYTES / 4

const readSecrets = (path: string): Buffer[] => {
  const secrets = readRandomKeys(path)
  if (secrets.some((secret) => secret.length !== SECRET_BYTES || isTrivial(secret)))
    throw keysUnfit(`${path} is not ${SECRET_BYTES} random bytes; remove it and start again`)
  return secrets
}

/** The keys of this cell, checked. */
export const readCellKeys = ({ layout, cell }: CellWorld): CellKeys => {
  const files = layout.cell(cell)
  const issuer = readJwks(files.issuerKeys)
  for (const key of issuer) {
    const weak = weakness(publicJwk(key))
    if (key.alg !== 'PS256' || key.kty !== 'RSA' || !key.kid || weak)
      throw keysUnfit(
        `${files.issuerKeys} holds a key that is not PS256 with a kid: ${weak ?? key.alg}`,
      )
  }
  for (const other of cells.filter((c) => c !== cell)) {
    const path = layout.cell(other).issuerPublicKeys
    const theirs = existsSync(path) ? readJwks(path).map((key) => key.n) : []
    if (issuer.some((key) => theirs.includes(key.n)))
      throw keysUnfit(`${files.issuerKeys} holds a key of ${other}: cells share no key`)
  }
  return {
    issuer,
    cookie: readSecrets(files.cookieKey),
    nonce: readSecrets(files.nonceKey('authorization')),
  }
}
