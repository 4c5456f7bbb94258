/** The books: customers, accounts and double-entry postings, made by applying events one after another. */

export interface Customer {
  readonly number: string
  /** `1` a person, `2` an organisation. */
  readonly type: '1' | '2'
  readonly name: string
  readonly inn: string
  readonly pinfl: string
  readonly registered: string
}

export interface Entry {
  readonly number: number
  readonly booked: string
  readonly value: string
  /** Tiyin; negative where money left. */
  readonly amount: bigint
  readonly state: 'booked' | 'held'
  readonly other: Party
  readonly purpose: string
}

export interface Party {
  readonly name: string
  readonly account: string
  readonly bank: string
}

/** `1` open, `2` closed, `3` arrested, `4` under special control: takes money, gives none. */
export type AccountState = '1' | '2' | '3' | '4'

export interface Account {
  readonly id: string
  readonly customer: string
  readonly number: string
  readonly currency: string
  readonly title: string
  readonly state: AccountState
  readonly opened: string
  readonly closed?: string
  balance: bigint
  held: bigint
  readonly entries: Entry[]
  readonly orders: Order[]
}

/** States of a transfer as the manual numbers them: 10 booked, 20 taken for clearing, 90 refused. */
export interface Transfer {
  readonly reference: string
  state: '10' | '20' | '90'
  readonly reason: string
  readonly debtor: string
  readonly creditor: Party
  readonly currency: string
  readonly amount: string
  readonly purpose: string
  readonly day: string
}

/** `1` pays by itself on its days, `2` lets the payee draw, `3` pays once, `4` is only written down. */
export interface Order {
  readonly number: number
  readonly account: string
  readonly type: '1' | '2' | '3' | '4'
  /** `0` none, `1` a day, `2` a week, `3` a month, `4` a quarter, `5` a year. */
  readonly period: '0' | '1' | '2' | '3' | '4' | '5'
  readonly payee: Party
  readonly purpose: string
  readonly amount?: string
  readonly first?: string
  readonly final?: string
  readonly last?: { readonly day: string; readonly amount: string }
}

export type Event =
  | ({ readonly kind: 'order' } & Omit<Order, 'number'>)
  | ({ readonly kind: 'customer' } & Customer)
  | ({ readonly kind: 'account'; readonly reference?: string } & Omit<
      Account,
      'balance' | 'held' | 'entries' | 'orders'
    >)
  | {
      readonly kind: 'posting'
      readonly debit: string
      readonly credit: string
      readonly amount: string
      readonly day: string
      readonly purpose: string
      /** Whom the customer's side names when the money comes from or goes to another bank. */
      readonly outside?: Party
    }
  | {
      readonly kind: 'hold'
      readonly account: string
      readonly amount: string
      readonly day: string
      readonly purpose: string
      readonly other: Party
    }
  | ({ readonly kind: 'transfer' } & Transfer)
  | { readonly kind: 'cleared'; readonly reference: string; readonly day: string }
  /** Ends the first start: the events before it are complete. */
  | { readonly kind: 'seeded' }

export const ownBank = '09999'
/** The banks that the clearing knows. All of them are made up. */
export const banks: readonly string[] = [ownBank, '09998', '09997']

/** The bank's own accounts: what it has at the central bank, and what is on its way there. */
export const nostro = '9000090001'
export const transit = '9000090002'

export interface Books {
  readonly customers: Map<string, Customer>
  readonly accounts: Map<string, Account>
  readonly byNumber: Map<string, Account>
  readonly transfers: Map<string, Transfer>
  /** Card accounts by the reference that opened them. */
  readonly opened: Map<string, Account>
  postings: number
  orders: number
}

export const emptyBooks = (): Books => ({
  customers: new Map(),
  accounts: new Map(),
  byNumber: new Map(),
  transfers: new Map(),
  opened: new Map(),
  postings: 0,
  orders: 0,
})

