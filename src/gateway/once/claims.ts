/**
 * A write happens once: the first claim of (partner, operation, key) wins, and its answer is kept for replays (G59–G61;
 * draft-ietf-httpapi-idempotency-key-header-07). Rows in the cell's PostgreSQL, so that a claim outlives this process.
 *
 * A claim whose gateway died, or whose answer was lost, may be taken over when its lease has ended: the new call goes to
 * the bank under the same key, and the bank, which keeps the key with what it did, answers what became of the first one.
 * All calls under one claim are one charge, whichever of them brings the outcome home.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { problem } from '#kernel/problem.ts'
import type { Db, Postgres } from '#platform/db.ts'
import type { UpstreamAnswer } from '../upstream/upstream.ts'

export const claimsAway = problem(
  'gateway/once-unavailable',
  503,
  'Writes cannot be made safe right now',
)

export interface ClaimKey {
  readonly partnerId: string
  readonly operation: string
  readonly key: string
}

/** Of one call. */
export interface OwnClaim extends ClaimKey {
  readonly callId: string
}

export interface OpenClaim extends OwnClaim {
  /** The same for every call that takes this claim up: what is done under it is charged once (usage.ts). */
  readonly chargeId: string
}

export type ClaimOutcome =
  | { readonly kind: 'ours'; readonly claim: OpenClaim }
  | { readonly kind: 'in-flight' }
  | { readonly kind: 'other-request' }
  /** `answer` is null where it was not kept: card data never is. */
  | { readonly kind: 'done'; readonly answer: UpstreamAnswer | null }

export interface Claims {
  /** Throws `gateway/once-unavailable` when the database does not answer: nothing proceeds unclaimed. */
  claim(claim: OwnClaim, fingerprint: Uint8Array): Promise<ClaimOutcome>
  /** Keeps the outcome. Without a body where the body must not be kept. */
  finish(claim: OwnClaim, answer: UpstreamAnswer, keepBody: boolean): Promise<void>
  /** Noted before the bank is asked. Throws where it cannot be, or where another call has taken the claim over meanwhile. */
  sent(claim: OwnClaim): Promise<void>
  /**
   * The status that this very call ended with, whose process is no more; null where that is not known, and then the next
   * call under its key finds out.
   */
  outcomeOf(claim: OwnClaim): Promise<number | null>
  /** Nothing was done: the key is free again. */
  release(claim: OwnClaim): Promise<void>
  /** Nobody knows what was done: the next call under this key finds out. */
  leaveOpen(claim: OwnClaim): Promise<void>
  /** Forgets all that is older than the retention, some at a time. Answers how many. */
  purge(): Promise<number>
}

/** Longer than any call may take: a claim that was sent before has nobody working on it. */
const SENT_SECONDS = 40
/** Until it is sent, taking it over is safe at any time: whoever is slower may not send any more. */
const CLAIMED_SECONDS = 5
const RETENTION_DAYS = 7
const PURGED_AT_ONCE = 1_000
const ANSWER_WITHIN_MS = 3_000

const Taken = z.object({ claimedAt: z.instanceof(Temporal.Instant) })
const Ended = z.object({ status: z.number().nullable() })
const Held = z.object({
  fingerprint: z.instanceof(Uint8Array),
  state: z.enum(['claimed', 'sent', 'done', 'unknown']),
  status: z.number().nullable(),
  contentType: z.string().nullable(),
  body: z.instanceof(Uint8Array).nullable(),
})

const take = (db: Db, c: OwnClaim, fingerprint: Uint8Array) => db.maybe(Taken)`
  insert into once.claim (partner_id, operation, key, fingerprint, call_id, state, lease_until)
  values (${c.partnerId}, ${c.operation}, ${c.key}, ${fingerprint}, ${c.callId}, 'claimed',
          now() + make_interval(secs => ${CLAIMED_SECONDS}))
      on conflict (partner_id, operation, key) do update
     set call_id = excluded.call_id, state = 'claimed', lease_until = excluded.lease_until
   where claim.fingerprint = excluded.fingerprint
     and (claim.state = 'unknown' or (claim.state in ('claimed', 'sent') and claim.lease_until < now()))
  returning claimed_at as "claimedAt"
`

const find = (db: Db, c: ClaimKey) => db.maybe(Held)`
  select fingerprint, state, status, headers ->> 'content-type' as "contentType", body
    from once.claim
   where partner_id = ${c.partnerId} and operation = ${c.operation} and key = ${c.key}
`

