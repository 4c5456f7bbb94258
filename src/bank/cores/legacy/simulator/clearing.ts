/** The clearing: what was sent to other banks leaves for the central bank after a while. */
import type { Ledger } from './ledger-file.ts'

/** Looks every second; what waited through a restart is found again in the books. Returns what stops it. */
export const startClearing = (
  ledger: Ledger,
  afterSeconds: number,
  clock: () => Temporal.ZonedDateTime,
): (() => void) => {
  const firstSeen = new Map<string, number>()
  const timer = setInterval(() => {
    const now = clock()
    for (const { reference, state } of ledger.books.transfers.values()) {
      if (state !== '20') continue
      const since = firstSeen.get(reference) ?? now.epochMilliseconds
      firstSeen.set(reference, since)
      if (now.epochMilliseconds - since < afterSeconds * 1000) continue
      ledger.append({ kind: 'cleared', reference, day: now.toPlainDate().toString() })
      firstSeen.delete(reference)
    }
  }, 1000)
  return () => clearInterval(timer)
}
