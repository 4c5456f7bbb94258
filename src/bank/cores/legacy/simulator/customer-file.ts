/** The files of customers, as they were filled in at the counter, and the check of a name against registers and lists. */
import type { Books, Customer } from './books.ts'
import type * as record from './records.ts'
import { ddmmyy } from './records.ts'

const cities = [
  ['ТОШКЕНТ', '100000'],
  ['САМАРКАНД', '140100'],
  ['ФАРГОНА', '150100'],
  ['БУХОРО', '200100'],
] as const
const streets = ['НАВОИЙ КУЧАСИ', 'АМИР ТЕМУР КУЧАСИ', 'МУСТАКИЛЛИК КУЧАСИ'] as const

/** Everything in it follows from the customer's number and name, so that books of an older start have files too. */
export const fileOf = (customer: Customer): record.Values<typeof record.ANKETA> => {
  const serial = Number(customer.number.slice(-3))
  const [surname = '', given = ''] = customer.name.split(' ')
  const [city, index] = cities[serial % cities.length] ?? cities[0]
  return {
    NKL: customer.number,
    FAM: surname,
    IMYA: given,
    DATAROJ: customer.pinfl.slice(1, 7),
    // One of them is a citizen of Kazakhstan, and one lives there.
    GRAJD: serial === 14 ? '398' : '860',
    STRANA: serial === 4 ? '398' : '860',
    GOROD: city,
    ADRES: `${streets[serial % streets.length] ?? streets[0]} ${(serial * 7) % 90}`,
    INDEKS: index,
    VIDDOK: serial % 3 === 0 ? '2' : '1',
    DATAPROV: ddmmyy(customer.registered),
  }
}

/** `1` they are who they say, `2` they are not, `3` somebody must look; on the lists `0` nobody, `1` somebody. */
export const checkOf = (
  books: Books,
  asked: record.Values<typeof record.PROVZAP>,
): record.Values<typeof record.PROVREZ> => {
  const person = asked.TIPKL === '1'
  const known = [...books.customers.values()].find((customer) =>
    person ? customer.pinfl === asked.PINFL : customer.inn === asked.INN,
  )
  if (!known || known.type !== asked.TIPKL) return { REZ: '3', SPISOK: '0' }
  const watched = [...books.accounts.values()].some(
    ({ customer, state }) => customer === known.number && state === '4',
  )
  return { REZ: verdictOn(known, asked), SPISOK: watched ? '1' : '0' }
}

const verdictOn = (known: Customer, asked: record.Values<typeof record.PROVZAP>): string => {
  const born = known.pinfl.slice(1, 7)
  if (known.type === '1' && asked.DATAROJ !== '000000' && asked.DATAROJ !== born) return '2'
  // The clerks' rule: surname and given name as in the books, or a company's name without its quotes.
  const own = words(known.name)
  const given = words(asked.NAIM)
  return own.slice(0, 2).every((word) => given.includes(word)) ? '1' : '3'
}

const words = (name: string): string[] => name.replaceAll('"', '').split(' ')
