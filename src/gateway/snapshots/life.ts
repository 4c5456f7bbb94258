/** A version that ends: what its callers are told with every answer, and when they are refused. */
import type { SnapshotLife } from '../snapshot.ts'

export interface Life {
  readonly deprecatedMs: number
  readonly sunsetMs: number
  readonly retired: boolean
  readonly page: string
  readonly brownouts: readonly Brownout[]
}

export interface Brownout {
  readonly fromMs: number
  readonly toMs: number
  /** Partners that agreed to it for their payments too. */
  readonly paymentsOf: ReadonlySet<string>
}

export const lifeOf = ({
  deprecatedAt,
  sunsetAt,
  retired,
  page,
  brownouts,
}: SnapshotLife): Life => ({
  deprecatedMs: Date.parse(deprecatedAt),
  sunsetMs: Date.parse(sunsetAt),
  retired,
  page,
  brownouts: brownouts.map(({ from, to, paymentsOf }) => ({
    fromMs: Date.parse(from),
    toMs: Date.parse(to),
    paymentsOf: new Set(paymentsOf),
  })),
})

/** RFC 9745 §2.1: a date of structured fields (RFC 9651), which may lie ahead. */
const dateOf = (ms: number) => `@${Math.floor(ms / 1000)}`

/** RFC 9745, RFC 8594 and RFC 5829. The sunset is the caller's own, and never before the deprecation. */
export const headersOf = (life: Life, sunsetMs: number): string[] => [
  'deprecation',
  dateOf(life.deprecatedMs),
  'sunset',
  new Date(Math.max(sunsetMs, life.deprecatedMs)).toUTCString(),
  'link',
  ['deprecation', 'sunset', 'successor-version']
    .map((relation) => `<${life.page}>; rel="${relation}"`)
    .join(', '),
]

export type Ending =
  | { readonly refused: false }
  | { readonly refused: 'retired' }
  | { readonly refused: 'brownout'; readonly untilMs: number }

/** What becomes of a call of this moment. Payments are let through a brown-out, but for who agreed otherwise. */
export const endingOf = (
  life: Life,
  call: { atMs: number; extendedMs: number | undefined; partnerId: string; isPayment: boolean },
): Ending => {
  const { atMs, extendedMs = Number.NEGATIVE_INFINITY, partnerId, isPayment } = call
  if (life.retired && atMs >= extendedMs) return { refused: 'retired' }
  const brownout = life.brownouts.find(
    ({ fromMs, toMs, paymentsOf }) =>
      atMs >= fromMs && atMs < toMs && (!isPayment || paymentsOf.has(partnerId)),
  )
  return brownout ? { refused: 'brownout', untilMs: brownout.toMs } : { refused: false }
}
