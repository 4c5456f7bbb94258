/** What customers have ordered once for many times: the operation that lists it, and what a first start finds. */
import { type Account, type Books, type Event, type Order, ownBank } from './books.ts'
import * as record from './records.ts'

/** Orders of one type behind a number. A payment whose day has gone by is none that is still to come. */
export const ordersOf = (
  { orders }: Account,
  { VIDPOR, POSLE }: record.Values<typeof record.PORZAP>,
  day: string,
): Order[] =>
  orders.filter(
    ({ type, number, first = '' }) =>
      type === VIDPOR && number > Number(POSLE) && !(type === '3' && first < day),
  )

export const orderRecord = (account: Account, order: Order, day: string): string => {
  const next = nextDay(order, day)
  return record.write(record.PORUCH, {
    IDSCH: account.id,
    NPOR: String(order.number).padStart(10, '0'),
    VIDPOR: order.type,
    SOSTPOR: order.period !== '0' && next === undefined ? '2' : '1',
    VAL: account.currency,
    SUMMA: record.signed(BigInt(order.amount ?? '0')),
    PERIOD: order.period,
    DATAPERV: record.ddmmyy(order.first),
    DATASLED: record.ddmmyy(next),
    DATAKON: record.ddmmyy(order.final),
    DATAPOSL: record.ddmmyy(order.last?.day),
    SUMMAPOSL: record.signed(BigInt(order.last?.amount ?? '0')),
    NAIMKOR: order.payee.name,
    SCHKOR: order.payee.account,
    MFOKOR: order.payee.bank,
    NAZN: order.purpose,
  })
}

interface Step {
  readonly days?: number
  readonly months?: number
}

const steps: Readonly<Record<Order['period'], Step | undefined>> = {
  '0': undefined,
  '1': { days: 1 },
  '2': { days: 7 },
  '3': { months: 1 },
  '4': { months: 3 },
  '5': { months: 12 },
}

/** The next day of a repeating order; undefined behind its end, and where nothing repeats. */
const nextDay = ({ period, first, final }: Order, day: string): string | undefined => {
  const step = steps[period]
  if (!step || first === undefined) return undefined
  const begins = Temporal.PlainDate.from(first)
  for (let turn = 0; ; turn += 1) {
    const { days = 0, months = 0 } = step
    const next = begins.add({ days: days * turn, months: months * turn })
    if (next.toString() < day) continue
    return final !== undefined && next.toString() > final ? undefined : next.toString()
  }
}

/** Every customer with a salary account has arranged something; one has one of each kind, and two that have ended. */
export const seededOrders = (
  books: Books,
  today: Temporal.PlainDate,
  asKeyed: (text: string) => string,
): Event[] => {
  const party = (id: string) => {
    const account = books.accounts.get(id)
    const name = books.customers.get(account?.customer ?? '')?.name
    if (!account || name === undefined) throw new Error(`an order pays ${id}, which is nobody's`)
    return { name, account: account.number, bank: ownBank }
  }
  const day = (days: number) => today.add({ days }).toString()
  const energy = party('9000010801')
  const telecom = party('9000010501')
  const friend = party('9000000101')
  const events: Event[] = []
  for (const { id, customer, number, state, currency } of books.accounts.values()) {
    if (!number.startsWith('80206') || state !== '1' || currency !== '000') continue
    const add = (order: Omit<Extract<Event, { kind: 'order' }>, 'kind' | 'account'>) =>
      events.push({ kind: 'order', account: id, ...order, purpose: asKeyed(order.purpose) })
    const turn = Number(customer.slice(-2))
    add({
      type: '2',
      period: '3',
      payee: energy,
      purpose: 'Электр энергияси учун тўлов',
      first: day(-700 - turn),
      last: { day: day(-(turn % 27) - 1), amount: String(184_000_00 + turn * 1_350_00) },
    })
    add({ type: '4', period: '0', payee: telecom, purpose: 'Анор Телеком' })
    if (turn % 2 === 1) continue
    add({
      type: '1',
      period: '3',
      payee: friend,
      purpose: 'Ижара тўлови',
      amount: String(2_400_000_00 + turn * 50_000_00),
      first: day(-400 - turn),
    })
    add({
      type: '1',
      period: '2',
      payee: telecom,
      purpose: 'Бўлиб тўлаш',
      amount: '15000000',
      first: day(-300),
      final: day(-90),
    })
    add({
      type: '3',
      period: '0',
      payee: energy,
      purpose: 'Суғурта бадали',
      amount: '39000050',
      first: day(20 + turn),
    })
    add({ type: '4', period: '0', payee: friend, purpose: 'Рустам' })
  }
  return events
}
