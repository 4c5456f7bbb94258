/**
 * Who lives in the sandbox. Nobody here can be real: PINFLs begin with 9, where the digit for sex and century ends
 * at 6; STIRs begin with 98, above the numbers given out; the bank code 09998 is nobody's, and account numbers begin
 * with class 8, which the chart of accounts does not have.
 */
import type { CoreCustomer } from '#bank/cores/core.ts'
import type { CoreIdentity } from '#bank/cores/identity.ts'
import { pairCustomers } from './joint.ts'
import { card, current, dollars, euros, type Opening, savings } from './opening.ts'
import { organisations } from './organisations.ts'

export type Language = 'uz' | 'ru' | 'en'

/** How a person lives; `life.ts` knows what each does with money. */
export type Persona =
  | 'salaried'
  | 'student'
  | 'sole-trader'
  | 'contractor'
  | 'pensioner'
  | 'expatriate'
  | 'saver'
  | 'overdrawn'
  | 'minor'
  | 'dormant'
  | 'blocked'
  | 'scripted'

export interface Person {
  readonly login: string
  readonly coreRef: string
  /** As a page greets them. */
  readonly displayName: string
  /** As the bank holds it. */
  readonly fullName: string
  readonly born: string
  readonly language: Language
  readonly persona: Persona
  /** One sentence for the developer who signs in as them. */
  readonly story: string
  readonly accounts: readonly Opening[]
}

export const people: readonly Person[] = [
  {
    login: 'dilnoza',
    coreRef: '80000001',
    displayName: 'Dilnoza Rahimova',
    fullName: 'Rahimova Dilnoza Akmal qizi',
    born: '1990-03-14',
    language: 'uz',
    persona: 'salaried',
    story: 'Paid on the 5th by Anor Telecom; has every kind of account; the one to begin with.',
    accounts: [current(62_400_000), card(6_200_000), savings(30_000_000), dollars(1_250)],
  },
  {
    login: 'jasur',
    coreRef: '80000002',
    displayName: 'Jasur Gʻulomov',
    fullName: 'Gʻulomov Jasur Hikmat oʻgʻli',
    born: '2004-09-02',
    language: 'uz',
    persona: 'student',
    story: 'Lives on a scholarship and one card; his surname is written with ʻ.',
    accounts: [card(1_400_000), savings(600_000)],
  },
  {
    login: 'olga',
    coreRef: '80000003',
    displayName: 'Ольга Ким',
    fullName: 'Ким Ольга Сергеевна',
    born: '1985-07-21',
    language: 'ru',
    persona: 'sole-trader',
    story: 'Sells on Bozor Market on her own account; private and business money side by side.',
    accounts: [
      current(6_800_000),
      card(2_100_000),
      current(18_500_000, { nickname: 'Business account' }),
      euros(900),
    ],
  },
  {
    login: 'timur',
    coreRef: '80000004',
    displayName: 'Тимур Ахмедов',
    fullName: 'Ахмедов Тимур Равшанович',
    born: '1979-06-11',
    language: 'ru',
    persona: 'contractor',
    story: 'Paid in dollars from abroad and exchanges them every month.',
    accounts: [current(9_000_000), card(4_400_000), dollars(8_400)],
  },
  {
    login: 'malika',
    coreRef: '80000005',
    displayName: 'Malika Yusupova',
    fullName: 'Yusupova Malika Bahodir qizi',
    born: '1992-01-30',
    language: 'uz',
    persona: 'salaried',
    story: 'Her card may go 2 000 000 soʻm below zero; available is more than booked.',
    accounts: [current(7_300_000), card(2_600_000, { limit: 2_000_000 }), savings(15_000_000)],
  },
  {
    login: 'rustam',
    coreRef: '80000006',
    displayName: 'Rustam Qodirov',
    fullName: 'Qodirov Rustam Shavkat oʻgʻli',
    born: '1988-03-14',
    language: 'uz',
    persona: 'overdrawn',
    story: 'His card is below zero: a balance that is a debit.',
    accounts: [current(4_100_000), card(300_000, { limit: 2_000_000 })],
  },
  {
    login: 'galina',
    coreRef: '80000007',
    displayName: 'Галина Соколова',
    fullName: 'Соколова Галина Петровна',
    born: '1951-12-05',
    language: 'ru',
    persona: 'pensioner',
    story:
      'Draws her pension in cash the day it comes: what is left pays for nothing larger (AM04).',
    accounts: [card(84_000, { nickname: 'Pension card' })],
  },
  {
    login: 'nigora',
    coreRef: '80000008',
    displayName: 'Nigora Toʻxtayeva',
    fullName: 'Toʻxtayeva Nigora Erkin qizi',
    born: '1976-12-22',
    language: 'uz',
    persona: 'saver',
    story: 'Large savings in three currencies; few lines on the statement.',
    accounts: [current(38_000_000), savings(420_000_000), dollars(15_300), euros(4_120)],
  },
  {
    // The eight digits end in 9, so that her first two account numbers end in 9001 and 9002.
    login: 'sinov',
    coreRef: '80000009',
    displayName: 'Sinov Namunayeva',
    fullName: 'Namunayeva Sinov Qoida qizi',
    born: '2000-01-01',
    language: 'uz',
    persona: 'scripted',
    story: 'For failures on purpose: account …9001 is blocked, …9002 is closed, the third works.',
    accounts: [
      current(1_000_000, { status: 'disabled', nickname: 'Blocked account' }),
      current(0, { status: 'closed', nickname: 'Closed account' }),
      current(50_000_000),
      dollars(2_000),
    ],
  },
  {
    login: 'emily',
    coreRef: '80000010',
    displayName: 'Emily Hart',
    fullName: 'Hart Emily Jane',
    born: '1994-05-08',
    language: 'en',
    persona: 'expatriate',
    story: 'Paid in euro, spends in soʻm: three currencies, no patronymic.',
    accounts: [current(7_000_000), card(2_600_000), euros(6_200), dollars(3_100)],
  },
  {
    login: 'james',
    coreRef: '80000011',
    displayName: 'James Whitfield',
    fullName: 'Whitfield James Oliver',
    born: '1968-10-27',
    language: 'en',
    persona: 'expatriate',
    story: 'A long statement: buys something almost every day.',
    accounts: [current(14_500_000), card(5_200_000), euros(2_800)],
  },
  {
    login: 'aziz',
    coreRef: '80000012',
    displayName: 'Aziz Rahimov',
    fullName: 'Rahimov Aziz Sardor oʻgʻli',
    born: '2012-04-19',
    language: 'uz',
    persona: 'minor',
    story: 'Fourteen; pocket money from Dilnoza every Monday.',
    accounts: [card(120_000, { nickname: 'Pocket money' })],
  },
  {
    login: 'viktor',
    coreRef: '80000013',
    displayName: 'Виктор Петров',
    fullName: 'Петров Виктор Андреевич',
    born: '1959-02-17',
    language: 'ru',
    persona: 'dormant',
    story: 'Nothing has moved for a year: an account with one line.',
    accounts: [savings(2_300_000)],
  },
  {
    login: 'shahlo',
    coreRef: '80000014',
    displayName: 'Shahlo Ergasheva',
    fullName: 'Ergasheva Shahlo Oʻktam qizi',
    born: '1983-08-25',
    language: 'uz',
    persona: 'salaried',
    story: 'Changed her card: the old card account is closed and must not be offered.',
    accounts: [
      current(5_600_000),
      card(0, { status: 'closed', nickname: 'Old card' }),
      card(1_900_000),
    ],
  },
  {
    login: 'bekzod',
    coreRef: '80000015',
    displayName: 'Bekzod Nazarov',
    fullName: 'Nazarov Bekzod Ulugʻbek oʻgʻli',
    born: '1998-11-17',
    language: 'uz',
    persona: 'blocked',
    story: 'All his accounts are blocked: there is nothing to pick on a consent page.',
    accounts: [current(2_200_000, { status: 'disabled' }), card(410_000, { status: 'disabled' })],
  },
  {
    login: 'zuhra',
    coreRef: '80000016',
    displayName: 'Zuhra Saidova',
    fullName: 'Saidova Zuhra Listed qizi',
    born: '1971-04-02',
    language: 'uz',
    persona: 'salaried',
    story: 'Politically exposed: a screening says review, and nobody learns why.',
    accounts: [current(24_000_000), card(3_800_000), savings(90_000_000), dollars(4_500)],
  },
  {
    login: 'davron',
    coreRef: '80000017',
    displayName: 'Даврон Юлдашев',
    fullName: 'Юлдашев Даврон Listed',
    born: '1966-08-09',
    language: 'ru',
    persona: 'saver',
    story:
      'Stands on a list of sanctions that is made up: a screening says review, as it does of others.',
    accounts: [savings(12_000_000), euros(700)],
  },
]

