/** Message catalogues: plain data with `{names}` and plural forms, typed so that a forgotten value does not compile. */
import { type Language, number, type PluralCategory, pluralCategory } from '#kernel/format.ts'

/** A sentence, or one for each plural form that the language has; `{count}` chooses. */
export type Message = string | { readonly [form in PluralCategory]?: string }

/** What a catalogue in another language must hold to stand beside the English one. */
export type Translation<Catalogue> = { readonly [Key in keyof Catalogue]: Message }

export type Catalogue = Readonly<Record<string, Message>>

type NamesIn<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never

/** The names that a message needs values for. */
export type NamesOf<M> = M extends string
  ? NamesIn<M>
  : 'count' | { [form in keyof M]: M[form] extends string ? NamesIn<M[form]> : never }[keyof M]

export type Values = Readonly<Record<string, string | number>>

type Needs<M> = [NamesOf<M>] extends [never]
  ? []
  : [values: { readonly [Name in NamesOf<M>]: string | number }]

/** `text('queue.waiting', { count: 7 })`: a key of the catalogue, and exactly the values that its message names. */
export type Text<C> = <Key extends keyof C>(key: Key, ...values: Needs<C[Key]>) => string

const formOf = (language: Language, message: Message, values: Values): string => {
  if (typeof message === 'string') return message
  const count = Number(values['count'] ?? 0)
  return message[pluralCategory(language, count)] ?? message.other ?? message.many ?? ''
}

/** A message with its values in place; numbers are written as the language writes them. */
export const filled = (language: Language, message: Message, values: Values = {}): string =>
  formOf(language, message, values).replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name]
    if (value === undefined) return whole
    return typeof value === 'number' ? number(language, value) : value
  })

/** The names in all forms of a message. */
export const namesIn = (message: Message): Set<string> => {
  const forms = typeof message === 'string' ? [message] : Object.values(message)
  return new Set(
    forms.flatMap((form) => [...form.matchAll(/\{(\w+)\}/g)].map((found) => found[1] ?? '')),
  )
}

/** What `*bold*` and `` `code` `` in a message come to: pieces to be shown one after another. */
export type Piece = { readonly kind: 'plain' | 'bold' | 'code'; readonly text: string }

export const piecesOf = (text: string): Piece[] =>
  text
    .split(/(\*[^*]+\*|`[^`]+`)/)
    .filter((part) => part !== '')
    .map((part) => {
      if (part.length > 2 && part.startsWith('*') && part.endsWith('*'))
        return { kind: 'bold', text: part.slice(1, -1) }
      if (part.length > 2 && part.startsWith('`') && part.endsWith('`'))
        return { kind: 'code', text: part.slice(1, -1) }
      return { kind: 'plain', text: part }
    })
