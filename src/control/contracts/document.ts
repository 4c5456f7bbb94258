import { createHash } from 'node:crypto'
import { canonical } from '#kernel/canonical.ts'
import type { Limits, PriceVersion, Product, Tier } from '#control/catalogue/index.ts'
import type { Partner } from '#control/partners/index.ts'
import type { PriceTerms } from '#control/rating/index.ts'
import { type Clause, filled, type Word } from './clauses.ts'
import type { ContractId } from './contract.ts'
import { type Promised, promiseText } from './level-terms.ts'
import type { Notices } from './notices.ts'
import { type Support, supportText } from './support.ts'
import type { Withheld } from './withheld.ts'

export interface Terms {
  readonly id: ContractId
  readonly bankName: string
  readonly partner: Pick<Partner, 'id' | 'legalName' | 'country'>
  readonly tier: Tier
  readonly products: readonly Product[]
  readonly prices: PriceVersion
  /** The template's name, and its clauses in the order of the paper. */
  readonly template: string
  readonly clauses: readonly Clause[]
  readonly levels: readonly Promised[]
  readonly notices: Notices
  /** What a template without a clause about it does not promise. */
  readonly support: Support
  /** What it changes: the version that both sides signed before. */
  readonly amends?: { readonly id: ContractId; readonly sha256: string; readonly version: number }
  /** From when it rules; without it: from the countersignature. */
  readonly validFrom?: Temporal.Instant | undefined
  /** Whether that instant was over when the text was made: both sides let its prices rule what was called since. */
  readonly backDated?: boolean | undefined
  /** Whether every write and its answer are signed, so that neither side can deny them. */
  readonly signatures?: 'required' | undefined
  /** Fields that answers leave out, by operation. */
  readonly withheld?: Withheld | undefined
}

const rate = ({ rate: { perSecond, burst } }: Limits) =>
  `${perSecond} calls a second, in bursts of up to ${burst}`

/** Each policy in words: what is counted, of whom, and where it does not count for all. */
const policies = ({ policies: all = [] }: Limits): string =>
  all
    .map(({ name, per, counts, shape, appliesTo }) => {
      const most =
        shape.kind === 'rate'
          ? `${shape.perSecond} ${counts} a second, in bursts of up to ${shape.burst}`
          : shape.kind === 'window'
            ? `${shape.limit} ${counts} a ${shape.period} (${shape.zone})`
            : `${shape.limit} ${counts} at a time`
      const whose = per.length === 0 ? '' : ` for each ${per.join(' and ')}`
      const only = Object.values(appliesTo).flat()
      return `, ${name}: ${most}${whose}${only.length === 0 ? '' : ` of ${only.join(', ')}`}`
    })
    .join('')

/** What the words of clauses stand for in these terms. */
const wordsOf = (terms: Terms): Record<Word, string> => {
  const { bankName, partner, tier, products, prices, levels, notices, support, withheld } = terms
  const quota = tier.limits.dailyQuota === null ? '' : `, ${tier.limits.dailyQuota} calls a day`
  return {
    bank: bankName,
    partner: partner.legalName,
    products: products.map((p) => p.title).join(', '),
    tier: tier.name,
    limits: `${rate(tier.limits)}, ${tier.limits.concurrency} calls at a time${quota}${policies(tier.limits)}`,
    'price-version': prices.id,
    currency: prices.currency,
    levels: levels.map(promiseText).join('; '),
    support: supportText(support),
    'notice-breaking': String(notices.breakingMonths),
    'notice-price': String(notices.priceDays),
    'notice-end': String(notices.endDays),
    withheld: Object.entries(withheld ?? {})
      .map(([operation, fields]) => `of ${operation} ${fields.join(', ')}`)
      .join('; '),
  }
}

/** A clause about what these terms do not hold says nothing, and is left out. */
const saysSomething = (clause: Clause, { levels, signatures, withheld }: Terms): boolean => {
  switch (clause.id) {
    case 'levels':
      return levels.length > 0
    case 'signatures':
      return signatures === 'required'
    case 'withheld':
      return withheld !== undefined
    default:
      return true
  }
}

const clausesOf = (terms: Terms) => {
  const words = wordsOf(terms)
  return terms.clauses
    .filter((clause) => saysSomething(clause, terms))
    .map((clause) => ({
      id: clause.id,
      version: clause.version,
      title: clause.title,
      text: filled(clause, words),
    }))
}

/** What of the terms is about this contract: fees of its tier, and prices over what it opens. */
const termsOf = (
  { charges, fees, ...rest }: PriceTerms,
  tier: string,
  operations: readonly string[],
): PriceTerms => {
  const isOf = ({ tiers }: { readonly tiers?: readonly string[] | undefined }) =>
    tiers === undefined || tiers.includes(tier)
  return {
    ...rest,
    charges: charges.filter((c) => isOf(c) && c.counts.some((o) => operations.includes(o))),
    fees: fees.filter(isOf),
  }
}

/** The contract as both sides sign it: canonical JSON, so that the same terms are the same bytes, and their SHA-256. */
export const contractDocument = (terms: Terms): { text: string; sha256: string } => {
  const { id, bankName, partner, tier, products, prices, signatures, withheld } = terms
  const priced = products.flatMap((p) => p.operations.map((o) => o.id))
  const text = canonical({
    format: 'portico.contract/1',
    template: terms.template,
    id,
    bank: { name: bankName },
    partner: { id: partner.id, legalName: partner.legalName, country: partner.country },
    tier: { name: tier.name, limits: tier.limits },
    products: products.map(({ id: product, title, version }) => ({ id: product, title, version })),
    prices: {
      version: prices.id,
      currency: prices.currency,
      unitPrices: Object.fromEntries(
        Object.entries(prices.unitPrices).filter(([operation]) => priced.includes(operation)),
      ),
      terms: termsOf(prices.terms, tier.name, priced),
    },
    levels: terms.levels.length > 0 ? terms.levels : undefined,
    notices: terms.notices,
    // What is enforced stands in the wording: a template that says nothing of support promises none.
    support: terms.clauses.some(({ id }) => id === 'support') ? terms.support : undefined,
    clauses: clausesOf(terms),
    signatures,
    withheld,
    amends: terms.amends,
    validFrom: terms.validFrom?.toString(),
    backDated: terms.backDated === true ? true : undefined,
  })
  return { text, sha256: createHash('sha256').update(text).digest('hex') }
}
