/** Why something is not rated. An answer, not an accident: the caller shows it, and where it is. */
export type RatingFault =
  | 'invalid_tiers'
  | 'invalid_price'
  | 'invalid_quantity'
  | 'beyond_last_tier'
  | 'unknown_currency'
  | 'invalid_period'
  | 'invalid_weights'
  | 'invalid_amount'
  | 'credit_exceeds_line'

/** `pointer` is a JSON pointer into what was to be rated. */
export class RatingRefused extends Error {
  override readonly name = 'RatingRefused'
  readonly fault: RatingFault
  readonly pointer: string
  readonly detail: string
  constructor(fault: RatingFault, pointer: string, detail: string) {
    super(`${fault} at ${pointer === '' ? '/' : pointer}: ${detail}`)
    this.fault = fault
    this.pointer = pointer
    this.detail = detail
  }
}
