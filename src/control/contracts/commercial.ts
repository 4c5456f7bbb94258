/** What other terms take from a partner that its program does not notice, by the rules of commercial changes. Pure. */
import { canonical } from '#kernel/canonical.ts'
import {
  commercialFinding,
  compareLimits,
  comparePrices,
  type Finding,
  isPriceRule,
} from '#control/versions/index.ts'
import { decimal, isAbove, sum } from '#control/rating/index.ts'
import { isBefore } from '#kernel/time.ts'
import type { Compiled } from './compiled.ts'
import { noticeTooShort } from './contract.ts'
import type { Promised } from './level-terms.ts'
import type { Early, Notices } from './notices.ts'
import { type Support, urgencies } from './support.ts'

/** Everything in which one text is worse or better for the partner than another, the worst first. */
export const compareTerms = (was: Compiled, is: Compiled): Finding[] => [
  ...was.products
    .filter((product) => !is.products.includes(product))
    .map((product) => commercialFinding('commercial-product-removed', product)),
  ...compareLimits(was.limits, is.limits),
  ...priceFindings(was, is),
  ...was.levels.flatMap((level) => levelFindings(level, is.levels)),
  ...noticeFindings(was.notices, is.notices),
  ...(was.support ? supportFindings(was.support, is.support) : []),
  ...messageFindings(was.messages, is.messages),
]

/** What of a list is about this tier; which others it names beside it makes nothing dearer. */
const ofTier = ({ limits: { tier }, prices: { terms } }: Compiled) => {
  const own = <T extends { readonly tiers?: readonly string[] | undefined }>(all: readonly T[]) =>
    all
      .filter(({ tiers }) => tiers === undefined || tiers.includes(tier))
      .map((one) => ({ ...one, tiers: undefined }))
  return {
    fees: Object.fromEntries(own(terms.fees).map(({ id, amount }) => [id, amount])),
    overMany: canonical([own(terms.charges), own(terms.commitments ?? [])]),
  }
}

const sumOf = (fees: Readonly<Record<string, string>>) => sum(Object.values(fees).map(decimal))

const priceFindings = (before: Compiled, after: Compiled): Finding[] => {
  const [was, is] = [before.prices, after.prices]
  if (was.version === is.version && before.limits.tier === after.limits.tier) return []
  if (was.currency !== is.currency)
    return [commercialFinding('commercial-currency-changed', was.currency, is.currency)]
  const [own, now] = [ofTier(before), ofTier(after)]
  const [taxBefore, tax] = [was.terms.taxPercent ?? '0', is.terms.taxPercent ?? '0']
  return [
    ...comparePrices(was.unitPrices, is.unitPrices),
    ...(isAbove(sumOf(now.fees), sumOf(own.fees)) ? feeFindings(own.fees, now.fees) : []),
    // A price over many calls may be dearer for one and cheaper for another: whoever signs looks at it.
    ...(own.overMany === now.overMany
      ? []
      : [commercialFinding('commercial-charges-changed', was.version, is.version)]),
    ...(isAbove(decimal(tax), decimal(taxBefore))
      ? [commercialFinding('commercial-tax-raised', taxBefore, tax)]
      : []),
  ]
}

const feeFindings = (
  was: Readonly<Record<string, string>>,
  is: Readonly<Record<string, string>>,
): Finding[] => [
  ...comparePrices(was, is),
  ...Object.entries(is).flatMap(([id, amount]) =>
    was[id] === undefined ? [commercialFinding('commercial-fee-added', id, amount)] : [],
  ),
]

const bandsOf = (level: Promised) => [
  level.availability?.bands ?? [],
  ...level.latency.map(({ bands }) => bands),
]

/** The share from which something is given back: the higher, the more is promised. */
const promiseOf = (level: Promised) =>
  bandsOf(level).map((bands) => Math.max(0, ...bands.map(({ below }) => Number(below))))

/** Below this share of first answers in time something is given back; nothing promised, nothing given. */
const supportShare = ({ support }: Promised) =>
  Math.max(0, ...(support?.bands ?? []).map(({ below }) => Number(below)))

