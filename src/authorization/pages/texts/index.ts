/** Every sentence that a customer reads, in three languages; those of a type of consent stand with the type. */
import type { Language } from '#kernel/format.ts'
import { en } from './en.ts'
import { ru } from './ru.ts'
import { uz } from './uz.ts'

export type TextKey = keyof typeof en
/** `{name}` is filled in. */
export type Texts = Readonly<Record<TextKey, string>>

export const texts: Readonly<Record<Language, Texts>> = { en, ru, uz }

/** Each language’s own name for itself, in the order in which the switch offers them: the bank’s own first. */
export const ownNames: readonly (readonly [Language, string])[] = [
  ['uz', 'Oʻzbekcha'],
  ['ru', 'Русский'],
  ['en', 'English'],
]

/** A sentence with its words filled in. A word that the sentence does not ask for is left out. */
export const say = (
  language: Language,
  key: TextKey,
  words: Readonly<Record<string, string | number>> = {},
): string =>
  texts[language][key].replaceAll(/\{(\w+)\}/g, (_, name: string) => String(words[name] ?? ''))
