/** Two cells with keys of every kind, made for one run: what the attacks are made with, and what judges them. */
import { randomBytes } from 'node:crypto'
import type { Cell } from '#kernel/cell.ts'
import { addressesOf, portsOf, Settings } from '#platform/config.ts'
import {
  importSigningKey,
  importVerifyKey,
  type JWK,
  newSigningJwk,
  publicJwk,
  type SigningAlgorithm,
  type SigningKey,
  type VerifyKey,
} from '#platform/jose.ts'

export interface IssuerKey {
  readonly alg: SigningAlgorithm
  readonly signing: SigningKey
  readonly verify: VerifyKey
  readonly publicJwk: JWK
}

export interface TrialCell {
  readonly cell: Cell
  readonly addresses: ReturnType<typeof addressesOf>
  readonly issuerKeys: readonly IssuerKey[]
  readonly callerKeys: Readonly<Record<'bank' | 'vault', Buffer>>
  readonly upstreamKey: Buffer
  readonly vaultKey: Buffer
  readonly pairwiseKey: Buffer
  readonly webhookJwk: JWK
}

const issuerKey = async (alg: SigningAlgorithm): Promise<IssuerKey> => {
  const jwk = await newSigningJwk(alg)
  return {
    alg,
    signing: await importSigningKey(jwk),
    verify: await importVerifyKey(publicJwk(jwk), alg),
    publicJwk: publicJwk(jwk),
  }
}

/** The same program with other keys, another issuer, other addresses: as `npm start` makes two cells. */
export const newCell = async (cell: Cell): Promise<TrialCell> => ({
  cell,
  addresses: addressesOf(portsOf(Settings.parse({})), cell),
  issuerKeys: [await issuerKey('PS256'), await issuerKey('ES256'), await issuerKey('EdDSA')],
  callerKeys: { bank: randomBytes(32), vault: randomBytes(32) },
  upstreamKey: randomBytes(32),
  vaultKey: randomBytes(32),
  pairwiseKey: randomBytes(32),
  webhookJwk: await newSigningJwk('EdDSA'),
})
