/** Words of the status page in three languages; a word that one lacks does not compile. */
import { isLanguage, type Language } from '#kernel/format.ts'
import { en } from './en.ts'
import { ru } from './ru.ts'
import { uz } from './uz.ts'

export type Word = keyof typeof en
export type Texts = Readonly<Record<Word, string>>

export const texts: Readonly<Record<Language, Texts>> = { en, ru, uz }

/** Own names of the languages, and how they are called aloud. */
export const ownNames: readonly (readonly [Language, string, string])[] = [
  ['en', 'EN', 'English'],
  ['ru', 'RU', 'Русский'],
  ['uz', 'UZ', 'Oʻzbekcha'],
]

/** `{name}` in a text is filled with the value of that name. */
export const say = (
  language: Language,
  word: Word,
  values: Readonly<Record<string, string | number>> = {},
): string =>
  texts[language][word].replaceAll(/\{(\w+)\}/g, (whole, name: string) =>
    name in values ? String(values[name]) : whole,
  )

/** The reader's choice, then what the browser prefers, then English. */
export const languageOf = (
  chosen: string | null | undefined,
  acceptLanguage: string | undefined,
): Language => {
  if (isLanguage(chosen)) return chosen
  const wanted = (acceptLanguage ?? '')
    .slice(0, 500)
    .split(',')
    .map((item) => {
      const [tag = '', ...parameters] = item.trim().split(';')
      const quality = parameters.map((p) => /^\s*q=([\d.]+)$/.exec(p)?.[1]).find(Boolean)
      return { word: tag.toLowerCase().split('-')[0], quality: Number(quality ?? 1) }
    })
    .filter(({ quality }) => quality > 0)
    .toSorted((a, b) => b.quality - a.quality)
    .map(({ word }) => word)
  return wanted.find(isLanguage) ?? 'en'
}
