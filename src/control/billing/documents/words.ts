/** The words of a document in the languages of the bank, and how each of them writes days and amounts. Nothing is computed here. */
import { z } from 'zod'

export const Language = z.enum(['en', 'ru', 'uz'])
export type Language = z.output<typeof Language>

const en = {
  invoice: 'Invoice',
  creditNote: 'Credit note',
  debitNote: 'Debit note',
  selfBilled: 'Self-billed statement',
  draft: 'Draft, not issued',
  number: 'Number',
  issued: 'Date of issue',
  due: 'Payable by',
  period: 'Period',
  from: 'Supplier',
  to: 'Customer',
  description: 'Description',
  quantity: 'Quantity',
  price: 'Price',
  amount: 'Amount',
  contract: 'Contract',
  prices: 'Price version',
  byLaw: 'Access opened by law, free of charge',
  earlier: 'Became known after the invoice of that month',
  minimum: 'up to the agreed minimum',
  overage: 'above the commitment',
  commitment: 'rest of the commitment',
  month: 'month',
  months: 'months',
  tier: 'tier up to {0}',
  above: 'tier above',
  blocks: 'blocks',
  booked: 'whole month {0}, billed before {1}',
  exact: 'exactly {0}, rounded to {1}',
  net: 'Total without tax',
  tax: 'Value added tax {0} % on {1}',
  gross: 'Total',
  paid: 'Paid',
  open: 'To be paid',
  of: 'To invoice',
  line: 'Line',
  reason: 'Reason',
  proof:
    'Every figure can be computed again from the data file of this document with “portico invoice verify”.',
  checked: 'Data file, SHA-256',
  complete: 'Calls told by gateways {0}, counted {1}, missing {2}.',
  page: 'Page {0} of {1}',
  serviceCredit: 'Service level not met',
  share: 'Share',
  values: '{0} events',
  free: 'Calls without charge, operations: {0}',
}
type Words = Readonly<Record<keyof typeof en, string>>

const ru: Words = {
  invoice: 'Счёт',
  creditNote: 'Кредит-нота',
  debitNote: 'Дебет-нота',
  selfBilled: 'Отчёт о вознаграждении',
  draft: 'Черновик, не выставлен',
  number: 'Номер',
  issued: 'Дата выставления',
  due: 'Оплатить до',
  period: 'Период',
  from: 'Поставщик',
  to: 'Покупатель',
  description: 'Наименование',
  quantity: 'Количество',
  price: 'Цена',
  amount: 'Сумма',
  contract: 'Договор',
  prices: 'Версия цен',
  byLaw: 'Доступ по закону, без оплаты',
  earlier: 'Стало известно после счёта за этот месяц',
  minimum: 'до согласованного минимума',
  overage: 'сверх обязательства',
  commitment: 'остаток обязательства',
  month: 'месяц',
  months: 'месяца',
  tier: 'ступень до {0}',
  above: 'ступень свыше',
  blocks: 'пакетов',
  booked: 'за весь месяц {0}, выставлено ранее {1}',
  exact: 'точно {0}, округлено до {1}',
  net: 'Итого без налога',
  tax: 'НДС {0} % от {1}',
  gross: 'Всего',
  paid: 'Оплачено',
  open: 'К оплате',
  of: 'К счёту',
  line: 'Строка',
  reason: 'Основание',
  proof:
    'Каждую сумму можно пересчитать по файлу данных этого документа командой «portico invoice verify».',
  checked: 'Файл данных, SHA-256',
  complete: 'Вызовов сообщено шлюзами {0}, учтено {1}, недостаёт {2}.',
  page: 'Страница {0} из {1}',
  serviceCredit: 'Уровень обслуживания не выдержан',
  share: 'Доля',
  values: 'операций: {0}',
  free: 'Вызовы без оплаты, операций: {0}',
}

