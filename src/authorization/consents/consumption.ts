/**
 * What was allowed once and was done is used up. The bank writes what it accepted into the cell's journal, in the
 * transaction that accepts it; that line is what this follows. Nothing depends on how soon: the bank itself takes a
 * consent for one use only once (see docs/decisions/0007).
 */
import { z } from 'zod'
import { Problem } from '#kernel/problem.ts'
import { type Entry, followJournal, type Work, work } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'
import type { Log } from '#platform/log.ts'
import { consentClosed, consentNotFound } from './consent.ts'
import { consentTypes } from './details/index.ts'
import { consumeConsent } from './ending.ts'
import * as store from './store.ts'

/** Journal lines that say that a consent was used. */
const uses: ReadonlySet<string> = new Set(
  Object.values(consentTypes).flatMap((kind) => kind.usedUpBy),
)

const Use = z.looseObject({ consentId: z.string() })

const useUp = async (w: Work, { event, data }: Entry): Promise<void> => {
  const use = Use.safeParse(data)
  if (!uses.has(event) || !use.success) return
  try {
    await consumeConsent(w, use.data.consentId, { channel: 'journal', reason: event })
  } catch (error) {
    // Ended by another door meanwhile; or of a cell that was joined to this bank's books later.
    const passed: readonly unknown[] = [consentClosed.code, consentNotFound.code]
    if (!(error instanceof Problem && passed.includes(error.code))) throw error
  }
}

/** Follows the journal until stopped. Several instances may: the place is held by one at a time. */
export const followUses = async (
  postgres: Postgres,
  { now, log }: { readonly now: () => Temporal.Instant; readonly log: Log },
): Promise<{ stop(): Promise<void> }> =>
  followJournal(
    postgres,
    {
      after: await store.readUpTo(postgres),
      onError: (cause) => log.warn({ cause }, 'the journal could not be read; it is tried again'),
    },
    (entries) =>
      work(postgres, 'system', now(), async (w) => {
        const place = await store.lockPlace(w)
        for (const entry of entries.filter((e) => e.seq > place)) await useUp(w, entry)
        const last = entries.at(-1)?.seq
        if (last !== undefined && last > place) await store.savePlace(w, last)
      }),
  )
