/** What somebody has when the books of the sandbox begin. */
import type { CoreAccount } from '#bank/cores/core.ts'
import type { LedgerCurrency } from '#bank/cores/synthetic/account-number.ts'

/** One account as the books begin: whole units of its currency; `limit` is how far it may go below zero. */
export interface Opening {
  readonly kind: CoreAccount['kind']
  readonly currency: LedgerCurrency
  readonly nickname: string
  readonly start: number
  readonly status?: CoreAccount['status']
  readonly limit?: number
}

/** An account of a kind, by what stands on it. */
export const account =
  (kind: CoreAccount['kind'], nickname: string) =>
  (start: number, more: Partial<Opening> = {}): Opening => ({
    kind,
    currency: 'UZS',
    nickname,
    start,
    ...more,
  })

export const current = account('current', 'Main account')
export const card = account('card', 'Card')
export const savings = account('savings', 'Savings')
export const dollars = (start: number) =>
  current(start, { currency: 'USD', nickname: 'Dollar account' })
export const euros = (start: number) =>
  current(start, { currency: 'EUR', nickname: 'Euro account' })