const uz: Words = {
  invoice: 'Hisob-faktura',
  creditNote: 'Kredit-nota',
  debitNote: 'Debet-nota',
  selfBilled: 'Mukofot toʻgʻrisida hisobot',
  draft: 'Qoralama, taqdim etilmagan',
  number: 'Raqam',
  issued: 'Taqdim etilgan sana',
  due: 'Toʻlov muddati',
  period: 'Davr',
  from: 'Yetkazib beruvchi',
  to: 'Xaridor',
  description: 'Nomi',
  quantity: 'Miqdor',
  price: 'Narx',
  amount: 'Summa',
  contract: 'Shartnoma',
  prices: 'Narxlar versiyasi',
  byLaw: 'Qonun boʻyicha ochilgan, bepul',
  earlier: 'Shu oy hisob-fakturasidan keyin maʼlum boʻldi',
  minimum: 'kelishilgan eng kam summagacha',
  overage: 'majburiyatdan ortiq',
  commitment: 'majburiyat qoldigʻi',
  month: 'oy',
  months: 'oy',
  tier: '{0} gacha bosqich',
  above: 'undan yuqori bosqich',
  blocks: 'toʻplam',
  booked: 'butun oy uchun {0}, avval hisoblangan {1}',
  exact: 'aniq {0}, {1} ga yaxlitlandi',
  net: 'Soliqsiz jami',
  tax: 'QQS {0} %, {1} dan',
  gross: 'Jami',
  paid: 'Toʻlangan',
  open: 'Toʻlanishi kerak',
  of: 'Hisob-faktura',
  line: 'Qator',
  reason: 'Asos',
  proof:
    'Har bir summani shu hujjatning maʼlumotlar fayli boʻyicha “portico invoice verify” bilan qayta hisoblash mumkin.',
  checked: 'Maʼlumotlar fayli, SHA-256',
  complete: 'Shlyuzlar xabar qilgan chaqiruvlar {0}, hisobga olingan {1}, yetishmaydi {2}.',
  page: '{0}-sahifa, jami {1}',
  serviceCredit: 'Xizmat darajasi taʼminlanmadi',
  share: 'Ulush',
  values: '{0} ta amal',
  free: 'Toʻlovsiz chaqiruvlar, amallar: {0}',
}

const words: Readonly<Record<Language, Words>> = { en, ru, uz }

const months: Readonly<Record<Language, readonly string[]>> = {
  en: 'January February March April May June July August September October November December'.split(
    ' ',
  ),
  ru: 'января февраля марта апреля мая июня июля августа сентября октября ноября декабря'.split(
    ' ',
  ),
  uz: 'yanvar fevral mart aprel may iyun iyul avgust sentabr oktabr noyabr dekabr'.split(' '),
}

export interface Tongue {
  readonly say: (word: keyof Words, ...values: readonly string[]) => string
  /** `1351560.00` as people of this language write it. */
  readonly amount: (text: string) => string
  readonly day: (day: Temporal.PlainDate) => string
}

const NO_BREAK = '\u00a0'

export const tongueOf = (language: Language): Tongue => {
  const [group, point] = language === 'en' ? [',', '.'] : [NO_BREAK, ',']
  return {
    say: (word, ...values) =>
      words[language][word].replaceAll(/\{(\d)\}/g, (_, n: string) => values[Number(n)] ?? ''),
    amount: (text) => {
      const [, sign = '', whole = '', rest] = /^(-?)(\d+)(?:\.(.+))?$/.exec(text) ?? []
      const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, group)
      return `${sign === '' ? '' : '\u2212'}${grouped}${rest === undefined ? '' : `${point}${rest}`}`
    },
    day: ({ year, month, day }) => {
      const name = months[language][month - 1] ?? ''
      switch (language) {
        case 'en':
          return `${day} ${name} ${year}`
        case 'ru':
          return `${day} ${name} ${year} г.`
        case 'uz':
          return `${year}-yil ${day}-${name}`
      }
    },
  }
}
