/** Where the sandbox's people spend and earn outside the bank, and what their statements say about it. */
import type { Language } from './people.ts'

export interface Outsider {
  readonly name: string
  readonly account: string
}

/** A class 8 number at another bank: nobody's. */
const outsider = (name: string, serial: number): Outsider => ({
  name,
  account: `80208000${serial % 10}80700${String(serial).padStart(3, '0')}001`,
})

interface Merchant extends Outsider {
  /** Whole soʻm that a visit costs, from and to. */
  readonly from: number
  readonly to: number
}

const merchant = (name: string, serial: number, from: number, to: number): Merchant => ({
  ...outsider(name, serial),
  from,
  to,
})

/** The first ones are visited most. */
export const merchants: readonly [Merchant, ...Merchant[]] = [
  merchant('Oltin Boshoq supermarketi', 1, 38_000, 420_000),
  merchant('Mahalla Non', 2, 6_000, 38_000),
  merchant('Choyxona Registon', 3, 32_000, 190_000),
  merchant('Chaqqon Taksi', 4, 11_000, 64_000),
  merchant('Shifobaxsh Dorixona', 5, 18_000, 260_000),
  merchant('Yoʻldosh Yoqilgʻi', 6, 90_000, 310_000),
  merchant('Kitob Olami', 7, 28_000, 240_000),
  merchant('Chinor Kino', 8, 40_000, 150_000),
  merchant('Atlas Kiyim', 9, 120_000, 980_000),
  merchant('Texnika Bozori', 10, 240_000, 3_900_000),
]

export const outsiders = {
  university: outsider('Toshkent Namuna Universiteti', 21),
  pensionFund: outsider('Namuna Pensiya Jamgʻarmasi', 22),
  clientAbroad: outsider('Northwind Software GmbH', 23),
  employerAbroad: outsider('Meridian Logistics SE', 24),
  supplier: outsider('Ipak Toʻqimachilik Zavodi', 25),
  buyers: outsider('Bozor Market xaridorlari', 26),
  subscribers: outsider('Anor Telekom abonentlari', 27),
  households: outsider('Toshkent Energo isteʼmolchilari', 28),
  cashDesk: outsider('Namuna Bank kassasi', 29),
  exchange: outsider('Namuna Bank valyuta boʻlimi', 30),
  treasury: outsider('Namuna Bank gʻaznasi', 31),
  landlord: outsider('Oqtepa Uylari', 32),
  insurer: outsider('Ishonch Sugʻurta', 33),
  stream: outsider('Kino Oqimi', 34),
  shopOnCredit: outsider('Texnika Bozori boʻlib toʻlash', 35),
  bakers: outsider('Samarqand Non ishchilari', 36),
} as const

/** What a line of a statement says, in the language of whose statement it is first of all. */
export const phrases: Readonly<Record<Language, Readonly<Record<Phrase, string>>>> = {
  uz: {
    salary: 'Ish haqi',
    scholarship: 'Stipendiya',
    pension: 'Pensiya',
    purchase: 'Karta orqali xarid',
    refund: 'Xarid qaytarildi',
    held: 'Karta orqali xarid, kutilmoqda',
    topUp: 'Kartani toʻldirish',
    savings: 'Jamgʻarmaga oʻtkazma',
    electricity: 'Elektr energiyasi uchun toʻlov',
    phone: 'Mobil aloqa uchun toʻlov',
    toFriend: 'Qarz qaytarildi',
    pocketMoney: 'Choʻntak puli',
    cash: 'Naqd pul yechildi',
    exchange: 'Valyuta ayirboshlash',
    interest: 'Omonat foizi',
    sales: 'Sotuvlar uchun toʻlov',
    stock: 'Tovar uchun toʻlov',
    tax: 'Aylanmadan olinadigan soliq',
    drawings: 'Shaxsiy hisobga oʻtkazma',
    invoice: 'Hisob-faktura boʻyicha toʻlov',
    rent: 'Ijara toʻlovi',
    bonus: 'Mukofot',
    subscription: 'Obuna toʻlovi',
    insurance: 'Sugʻurta badali',
    instalment: 'Boʻlib toʻlash',
    wages: 'Ish haqi varaqasi boʻyicha',
  },
  ru: {
    salary: 'Заработная плата',
    scholarship: 'Стипендия',
    pension: 'Пенсия',
    purchase: 'Покупка по карте',
    refund: 'Возврат покупки',
    held: 'Покупка по карте, в обработке',
    topUp: 'Пополнение карты',
    savings: 'Перевод на вклад',
    electricity: 'Оплата электроэнергии',
    phone: 'Оплата мобильной связи',
    toFriend: 'Возврат долга',
    pocketMoney: 'Карманные деньги',
    cash: 'Снятие наличных',
    exchange: 'Обмен валюты',
    interest: 'Проценты по вкладу',
    sales: 'Выплата за продажи',
    stock: 'Оплата товара',
    tax: 'Налог с оборота',
    drawings: 'Перевод на личный счёт',
    invoice: 'Оплата по счёту',
    rent: 'Арендная плата',
    bonus: 'Премия',
    subscription: 'Оплата подписки',
    insurance: 'Страховой взнос',
    instalment: 'Оплата в рассрочку',
    wages: 'По зарплатной ведомости',
  },
  en: {
    salary: 'Salary',
    scholarship: 'Scholarship',
    pension: 'Pension',
    purchase: 'Card purchase',
    refund: 'Card refund',
    held: 'Card purchase, pending',
    topUp: 'Card top-up',
    savings: 'Transfer to savings',
    electricity: 'Electricity',
    phone: 'Mobile phone',
    toFriend: 'Paid back',
    pocketMoney: 'Pocket money',
    cash: 'Cash withdrawal',
    exchange: 'Currency exchange',
    interest: 'Interest',
    sales: 'Sales payout',
    stock: 'Goods for sale',
    tax: 'Turnover tax',
    drawings: 'Transfer to own account',
    invoice: 'Invoice payment',
    rent: 'Rent',
    bonus: 'Bonus',
    subscription: 'Subscription',
    insurance: 'Insurance',
    instalment: 'Instalment',
    wages: 'Payroll',
  },
}

export type Phrase =
  | 'salary'
  | 'scholarship'
  | 'pension'
  | 'purchase'
  | 'refund'
  | 'held'
  | 'topUp'
  | 'savings'
  | 'electricity'
  | 'phone'
  | 'toFriend'
  | 'pocketMoney'
  | 'cash'
  | 'exchange'
  | 'interest'
  | 'sales'
  | 'stock'
  | 'tax'
  | 'drawings'
  | 'invoice'
  | 'rent'
  | 'bonus'
  | 'subscription'
  | 'insurance'
  | 'instalment'
  | 'wages'
