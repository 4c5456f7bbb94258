/** What the authorization server may ask the bank about its customers. Nothing here carries a core's own words. */
import { z } from 'zod'
import { Money } from '#kernel/money.ts'
import { endpoint } from '#platform/rpc.ts'

export const ConsentAccount = z.object({
  /** Pairwise for the partner: what the consent stores, and what the partner sees as accountId. */
  accountId: z.string(),
  kind: z.enum(['current', 'savings', 'card', 'settlement']),
  nickname: z.string(),
  /** Last four digits of the number. */
  lastFour: z.string(),
  currency: z.string(),
  available: Money,
  /** Number of the account, for requests that name one. */
  identification: z.string().optional(),
  /** Subject of the company that holds it; missing where the customer does. */
  holder: z.string().optional(),
})
export type ConsentAccount = z.output<typeof ConsentAccount>

/** A company that the customer signs for, and how many of its signatories must agree. */
export const Organisation = z.object({
  /** Pairwise for the partner, as a customer's. */
  subject: z.string(),
  name: z.string(),
  signatures: z.number().int().min(1),
  /** Customers who may sign. */
  signatories: z.array(z.string()),
})
export type Organisation = z.output<typeof Organisation>

export const bankContract = {
  /** Whether anybody is real here: where nobody is, a consent about a real account is asked for by mistake. */
  whoIsReal: endpoint(
    '/internal/who-is-real',
    z.strictObject({}),
    z.object({ anybody: z.boolean() }),
  ),
  /**
   * First factor. `challengeId` names the open sign-in (5 minutes, 5 tries). `shownCode` is the one-time code itself
   * where the person has no device of their own (synthetic people). Throws `customers/sign-in-refused` for an unknown
   * login and a wrong password alike, `customers/sign-in-delayed` (429) after too many.
   */
  startSignIn: endpoint(
    '/internal/sign-ins',
    z.strictObject({ login: z.string().max(64), password: z.string().max(128) }),
    z.object({ challengeId: z.string(), shownCode: z.string().nullable() }),
  ),
  /** Second factor: the one-time code (RFC 6238). Throws `customers/sign-in-refused`. */
  finishSignIn: endpoint(
    '/internal/sign-ins/code',
    z.strictObject({ challengeId: z.string(), code: z.string().max(12) }),
    z.object({ customerId: z.string(), displayName: z.string() }),
  ),
  /**
   * Who signed in at the bank's own OpenID provider: `reference` is the core's name of the customer, as that
   * provider's token says it. Throws `customers/sign-in-refused` for one that the core does not know.
   */
  customerByReference: endpoint(
    '/internal/customers/by-reference',
    z.strictObject({ reference: z.string().min(1).max(128) }),
    z.object({ customerId: z.string(), displayName: z.string() }),
  ),
  /** The customer as this partner may know them: pairwise subject, name for the page, accounts to pick from. */
  customerForPartner: endpoint(
    '/internal/customers/for-partner',
    z.strictObject({ customerId: z.string(), partnerId: z.string() }),
    z.object({
      subject: z.string(),
      displayName: z.string(),
      accounts: z.array(ConsentAccount),
      /** Those whose accounts are among them. */
      organisations: z.array(Organisation).default([]),
    }),
  ),
  /** The card that came of a consent to issue one, for the customer whose it is. Null where there is none, or it has ended. */
  cardOfConsent: endpoint(
    '/internal/customers/card-of-consent',
    z.strictObject({ customerId: z.string(), partnerId: z.string(), consentId: z.string() }),
    z.object({ card: z.object({ cardId: z.string(), lastFour: z.string() }).nullable() }),
  ),
  /** Where that customer chooses or reads the card's PIN: a page of the vault's own, for their browser alone. */
  openPinPage: endpoint(
    '/internal/customers/pin-pages',
    z.strictObject({ customerId: z.string(), partnerId: z.string(), cardId: z.string() }),
    z.object({ url: z.string(), expiresAt: z.string() }),
  ),
}
