/** Which fields partners really get: counted as answers leave, told to control in the background, never in a call's way. */
import { z } from 'zod'
import type { Log } from '#platform/log.ts'
import { type FieldBatch, FieldReceipt, type FieldRow } from '../field-report.ts'
import type { Field } from './shape.ts'

const PERIOD_MS = 10_000
const ROWS_MAX = 500
/** Partners times operations between two reports. More are not listed until the next one; no call waits or fails. */
const ENTRIES_MAX = 20_000

interface Entry {
  readonly partnerId: string
  readonly operation: string
  readonly fields: readonly Field[]
  answers: number
  lastAtMs: number
  /** Answers in which each field left. */
  readonly released: Uint32Array
}

export interface Fields {
  /** Counts an answer of a partner: `counts` says in how many places of it each field left. */
  count(
    partnerId: string,
    operation: string,
    fields: readonly Field[],
    counts: Uint32Array,
    atMs: number,
  ): void
  /** Tells what is left, once, and ends. */
  stop(): Promise<void>
}

/** What was counted since it was last taken. */
export const openTally = () => {
  let byPartner = new Map<string, Map<readonly Field[], Entry>>()
  let entries = 0
  const entryOf = (
    partnerId: string,
    operation: string,
    fields: readonly Field[],
  ): Entry | undefined => {
    let theirs = byPartner.get(partnerId)
    const found = theirs?.get(fields)
    if (found || entries >= ENTRIES_MAX) return found
    if (!theirs) byPartner.set(partnerId, (theirs = new Map()))
    const entry: Entry = {
      partnerId,
      operation,
      fields,
      answers: 0,
      lastAtMs: 0,
      released: new Uint32Array(fields.length),
    }
    theirs.set(fields, entry)
    entries++
    return entry
  }
  return {
    count: (
      partnerId: string,
      operation: string,
      fields: readonly Field[],
      counts: Uint32Array,
      atMs: number,
    ): void => {
      const entry = entryOf(partnerId, operation, fields)
      if (!entry) return
      entry.answers++
      entry.lastAtMs = atMs
      const { released } = entry
      for (let i = 0; i < released.length; i++) if (counts[i]) released[i] = (released[i] ?? 0) + 1
    },
    take: (): FieldRow[] => {
      const taken = [...byPartner.values()].flatMap((theirs) => [...theirs.values()])
      byPartner = new Map()
      entries = 0
      return taken.map(rowOf)
    },
  }
}

const rowOf = ({ partnerId, operation, fields, answers, lastAtMs, released }: Entry): FieldRow => ({
  partnerId,
  operation,
  answers,
  lastAt: new Date(lastAtMs).toISOString(),
  fields: fields.flatMap(({ pointer }, i) => {
    const n = released[i] ?? 0
    return n === 0 ? [] : [{ pointer, answers: n }]
  }),
})

/** Reports every ten seconds. A report that control does not take is sent again as it was, so that it counts once. */
export const openFields = (options: {
  gateway: string
  boot: string
  send: (batch: FieldBatch) => Promise<unknown>
  log: Log
  periodMs?: number
}): Fields => {
  const { gateway, boot, log } = options
  const tally = openTally()
  const waiting: FieldRow[] = []
  let batch: FieldBatch | undefined
  let seq = 0
  let told: Promise<void> = Promise.resolve()

  const tell = async (): Promise<void> => {
    // While control is away what is counted stays in the tally, which is bounded.
    if (waiting.length === 0) waiting.push(...tally.take())
    while (batch || waiting.length > 0) {
      batch ??= { gateway, boot, seq: ++seq, rows: waiting.splice(0, ROWS_MAX) }
      const receipt = FieldReceipt.parse(await options.send(batch))
      if (receipt.seq < batch.seq) throw new Error('control did not take the report')
      batch = undefined
    }
  }
  const tellOrWait = () =>
    tell().catch((cause: unknown) =>
      log.warn(
        { cause: z.instanceof(Error).safeParse(cause).data?.message },
        'control takes no report of fields yet',
      ),
    )
  let busy = false
  const timer = setInterval(() => {
    if (busy) return
    busy = true
    told = tellOrWait().finally(() => (busy = false))
  }, options.periodMs ?? PERIOD_MS)
  timer.unref()
  return {
    count: tally.count,
    stop: async () => {
      clearInterval(timer)
      await told
      await tellOrWait()
    },
  }
}
