/** From usage and contracts to what an invoice says. Pure: the same facts give the same bytes. */
import { assert } from '#kernel/assert.ts'
import {
  amountText,
  type Credit,
  ENGINE,
  exponentOf,
  type InvoiceInput,
  type Line,
  lineJson,
  minorText,
  rate,
  type ServiceCreditInput,
  taxLines,
} from '#control/rating/index.ts'
import type { BrokenPromise, Content, ContentLine, Section } from './content.ts'
import { inputOf, type PeriodFacts, type PromiseFact, type Terms, type Used } from './rateable.ts'

export interface Addressee {
  readonly bankName: string
  readonly partner: { readonly id: string; readonly legalName: string; readonly country: string }
}

/** One contract in one period: what it comes to, less what was booked, less what its broken promises give back. */
const sectionOf = (
  facts: PeriodFacts,
  contract: Terms | undefined,
  used: readonly Used[],
  currency: string,
  drawn: Map<string, bigint>,
): Section => {
  const rated = inputOf(facts, contract, used, currency)
  const bookedMinor = facts.booked.get(contract?.contractId ?? '') ?? {}
  const exponent = exponentOf(currency)
  assert(exponent !== undefined, 'a price version has a currency of ISO 4217')
  const credits = creditsOf(facts, contract, { currency, exponent, bookedMinor, drawn })
  const input = credits.length === 0 ? rated.input : { ...rated.input, credits }
  const titles = { ...rated.titles, ...titlesOf(facts, credits) }
  const booked = Object.fromEntries(
    Object.entries(bookedMinor).map(([item, minor]) => [item, amountText(minor, exponent)]),
  )
  const promises = facts.promises.filter((p) => p.contractId === contract?.contractId)
  const serviceLevels = promises.flatMap(
    (promise) => brokenOf(promise, input, contract?.prices.terms.charges ?? []) ?? [],
  )
  const zone = contract?.prices.terms.zone
  const section = {
    period: { ...facts.period, ...(zone !== undefined && { zone }) },
    contractId: contract?.contractId ?? null,
    priceVersion: contract?.prices.id ?? 'none',
    tier: contract?.tier ?? null,
    input,
    booked,
    titles,
    ...(serviceLevels.length > 0 && { serviceLevels }),
  }
  const lines = linesOf(section)
  for (const { kind, item, amount } of lines)
    if (kind === 'credit') {
      const [id] = splitItem(item)
      drawn.set(id, (drawn.get(id) ?? 0n) - minorText(amount, exponent))
    }
  return { ...section, lines }
}

/**
 * What may pay this section: what is left of each credit, with what was booked of it here before, and without what
 * sections before it have drawn.
 */
const creditsOf = (
  { credits = [] }: PeriodFacts,
  contract: Terms | undefined,
  {
    currency,
    exponent,
    bookedMinor,
    drawn,
  }: {
    currency: string
    exponent: number
    bookedMinor: Readonly<Record<string, bigint>>
    drawn: ReadonlyMap<string, bigint>
  },
): Credit[] =>
  contract === undefined
    ? []
    : credits.flatMap(({ id, currency: own, leftMinor, priority, expiresAt }) => {
        const before = -(bookedMinor[`${id}/credit`] ?? 0n)
        const minor = leftMinor + before - (drawn.get(id) ?? 0n)
        if (own !== currency || minor <= 0n) return []
        const expires = expiresAt?.round({ smallestUnit: 'second', roundingMode: 'floor' })
        return [
          {
            id,
            amount: amountText(minor, exponent),
            priority,
            ...(expires && { expires: expires.toString() }),
          },
        ]
      })

const titlesOf = ({ credits = [] }: PeriodFacts, used: readonly Credit[]): Record<string, string> =>
  Object.fromEntries(
    credits.filter(({ id }) => used.some((c) => c.id === id)).map(({ id, title }) => [id, title]),
  )

/** What is given back for a promise that was not kept; undefined where nothing is. Its base: fees of the product (L12). */
const brokenOf = (
  promise: PromiseFact,
  input: InvoiceInput,
  plans: readonly { readonly id: string; readonly counts: readonly string[] }[],
): BrokenPromise | undefined => {
  const { lines, exponent } = rate(input)
  const { operations } = promise
  const isOfProduct = (of = '') => {
    if (operations === null) return true
    const [name = ''] = of.split('@')
    const counted = plans.find((p) => p.id === name)?.counts
    return counted && counted.length > 0
      ? counted.every((o) => operations.includes(o))
      : operations.includes(name)
  }
  const baseMinor = lines
    .filter((l) => l.kind === 'usage' || (operations === null && l.kind === 'fee'))
    .filter((l) => isOfProduct(l.of))
    .reduce((sum, l) => sum + l.minor, 0n)
  const credit: ServiceCreditInput = {
    currency: input.currency,
    rounding: input.rounding,
    sla: {
      base: amountText(baseMinor, exponent),
      slos: promise.slos,
      ...(promise.capPercent !== undefined && { capPercent: promise.capPercent }),
    },
  }
  if (rate(credit).minor === 0n) return undefined
  const taxPercent = taxPercentOf(input)
  return {
    item: `${promise.agreementId}/service_credit`,
    title: promise.title,
    reached: promise.reached,
    evaluation: promise.evaluation,
    ...(taxPercent !== undefined && { taxPercent }),
    input: credit,
  }
}

/** All that a contract bills is taxed alike, whatever of it there is. */
const taxPercentOf = ({ charges, fees, commitment }: InvoiceInput): string | undefined =>
  (charges?.[0] ?? fees?.[0] ?? commitment)?.taxPercent

