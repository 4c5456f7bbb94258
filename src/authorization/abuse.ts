/**
 * What one address, one application and one who guesses may ask of an instance (RFC 6819 §4.4.1.11, §5.1.4.2.3). Instances
 * count apart: of a cell with two, twice as much is answered. What each customer may try is counted by the bank, for all.
 */
import type { IncomingMessage } from 'node:http'
import { isIPv6 } from 'node:net'
import { problem } from '#kernel/problem.ts'
import { type Budget, openBudgets } from './budgets.ts'
import type { Place } from './edge.ts'

export const tooManyRequests = problem(
  'authorization/too-many-requests',
  429,
  'This caller asks too often',
)
export const tooManyGuesses = problem(
  'authorization/too-many-guesses',
  429,
  'Too many sign-ins failed at this address',
)

/** For each of these, so much at once and so much a second. A partner's peak, or a branch's, is far below. */
export const budgets = {
  /** All that an address posts: pushed requests, tokens, forms. */
  address: { perSecond: 100, burst: 500 },
  /** Registering is rare, and dear to us. */
  registration: { perSecond: 2, burst: 100 },
  /** Requests that an application pushes: each is a row for a minute. */
  push: { perSecond: 20, burst: 200 },
  /** Tokens that it asks for or gives back. */
  token: { perSecond: 50, burst: 500 },
  /** Sign-ins that failed at an address, whoever they were for: many people may stand behind one. */
  guess: { perSecond: 0.5, burst: 60 },
} as const satisfies Record<string, Budget>

/** An IPv6 subscriber has a whole network: its 2^64 addresses are one caller. */
const networkOf = (address: string): string => {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address
  const [head = '', tail] = address.split('::')
  const groups = head.split(':').filter(Boolean)
  const rest = tail === undefined ? [] : tail.split(':').filter(Boolean)
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - rest.length) }, () => '0')
  return [...groups, ...zeros, ...rest].slice(0, 4).join(':')
}

export const callerOf = ({ socket }: Pick<IncomingMessage, 'socket'>): string =>
  networkOf(socket.remoteAddress ?? 'unknown')

/** draft-ietf-httpapi-ratelimit-headers, beside Retry-After (RFC 9110 §10.2.3). */
const waiting = (name: keyof typeof budgets, seconds: number) => {
  const { burst, perSecond } = budgets[name]
  return {
    'retry-after': String(seconds),
    'ratelimit-policy': `"${name}";q=${burst};w=${Math.ceil(burst / perSecond)}`,
    ratelimit: `"${name}";r=0;t=${seconds}`,
  }
}

export interface Abuse {
  /** Throws when the address of a request has nothing left for it. */
  assertAddress(req: IncomingMessage, place: Place): void
  /** Throws when an application has nothing left. Only a name is known yet, so nothing is spent. */
  assertApplication(applicationId: string, kind: 'push' | 'token'): void
  /** An application that has proven itself asked: nobody spends in another's name. */
  charge(applicationId: string, kind: 'push' | 'token'): void
  assertGuess(req: IncomingMessage): void
  guessedWrong(req: IncomingMessage): void
}

export const openAbuse = (now: () => Temporal.Instant): Abuse => {
  const nowMs = () => now().epochMilliseconds
  const address = openBudgets(budgets.address)
  const registration = openBudgets(budgets.registration)
  const applications = { push: openBudgets(budgets.push), token: openBudgets(budgets.token) }
  const guesses = openBudgets(budgets.guess)
  const assertNone = (name: keyof typeof budgets, seconds: number) => {
    if (seconds > 0)
      throw tooManyRequests(`try again in ${seconds} s`, { headers: waiting(name, seconds) })
  }
  return {
    assertAddress: (req, place) => {
      if (place === 'registration')
        assertNone('registration', registration.take(callerOf(req), nowMs()))
      else if (req.method !== 'GET') assertNone('address', address.take(callerOf(req), nowMs()))
    },
    assertApplication: (applicationId, kind) =>
      assertNone(kind, applications[kind].waitFor(applicationId, nowMs())),
    charge: (applicationId, kind) => applications[kind].charge(applicationId, nowMs()),
    assertGuess: (req) => {
      const seconds = guesses.waitFor(callerOf(req), nowMs())
      if (seconds > 0)
        throw tooManyGuesses(`try again in ${seconds} s`, { headers: waiting('guess', seconds) })
    },
    guessedWrong: (req) => guesses.charge(callerOf(req), nowMs()),
  }
}
