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

const serials: Readonly<Record<LedgerCurrency, { clearing: number; cash: number }>> = {
  UZS: { clearing: 1, cash: 4 },
  USD: { clearing: 2, cash: 5 },
  EUR: { clearing: 3, cash: 6 },
}

/** Where money stands that is on its way to another bank; undefined where the bank keeps no such currency. */
export const clearingAccount = (currency: Money['currency']): string | undefined => {
  const ours = Currencies.safeParse(currency)
  return ours.success ? accountRef(bank.ref, serials[ours.data].clearing) : undefined
}

/** The other side of what came from outside before the books began: opening balances, salaries from other banks. */
export const cashAccount = (currency: LedgerCurrency): string =>
  accountRef(bank.ref, serials[currency].cash)

export const openOwnAccounts = (db: Postgres, today: Temporal.PlainDate): Promise<void> =>
  db.transaction(async (tx) => {
    await store.addCustomer(tx, bank)
    for (const currency of Currencies.options)
      for (const [use, serial] of Object.entries(serials[currency]))
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
          nickname: use === 'clearing' ? `Clearing ${currency}` : `Correspondent ${currency}`,
          status: 'enabled',
          openedOn: today,
          limit: null,
        })
  })
