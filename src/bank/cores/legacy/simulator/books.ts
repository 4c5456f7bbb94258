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
  /** Of the document that made it, where whoever sent it gave one. */
  readonly reference?: string
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

/** Money of an account that is promised to the card scheme: `1` some of it still is, `2` none is. */
export interface Block {
  readonly reference: string
  readonly account: string
  readonly currency: string
  readonly amount: string
  readonly purpose: string
  /** Why it was refused; zeros where it was not. */
  readonly reason: string
  readonly day: string
  left: bigint
  /** The day on which what was left was given back. */
  annulled?: string
  /** The line that shows it among the account's entries. */
  line?: number
}

/** `1` taken from a block, `2` given back from one, `3` credited without one. */
export interface BlockUse {
  readonly reference: string
  readonly use: '1' | '2' | '3'
  readonly block?: string
  readonly account: string
  readonly currency: string
  readonly amount: string
  readonly day: string
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
  | ({ readonly kind: 'blocked' } & Omit<Block, 'left' | 'annulled' | 'line'>)
  | ({ readonly kind: 'block-used'; readonly scheme: string; readonly purpose: string } & BlockUse)
  | { readonly kind: 'block-annulled'; readonly reference: string; readonly day: string }
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
  readonly blocks: Map<string, Block>
  readonly uses: Map<string, BlockUse>
  postings: number
  orders: number
}

export const emptyBooks = (): Books => ({
  customers: new Map(),
  accounts: new Map(),
  byNumber: new Map(),
  transfers: new Map(),
  opened: new Map(),
  blocks: new Map(),
  uses: new Map(),
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
    case 'blocked': {
      const { kind: _, ...block } = event
      const refused = block.reason !== '0000'
      const kept = { ...block, left: refused ? 0n : BigInt(block.amount) }
      books.blocks.set(block.reference, kept)
      if (!refused) show(books, kept, block.day)
      return
    }
    case 'block-used':
      return useBlock(books, event)
    case 'block-annulled': {
      const block = books.blocks.get(event.reference)
      if (block) {
        hide(books, block)
        block.left = 0n
        block.annulled = event.day
      } else books.blocks.set(event.reference, neverPlaced(event))
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
        reference: transfer.reference,
        ...(!home && { outside: transfer.creditor }),
      })
      return
    }
    case 'cleared': {
      const transfer = books.transfers.get(event.reference)
      if (!transfer) throw new Error(`cleared ${event.reference}, which nobody sent`)
      transfer.state = '10'
      const { amount, purpose } = transfer
      const { day, reference } = event
      return post(books, { debit: transit, credit: nostro, amount, day, purpose, reference })
    }
    case 'seeded':
      return
  }
}

const useBlock = (books: Books, event: Extract<Event, { kind: 'block-used' }>) => {
  const { kind: _, scheme, purpose, ...use } = event
  const { reference, account, amount, day } = use
  books.uses.set(reference, use)
  const block = use.block === undefined ? undefined : books.blocks.get(use.block)
  if (block) {
    hide(books, block)
    block.left -= BigInt(amount)
    if (block.left > 0n) show(books, block, day)
  }
  const posting = { amount, day, purpose, reference, outside: nobody }
  if (use.use === '1') post(books, { ...posting, debit: account, credit: scheme })
  if (use.use === '3') post(books, { ...posting, debit: scheme, credit: account })
}

/** A merchant has a name in the purpose, and no account that the scheme would tell. */
const nobody: Party = { name: '', account: '0', bank: '0' }

const neverPlaced = ({ reference, day }: { reference: string; day: string }): Block => ({
  reference,
  account: '',
  currency: '',
  amount: '0',
  purpose: '',
  reason: '0608',
  left: 0n,
  day,
  annulled: day,
})

const show = (books: Books, block: Block, day: string) => {
  const account = accountOf(books, block.account)
  account.held += block.left
  block.line = ++books.postings
  account.entries.push({
    number: block.line,
    booked: day,
    value: day,
    amount: -block.left,
    state: 'held',
    other: nobody,
    purpose: block.purpose,
  })
}

const hide = (books: Books, block: Block) => {
  if (block.left === 0n) return
  const account = accountOf(books, block.account)
  account.held -= block.left
  const at = account.entries.findLastIndex(({ number }) => number === block.line)
  account.entries.splice(at, 1)
  delete block.line
}

interface Posting {
  readonly debit: string
  readonly credit: string
  readonly amount: string
  readonly day: string
  readonly purpose: string
  readonly outside?: Party
  readonly reference?: string
}

const post = (
  books: Books,
  { debit, credit, amount, day, purpose, outside, reference }: Posting,
) => {
  const from = accountOf(books, debit)
  const to = accountOf(books, credit)
  const tiyin = BigInt(amount)
  const number = ++books.postings
  const entry = {
    number,
    booked: day,
    value: day,
    state: 'booked',
    purpose,
    ...(reference && { reference }),
  } as const
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
