/** What is left of a value that leaves masked, cut, or under another name. Pure; no pattern here looks back (S65). */
import type { Form, Rule } from '../field-rules.ts'

const HIDDEN = '***'

/** How a value leaves: plain text in, plain text out. */
export type Change = (value: string, pseudonym: Pseudonym) => string

/** The partner's own name of a value: the same value has the same name for one partner, and another for the next. */
export type Pseudonym = (prefix: string, value: string) => string

/** The change that a rule makes; null where it makes none. */
export const changeOf = (rule: Rule): Change | null => {
  switch (rule.action) {
    case 'release':
    case 'drop':
      return null
    case 'mask': {
      const { form } = rule
      if (typeof form === 'string') return forms[form]
      return (value) => ends(Array.from(value), form.first, form.last)
    }
    case 'truncate': {
      const { length } = rule
      return (value) => Array.from(value).slice(0, length).join('')
    }
    case 'tokenise': {
      const { prefix } = rule
      return (value, pseudonym) => pseudonym(prefix, value)
    }
  }
}

/** Shows the ends of a value that is at least twice as long as what is shown, and of a shorter one nothing. */
const ends = (symbols: readonly string[], first: number, last: number): string =>
  symbols.length < 2 * (first + last)
    ? HIDDEN
    : symbols.slice(0, first).join('') + HIDDEN + symbols.slice(symbols.length - last).join('')

const accountNumber = (value: string): string => ends(Array.from(value), 0, 4)

/** The country code where one is written, and the last two digits. */
const phone = (value: string): string => {
  const digits = value.replaceAll(/[^0-9]/g, '')
  if (digits.length < 9) return HIDDEN
  return (value.startsWith('+') ? `+${digits.slice(0, 3)}` : '') + HIDDEN + digits.slice(-2)
}

/** The first letter of each word, of at most four. */
const name = (value: string): string =>
  value
    .split(/\s/u)
    .filter((word) => word !== '')
    .slice(0, 4)
    .map((word) => (Array.from(word)[0] ?? '') + HIDDEN)
    .join(' ') || HIDDEN

/** The first letter, and the domain. */
const email = (value: string): string => {
  const at = value.lastIndexOf('@')
  return at < 2 ? HIDDEN : (Array.from(value)[0] ?? '') + HIDDEN + value.slice(at)
}

const forms: Readonly<Record<Form, Change>> = {
  'account-number': accountNumber,
  phone,
  name,
  email,
}
