/** What was called and what it costs: every call counted once, and its price beside it. */
import { assert } from '#kernel/assert.ts'
import type { Cell } from '#kernel/cell.ts'
import { bornAtMs } from '#kernel/id.ts'
import type { Work } from '#journal/index.ts'
import type { UsageBatch, UsageReceipt, UsageRecord } from '#gateway/usage.ts'
import { edition, findPriceVersion, listProducts, newestPrices } from '#control/catalogue/index.ts'
import { type Matrix, regulatedAccess } from '#control/licences/index.ts'
import { type Prices, unitPriceOf } from './rating.ts'
import { sealCalls } from './proofs.ts'
import * as callStore from './call-store.ts'
import { noteFacts } from './facts.ts'
import { noteVersions } from './versions.ts'

export { type Seen, factsSeen } from './facts.ts'
export { type VersionUse, versionUse } from './versions.ts'

export {
  answeredByProduct,
  answeredDays,
  answeredMinutes,
  answeredWithin,
  type AnsweredSpan,
  failedIn,
  failuresAndRecoveries,
  type OwnDay,
} from './answered.ts'
export {
  businessEvents,
  BusinessRow,
  countedFor,
  type Reported,
  reportValue,
  takeBusinessEvents,
} from './business.ts'
export {
  type CallsMade,
  callsMade,
  type DecidedCall,
  decidedCall,
  lastDecidedCall,
  type TimedCall,
  timedCalls,
} from './decided.ts'
export { FieldCount, fieldCounts, takeFields } from './fields.ts'
export {
  answers,
  behaviour,
  type BehaviourRow,
  consentsUsed,
  downtimes,
  epochs,
  outcomes,
  performance,
  type Span,
  trace,
  type TraceRow,
  usual,
} from './statistics.ts'
export { type CallInBatch, callInBatch, sealedEvent } from './proofs.ts'
export { openDays, openingJob } from './jobs.ts'
export { type LiveBoard, type LiveGateway, openLiveBoard } from './live.ts'
export {
  byProduct,
  callsByDay,
  endings,
  type Endings,
  firstAnswers,
  type ProductRow,
} from './progress.ts'
export {
  CallRow,
  findCall,
  GapRow,
  gaps as listGaps,
  HourRow,
  hours as usageByHour,
  latestCalls,
  partnersWithUsage,
  spentBy,
  TotalRow,
  totals as usageTotals,
  unitsByPrice,
  unitsOfAll,
  unitsTried,
  type UsageFilter,
} from './store.ts'

/** How far the edge's clock reading may lie from the millisecond in the call's id. */
const DISAGREEMENT_MS = 1_000
const AHEAD_MS = 5 * 60_000
/** A call that is told of later than this needs a person's decision. */
const LATE_DAYS = 60

/** Takes batches of metered calls. Keep one for the life of the process: it remembers what never changes. */
export interface Meter {
  /**
   * Counts a batch in one transaction: rows that are new, their tallies, the cursor. A call that was counted before is
   * success and changes nothing.
   */
  take(work: Work, cell: Cell, batch: UsageBatch): Promise<UsageReceipt>
}