export const openClaims = (db: Postgres, key: Uint8Array): Claims => ({
  claim: (claim, fingerprint) =>
    soon(async () => {
      // A claim may be released between the two statements; then the key is free, and the second try takes it.
      for (let tries = 0; tries < 3; tries++) {
        const taken = await take(db, claim, fingerprint)
        if (taken)
          return { kind: 'ours', claim: { ...claim, chargeId: chargeOf(claim, taken.claimedAt) } }
        const held = await find(db, claim)
        if (!held) continue
        if (!Buffer.from(held.fingerprint).equals(fingerprint)) return { kind: 'other-request' }
        if (held.state !== 'done') return { kind: 'in-flight' }
        const { status, contentType, body } = held
        const answer =
          status === null || body === null
            ? null
            : { status, contentType, encoded: false, body: unsealed(key, claim, Buffer.from(body)) }
        return { kind: 'done', answer }
      }
      return { kind: 'in-flight' }
    }),
  finish: (claim, answer, keepBody) =>
    soon(async () => {
      const body = keepBody ? sealed(key, claim, answer.body) : null
      await db.run`
        update once.claim
           set state = 'done', status = ${answer.status}, body = ${body}, done_at = now(),
               headers = jsonb_build_object('content-type', ${answer.contentType}::text)
         where partner_id = ${claim.partnerId} and operation = ${claim.operation} and key = ${claim.key}
           and call_id = ${claim.callId} and state <> 'done'
      `
    }),
  sent: (claim) =>
    soon(async () => {
      const noted = await db.run`
        update once.claim
           set state = 'sent', lease_until = now() + make_interval(secs => ${SENT_SECONDS})
         where partner_id = ${claim.partnerId} and operation = ${claim.operation} and key = ${claim.key}
           and call_id = ${claim.callId} and state = 'claimed'
      `
      if (noted === 0) throw new Error('the claim was taken over')
    }),
  outcomeOf: async (claim) => {
    // In one statement: the last one of a killed process may be under way in the database still, and is waited for.
    const held = await db.maybe(Ended)`
      update once.claim set state = case state when 'done' then state else 'unknown' end
       where partner_id = ${claim.partnerId} and operation = ${claim.operation} and key = ${claim.key}
         and call_id = ${claim.callId}
      returning case state when 'done' then status end as status
    `
    return held?.status ?? null
  },
  release: (claim) =>
    soon(async () => {
      await db.run`
        delete from once.claim
         where partner_id = ${claim.partnerId} and operation = ${claim.operation} and key = ${claim.key}
           and call_id = ${claim.callId} and state <> 'done'
      `
    }),
  leaveOpen: (claim) =>
    soon(async () => {
      await db.run`
        update once.claim set state = 'unknown'
         where partner_id = ${claim.partnerId} and operation = ${claim.operation} and key = ${claim.key}
           and call_id = ${claim.callId} and state <> 'done'
      `
    }),
  purge: async () => {
    let purged = 0
    for (;;) {
      const some = await db.run`
        delete from once.claim
         where ctid = any (array(
           select ctid from once.claim
            where claimed_at < now() - make_interval(days => ${RETENTION_DAYS})
            order by claimed_at
            limit ${PURGED_AT_ONCE}))
      `
      purged += some
      if (some < PURGED_AT_ONCE) return purged
    }
  },
})

const soon = async <T>(work: () => Promise<T>): Promise<T> => {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => reject(new Error('the database did not answer in time')),
    ANSWER_WITHIN_MS,
  )
  try {
    return await Promise.race([work(), late])
  } catch (cause) {
    throw claimsAway('try again; nothing was done', { cause, headers: { 'retry-after': '2' } })
  } finally {
    clearTimeout(timer)
  }
}

/** Of the row, which stays when a call takes it over: a key that was forgotten and is used anew is another charge. */
const chargeOf = (c: ClaimKey, claimedAt: Temporal.Instant): string =>
  createHash('sha256')
    .update(JSON.stringify([c.partnerId, c.operation, c.key, claimedAt.toString()]))
    .digest('hex')
    .slice(0, 32)

/** AES-256-GCM, bound to its row: a stored answer cannot be moved to another partner's key (S29). */
const aad = (c: ClaimKey) =>
  Buffer.from(JSON.stringify(['once.claim.body', c.partnerId, c.operation, c.key]))

const sealed = (key: Uint8Array, claim: ClaimKey, body: Uint8Array): Buffer => {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(aad(claim))
  return Buffer.concat([nonce, cipher.update(body), cipher.final(), cipher.getAuthTag()])
}

const unsealed = (key: Uint8Array, claim: ClaimKey, stored: Buffer): Buffer => {
  const decipher = createDecipheriv('aes-256-gcm', key, stored.subarray(0, 12))
    .setAAD(aad(claim))
    .setAuthTag(stored.subarray(-16))
  return Buffer.concat([decipher.update(stored.subarray(12, -16)), decipher.final()])
}
