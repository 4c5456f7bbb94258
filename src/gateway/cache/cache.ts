/**
 * What was answered a moment ago, where a document says that it holds for everybody for so long (`x-cache`, RFC 9111). An
 * answer is kept as it came, so that what each caller may see of it is decided anew; it is about nobody, or the document
 * does not compile. Memory of one process, hence of one cell; bounded in bytes, what was not asked for the longest goes.
 */
import type { Operation } from '../documents/operation.ts'
import type { Table } from '../snapshots/table.ts'
import type { UpstreamAnswer } from '../upstream/upstream.ts'

export interface Kept {
  readonly answer: UpstreamAnswer
  /** Since it was true, in whole seconds (RFC 9111 §4.2.3). */
  readonly ageS: number
}

/** This call fetches what others wait for, and must say how it ended. */
export interface Fetch {
  /** Hands it to those who wait, and keeps it where its sender lets it be kept. */
  keep(answer: UpstreamAnswer): void
  /** Nothing came of it: one of those who wait tries next. After `keep` it does nothing. */
  fail(): void
}

export type Found =
  | { readonly kind: 'kept'; readonly kept: Kept }
  | { readonly kind: 'fetch'; readonly fetch: Fetch }
  /** Another call is fetching it; when that has ended, ask again. */
  | { readonly kind: 'wait'; readonly until: Promise<void> }
  /** Its sender does not want it kept: nobody need wait for anybody. */
  | { readonly kind: 'pass' }

export interface CacheState {
  readonly bytes: number
  readonly bytesMax: number
  readonly entries: number
  readonly hits: number
  readonly misses: number
}

export interface Cache {
  /** `key` is all that the answer depends on, within the operation. */
  ask(operation: Operation, key: string): Found
  /** Forgets what the new table describes otherwise, or fetches from elsewhere. */
  follow(table: Table): void
  state(): CacheState
}

interface Entry {
  readonly operation: Operation
  /** null: not to be kept, which is remembered for a moment. */
  readonly answer: UpstreamAnswer | null
  readonly bytes: number
  readonly bornMs: number
  readonly endsMs: number
}

/** One answer may take this share of it all. */
const SHARE_MAX = 1 / 16
/** What an entry costs besides its body and its key. */
const OVERHEAD_BYTES = 512
const PASS_MS = 2_000

export const openCache = (
  bytesMax: number,
  clock: () => number = () => performance.now(),
): Cache => {
  /** The one that was used last stands last. */
  const entries = new Map<string, Entry>()
  const fetching = new Map<string, Promise<void>>()
  let operations: ReadonlyMap<string, Operation> = new Map()
  let addresses = new Map<string, string>()
  let bytes = 0
  let hits = 0
  let misses = 0

  const drop = (name: string, entry: Entry) => {
    entries.delete(name)
    bytes -= entry.bytes
  }
  const put = (name: string, entry: Entry, from: string | undefined) => {
    // A call of before a swap may end after it, and bring what the old document or the old system said.
    const { id, upstream } = entry.operation
    if (operations.get(id) !== entry.operation || addresses.get(upstream) !== from) return
    if (entry.bytes > bytesMax * SHARE_MAX) return
    const old = entries.get(name)
    if (old) drop(name, old)
    entries.set(name, entry)
    bytes += entry.bytes
    for (const [oldest, least] of entries) {
      if (bytes <= bytesMax) return
      drop(oldest, least)
    }
  }
  const fetch = (name: string, operation: Operation): Fetch => {
    const from = addresses.get(operation.upstream)
    const { promise, resolve } = Promise.withResolvers<void>()
    fetching.set(name, promise)
    const done = () => {
      // By then another call may be fetching it.
      if (fetching.get(name) === promise) fetching.delete(name)
      resolve()
    }
    return {
      keep: (answer) => {
        const { ageMs, freshMs } = freshness(answer, (operation.cache?.seconds ?? 0) * 1000)
        const nowMs = clock()
        const fresh = freshMs > 0
        const size = (fresh ? answer.body.length : 0) + name.length + OVERHEAD_BYTES
        const entry: Entry = {
          operation,
          answer: fresh ? answer : null,
          bytes: size,
          bornMs: nowMs - ageMs,
          endsMs: nowMs + (fresh ? freshMs : PASS_MS),
        }
        put(name, entry, from)
        done()
      },
      fail: done,
    }
  }
  return {
    ask: (operation, key) => {
      const name = `${operation.id} ${key}`
      const nowMs = clock()
      const entry = entries.get(name)
      if (entry && entry.operation === operation && nowMs < entry.endsMs) {
        if (entry.answer === null) return { kind: 'pass' }
        entries.delete(name)
        entries.set(name, entry)
        hits++
        const ageS = Math.floor((nowMs - entry.bornMs) / 1000)
        return { kind: 'kept', kept: { answer: entry.answer, ageS } }
      }
      if (entry) drop(name, entry)
      const until = fetching.get(name)
      if (until) return { kind: 'wait', until }
      misses++
      return { kind: 'fetch', fetch: fetch(name, operation) }
    },
    follow: (table) => {
      operations = table.operations
      const before = addresses
      addresses = new Map([...table.upstreams].map(([id, one]) => [id, JSON.stringify(one)]))
      for (const [name, entry] of entries) {
        const { id, upstream } = entry.operation
        const same = operations.get(id) === entry.operation
        if (!same || before.get(upstream) !== addresses.get(upstream)) drop(name, entry)
      }
    },
    state: () => ({ bytes, bytesMax, entries: entries.size, hits, misses }),
  }
}

/** Varying by these is no matter: they are the same for all, or part of the key. */
const indifferent = new Set(['accept', 'accept-encoding', 'api-version'])

/** How old an answer is when it comes, and for how long it may be used: as the document says, or less (RFC 9111 §5.2.2). */
export const freshness = (
  { keeping }: Pick<UpstreamAnswer, 'keeping'>,
  declaredMs: number,
): { ageMs: number; freshMs: number } => {
  if (keeping === undefined) return { ageMs: 0, freshMs: declaredMs }
  const { cacheControl = '', age = '0', vary = '' } = keeping
  const directives = new Map(
    cacheControl.split(',').map((directive): [string, string | undefined] => {
      const [name = '', value] = directive.trim().toLowerCase().split('=', 2)
      return [name, value?.replaceAll('"', '')]
    }),
  )
  const forbidden = ['no-store', 'no-cache', 'private'].some((name) => directives.has(name))
  const varies = vary.split(',').some((name) => !indifferent.has(name.trim().toLowerCase()))
  if (forbidden || (vary !== '' && varies)) return { ageMs: 0, freshMs: 0 }
  const ageMs = secondsIn(age) * 1000
  const own = directives.get('s-maxage') ?? directives.get('max-age')
  const leftMs = own === undefined ? declaredMs : secondsIn(own) * 1000 - ageMs
  return { ageMs, freshMs: Math.max(0, Math.min(declaredMs, leftMs)) }
}

/** What is no number of seconds is none: stale (RFC 9111 §4.2.1). */
const secondsIn = (text: string): number => (/^\d{1,9}$/.test(text.trim()) ? Number(text) : 0)
