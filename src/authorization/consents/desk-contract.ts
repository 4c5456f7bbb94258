/** What control asks of a cell's authorization server about consents, for partners and for the bank's own people. */
import { z } from 'zod'
import { Instant } from '#kernel/time.ts'
import { endpoint } from '#platform/rpc.ts'

export const DESK_PAGE_MAX = 100

const Id = z.string().max(80)
export const ConsentState = z
  .enum(['waiting', 'live', 'ended'])
  .describe('It waits for a customer’s answer; it was given and has not ended; it is over')

/** A consent without a person: whose it is stands there as this partner knows them, and only where one is looked at. */
export const ToldConsent = z.object({
  consentId: Id,
  partnerId: Id,
  applicationId: Id,
  type: z.string(),
  status: z.string(),
  /** What the customer let be seen, where the type has it. */
  permissions: z.array(z.string()),
  scopes: z.array(z.string()),
  accounts: z.int().describe('How many the customer picked'),
  purpose: z.string().nullable().describe('The code of why it was asked'),
  legalBasis: z.string(),
  duration: z.string(),
  createdAt: Instant,
  authorisedAt: Instant.nullable(),
  expiresAt: Instant,
  endedAt: Instant.nullable(),
  endedBy: z.string().nullable(),
  /** When the customer must sign in again for it to go on. */
  nextScaDueAt: Instant.nullable(),
  signatures: z.object({ required: z.int(), given: z.int() }),
  lastAccess: z.object({ at: Instant, present: z.boolean() }).nullable(),
})
export type ToldConsent = z.output<typeof ToldConsent>

/** One event of its life: who did it is a kind, and a person of the bank by id. */
export const ToldMove = z.object({
  at: Instant,
  move: z.string().nullable(),
  status: z.string(),
  by: z.string(),
  channel: z.string(),
  reason: z.string().nullable(),
})

export const OneConsent = ToldConsent.extend({
  /** Pairwise: the customer as this partner knows them, and nobody else does. */
  subject: z.string().nullable(),
  history: z.array(ToldMove),
})
export type OneConsent = z.output<typeof OneConsent>

/** A consent of the partner whose matters are looked at; of another’s there is none. */
const One = z.strictObject({ partnerId: Id, consentId: Id })
const Act = One.extend({
  staffId: z.string().regex(/^staff_[0-9a-f]{32}$/),
  reason: z.string().min(1).max(140),
})
const State = z.object({ status: z.string() })

export const consentsDeskContract = {
  /** Newest first, of these applications. */
  list: endpoint(
    '/internal/consents/list',
    z.strictObject({
      applicationIds: z.array(Id).max(200),
      state: ConsentState.optional(),
      type: z.string().max(80).optional(),
      /** Pairwise id of a customer. */
      subject: z.string().max(200).optional(),
      before: Id.optional(),
      limit: z.int().min(1).max(DESK_PAGE_MAX),
    }),
    z.object({ data: z.array(ToldConsent), next: Id.nullable() }),
  ),
  /** Throws `consents/not-found`. */
  one: endpoint('/internal/consents/one', One, OneConsent),
  /** All throw `consents/not-found` and `consents/closed`. */
  suspend: endpoint('/internal/consents/held', Act, State),
  resume: endpoint('/internal/consents/let-go-on', Act, State),
  revoke: endpoint('/internal/consents/ended', Act, State),
}
