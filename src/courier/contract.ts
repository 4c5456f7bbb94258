/** What the bank may ask of the courier: the only process with a way out asks a partner on its behalf. */
import { z } from 'zod'
import { endpoint } from '#platform/rpc.ts'
import { Feed, FeedAsk } from './desk-contract.ts'

export const courierContract = {
  /**
   * Whether an address may be asked at all; throws `platform/address-refused`. Answers the key that every question is
   * signed with, so that a partner can pin it beforehand (Standard Webhooks, `whpk_`).
   */
  inspect: endpoint(
    '/internal/decisions/inspect',
    z.strictObject({ url: z.string().max(2_000) }),
    z.object({ verificationKey: z.string() }),
  ),
  /**
   * Asks a partner to decide, signed, within a time. A partner that cannot be reached, or whose address is refused, is
   * `nothing`: what is decided then is the asker's own rule.
   */
  decide: endpoint(
    '/internal/decisions',
    z.strictObject({
      /** The id of the question, without a dot: the same on every try. */
      id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
      url: z.string().max(2_000),
      body: z.string().max(20_000),
      withinMs: z.int().min(1).max(10_000),
    }),
    z.discriminatedUnion('heard', [
      z.object({
        heard: z.literal('answer'),
        status: z.number(),
        body: z.string(),
        ms: z.number(),
      }),
      z.object({ heard: z.literal('late'), ms: z.number() }),
      z.object({ heard: z.literal('nothing'), ms: z.number() }),
    ]),
  ),
  /** What happened to a partner, for those who ask instead of being told. */
  feed: endpoint('/internal/feed', FeedAsk, Feed),
}