/** Changes the books by one event. Whatever is refused was refused before the event was written. */
export const apply = (books: Books, event: Event): void => {
  switch (event.kind) {
    case 'customer': {
      const { kind: _, ...customer } = event
      books.customers.set(customer.number, customer)
      return
    }
    case 'account': {
      const { kind: _, reference, ...plain } = event
      const account: Account = { ...plain, balance: 0n, held: 0n, entries: [], orders: [] }
      books.accounts.set(account.id, account)
      books.byNumber.set(account.number, account)
      if (reference) books.opened.set(reference, account)
      return
    }
    case 'order': {
      const { kind: _, ...order } = event
      accountOf(books, order.account).orders.push({ ...order, number: ++books.orders })
      return
    }
    case 'posting':
      return post(books, event)
    case 'hold': {
      const account = accountOf(books, event.account)
      const { day, purpose, other } = event
      account.held += BigInt(event.amount)
      account.entries.push({
        number: ++books.postings,
        booked: day,
        value: day,
        amount: -BigInt(event.amount),
        state: 'held',
        other,
        purpose,
      })
      return
    }
    case 'transfer': {
      const { kind: _, ...transfer } = event
      books.transfers.set(transfer.reference, transfer)
      if (transfer.state === '90') return
      const home = transfer.creditor.bank === ownBank
      const credit = home ? books.byNumber.get(transfer.creditor.account)?.id : transit
      if (!credit) throw new Error(`transfer ${transfer.reference} has no account to credit`)
      post(books, {
        debit: transfer.debtor,
        credit,
        amount: transfer.amount,
        day: transfer.day,
        purpose: transfer.purpose,
        ...(!home && { outside: transfer.creditor }),
      })
      return
    }
    case 'cleared': {
      const transfer = books.transfers.get(event.reference)
      if (!transfer) throw new Error(`cleared ${event.reference}, which nobody sent`)
      transfer.state = '10'
      const { amount, purpose } = transfer
      return post(books, { debit: transit, credit: nostro, amount, day: event.day, purpose })
    }
    case 'seeded':
      return
  }
}

interface Posting {
  readonly debit: string
  readonly credit: string
  readonly amount: string
  readonly day: string
  readonly purpose: string
  readonly outside?: Party
}

const post = (books: Books, { debit, credit, amount, day, purpose, outside }: Posting) => {
  const from = accountOf(books, debit)
  const to = accountOf(books, credit)
  const tiyin = BigInt(amount)
  const number = ++books.postings
  const entry = { number, booked: day, value: day, state: 'booked', purpose } as const
  from.balance -= tiyin
  to.balance += tiyin
  from.entries.push({ ...entry, amount: -tiyin, other: outside ?? partyOf(books, to) })
  to.entries.push({ ...entry, amount: tiyin, other: outside ?? partyOf(books, from) })
}

export const accountOf = (books: Books, id: string): Account => {
  const account = books.accounts.get(id)
  if (!account) throw new Error(`the books have no account ${id}`)
  return account
}

const partyOf = (books: Books, account: Account): Party => ({
  name: books.customers.get(account.customer)?.name ?? '',
  account: account.number,
  bank: ownBank,
})

/** What may be spent. The bank's own accounts have no floor. */
export const spendable = (account: Account): bigint => account.balance - account.held

/** Double entry: debits and credits of each currency cancel out, and every balance is the sum of its entries. */
export const inBalance = (books: Books): boolean => {
  const sums = new Map<string, bigint>()
  for (const { currency, balance, entries } of books.accounts.values()) {
    const booked = entries.filter((entry) => entry.state === 'booked')
    if (booked.reduce((sum, entry) => sum + entry.amount, 0n) !== balance) return false
    sums.set(currency, (sums.get(currency) ?? 0n) + balance)
  }
  return [...sums.values()].every((sum) => sum === 0n)
}

/** Twenty digits: balance account 5, currency 3, control digit 1, customer 8, serial 3. */
export const accountNumber = (
  balanceAccount: string,
  currency: string,
  customer: string,
  serial: number,
): string => {
  const tail = `${customer}${String(serial).padStart(3, '0')}`
  const weights = [7, 3, 1]
  const digits = Array.from(`${balanceAccount}${currency}${tail}`, Number)
  const sum = digits.reduce((total, digit, index) => total + digit * (weights[index % 3] ?? 1), 0)
  return `${balanceAccount}${currency}${sum % 10}${tail}`
}