/** What of a period is billed now: each line of the whole period, less what was booked of its item (B12). */
export const linesOf = ({
  input,
  booked,
  titles,
  serviceLevels = [],
}: Omit<Section, 'lines'>): ContentLine[] => {
  const { lines, exponent } = rate(input)
  const whole = new Map<string, Line>()
  for (const line of lines.filter((l) => l.kind !== 'tax'))
    whole.set(`${line.of ?? ''}/${line.kind}`, line)
  const promised = new Map(serviceLevels.map((l) => [l.item, l]))
  for (const { item, taxPercent, input: credit } of serviceLevels)
    for (const line of rate(credit).lines) whole.set(item, { ...line, taxPercent })
  const items = new Set([...whole.keys(), ...Object.keys(booked)])
  return [...items].flatMap((item) => {
    const line = whole.get(item)
    const before = minorText(booked[item] ?? '0', exponent)
    const minor = line?.minor ?? 0n
    const [charge, kind] = splitItem(item)
    // What was billed in full and does not change any more is no line; what was free for the first time is one.
    if (minor === before && item in booked) return []
    if (minor === 0n && !(item in booked) && kind !== 'usage') return []
    const told = line ? lineJson(line, exponent) : undefined
    const { quantity, exact, parts } = told ?? {}
    // A credit pays before tax.
    const taxPercent = told && kind !== 'credit' ? told.taxPercent : taxPercentOf(input)
    return [
      {
        item,
        kind: kindOf(kind),
        title: promised.get(item)?.title ?? titles[charge] ?? charge,
        amount: amountText(minor - before, exponent),
        whole: amountText(minor, exponent),
        booked: amountText(before, exponent),
        ...(quantity !== undefined && { quantity }),
        ...(exact !== undefined && { exact }),
        ...(parts && { parts }),
        ...(taxPercent !== undefined && { taxPercent }),
      },
    ]
  })
}

const splitItem = (item: string): [string, string] => {
  const at = item.lastIndexOf('/')
  return [item.slice(0, at), item.slice(at + 1)]
}
const kinds = [
  'usage',
  'overage',
  'minimum',
  'commitment',
  'fee',
  'credit',
  'service_credit',
] as const
const kindOf = (word: string): (typeof kinds)[number] => {
  const found = kinds.find((k) => k === word)
  assert(found, `${word} is a kind of line`)
  return found
}

/**
 * An invoice of a month in one currency: the month itself, and what became known of earlier ones that were billed.
 * Undefined where there is nothing to say.
 */
export const compose = (
  current: PeriodFacts,
  earlier: readonly PeriodFacts[],
  currency: string,
  { bankName, partner }: Addressee,
): Content | undefined => {
  const drawn = new Map<string, bigint>()
  const sections = [
    ...sectionsOf(current, currency, drawn).filter((s) => s.lines.length > 0),
    ...earlier.flatMap((facts) =>
      sectionsOf(facts, currency, drawn)
        .map((s) => ({ ...s, lines: s.lines.filter((l) => !/^-?0(\.0*)?$/.test(l.amount)) }))
        .filter((s) => s.lines.length > 0),
    ),
  ]
  if (sections.length === 0) return undefined
  const exponent = exponentOf(currency)
  assert(exponent !== undefined, 'a price version has a currency of ISO 4217')
  const rounding = sections[0]?.input.rounding ?? 'half_up'
  return {
    format: 'portico.invoice/1',
    engine: ENGINE,
    bank: { name: bankName },
    partner,
    currency,
    exponent,
    rounding,
    period: current.period,
    sections,
    ...summed(sections, exponent, rounding),
  }
}

/** The tax of each rate on the sum of its lines, and the totals. */
export const summed = (
  sections: readonly Pick<Section, 'lines'>[],
  exponent: number,
  rounding: Content['rounding'],
): Pick<Content, 'tax' | 'totals'> => {
  const all = sections.flatMap((s) => s.lines)
  const minorOf = (line: ContentLine) => minorText(line.amount, exponent)
  const net = all.reduce((sum, line) => sum + minorOf(line), 0n)
  const rated: Line[] = all.map((line) => ({
    kind: line.kind,
    minor: minorOf(line),
    taxPercent: line.taxPercent,
  }))
  const taxes = taxLines(rated, [], { exponent, rounding })
  const taxMinor = taxes.reduce((sum, t) => sum + t.minor, 0n)
  return {
    tax: taxes.map((t) => ({
      percent: t.taxPercent ?? '0',
      base: amountText(
        rated.filter((l) => l.taxPercent === t.taxPercent).reduce((sum, l) => sum + l.minor, 0n),
        exponent,
      ),
      amount: amountText(t.minor, exponent),
    })),
    totals: {
      net: amountText(net, exponent),
      tax: amountText(taxMinor, exponent),
      gross: amountText(net + taxMinor, exponent),
    },
  }
}

const sectionsOf = (
  facts: PeriodFacts,
  currency: string,
  drawn: Map<string, bigint>,
): Section[] => {
  const byContract = Map.groupBy(facts.used, (u) => u.contractId)
  const contracts = facts.contracts.filter((c) => c.prices.currency === currency)
  const known = new Set(facts.contracts.map((c) => c.contractId))
  const sections = contracts.map((contract) =>
    sectionOf(facts, contract, byContract.get(contract.contractId) ?? [], currency, drawn),
  )
  // What the law opens to a partner without a contract is shown, at nothing.
  const free = facts.used.filter(({ contractId }) => contractId === null || !known.has(contractId))
  return free.length === 0
    ? sections
    : [...sections, sectionOf(facts, undefined, free, currency, drawn)]
}
