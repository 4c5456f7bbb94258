/**
 * Partners that call without end, and a ledger of their own: what each sent, what each was answered, what each never heard
 * of. Nothing of it comes from the platform; what the platform counted is held against it afterwards.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { uuidv7 } from '#kernel/id.ts'
import { type Application, type Held } from '../journeys/application.ts'
import { newApplication, type Partner, type PartnerPlan, register } from '../journeys/onboarding.ts'
import { eventually } from '../journeys/walker.ts'
import type { WellKnown } from '../journeys/web.ts'

export const callerPlan: PartnerPlan = {
  organisation: 'Fault drill',
  statuses: ['marketplace'],
  tier: 'Gold',
  products: ['accounts', 'payments', 'cards', 'lending', 'kyc', 'fx'],
  constraint: 'mtls',
  authentication: 'tls_client_auth',
  grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'],
  evidence: [],
}
const scope = 'cards:read payments:split fx:rates lending:products kyc:predicates accounts:verify'

/** One read of each domain. */
export const reads = [
  '/cards/v1/cards',
  '/fx/v1/rates',
  '/lending/v1/products',
  '/kyc/v1/verifications',
  '/payments/v1/sub-merchants',
] as const

/** What one partner knows of its own calls. */
export interface Ledger {
  sent: number
  /** Answered with success, and not as a replay: what the platform has to have counted, and may bill. */
  taken: number
  replayed: number
  /** Sent, and never answered: the partner does not know. */
  unheard: number
  readonly refused: Map<string, number>
  /** Writes that were answered as done, by the name that the partner gave each. */
  readonly done: Set<string>
  /** Writes that were begun. */
  readonly begun: Set<string>
  /** When the last call was taken; milliseconds of `performance`. */
  lastTakenMs: number
  /** The longest time without a call that was taken, since it was last asked. */
  longestGapMs: number
}

export const newLedger = (): Ledger => ({
  sent: 0,
  taken: 0,
  replayed: 0,
  unheard: 0,
  refused: new Map(),
  done: new Set(),
  begun: new Set(),
  lastTakenMs: performance.now(),
  longestGapMs: 0,
})

/** The difference since an earlier look. */
export const since = (now: Ledger, before: Ledger) => ({
  sent: now.sent - before.sent,
  taken: now.taken - before.taken,
  unheard: now.unheard - before.unheard,
  refused: new Map(
    [...now.refused].flatMap(([code, n]) => {
      const more = n - (before.refused.get(code) ?? 0)
      return more > 0 ? [[code, more] as const] : []
    }),
  ),
})
export const copyOf = (ledger: Ledger): Ledger => ({
  ...ledger,
  refused: new Map(ledger.refused),
  done: new Set(ledger.done),
  begun: new Set(ledger.begun),
})

/** When a call was sent and when its answer was there; milliseconds of `performance`. It was admitted in between. */
export type Span = readonly [sentMs: number, heardMs: number]

export interface Caller {
  readonly application: Application
  readonly partner: Partner
  readonly ledger: Ledger
  /** A token that is still good: a new one where the last is old and the issuer answers. */
  token(): Promise<Held>
  /** One read or write, counted. Answers the status, 0 where nobody answered. */
  read(path: string): Promise<number>
  write(): Promise<number>
  /** Calls far above its rate, for so long, so many at a time. */
  flood(seconds: number, lanes: number): Promise<void>
  /** Every call that was taken, in the order of the answers. */
  readonly admitted: readonly Span[]
  /** Resolves when no call of it is under way, and none will be until `resume`. */
  pause(): Promise<void>
  resume(): void
  stop(): Promise<void>
}

const RENEW_AFTER_MS = 150_000
/** A write is tried again under its key for so long, ever more seldom, and not before the platform said. */
const INSIST_MS = 120_000
const AGAIN_MS = { first: 300, most: 5_000 }

/** Above a rate is enough: what the machine bears is not what is asked. */
const FLOOD_PAUSE_MS = 40

const digits = (n: number) =>
  Array.from({ length: n }, () => Math.floor(Math.random() * 10)).join('')

const merchant = (name: string) => ({
  legalName: name,
  // Numbers that nobody has: the sandbox takes no others.
  registrationNumber: `98${digits(7)}`,
  account: {
    schemeName: 'UZ.AccountNumber',
    // One account may be registered three times, and no more.
    identification: `80208000${digits(12)}`,
    bankCode: '09998',
  },
})

/** Of `accounts`, where whose account it is is asked and not listed. */
const verifications = '/accounts/v1/ownership-verifications'

