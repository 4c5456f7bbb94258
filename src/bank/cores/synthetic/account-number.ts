/**
 * Numbers of the synthetic bank. None can be real: the MFO 09998 is not given out, and account numbers begin with
 * class 8, which the chart of accounts of Uzbekistan's banks does not have.
 */
import { z } from 'zod'
import type { CoreAccount } from '../core.ts'

export const ownBankCode = '09998'
/** Where everybody banks who does not bank here: not given out either. */
export const otherBankCode = '09990'

/** Balance account of each kind: for people, and for organisations. */
const balanceAccounts = {
  current: { person: '80206', organisation: '80208' },
  savings: { person: '80606', organisation: '80608' },
  card: { person: '82618', organisation: '82620' },
  settlement: { person: '89802', organisation: '89802' },
} as const

/** Currencies that the synthetic bank keeps accounts in, with their codes in its numbers. */
const currencyCodes = { UZS: '000', USD: '840', EUR: '978' } as const
export const LedgerCurrency = z.enum(['UZS', 'USD', 'EUR'])
export type LedgerCurrency = z.output<typeof LedgerCurrency>

/** Five digits of the balance account, three of the currency, one of control, eight of the owner, three of the serial. */
export const accountNumber = (account: {
  kind: CoreAccount['kind']
  ownerKind: 'person' | 'organisation'
  currency: LedgerCurrency
  owner: string
  serial: number
}): string => {
  const head = balanceAccounts[account.kind][account.ownerKind] + currencyCodes[account.currency]
  const tail = account.owner + String(account.serial).padStart(3, '0')
  const weights = [7, 3, 1] as const
  const sum = Array.from(head + tail, Number).reduce(
    (total, digit, at) => total + digit * (weights[at % 3] ?? 1),
    0,
  )
  return `${head}${sum % 10}${tail}`
}

/** The core's own name of an account: owner and serial. */
export const accountRef = (owner: string, serial: number) =>
  `${owner}-${String(serial).padStart(3, '0')}`
