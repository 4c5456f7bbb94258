/** What credit costs in a year, all of it, as one rate that offers can be compared by. */

/** Money that goes to the customer (positive) or comes from them (negative), so many days after the first of it. */
export interface Flow {
  readonly days: number
  readonly minor: bigint
}

const MOST = 1_000_000

/**
 * The rate X for which Σ flow · (1 + X)^(−days/365) is nothing (Directive 2008/48/EC, Annex I), in hundredths of a percent.
 * It is a ratio and not money, so it may be searched for with floating point: to far more digits than are told.
 */
export const annualPercentageRate = (flows: readonly Flow[]): number => {
  const worth = (rate: number) =>
    flows.reduce((sum, { days, minor }) => sum + Number(minor) * (1 + rate) ** (-days / 365), 0)
  let low = 0
  let high = MOST
  if (worth(low) >= 0) return 0
  for (let step = 0; step < 128; step++) {
    const middle = (low + high) / 2
    if (worth(middle) < 0) low = middle
    else high = middle
  }
  return Math.round(high * 10_000)
}

/** `2690` hundredths as `26.90`. */
export const percentText = (hundredths: number): string => (hundredths / 100).toFixed(2)

/** Parts per million as percent: 269000 is `26.90`. */
export const percentOfPpm = (ppm: bigint): string => percentText(Number(ppm) / 100)