export const openMeter = (): Meter => {
  const published = new Map<string, Readonly<Record<string, string>>>()
  const policies = new Map<string, Matrix>()
  let known = { edition: '', permissions: new Map<string, readonly string[]>() }

  const pricesFor = async (work: Work, versions: readonly string[]): Promise<Prices> => {
    const list = await newestPrices(work)
    if (list) published.set(list.id, list.unitPrices)
    for (const version of versions.filter((v) => !published.has(v))) {
      const found = await findPriceVersion(work, version)
      if (found) published.set(version, found.unitPrices)
    }
    return { list: list?.id ?? null, of: (version) => published.get(version) }
  }

  /** The permissions that open an operation, read again when the catalogue has another edition. */
  const permissionsByOperation = async (work: Work) => {
    const now = await edition(work)
    if (now !== known.edition) {
      const operations = (await listProducts(work)).flatMap((p) => p.operations)
      known = { edition: now, permissions: new Map(operations.map((o) => [o.id, o.permissions])) }
    }
    return known.permissions
  }

  return {
    take: async (work, cell, { gateway, boot, records }) => {
      const source = { cell, gateway, boot }
      const seqs = [...new Set(records.map((r) => r.seq))]
      const seq = await callStore.advance(work, source, seqs, work.now)

      const versions = records.flatMap((r) => r.priceVersion ?? [])
      const prices = await pricesFor(work, [...new Set(versions)])
      const permissions = await permissionsByOperation(work)
      const partners = [...new Set(records.map((r) => r.partnerId))]
      const byLaw = await regulatedAccess(work, partners, policies)

      const calls: callStore.PricedCall[] = []
      let setAside = 0
      const aside = async (record: UsageRecord, why: string) => {
        setAside += await callStore.quarantine(work, source, record, why, work.now)
      }
      for (const record of records) {
        const bornMs = bornAtMs(record.callId)
        const wrong =
          wrongTime(record, bornMs, work.now) ??
          (callStore.isTellable(record) ? undefined : 'it holds what no name holds')
        const { operation, priceVersion, partnerId } = record
        const born = Temporal.Instant.fromEpochMilliseconds(bornMs)
        const isByLaw = (permissions.get(operation) ?? []).some((p) => byLaw(partnerId, p, born))
        const price = unitPriceOf({ cell, operation, priceVersion, byLaw: isByLaw }, prices)
        if (wrong) await aside(record, wrong)
        else if (!price) await aside(record, `no price version is called ${priceVersion}`)
        else {
          const bornAt = new Date(bornMs).toISOString()
          calls.push({ ...record, ...price, bornAt, day: bornAt.slice(0, 10) })
        }
      }
      const charged = await callStore.charge(work, calls, work.now)
      const isCharged = ({ chargeId, callId }: callStore.PricedCall) =>
        chargeId === undefined || charged.get(chargeId) === callId
      const chargedOnce = calls.map((call) =>
        call.billable && !isCharged(call) ? { ...call, billable: false } : call,
      )
      const kept = calls.length > 0 ? await callStore.keep(work, source, chargedOnce, work.now) : 0n
      if (kept > 0n) await sealCalls(work, source, calls)
      if (kept > 0n) await noteVersions(work, cell, calls)
      if (kept > 0n) await noteFacts(work, cell, calls)
      if (setAside > 0)
        await work.record('usage.set-aside', `${cell}/${gateway}`, { boot, records: setAside })
      assert(seq <= BigInt(Number.MAX_SAFE_INTEGER), 'a gateway counts in whole numbers')
      return { seq: Number(seq) }
    },
  }
}

/**
 * The day and the hour of a call come from its id, which is unique for ever: the same call cannot be told of a second
 * time under another time. A record whose own time says otherwise is not believed at all.
 */
const wrongTime = (
  record: UsageRecord,
  bornMs: number,
  now: Temporal.Instant,
): string | undefined => {
  if (record.callId[12] !== '7') return 'its id is not a UUIDv7'
  const saidMs = instantMs(record.occurredAt)
  if (saidMs === undefined || Math.abs(saidMs - bornMs) > DISAGREEMENT_MS)
    return 'its time is not the time in its id'
  const ageMs = now.epochMilliseconds - bornMs
  if (ageMs < -AHEAD_MS) return 'it has not happened yet'
  return ageMs > LATE_DAYS * 86_400_000 ? `it is older than ${LATE_DAYS} days` : undefined
}

/** As gateways write it; read here at a tenth of what any other text costs. */
const utc = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/

const instantMs = (text: string): number | undefined => {
  if (utc.test(text)) {
    const ms = Date.parse(text)
    return Number.isNaN(ms) ? undefined : ms
  }
  try {
    return Temporal.Instant.from(text).epochMilliseconds
  } catch {
    return undefined
  }
}
