/** Calls that were made under one contract and cost what another says: both sides agreed on its prices afterwards. Pure. */
import { isBefore } from '#kernel/time.ts'
import type { PeriodFacts, Terms, Used } from './rateable.ts'

/** A contract with the instant from which the house acted by it: later than it rules where its prices were agreed afterwards. */
export interface Enforced extends Terms {
  readonly enforcedFrom: Temporal.Instant
}

interface Span {
  readonly from: Temporal.Instant
  /** Exclusive. */
  readonly to: Temporal.Instant
}

export const isBackDated = ({ activeFrom, enforcedFrom }: Enforced) =>
  isBefore(activeFrom, enforcedFrom)

/** Tallies are of whole hours; a rule that ends within one leaves that hour's calls to whom they are stamped for. */
const hourOf = (instant: Temporal.Instant) =>
  instant.round({ smallestUnit: 'hour', roundingMode: 'ceil' })

/** A span in pieces, each with the contract whose prices were agreed afterwards and rule it. */
export const pieces = (
  { from, to }: Span,
  contracts: readonly Enforced[],
): (Span & { readonly by?: Enforced })[] => {
  const cut: (Span & { readonly by?: Enforced })[] = []
  let at = from
  for (const by of contracts
    .filter(isBackDated)
    .toSorted((a, b) => Temporal.Instant.compare(a.activeFrom, b.activeFrom))) {
    const begins = isBefore(by.activeFrom, at) ? at : by.activeFrom
    const end = by.endsAt === null ? to : hourOf(by.endsAt)
    const ends = isBefore(end, to) ? end : to
    if (!isBefore(begins, ends)) continue
    if (isBefore(at, begins)) cut.push({ from: at, to: begins })
    cut.push({ from: begins, to: ends, by })
    at = ends
  }
  return isBefore(at, to) ? [...cut, { from: at, to }] : cut
}

/**
 * What was used, as it is charged. What the law opens costs nothing whoever's prices rule, and a contract that came later
 * keeps its own calls.
 */
export const chargedBy = (
  row: Used,
  by: Enforced | undefined,
  contracts: readonly Enforced[],
): Used => {
  const stamped = contracts.find((c) => c.contractId === row.contractId)
  const hasPrice = row.basis === 'contract' || row.basis === 'unpriced'
  if (!by || !stamped || stamped === by || !hasPrice) return row
  if (isBefore(by.enforcedFrom, stamped.enforcedFrom)) return row
  const unitPrice = by.prices.unitPrices[row.operation]
  return {
    ...row,
    contractId: by.contractId,
    priceVersion: by.prices.id,
    basis: unitPrice === undefined ? 'unpriced' : 'contract',
    unitPrice: unitPrice ?? '0',
  }
}

/** Rows of one price are one line, whichever hours they are from. */
export const summedByPrice = (rows: readonly Used[]): Used[] => {
  const sums = new Map<string, Used>()
  for (const row of rows) {
    const key = itemOf(row.contractId, row)
    const units = (sums.get(key)?.units ?? 0n) + row.units
    sums.set(key, { ...row, units })
  }
  return [...sums.values()]
}

const pricedItem = /^(?<operation>.+)@(?<priceVersion>[^@#]+)#(?<unitPrice>[0-9.]+)\/usage$/

/**
 * Of what was booked and is charged no more nothing is left but the line: so that it is given back under the contract that
 * it was billed under, with its tax.
 */
export const givenBack = (booked: PeriodFacts['booked'], used: readonly Used[]): Used[] => {
  const known = new Set(used.map((u) => itemOf(u.contractId, u)))
  return [...booked].flatMap(([contractId, items]) =>
    Object.entries(items).flatMap(([item, minor]) => {
      const { operation, priceVersion, unitPrice } = pricedItem.exec(item)?.groups ?? {}
      if (!operation || !priceVersion || !unitPrice || minor === 0n) return []
      const price = { operation, priceVersion, unitPrice, basis: 'contract' as const }
      return known.has(itemOf(contractId, price)) ? [] : [{ ...price, contractId, units: 0n }]
    }),
  )
}

const itemOf = (
  contractId: string | null,
  { operation, priceVersion, basis, unitPrice }: Omit<Used, 'contractId' | 'units'>,
) => JSON.stringify([contractId, operation, priceVersion, basis, unitPrice])
