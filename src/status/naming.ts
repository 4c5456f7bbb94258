/** Names of parts as people read them, and the bank's own words in their language. */
import type { Language } from '#kernel/format.ts'
import type { Maintenance, PublicIncident, Words } from './facts.ts'

const inLanguage = (language: Language, words: Words | undefined, otherwise: string): string =>
  words?.[language] ?? otherwise

/** What it is called inside the bank stands where nothing else was written in any language. */
export const titleOf = (
  language: Language,
  { titles, title }: Pick<PublicIncident, 'titles' | 'title'>,
): string => inLanguage(language, titles, titles?.en ?? titles?.ru ?? titles?.uz ?? title)

/** null where the bank wrote nothing: the page says then in its own words what the state means. */
export const textOf = (
  language: Language,
  { words, text }: Pick<PublicIncident['updates'][number], 'words' | 'text'>,
): string | null => (text === null ? null : inLanguage(language, words, text))

export const reasonOf = (
  language: Language,
  { words, reason }: Pick<Maintenance, 'words' | 'reason'>,
): string => inLanguage(language, words, reason)

const names: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  gateway: { en: 'API gateway', ru: 'Шлюз API', uz: 'API shlyuzi' },
  authorization: {
    en: 'Sign-in and consent',
    ru: 'Вход и согласия',
    uz: 'Kirish va roziliklar',
  },
  accounts: { en: 'Accounts', ru: 'Счета', uz: 'Hisoblar' },
  payments: { en: 'Payments', ru: 'Платежи', uz: 'Toʻlovlar' },
  cards: { en: 'Cards', ru: 'Карты', uz: 'Kartalar' },
  lending: { en: 'Lending', ru: 'Кредиты', uz: 'Kreditlar' },
  kyc: { en: 'Identity', ru: 'Личность', uz: 'Shaxs' },
  fx: { en: 'Exchange', ru: 'Валюта', uz: 'Valyuta' },
  sandbox: {
    en: 'Worlds and simulators',
    ru: 'Миры и симуляторы',
    uz: 'Dunyolar va simulyatorlar',
  },
  events: { en: 'Events', ru: 'События', uz: 'Hodisalar' },
  webhooks: { en: 'Webhooks', ru: 'Вебхуки', uz: 'Vebxuklar' },
}

/** A product that the bank brought itself is called as its document says. */
export const componentName = (
  language: Language,
  { part, title }: { readonly part: string; readonly title: string | null },
): string => names[part]?.[language] ?? title ?? part
