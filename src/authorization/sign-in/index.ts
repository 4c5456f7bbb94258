/** By which means the customers of this cell sign in: the bank's password and code, or its own OpenID provider. */
import type { bankContract } from '#bank/contract.ts'
import { settingWrong } from '#platform/config.ts'
import type { Postgres } from '#platform/db.ts'
import type { CellWorld } from '#platform/process.ts'
import type { Client } from '#platform/rpc.ts'
import { ownMeans } from './own.ts'
import type { Abuse } from '../abuse.ts'
import type { Means } from './sign-in.ts'

export { beginning, type Means, type Outcome, returnForeign, SignedIn, SignIn } from './sign-in.ts'

/** Who guesses is slowed down at their address, whoever's password it is; the bank slows down each customer's. */
export const slowedMeans = (
  abuse: Pick<Abuse, 'assertGuess' | 'guessedWrong'>,
  means: Means,
): Means => ({
  ...means,
  step: async (exchange, step) => {
    abuse.assertGuess(exchange.req)
    const outcome = await means.step(exchange, step)
    if (outcome?.kind === 'wrong') abuse.guessedWrong(exchange.req)
    return outcome
  },
})

export interface MeansWorld {
  readonly cell: CellWorld
  readonly issuer: string
  readonly postgres: Postgres
  readonly bank: Client<typeof bankContract>
  /** Of `nonce` and PKCE: the same for every instance of the cell. */
  readonly key: Uint8Array
}

/** Reads the settings; a bank that names its provider half is told so at the start. */
export const openMeans = async (world: MeansWorld): Promise<Means> => {
  const { settings, cell, now, log } = world.cell
  const { postgres, bank, key } = world
  const {
    PORTICO_CUSTOMER_ISSUER: issuer,
    PORTICO_CUSTOMER_CLIENT_ID: clientId,
    PORTICO_CUSTOMER_KEY_FILE: keyFile,
  } = settings
  if (issuer === undefined || settings.PORTICO_CUSTOMER_CELL !== cell)
    return ownMeans({ bank, now })
  if (clientId === undefined || keyFile === undefined)
    throw settingWrong(
      'PORTICO_CUSTOMER_ISSUER needs PORTICO_CUSTOMER_CLIENT_ID and PORTICO_CUSTOMER_KEY_FILE beside it',
    )
  // Loaded where it is used: a cell without a provider does not carry its client.
  const { openBankProvider } = await import('./provider.ts')
  const { federatedMeans } = await import('./federated.ts')
  const provider = openBankProvider({
    issuer,
    clientId,
    keyFile,
    caFile: settings.PORTICO_CUSTOMER_CA_FILE,
    redirectUri: `${world.issuer}/sign-in/return`,
    acr: settings.PORTICO_CUSTOMER_ACR,
    claim: settings.PORTICO_CUSTOMER_CLAIM,
  })
  return federatedMeans({ cell, provider, postgres, bank, key, now, log })
}
