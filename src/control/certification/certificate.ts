/** What a partner's own sandbox traffic has shown. Pure: calls in the order of time in, findings out. */
import { z } from 'zod'
import type { Operation } from '#control/catalogue/index.ts'
import type { TraceRow } from '#control/usage/index.ts'

export const Check = z.object({
  id: z.enum([
    'calls',
    'retries',
    'error-handling',
    'token-refresh',
    'consent-withdrawal',
    'webhook-verification',
  ]),
  product: z.string(),
  /** `failed`: the traffic shows that it is done wrong; `missing`: it shows nothing yet. */
  verdict: z.enum(['shown', 'missing', 'failed']),
  detail: z.string(),
  /** What to do in the sandbox, so that it is shown. */
  how: z.string(),
})
export type Check = z.output<typeof Check>

/** Calls that came after a refusal and should not have: so many are an honest race, more are deafness. */
const AFTER_REFUSAL_MAX = 3
const AT_ONCE_SECONDS = 1
const RECOVERED_MINUTES = 15
/** An access token lives five minutes: who goes on for ten has got another. */
const REFRESHED_MINUTES = 10

/** How an endpoint answered what is the bank’s and what is not, when it was last tried. */
export interface Receiver {
  readonly at: Temporal.Instant
  readonly trials: readonly { readonly trial: string; readonly right: boolean }[]
}

type Shown = Pick<Check, 'verdict' | 'detail'>
const shown = (detail: string): Shown => ({ verdict: 'shown', detail })
const missing = (detail: string): Shown => ({ verdict: 'missing', detail })
const failed = (detail: string): Shown => ({ verdict: 'failed', detail })

const isGood = ({ status }: TraceRow) => status >= 200 && status < 300
const minutesBetween = (a: TraceRow, b: TraceRow) => a.at.until(b.at).total('minutes')

/** Everything that a product demands, in the order of a partner's work. */
export const checksOf = (
  product: string,
  operations: readonly Operation[],
  trace: readonly TraceRow[],
  receivers: readonly Receiver[] = [],
): Check[] => {
  const own = operations.filter((o) => o.product === product)
  const calls = trace.filter((row) => row.product === product)
  const writes = own.filter((o) => o.method.toLowerCase() !== 'get' && o.risk === 'high')
  const needsConsent = own.some((o) => o.consentType !== null)
  const check = (id: Check['id'], how: string, found: Shown): Check => ({
    id,
    product,
    how,
    ...found,
  })
  return [
    check('calls', 'Call operations of the product until some succeed.', called(calls)),
    ...(writes.length > 0
      ? [
          check(
            'retries',
            'Send a write again under the Idempotency-Key that it had.',
            retried(calls, new Set(writes.map((o) => o.id))),
          ),
          check(
            'webhook-verification',
            'Have a sandbox endpoint tested in the portal: it is sent events of the bank and forged ones; answer 2xx to the first and 4xx to the others.',
            verified(receivers),
          ),
        ]
      : []),
    check(
      'error-handling',
      'Ask for the scenario core_outage or core_busy, wait as Retry-After says, and call again.',
      recovered(calls),
    ),
    ...(needsConsent
      ? [
          check(
            'token-refresh',
            `Use one consent for more than ${REFRESHED_MINUTES} minutes.`,
            refreshed(calls),
          ),
          check(
            'consent-withdrawal',
            'Withdraw a consent in the dashboard, call once more, and stop when you are refused.',
            withdrawn(calls),
          ),
        ]
      : []),
  ]
}

const called = (calls: readonly TraceRow[]): Shown => {
  const good = calls.filter(isGood).length
  return good > 0 ? shown(`${good} calls succeeded`) : missing('no call has succeeded')
}

/** An answer that is no charge of its own is that of the first call under the same key. */
const retried = (calls: readonly TraceRow[], writes: ReadonlySet<string>): Shown => {
  const replays = calls.filter((c) => writes.has(c.operation) && isGood(c) && !c.billable).length
  const reused = calls.filter((c) => c.code?.endsWith('/idempotency-key-reused')).length
  if (replays === 0)
    return reused > 0
      ? failed(`${reused} writes came under the key of another one`)
      : missing('no write was sent again under its key')
  return shown(`${replays} writes were sent again under their keys`)
}

/** What is done later by the events of writes is done for whoever can send one: who takes forged ones, does that. */
const verified = (receivers: readonly Receiver[]): Shown => {
  if (receivers.length === 0) return missing('no endpoint was tested')
  const wrong = receivers.flatMap(({ trials }) => trials.filter(({ right }) => !right))
  const words = [...new Set(wrong.map(({ trial }) => trial))].toSorted()
  return words.length === 0
    ? shown(`${receivers.length} endpoints took what is the bank’s and refused what is not`)
    : failed(`wrongly answered: ${words.join(', ')}`)
}

const isOverload = ({ status }: TraceRow) => status === 429 || status === 502 || status === 503

const recovered = (calls: readonly TraceRow[]): Shown => {
  let recoveries = 0
  for (const [i, call] of calls.entries()) {
    if (!isOverload(call)) continue
    const later = calls.slice(i + 1).filter((c) => c.operation === call.operation)
    const hammered = later.filter((c) => call.at.until(c.at).total('seconds') < AT_ONCE_SECONDS)
    if (hammered.length > AFTER_REFUSAL_MAX)
      return failed(
        `${hammered.length} calls of ${call.operation} within a second of a ${call.status}`,
      )
    if (later.some((c) => isGood(c) && minutesBetween(call, c) <= RECOVERED_MINUTES)) recoveries++
  }
  return recoveries > 0
    ? shown(`${recoveries} failures were waited out`)
    : missing('no failure was met and waited out')
}

const refreshed = (calls: readonly TraceRow[]): Shown => {
  const byConsent = Map.groupBy(
    calls.filter((c) => c.consentId !== null && isGood(c)),
    (c) => c.consentId,
  )
  const longest = Math.max(
    0,
    ...[...byConsent.values()].map((own) => {
      const [first, last] = [own[0], own.at(-1)]
      return first && last ? minutesBetween(first, last) : 0
    }),
  )
  return longest >= REFRESHED_MINUTES
    ? shown(`one consent was used over ${Math.floor(longest)} minutes`)
    : missing('no consent was used for longer than a token lives')
}

const withdrawn = (calls: readonly TraceRow[]): Shown => {
  const refusals = calls.filter((c) => c.code === 'consents/revoked' && c.consentId !== null)
  if (refusals.length === 0) return missing('no withdrawn consent was met')
  const most = Math.max(
    ...Map.groupBy(refusals, (c) => c.consentId)
      .values()
      .map((own) => own.length),
  )
  return most > AFTER_REFUSAL_MAX
    ? failed(`a withdrawn consent was used ${most} times more`)
    : shown('a withdrawn consent was let go')
}
