/** A bank's partner API: tokens, sender constraint, retries, pages and webhooks, typed by the bank's own documents. */
import type { KeyObject } from 'node:crypto'
import { type Client, openClient, type OperationPlace, type Patience } from './client.ts'
import { type Accounts, accounts } from './documents/accounts.ts'
import { type Cards, cards } from './documents/cards.ts'
import { type Events, events } from './documents/events.ts'
import { type Fx, fx } from './documents/fx.ts'
import { type Kyc, kyc } from './documents/kyc.ts'
import { type Lending, lending } from './documents/lending.ts'
import { type Payments, payments } from './documents/payments.ts'
import { type Sandbox, sandbox } from './documents/sandbox.ts'
import { newProofKey, openProver } from './dpop.ts'
import { type Authentication, type Issuer, openIssuer } from './tokens.ts'
import { type Identity, openTransport } from './transport.ts'

export type { Asked, CallOptions, Client, ItemOf, OperationTypes, Patience } from './client.ts'
export { openClient } from './client.ts'
export { newProofKey } from './dpop.ts'
export { type FieldFault, Refusal } from './refusal.ts'
export type { Authentication, CustomerAsk, Granted, Issuer, Tokens } from './tokens.ts'
export type { Identity } from './transport.ts'
export {
  openWebhookVerifier,
  type WebhookEvent,
  type WebhookMessage,
  WebhookRefused,
} from './webhook.ts'

/** Every operation that the bank publishes. */
export type Operations = Accounts & Payments & Cards & Lending & Kyc & Fx & Sandbox & Events

const operations: Readonly<Record<string, OperationPlace>> = {
  ...accounts,
  ...payments,
  ...cards,
  ...lending,
  ...kyc,
  ...fx,
  ...sandbox,
  ...events,
}

/** Addresses of one environment, as `/.well-known/portico` tells them. */
export interface Environment {
  readonly issuer: string
  readonly gateway: string
  readonly gatewayMtls: string
}

export interface PorticoOptions {
  readonly environment: Environment
  /** The application's id. */
  readonly clientId: string
  readonly authentication: Authentication
  /** The application's certificate and key: to authenticate with, to bind tokens to, or both. */
  readonly identity?: Identity
  /** Binds tokens to a key (DPoP) and not to the certificate; `true` makes one that lives as long as this does. */
  readonly dpop?: KeyObject | true
  /** PEM of the authority of the bank's servers, in a sandbox of one machine. */
  readonly authority?: string
  /** Day of the version (`Api-Version`) that every call asks for; without it the application's own pin holds. */
  readonly version?: string
  readonly patience?: Partial<Patience>
  readonly now?: () => number
}

export interface Portico extends Client<Operations> {
  readonly issuer: Issuer
  close(): Promise<void>
}

export const openPortico = (options: PorticoOptions): Portico => {
  const { environment, clientId, authentication, identity, dpop, authority, version, patience } =
    options
  const { now = Date.now } = options
  if (!dpop && !identity)
    throw new TypeError('a token is bound to a key (dpop) or to a certificate (identity)')
  const transport = openTransport({ authority, identity })
  const prover = dpop ? openProver(dpop === true ? newProofKey() : dpop, now) : undefined
  const issuer = openIssuer({
    issuer: environment.issuer,
    clientId,
    authentication,
    transport,
    prover,
    mtls: identity !== undefined,
    now,
  })
  const client = openClient<Operations>({
    gateway: prover ? environment.gateway : environment.gatewayMtls,
    operations,
    transport,
    prover,
    version,
    now,
    ...(patience && { patience }),
  })
  return { ...client, issuer, close: () => transport.close() }
}
