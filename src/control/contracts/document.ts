import { createHash } from 'node:crypto'
import { canonical } from '#kernel/canonical.ts'
import type { Limits, PriceVersion, Product, Tier } from '#control/catalogue/index.ts'
import type { Partner } from '#control/partners/index.ts'
import type { PriceTerms } from '#control/rating/index.ts'
import type { ContractId } from './contract.ts'
import type { Withheld } from './withheld.ts'

export const TEMPLATE = '2'

export interface Terms {
  readonly id: ContractId
  readonly bankName: string
  readonly partner: Pick<Partner, 'id' | 'legalName' | 'country'>
  readonly tier: Tier
  readonly products: readonly Product[]
  readonly prices: PriceVersion
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

/** The clauses, version 2. A sentence that changes makes a new version: contracts name the one that was signed. */
const clauses = ({ bankName, partner, tier, products, prices, signatures, withheld }: Terms) => [
  {
    id: 'use',
    title: 'What you may use',
    text: `${partner.legalName} may call these products of ${bankName}: ${products.map((p) => p.title).join(', ')}; for what its licence and its customers' consents allow, and for no other purpose.`,
  },
  {
    id: 'price',
    title: 'Price',
    text: `Each call that the bank answered and delivered costs the unit price of its operation in price version ${prices.id}, in ${prices.currency}. Refused calls, failures of the bank and repeated answers to the same idempotency key are not charged. What the law opens without a price is not charged. A line of an invoice is rounded once, half up.`,
  },
  {
    id: 'limits',
    title: 'Limits',
    text: `Tier ${tier.name}: ${rate(tier.limits)}, ${tier.limits.concurrency} calls at a time${tier.limits.dailyQuota === null ? '' : `, ${tier.limits.dailyQuota} calls a day`}${policies(tier.limits)}. Where several apply, the most restrictive one decides. A call beyond a limit is refused and told when to return.`,
  },
  {
    id: 'keys',
    title: 'Keys and secrets',
    text: `Private keys stay with ${partner.legalName}. A key that may be known to others is revoked at once in the portal; calls made before that count as made by ${partner.legalName}.`,
  },
  {
    id: 'data',
    title: 'Data',
    text: `Data of customers is used for the purpose that they consented to, and erased when their consent ends, unless a law asks to keep it. Card numbers are received only by systems in the scope of a valid attestation.`,
  },
  {
    id: 'stop',
    title: 'Stopping',
    text: `${bankName} may suspend access at once, with the reason, where a licence, an attestation, the law or the safety of customers asks for it. To restore it takes two people of the bank.`,
  },
  {
    id: 'notice',
    title: 'Notice',
    text: 'A breaking change is told at least six months ahead, a higher price at least 60 days. Either side may end this agreement with 90 days’ notice; payments of customers under way are completed.',
  },
  {
    id: 'evidence',
    title: 'Evidence',
    text: 'Every call, decision and change is written to a journal that neither side can rewrite. Each side may verify its own entries at any time.',
  },
  ...(signatures === 'required'
    ? [
        {
          id: 'signatures',
          title: 'Signed messages',
          text: `${partner.legalName} signs every request that creates or moves something with a key that it registered, and ${bankName} signs its answer. What is not signed is refused. Neither side denies what it signed.`,
        },
      ]
    : []),
  ...(withheld
    ? [
        {
          id: 'withheld',
          title: 'Fields that are left out',
          text: `Of what ${partner.legalName} could get, it gets less, because its purpose does not need it. Whatever a customer consents to, answers leave out: ${Object.entries(
            withheld,
          )
            .map(([operation, fields]) => `of ${operation} ${fields.join(', ')}`)
            .join(
              '; ',
            )}. In a name, * stands for every item of a list; what holds other fields is left out with all of them.`,
        },
      ]
    : []),
]

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
    template: TEMPLATE,
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
    clauses: clauses(terms),
    signatures,
    withheld,
  })
  return { text, sha256: createHash('sha256').update(text).digest('hex') }
}
