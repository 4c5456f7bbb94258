/** A page that shows a card to its holder once: its address is a secret, and lives for a minute at most. */
import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { problem } from '#kernel/problem.ts'
import type { Db } from '#platform/db.ts'

/** PCI DSS and S42 alike: long enough to open a frame, too short to be passed on. */
const LIFE = { seconds: 60 }
/** Sessions that are over stay this long, for whoever asks why an address did not work. */
const KEPT = { hours: 1 }

export const originRefused = problem(
  'cards/frame-origin-refused',
  409,
  'The page may not stand in a frame of this origin',
)

const RevealSession = z.object({
  cardId: z.string(),
  partnerId: z.string(),
  applicationId: z.string(),
  callId: z.string(),
  frameOrigins: z.array(z.string()),
})
export type RevealSession = z.output<typeof RevealSession>

export const newSecret = (): string => randomBytes(32).toString('base64url')

/** Only a digest is kept: who reads the table opens nothing with it. */
const digestOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()

export const expiryOfSession = (now: Temporal.Instant): Temporal.Instant => now.add(LIFE)

export const addSession = async (
  db: Db,
  secret: string,
  session: RevealSession,
  now: Temporal.Instant,
): Promise<void> => {
  await db.run`delete from vault.reveal_session where expires_at < ${now.subtract(KEPT)}`
  await db.run`
    insert into vault.reveal_session
      (digest, card_id, partner_id, application_id, call_id, frame_origins, made_at, expires_at)
    values
      (${digestOf(secret)}, ${session.cardId}, ${session.partnerId}, ${session.applicationId}, ${session.callId},
       ${session.frameOrigins}, ${now}, ${expiryOfSession(now)})
  `
}

/** A session that can still be used; its page may be looked at as often as one likes before the card is asked for. */
export const liveSession = (db: Db, secret: string, now: Temporal.Instant) =>
  db.maybe(RevealSession)`
    select card_id as "cardId", partner_id as "partnerId", application_id as "applicationId", call_id as "callId",
           frame_origins as "frameOrigins"
      from vault.reveal_session
     where digest = ${digestOf(secret)} and used_at is null and expires_at > ${now}
  `

/** One statement, so that of any number of takers at once one takes it (S27). */
export const takeSession = (db: Db, secret: string, now: Temporal.Instant) =>
  db.maybe(RevealSession)`
    update vault.reveal_session
       set used_at = ${now}
     where digest = ${digestOf(secret)} and used_at is null and expires_at > ${now}
    returning card_id as "cardId", partner_id as "partnerId", application_id as "applicationId", call_id as "callId",
              frame_origins as "frameOrigins"
  `