const levelFindings = (was: Promised, now: readonly Promised[]): Finding[] => {
  const is = now.find(({ product }) => product === was.product)
  if (!is) return [commercialFinding('commercial-level-weakened', was.product, 'nothing')]
  if (canonical(was) === canonical(is)) return []
  const [before, after] = [promiseOf(was), promiseOf(is)]
  const isWeaker =
    (was.availability !== null && is.availability === null) ||
    supportShare(is) < supportShare(was) ||
    before.some((share, i) => (after[i] ?? 0) < share) ||
    was.latency.some(({ withinMs }, i) => (is.latency[i]?.withinMs ?? Infinity) > withinMs) ||
    (was.maintenance === null && is.maintenance !== null) ||
    (was.capPercent === null && is.capPercent !== null) ||
    Number(is.capPercent ?? 100) < Number(was.capPercent ?? 100)
  return isWeaker
    ? [commercialFinding('commercial-level-weakened', was.product, is.title)]
    : [commercialFinding('commercial-level-changed', was.product, is.title)]
}

const noticeFindings = (was: Notices, is: Notices): Finding[] =>
  (['breakingMonths', 'priceDays', 'endDays'] as const).flatMap((name) =>
    is[name] < was[name]
      ? [commercialFinding('commercial-notice-shortened', was[name], `${name}: ${is[name]}`)]
      : [],
  )

const supportFindings = (was: Support, is: Support | null): Finding[] => {
  if (is === null) return [commercialFinding('commercial-support-weakened', 'all', 'nothing')]
  const slower = urgencies.filter((u) => is.firstAnswerMinutes[u] > was.firstAnswerMinutes[u])
  const isNarrower = canonical(was.hours) !== canonical(is.hours) && is.hours !== null
  return [...slower, ...(isNarrower ? ['hours'] : [])].map((what) =>
    commercialFinding('commercial-support-weakened', what, 'later'),
  )
}

const messageFindings = (was: Compiled['messages'], is: Compiled['messages']): Finding[] => [
  ...(is.signatures === 'required' && was.signatures === null
    ? [commercialFinding('commercial-signature-required', 'not')]
    : []),
  ...Object.entries(is.withheld).flatMap(([operation, fields]) =>
    fields
      .filter((field) => !was.withheld[operation]?.includes(field))
      .map((field) =>
        commercialFinding('commercial-release-narrowed', undefined, `${operation} ${field}`),
      ),
  ),
]

/**
 * Throws where worse terms come sooner than the contract that rules promises to tell of them: prices by its days, all
 * else by its months. A signature under them is not enough: that both agreed to be early is said.
 */
export const checkNotice = (
  before: Compiled,
  after: Compiled,
  of: { begins: Temporal.Instant; now: Temporal.Instant; early?: Early | undefined },
): void => {
  if (of.early !== undefined) return
  const { priceDays, breakingMonths } = before.notices
  const worse = compareTerms(before, after).filter(({ level }) => level === 'ERR')
  const dearer = worse.filter(({ id }) => isPriceRule(id))
  const narrower = worse.filter(({ id }) => !isPriceRule(id))
  const hint = 'Let them begin later, or name why they may come sooner: agreed or law.'
  const faults = (found: readonly Finding[]) =>
    found.slice(0, 50).map(({ id, text }) => ({ pointer: '', code: id, detail: text }))
  if (dearer.length > 0 && isBefore(of.begins, of.now.add({ hours: 24 * priceDays })))
    throw noticeTooShort(`higher prices are told ${priceDays} days ahead`, {
      hint,
      errors: faults(dearer),
    })
  const told = of.now.toZonedDateTimeISO('UTC').add({ months: breakingMonths }).toInstant()
  if (narrower.length > 0 && isBefore(of.begins, told))
    throw noticeTooShort(`what is less than was agreed is told ${breakingMonths} months ahead`, {
      hint,
      errors: faults(narrower),
    })
}
