/**
 * The customers of the demonstration bank. Nobody here can be real: the MFO 09999 is not given out, account
 * numbers begin with class 8, which the chart of accounts does not have, PINFLs begin with 9, where the digit
 * for sex and century ends at 6, and STIRs begin with 9, above the numbers given out.
 */

export interface Person {
  readonly number: string
  readonly name: string
  readonly born: string
  readonly accounts: readonly Opening[]
}

export interface Organisation {
  readonly number: string
  readonly name: string
  readonly stir: string
  readonly accounts: readonly Opening[]
}

/** Balance account, currency, title, and what stood on it when the books begin, in whole units. */
export interface Opening {
  readonly balanceAccount: string
  readonly currency: string
  readonly title: string
  readonly start: number
  readonly state?: '2' | '3' | '4'
}

const salary = (start: number): Opening => ({
  balanceAccount: '80206',
  currency: '000',
  title: 'Маош ҳисоби',
  start,
})
const savings = (start: number): Opening => ({
  balanceAccount: '80606',
  currency: '000',
  title: 'Жамғарма',
  start,
})
const card = (start: number): Opening => ({
  balanceAccount: '82618',
  currency: '000',
  title: 'Карта ҳисоби',
  start,
})
const dollars = (start: number): Opening => ({
  balanceAccount: '80206',
  currency: '840',
  title: 'Доллар ҳисоби',
  start,
})
const euros = (start: number): Opening => ({
  balanceAccount: '80206',
  currency: '978',
  title: 'Евро ҳисоби',
  start,
})
const business = (start: number, title = 'Асосий ҳисоб'): Opening => ({
  balanceAccount: '80208',
  currency: '000',
  title,
  start,
})

export const persons: readonly Person[] = [
  {
    number: '90000001',
    name: 'Қодиров Рустам Шавкат ўғли',
    born: '140388',
    accounts: [salary(9_400_000), card(2_150_000), savings(24_000_000), dollars(1_310)],
  },
  {
    number: '90000002',
    name: 'Саидова Нодира Ғайрат қизи',
    born: '020990',
    accounts: [salary(11_800_000), card(3_700_000), savings(41_500_000), euros(1_900)],
  },
  {
    number: '90000003',
    name: 'Раҳимова Севара Ҳамид қизи',
    born: '250795',
    accounts: [salary(5_600_000), card(1_240_000)],
  },
  {
    number: '90000004',
    name: 'Аҳмедов Тимур Равшанович',
    born: '110679',
    accounts: [salary(18_900_000), card(4_400_000), dollars(5_240)],
  },
  {
    number: '90000005',
    name: 'Юсупова Малика Баҳодир қизи',
    born: '300192',
    accounts: [salary(7_300_000), savings(15_000_000)],
  },
  {
    number: '90000006',
    name: 'Исмоилов Фарҳод Қобил ўғли',
    born: '080483',
    accounts: [salary(12_100_000), card(2_900_000), { ...card(0), state: '2' }],
  },
  {
    number: '90000007',
    name: 'Назаров Бекзод Улуғбек ўғли',
    born: '171198',
    accounts: [salary(4_200_000), card(860_000)],
  },
  {
    number: '90000008',
    name: 'Тўхтаева Дилноза Эркин қизи',
    born: '221286',
    accounts: [salary(8_750_000), card(1_930_000), savings(62_000_000), dollars(840)],
  },
  {
    number: '90000009',
    name: 'Ғуломов Жасур Ҳикмат ўғли',
    born: '050501',
    accounts: [salary(3_100_000), { ...savings(6_000_000), state: '3' }],
  },
  {
    number: '90000010',
    name: 'Мирзаева Зулфия Ўктам қизи',
    born: '190474',
    accounts: [salary(6_450_000), savings(88_000_000), euros(3_250)],
  },
  {
    number: '90000011',
    name: 'Ёқубов Шерзод Ҳусан ўғли',
    born: '131085',
    accounts: [salary(10_050_000), card(2_240_000), { ...business(3_300_000), state: '4' }],
  },
  {
    number: '90000012',
    name: 'Каримова Гулнора Анваровна',
    born: '270669',
    accounts: [salary(1_150_000), { ...card(12_400), title: 'Пенсия картаси' }],
  },
  {
    number: '90000013',
    name: 'Эргашев Отабек Содиқ ўғли',
    born: '010104',
    accounts: [card(640_000), savings(2_500_000)],
  },
  {
    number: '90000014',
    name: 'Абдуллаева-Ким Лола Юрьевна',
    born: '160997',
    accounts: [salary(5_900_000), card(1_480_000)],
  },
]

export const organisations: readonly Organisation[] = [
  {
    number: '90000101',
    name: '«Бозор Маркет» МЧЖ',
    stir: '900000101',
    accounts: [
      { balanceAccount: '89802', currency: '000', title: 'Дастур ҳисоби', start: 184_000_000 },
      business(96_000_000),
      business(12_500_000, 'Платформа ҳақи'),
    ],
  },
  {
    number: '90000102',
    name: '«Чорсу Текстиль» ХК',
    stir: '900000102',
    accounts: [business(31_000_000)],
  },
  {
    number: '90000103',
    name: '«Самарқанд Нон» МЧЖ',
    stir: '900000103',
    accounts: [business(22_400_000)],
  },
  {
    number: '90000104',
    name: '«Фарғона Чинни» ХК',
    stir: '900000104',
    accounts: [business(17_800_000)],
  },
  {
    number: '90000105',
    name: '«Анор Телеком» МЧЖ',
    stir: '900000105',
    accounts: [business(740_000_000), { ...business(52_000_000, 'Карта дастури') }],
  },
  {
    number: '90000106',
    name: 'Давлат солиқ қўмитаси ғазнаси',
    stir: '900000106',
    accounts: [{ balanceAccount: '83402', currency: '000', title: 'Солиқ тушумлари', start: 0 }],
  },
  {
    number: '90000107',
    name: '«Тезкор Етказиш» МЧЖ',
    stir: '900000107',
    accounts: [business(8_900_000)],
  },
  {
    number: '90000108',
    name: '«Тошкент Энерго» АЖ',
    stir: '900000108',
    accounts: [business(410_000_000)],
  },
]

/** Those whom customers pay at other banks. */
export const merchants = [
  { name: '«Ҳавас Савдо» МЧЖ', account: '80208000500000201001', bank: '09998' },
  { name: '«Шарқ Китоби» ДУК', account: '80208000100000202001', bank: '09998' },
  { name: '«Йўл Транс» АЖ', account: '80208000700000203001', bank: '09997' },
  { name: 'ЯТТ Собирова Ойгул', account: '80208000300000204001', bank: '09997' },
  { name: '«Доривор» МЧЖ', account: '80208000900000205001', bank: '09998' },
] as const
