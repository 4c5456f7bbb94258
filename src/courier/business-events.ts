/**
 * What happened in the cell that money is computed from, told to control: the value of a payment, of a card's clearing, of
 * a mark-up. Lines of the journal have gapless places, and control keeps with each batch how far it has read: so every
 * line counts once, however often it is told, and none is skipped.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { type Entry, followJournal } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'
import type { Log } from '#platform/log.ts'
import type { Running } from '#platform/process.ts'

export const BusinessKind = z.enum(['payment', 'card-clearing', 'fx-markup', 'loan'])
export type BusinessKind = z.output<typeof BusinessKind>

export const BusinessEvent = z.strictObject({
  /** Place of its line in the cell's journal. */
  seq: z.string().regex(/^[1-9]\d{0,18}$/),
  kind: BusinessKind,
  partnerId: z.string(),
  applicationId: z.string().nullable(),
  /** What it is about, and what it takes back. */
  subject: z.string(),
  reverses: z.string().nullable(),
  /** Below zero where it takes back what was counted before. */
  amountMinor: z.string().regex(/^-?\d{1,18}$/),
  currency: z.string().regex(/^[A-Z]{3}$/),
  occurredAt: z.string(),
})
export type BusinessEvent = z.output<typeof BusinessEvent>

const Place = z.string().regex(/^\d{1,19}$/)

export const BusinessBatch = z.strictObject({
  /** The place behind which these lines stand, and the last place that was read. */
  after: Place,
  upTo: Place,
  events: z.array(BusinessEvent).max(1_000),
})
export type BusinessBatch = z.output<typeof BusinessBatch>

/** How far control has read; where it is not `upTo`, the sender goes on from here. */
export const BusinessReceipt = z.strictObject({ seq: Place })

interface Meaning {
  readonly kind: BusinessKind
  readonly amount: string
  readonly currency: string
  /** It takes back what was counted for the subject that this member names; `subject` is its own. */
  readonly takesBack?: string
}

/** Which lines have a value, and where it stands in them. */
const meanings: Readonly<Record<string, Meaning>> = {
  'payments.settled': { kind: 'payment', amount: 'amountMinor', currency: 'currency' },
  'payments.payment-refund-settled': {
    kind: 'payment',
    amount: 'amountMinor',
    currency: 'currency',
    takesBack: 'paymentId',
  },
  'payments.return-settled': {
    kind: 'payment',
    amount: 'amountMinor',
    currency: 'currency',
    takesBack: 'paymentId',
  },
  'cards.authorization-cleared': { kind: 'card-clearing', amount: 'minor', currency: 'currency' },
  'cards.authorization-refunded': {
    kind: 'card-clearing',
    amount: 'minor',
    currency: 'currency',
    takesBack: 'subject',
  },
  'fx.conversion-settled': { kind: 'fx-markup', amount: 'markupMinor', currency: 'buyCurrency' },
  'lending.loan-disbursed': { kind: 'loan', amount: 'amountMinor', currency: 'currency' },
}

const About = z.looseObject({ partnerId: z.string(), applicationId: z.string().nullish() })

/** Undefined for a line without a value: most of them. */
export const businessEventOf = (entry: Entry): BusinessEvent | undefined => {
  const meaning = meanings[entry.event]
  const about = About.safeParse(entry.data)
  if (!meaning || !about.success) return undefined
  const minor = entry.data[meaning.amount]
  const taken =
    meaning.takesBack === 'subject' ? entry.subject : entry.data[meaning.takesBack ?? '']
  const event = BusinessEvent.safeParse({
    seq: entry.seq.toString(),
    kind: meaning.kind,
    partnerId: about.data.partnerId,
    applicationId: about.data.applicationId ?? null,
    subject: entry.subject,
    reverses: meaning.takesBack === undefined ? null : taken,
    amountMinor: meaning.takesBack !== undefined && typeof minor === 'string' ? `-${minor}` : minor,
    currency: entry.data[meaning.currency],
    occurredAt: entry.at,
  })
  // A line of an older release has no amount: it is told nowhere, as it was not then.
  return event.success ? event.data : undefined
}

const RETRY_MS = 1_000

/** Tells control of every line with a value for as long as it runs. `send` throws while control is away. */
export const tellBusinessEvents = (
  db: Postgres,
  options: { send: (batch: BusinessBatch) => Promise<unknown>; log: Log; retryMs?: number },
): Running => {
  const { log, retryMs = RETRY_MS } = options
  let stopped = false
  let following: Running | undefined
  let wake: () => void = () => {}
  const take = async (batch: BusinessBatch): Promise<bigint> =>
    BigInt(BusinessReceipt.parse(await options.send(batch)).seq)

  /** Follows from where control is, until control says that it is elsewhere. */
  const follow = async (): Promise<void> => {
    let after = await take({ after: '0', upTo: '0', events: [] })
    const elsewhere = new Promise<void>((resolve) => (wake = resolve))
    following = await followJournal(
      db,
      {
        after,
        onError: (cause) => log.warn({ cause }, 'values are told to control at the next try'),
      },
      async (entries) => {
        const last = entries.at(-1)
        if (!last) return
        const upTo = last.seq
        const events = entries.flatMap((entry) => businessEventOf(entry) ?? [])
        const seq = await take({ after: after.toString(), upTo: upTo.toString(), events })
        after = upTo
        if (seq !== upTo) wake()
      },
    )
    await elsewhere
    await following.stop()
  }
  const run = async () => {
    while (!stopped) {
      try {
        await follow()
      } catch (cause) {
        if (!stopped) log.debug({ cause }, 'control is not asked how far it has read yet')
      }
      if (!stopped) await Promise.race([sleep(retryMs, undefined, { ref: false }), stopping])
    }
  }
  let stop: () => void = () => {}
  const stopping = new Promise<void>((resolve) => (stop = resolve))
  const running = run()
  return {
    stop: async () => {
      stopped = true
      stop()
      wake()
      await following?.stop()
      await running
    },
  }
}
