/** The bank's own side of the books: without it no money could come in or go out. */
import type { Money } from '#kernel/money.ts'
import type { Postgres } from '#platform/db.ts'
import {
  accountNumber,
  accountRef,
  type LedgerCurrency,
  LedgerCurrency as Currencies,
  ownBankCode,
} from './account-number.ts'
import * as store from './store.ts'

export const bank = {
  ref: '80000900',
  kind: 'organisation',
  name: 'Namuna Bank (synthetic)',
  nationalId: '980000900',
} as const

const uses = [
  { use: 'clearing', name: 'Clearing' },
  { use: 'cash', name: 'Correspondent' },
  { use: 'position', name: 'Exchange' },
  { use: 'loans', name: 'Loans' },
] as const
type Use = (typeof uses)[number]['use']

const serials: Readonly<Record<LedgerCurrency, Readonly<Record<Use, number>>>> = {
  UZS: { clearing: 1, cash: 4, position: 7, loans: 10 },
  USD: { clearing: 2, cash: 5, position: 8, loans: 11 },
  EUR: { clearing: 3, cash: 6, position: 9, loans: 12 },
}

/** Where money stands that is on its way to another bank; undefined where the bank keeps no such currency. */
export const clearingAccount = (currency: Money['currency']): string | undefined => {
  const ours = Currencies.safeParse(currency)
  return ours.success ? accountRef(bank.ref, serials[ours.data].clearing) : undefined
}

/** The other side of what came from outside before the books began: opening balances, salaries from other banks. */
export const cashAccount = (currency: LedgerCurrency): string =>
  accountRef(bank.ref, serials[currency].cash)

/** What exchanges of a currency pass through: it may be below zero, as every position may. */
export const positionAccount = (currency: LedgerCurrency): string =>
  accountRef(bank.ref, serials[currency].position)

/** What loans of a currency are paid out of and back to: it is below zero by what is lent. */
export const loansAccount = (currency: LedgerCurrency): string =>
  accountRef(bank.ref, serials[currency].loans)

export const openOwnAccounts = (db: Postgres, today: Temporal.PlainDate): Promise<void> =>
  db.transaction(async (tx) => {
    await store.addCustomer(tx, bank)
    for (const currency of Currencies.options)
      for (const { use, name } of uses) {
        const serial = serials[currency][use]
        await store.addAccount(tx, {
          ref: accountRef(bank.ref, serial),
          owner: bank.ref,
          serial,
          kind: 'settlement',
          number: accountNumber({
            kind: 'settlement',
            ownerKind: 'organisation',
            currency,
            owner: bank.ref,
            serial,
          }),
          bankCode: ownBankCode,
          currency,
          nickname: `${name} ${currency}`,
          status: 'enabled',
          openedOn: today,
          limit: null,
        })
      }
  })
