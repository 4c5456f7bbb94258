/** Amounts and days as the customer writes them; groups of three by U+00A0 in all three languages. */
import { amountOf, type Money } from '#kernel/money.ts'
import type { Language } from './texts.ts'

const NBSP = '\u00A0'
const MINUS = '\u2212'

const currencyNames: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  UZS: { en: 'soʻm', ru: 'сум', uz: 'soʻm' },
  USD: { en: 'US dollars', ru: 'долл. США', uz: 'AQSH dollari' },
  EUR: { en: 'euros', ru: 'евро', uz: 'yevro' },
  RUB: { en: 'roubles', ru: 'руб.', uz: 'rubl' },
  KZT: { en: 'tenge', ru: 'тенге', uz: 'tenge' },
}

export const currencyName = (currency: string, language: Language): string =>
  currencyNames[currency]?.[language] ?? currency

/** 481235000 UZS: `4 812 350.00 soʻm`, `4 812 350,00 сум`. */
export const moneyText = (money: Money, language: Language): string => {
  const [whole = '', fraction] = amountOf(money).replace('-', MINUS).split('.')
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, NBSP)
  const mark = language === 'en' ? '.' : ','
  const figure = fraction === undefined ? grouped : `${grouped}${mark}${fraction}`
  return `${figure}${NBSP}${currencyName(money.currency, language)}`
}

const uzbekMonths = [
  'yanvar',
  'fevral',
  'mart',
  'aprel',
  'may',
  'iyun',
  'iyul',
  'avgust',
  'sentyabr',
  'oktyabr',
  'noyabr',
  'dekabr',
]

/** The bank's day: `23 Nov 2026`, `23 нояб. 2026 г.`, `23-noyabr, 2026`. */
export const dayText = (instant: Temporal.Instant, language: Language, zone: string): string => {
  const day = instant.toZonedDateTimeISO(zone).toPlainDate()
  if (language === 'uz') return `${day.day}-${uzbekMonths[day.month - 1]}, ${day.year}`
  return day.toLocaleString(language === 'ru' ? 'ru-RU' : 'en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  })
}

/** Whole days from now to then, the begun one counted. */
export const daysBetween = (now: Temporal.Instant, then: Temporal.Instant): number =>
  Math.ceil(then.since(now).total('hours') / 24)