/** A partner with an application of its own; it begins to call, `pauseMs` between two calls. */
export const startCaller = async (
  wellKnown: WellKnown,
  pauseMs: number,
  /** Asks this of an account beside its reads. */
  verification?: object,
): Promise<Caller> => {
  const partner = await register(wellKnown, callerPlan)
  const application = await newApplication({
    wellKnown,
    partner,
    plan: callerPlan,
    cell: 'sandbox',
  })
  const ledger = newLedger()
  const admitted: Span[] = []
  let held = await eventually(
    120_000,
    () => application.token(scope).catch(() => undefined),
    (token) => token !== undefined,
  )
  if (!held) throw new Error('the application gets no token')
  let heldMs = performance.now()
  const token = async (): Promise<Held> => {
    if (held && performance.now() - heldMs < RENEW_AFTER_MS) return held
    const next = await application.token(scope).catch(() => undefined)
    if (next) {
      held = next
      heldMs = performance.now()
    }
    if (!held) throw new Error('the application gets no token')
    return held
  }
  const count = (status: number, code: unknown, isReplay: boolean) => {
    if (status === 0) ledger.unheard++
    else if (status >= 400) {
      const name = `${status} ${String(code)}`
      ledger.refused.set(name, (ledger.refused.get(name) ?? 0) + 1)
    } else {
      const nowMs = performance.now()
      ledger.longestGapMs = Math.max(ledger.longestGapMs, nowMs - ledger.lastTakenMs)
      ledger.lastTakenMs = nowMs
      if (isReplay) ledger.replayed++
      else ledger.taken++
    }
  }
  const call = async (method: 'GET' | 'POST', path: string, body?: object, key?: string) => {
    ledger.sent++
    const options = { ...(body && { body }), ...(key !== undefined && { idempotencyKey: key }) }
    try {
      const mine = await token()
      const sentMs = performance.now()
      const answer = await application.call(mine, method, path, options)
      const isReplay = answer.headers.get('idempotent-replayed') === 'true'
      count(answer.status, answer.body['code'], isReplay)
      if (answer.status < 400) admitted.push([sentMs, performance.now()])
      const againMs = 1_000 * Number(answer.headers.get('retry-after') ?? 0)
      return { status: answer.status, code: answer.body['code'], againMs }
    } catch {
      count(0, undefined, false)
      return { status: 0, code: undefined, againMs: 0 }
    }
  }
  let stopping = false
  let going = Promise.withResolvers<void>()
  going.resolve()
  let resting: (() => void) | undefined
  const write = async (): Promise<number> => {
    const key = uuidv7()
    const body = merchant(`Fault drill ${key}`)
    ledger.begun.add(body.legalName)
    const endMs = performance.now() + INSIST_MS
    for (let waitMs = AGAIN_MS.first; ; waitMs = Math.min(2 * waitMs, AGAIN_MS.most)) {
      const { status, code, againMs } = await call('POST', '/payments/v1/sub-merchants', body, key)
      if (status >= 200 && status < 300) {
        ledger.done.add(body.legalName)
        return status
      }
      const again =
        status === 0 || code === 'gateway/request-in-progress' || status === 429 || status >= 500
      if (!again || performance.now() > endMs) return status
      await sleep(Math.max(waitMs, againMs))
    }
  }
  const read = async (path: string) => (await call('GET', path)).status
  /** A write insists for as long as it must; reads go on beside it. */
  let writing: Promise<unknown> | undefined
  const calling = async () => {
    for (let n = 0; !stopping; n++) {
      if (resting) {
        await writing
        resting()
      }
      await going.promise
      if (n % 8 === 7) writing ??= write().finally(() => (writing = undefined))
      else if (n % 8 === 3 && verification)
        await call('POST', verifications, verification, uuidv7())
      else await read(reads[n % reads.length] ?? reads[0])
      await sleep(pauseMs)
    }
    await writing
    resting?.()
  }
  const flood = async (seconds: number, lanes: number): Promise<void> => {
    const endMs = performance.now() + seconds * 1_000
    await Promise.all(
      Array.from({ length: lanes }, async () => {
        while (performance.now() < endMs && !stopping) {
          const { status } = await call('GET', reads[0])
          await sleep(status === 0 ? AGAIN_MS.first : FLOOD_PAUSE_MS)
        }
      }),
    )
  }
  const stopped = calling()
  const resume = () => {
    resting = undefined
    // The time of rest is nobody's gap.
    ledger.lastTakenMs = performance.now()
    going.resolve()
  }
  return {
    application,
    partner,
    ledger,
    token,
    read,
    write,
    flood,
    admitted,
    pause: () => {
      going = Promise.withResolvers<void>()
      return new Promise<void>((resolve) => (resting = resolve))
    },
    resume,
    stop: async () => {
      stopping = true
      resume()
      await stopped
      await application.close()
    },
  }
}
