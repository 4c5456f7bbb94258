/**
 * Years of two digits. A year is the one within the hundred years that end twenty years from now: in 2026
 * those are 1947 to 2046, so `46` is 2046 and `47` is 1947.
 */
const yearsAhead = 20

export const fullYear = (twoDigits: number, thisYear: number): number => {
  const last = thisYear + yearsAhead
  return last - ((((last - twoDigits) % 100) + 100) % 100)
}

/** The first and the last day that two digits can say. */
export const century = (today: Temporal.PlainDate) => {
  const last = today.year + yearsAhead
  return {
    first: new Temporal.PlainDate(last - 99, 1, 1),
    last: new Temporal.PlainDate(last, 12, 31),
  }
}
