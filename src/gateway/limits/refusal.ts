/** How a limit refuses: which one, and when to come back (draft-ietf-httpapi-ratelimit-headers-11 §6). */
import { type Particulars, type Problem, problem } from '#kernel/problem.ts'
import type { Rule } from './plan.ts'

export const rateLimited = problem('gateway/rate-limited', 429, 'Too many calls')
export const quotaExhausted = problem('contracts/quota-exhausted', 429, 'The quota is used up')
export const capReached = problem('budgets/cap-reached', 429, 'The spending cap is reached')
export const contractInactive = problem(
  'contracts/inactive',
  403,
  'The contract does not cover this',
)
export const limitsAway = problem(
  'gateway/limits-unavailable',
  503,
  'The platform cannot tell how much is left',
)

const type = (name: string) => `https://iana.org/assignments/http-problem-types#${name}`

/** RFC 9110 §10.2.3, spread a little: those who were refused together do not come back together (S59). */
export const retryAfter = (seconds: number): string => {
  const whole = Math.max(1, Math.ceil(seconds))
  return String(whole + Math.floor(Math.random() * Math.min(3, whole / 10 + 1)))
}

const said = (
  rule: Rule | undefined,
  kind: 'quota-exceeded' | 'temporary-reduced-capacity',
  waitMs: number,
  headers: Readonly<Record<string, string>>,
): Particulars => ({
  type: type(kind),
  members: { 'violated-policies': rule ? [rule.name] : [] },
  headers: { ...headers, 'retry-after': retryAfter(waitMs / 1_000) },
})

/** `headers` tell all limits of the call. */
export const refusalOf = (
  rule: Rule,
  waitMs: number,
  headers: Readonly<Record<string, string>>,
): Problem => {
  const particulars = said(rule, 'quota-exceeded', waitMs, headers)
  switch (rule.kind) {
    case 'concurrent':
      return rateLimited(`${rule.limit} calls at once are allowed (${rule.name})`, particulars)
    case 'rate':
      return rateLimited(`the limit ${rule.name} of the contract is used up`, particulars)
    case 'window':
      if (rule.isSpend)
        return capReached(
          `the call would exceed ${rule.name}, a cap that you set for this ${rule.period} (${rule.zone})`,
          { ...particulars, gate: 'partner' },
        )
      return quotaExhausted(
        `the quota ${rule.name} of this ${rule.period} (${rule.zone}) is used up`,
        { ...particulars, gate: 'bank' },
      )
  }
}

/** No permits are held, none can be had, and the limit's stance is not to guess. */
export const awayRefusal = (
  rule: Rule | undefined,
  headers: Readonly<Record<string, string>>,
  cause?: unknown,
): Problem =>
  limitsAway(`nothing is left of ${rule?.name ?? 'a limit'} here, and no more can be leased now`, {
    ...said(rule, 'temporary-reduced-capacity', 1_000, headers),
    cause,
  })
