/** The companies of the sandbox. Their STIRs begin with 98, above the numbers given out. */
import { account, type Opening } from './opening.ts'

export interface Organisation {
  readonly coreRef: string
  readonly name: string
  readonly stir: string
  readonly accounts: readonly Opening[]
}

const business = account('current', 'Main account')
const settlement = account('settlement', 'Settlement account')

export const organisations = {
  bozorMarket: {
    coreRef: '80000101',
    name: '«Bozor Market» MCHJ',
    stir: '980000101',
    accounts: [
      settlement(184_000_000, { nickname: 'Programme account' }),
      business(96_000_000),
      business(12_500_000, { nickname: 'Platform fees' }),
    ],
  },
  chorsuTekstil: {
    coreRef: '80000102',
    name: '«Chorsu Tekstil» XK',
    stir: '980000102',
    accounts: [business(31_000_000)],
  },
  samarqandNon: {
    // Pays its bakers twice a month; three of the people sign for it.
    coreRef: '80000103',
    name: '«Samarqand Non» MCHJ',
    stir: '980000103',
    accounts: [business(22_400_000)],
  },
  fargonaChinni: {
    coreRef: '80000104',
    name: '«Fargʻona Chinni» XK',
    stir: '980000104',
    accounts: [business(17_800_000)],
  },
  anorTelekom: {
    coreRef: '80000105',
    name: '«Anor Telekom» MCHJ',
    stir: '980000105',
    accounts: [business(1_740_000_000), settlement(52_000_000, { nickname: 'Card programme' })],
  },
  taxTreasury: {
    coreRef: '80000106',
    name: 'Davlat soliq qoʻmitasi gʻaznasi',
    stir: '980000106',
    accounts: [settlement(0, { nickname: 'Tax receipts' })],
  },
  tezkorYetkazish: {
    coreRef: '80000107',
    name: '«Tezkor Yetkazish» MCHJ',
    stir: '980000107',
    accounts: [business(8_900_000)],
  },
  toshkentEnergo: {
    coreRef: '80000108',
    name: '«Toshkent Energo» AJ',
    stir: '980000108',
    accounts: [business(410_000_000)],
  },
} as const satisfies Readonly<Record<string, Organisation>>