/** What the bank needs to let them sign in; the core's seed has the rest. */
export const sandboxPeople: readonly Pick<
  Person,
  'login' | 'coreRef' | 'displayName' | 'language' | 'persona' | 'story'
>[] = people.map(({ login, coreRef, displayName, language, persona, story }) => ({
  login,
  coreRef,
  displayName,
  language,
  persona,
  story,
}))

/** PINFL: 9, day of birth DDMMYY, district 200, the last three digits of the customer, 0. */
const pinfl = ({ born, coreRef }: Person) => {
  const [year = '', month = '', day = ''] = born.split('-')
  return `9${day}${month}${year.slice(2)}200${coreRef.slice(-3)}0`
}

export const customers: readonly CoreCustomer[] = [
  ...people.map((person): CoreCustomer => ({
    ref: person.coreRef,
    kind: 'person',
    name: person.fullName,
    nationalId: pinfl(person),
  })),
  ...pairCustomers,
  ...Object.values(organisations).map(({ coreRef, name, stir }): CoreCustomer => ({
    ref: coreRef,
    kind: 'organisation',
    name,
    nationalId: stir,
  })),
]

const cities = [
  ['Toshkent', '100000'],
  ['Samarqand', '140100'],
  ['Fargʻona', '150100'],
] as const

/**
 * What the bank verified about each of them. Emily and James are British, Viktor has moved to Almaty; Sinov was never
 * identified: every answer about her is that there is none.
 */
export const identities: readonly CoreIdentity[] = people
  .filter(({ login }) => login !== 'sinov')
  .map(({ coreRef, fullName, born, persona, login }) => {
    const [familyName = '', givenName = ''] = fullName.split(' ')
    const serial = Number(coreRef.slice(-3))
    const [locality, postalCode] =
      login === 'viktor' ? ['Almaty', '050000'] : (cities[serial % cities.length] ?? cities[0])
    return {
      ref: coreRef,
      givenName,
      familyName,
      bornOn: Temporal.PlainDate.from(born),
      citizenship: persona === 'expatriate' ? 'GB' : 'UZ',
      residence: login === 'viktor' ? 'KZ' : 'UZ',
      address: { street: `Navoiy koʻchasi ${serial * 7}`, locality, postalCode },
      document: persona === 'expatriate' ? 'passport' : 'idcard',
      verifiedOn: Temporal.PlainDate.from('2021-03-15').add({ days: serial }),
    }
  })
