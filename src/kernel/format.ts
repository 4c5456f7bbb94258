/** Numbers, amounts, dates and spans as people read them, the same on the server and in every browser. */

export const languages = ['en', 'ru', 'uz'] as const
export type Language = (typeof languages)[number]

export const isLanguage = (text: unknown): text is Language =>
  languages.some((language) => language === text)

/** Groups of three and units hang on a no-break space in all three languages, so a copied figure keeps its shape. */
const hard = '\u00a0'
const minus = '\u2212'
const decimalMark: Record<Language, string> = { en: '.', ru: ',', uz: ',' }

/** Signs that stand for a currency in running text; every other currency keeps its ISO 4217 code. */
const currencyWord: Record<string, Record<Language, string>> = {
  UZS: { en: 'soʻm', ru: 'сум', uz: 'soʻm' },
}

/** `-4812350.5` → `−4 812 350.5`. Takes decimal text, so that no figure passes through a float. */
export const number = (language: Language, value: string | number | bigint): string => {
  const text = String(value)
  const negative = text.startsWith('-')
  const [whole = '0', fraction] = text.replace(/^-/, '').split('.')
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, hard)
  return `${negative ? minus : ''}${grouped}${fraction ? decimalMark[language] + fraction : ''}`
}

/** The name of a currency beside a figure. */
export const currency = (language: Language, code: string): string =>
  currencyWord[code]?.[language] ?? code

/** `{ amount: '4812350.00', currency: 'UZS' }` → `4 812 350.00 soʻm`. */
export const amount = (
  language: Language,
  money: { readonly amount: string; readonly currency: string },
): string => `${number(language, money.amount)}${hard}${currency(language, money.currency)}`

/** A share in per cent: `99.96` → `99.96 %`. */
export const share = (language: Language, percent: string | number): string =>
  `${number(language, percent)}${hard}%`

const months: Record<Language, readonly string[]> = {
  en: 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' '),
  ru: 'янв. февр. мар. апр. мая июн. июл. авг. сент. окт. нояб. дек.'.split(' '),
  uz: 'yanvar fevral mart aprel may iyun iyul avgust sentabr oktabr noyabr dekabr'.split(' '),
}

/**
 * Wall clock of an instant in a zone. `Intl` is asked in English only: browsers claim Uzbek and do not have it,
 * and `Temporal` is not in all of them.
 */
const wallClock = (instant: string, zone: string) => {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(new Date(instant))
  const part = (type: Intl.DateTimeFormatPartTypes) =>
    parts.find((found) => found.type === type)?.value ?? ''
  return {
    day: `${part('year')}-${part('month')}-${part('day')}`,
    minute: `${part('hour')}:${part('minute')}`,
    second: part('second'),
  }
}

/** A calendar day, `2026-11-23` → `23 Nov 2026`. */
export const day = (language: Language, plainDate: string): string => {
  const [year = '', month = '', dayOfMonth = ''] = plainDate.split('-')
  const name = months[language][Number(month) - 1] ?? month
  const number = String(Number(dayOfMonth))
  if (language === 'ru') return `${number}${hard}${name} ${year}${hard}г.`
  return language === 'uz' ? `${number}-${name}, ${year}` : `${number}${hard}${name} ${year}`
}

/** The day of an instant in a zone. */
export const dateOf = (language: Language, instant: string, zone: string): string =>
  day(language, wallClock(instant, zone).day)

/** `14:06`, or `14:06:31` where the second matters. */
export const timeOf = (
  instant: string,
  zone: string,
  precision: 'minute' | 'second' = 'minute',
) => {
  const { minute, second } = wallClock(instant, zone)
  return precision === 'second' ? `${minute}:${second}` : minute
}

/** `23 Nov 2026, 14:06`. */
export const momentOf = (language: Language, instant: string, zone: string): string =>
  `${dateOf(language, instant, zone)}, ${timeOf(instant, zone)}`

const units: Record<Language, { d: string; h: string; min: string; s: string }> = {
  en: { d: 'd', h: 'h', min: 'min', s: 's' },
  ru: { d: 'дн', h: 'ч', min: 'мин', s: 'с' },
  uz: { d: 'kun', h: 'soat', min: 'daqiqa', s: 'soniya' },
}

/** A length of time in its two largest units: `2 h 09 min`, `3 d 4 h`, `40 s`. */
export const span = (language: Language, milliseconds: number): string => {
  const { d, h, min, s } = units[language]
  const seconds = Math.max(0, Math.round(milliseconds / 1000))
  if (seconds < 60) return `${seconds}${hard}${s}`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}${hard}${min}`
  const hours = Math.floor(minutes / 60)
  const rest = String(minutes % 60).padStart(2, '0')
  if (hours < 24) return `${hours}${hard}${h} ${rest}${hard}${min}`
  return `${Math.floor(hours / 24)}${hard}${d} ${hours % 24}${hard}${h}`
}

export type PluralCategory = 'one' | 'few' | 'many' | 'other'

/** The categories that a language distinguishes (CLDR), for whole numbers. */
export const pluralCategories: Record<Language, readonly PluralCategory[]> = {
  en: ['one', 'other'],
  ru: ['one', 'few', 'many'],
  uz: ['one', 'other'],
}

/** CLDR category of a whole number; Russian counts 1, 2–4 and the rest apart, by the last two digits. */
export const pluralCategory = (language: Language, count: number): PluralCategory => {
  if (language !== 'ru') return count === 1 ? 'one' : 'other'
  const [units, tens] = [count % 10, count % 100]
  if (units === 1 && tens !== 11) return 'one'
  return units >= 2 && units <= 4 && (tens < 12 || tens > 14) ? 'few' : 'many'
}
