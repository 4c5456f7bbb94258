/**
 * What in a text could belong to a real person, account, card or bank. Where nobody is real nothing that does is held: each
 * kind of identifier there comes from a range that nobody gives out, so that a slip shows by form alone.
 */

export type IdentifierKind =
  | 'card number'
  | 'PINFL'
  | 'STIR'
  | 'account number'
  | 'bank code'
  | 'IBAN'
  | 'e-mail address'
  | 'telephone number'

export interface RealIdentifier {
  readonly kind: IdentifierKind
  /** Enough to find it by, and not the identifier: first two and last two signs. */
  readonly shown: string
}

const digitsOf = (text: string): number[] => Array.from(text, Number)

/** ISO/IEC 7812-1 Annex B. */
const holdsLuhn = (text: string): boolean =>
  digitsOf(text)
    .toReversed()
    .reduce((sum, digit, at) => {
      const weighed = at % 2 === 0 ? digit : digit * 2
      return sum + (weighed > 9 ? weighed - 9 : weighed)
    }, 0) %
    10 ===
  0

/** Ranges of issuers: Visa, Mastercard, Amex, Diners, JCB, Maestro, UnionPay, Mir, UzCard, HUMO. 9999 is nobody's. */
const issuers =
  /^(?:4|5[0-8]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720|20[0-4])|3[0-9]|6[0-9]|8600|5614|9860)/

/** ISO 13616: country, check digits, and what the country's register says of the length. */
const ibanLengths: Readonly<Record<string, number>> = {
  AE: 23,
  AT: 20,
  AZ: 28,
  BE: 16,
  BG: 22,
  BY: 28,
  CH: 21,
  CY: 28,
  CZ: 24,
  DE: 22,
  DK: 18,
  EE: 20,
  ES: 24,
  FI: 18,
  FR: 27,
  GB: 22,
  GE: 22,
  GR: 27,
  HR: 21,
  HU: 28,
  IE: 22,
  IL: 23,
  IT: 27,
  KZ: 20,
  LT: 20,
  LU: 20,
  LV: 21,
  MD: 24,
  NL: 18,
  NO: 15,
  PL: 28,
  PT: 25,
  RO: 24,
  RS: 22,
  SA: 24,
  SE: 24,
  SI: 19,
  SK: 24,
  TR: 26,
  UA: 29,
}

const mod97 = (iban: string): number => {
  let rest = 0
  for (const sign of iban.slice(4) + iban.slice(0, 4))
    for (const digit of /\d/.test(sign) ? sign : String(sign.charCodeAt(0) - 55))
      rest = (rest * 10 + Number(digit)) % 97
  return rest
}

const isIban = (text: string) => ibanLengths[text.slice(0, 2)] === text.length && mod97(text) === 1

/** The personal number of Uzbekistan: sex and century, day of birth, district, serial, check digit (weights 7, 3, 1). */
const isPinfl = (text: string): boolean => {
  const [, century = '', day = '', month = '', year = ''] =
    /^([1-6])(\d\d)(\d\d)(\d\d)\d{7}$/.exec(text) ?? []
  if (century === '') return false
  const base = 1800 + Math.floor((Number(century) - 1) / 2) * 100
  const born = { year: base + Number(year), month: Number(month), day: Number(day) }
  try {
    Temporal.PlainDate.from(born, { overflow: 'reject' })
  } catch {
    return false
  }
  const weights = [7, 3, 1]
  const digits = digitsOf(text)
  const sum = digits.slice(0, 13).reduce((all, d, at) => all + d * (weights[at % 3] ?? 0), 0)
  return sum % 10 === digits[13]
}

/** The chart of accounts of Uzbekistan has classes 1 to 5 and 9; currency codes stand in places six to eight. */
const isAccount = (text: string): boolean =>
  /^[1-59]\d{4}(?:000|840|978|643|826|756|392|156|398)\d{12}$/.test(text)

/** Codes of banks and their branches (MFO) begin at 00001 and end below 01300. */
const isBankCode = (text: string): boolean =>
  /^0(?:0\d{3}|1[0-2]\d\d)$/.test(text) && text !== '00000'

const reserved = /(?:^|\.)(?:example|test|invalid|localhost)$|(?:^|\.)example\.(?:com|net|org)$/i

/** Operators and cities of +998. Their numbers are somebody's. */
const operators = /^(?:\+?998)(?:20|33|50|55|6[125-79]|7[0-9]|88|9[0-9])\d{7}$/

/** A run of digits for itself: no part of a number or a word. Behind a word and a hyphen (`PNOUZ-`) it is still one. */
const whole = (length: string) =>
  new RegExp(`(?<![\\p{L}\\d+.]|(?<!\\p{L})-)\\d{${length}}(?![\\p{L}\\d]|\\.\\d)`, 'gu')
const inGroups = /(?<![\p{L}\d])\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?!\d)/gu

/** A member of JSON; also of JSON that stands as text within other JSON, where its quotes are escaped. */
const named = (names: string, value: string) =>
  new RegExp(`"(?:${names})\\\\*"\\s*:\\s*(?:\\\\*")?(${value})(?!\\d)`, 'gi')

interface Rule {
  readonly kind: IdentifierKind
  readonly looksLike: RegExp
  readonly isReal: (text: string) => boolean
}

const rules: readonly Rule[] = [
  {
    kind: 'card number',
    looksLike: whole('16,19'),
    isReal: (text) => issuers.test(text) && holdsLuhn(text),
  },
  {
    kind: 'card number',
    // American Express, the one with fifteen digits.
    looksLike: whole('15'),
    isReal: (text) => /^3[47]/.test(text) && holdsLuhn(text),
  },
  {
    kind: 'card number',
    looksLike: inGroups,
    isReal: (text) => {
      const bare = text.replaceAll(/[ -]/g, '')
      return issuers.test(bare) && holdsLuhn(bare)
    },
  },
  { kind: 'PINFL', looksLike: whole('14'), isReal: isPinfl },
  { kind: 'account number', looksLike: whole('20'), isReal: isAccount },
  {
    kind: 'IBAN',
    looksLike: /(?<![\p{L}\d])[A-Z]{2}\d{2}[A-Z\d]{11,30}(?![\p{L}\d])/gu,
    isReal: isIban,
  },
  {
    kind: 'IBAN',
    // ISO 13616 §6: on paper it stands in groups of four.
    looksLike: /(?<![\p{L}\d])[A-Z]{2}\d{2}(?: [A-Z\d]{4}){2,7}(?: [A-Z\d]{1,3})?(?![\p{L}\d])/gu,
    isReal: (text) => isIban(text.replaceAll(' ', '')),
  },
  {
    kind: 'e-mail address',
    looksLike: /(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+/gu,
    isReal: (text) => !reserved.test(text.slice(text.indexOf('@') + 1)),
  },
  {
    kind: 'telephone number',
    looksLike: /\+998[ -]?\d\d[ -]?\d{3}[ -]?\d\d[ -]?\d\d(?!\d)/gu,
    isReal: (text) => operators.test(text.replaceAll(/[ -]/g, '')),
  },
]

/** Codes that are only so many digits are judged where a name says what they are. */
const namedRules: readonly Rule[] = [
  {
    kind: 'bank code',
    looksLike: named('(?:creditor_?|debtor_?)?bank(?:_?code)?|mfo|bic', '\\d{5}'),
    isReal: isBankCode,
  },
  {
    kind: 'STIR',
    looksLike: named('stir|inn|tin|tax_?id|national_?id|registration_?number', '\\d{9}'),
    // Numbers up to 7 are given out; 98 is above them.
    isReal: (text) => /^[2-7]/.test(text),
  },
]

const shown = (text: string) => `${text.slice(0, 2)}…${text.slice(-2)}`

export interface PlacedIdentifier extends RealIdentifier {
  /** RFC 6901. */
  readonly pointer: string
}

/** The same of a value of JSON: each with its place. */
export const realIdentifiersWithin = function* (
  value: unknown,
  pointer = '',
  name = '',
): Generator<PlacedIdentifier> {
  if (typeof value === 'string' || typeof value === 'number')
    for (const found of realIdentifiers(JSON.stringify({ [name]: value })))
      yield { ...found, pointer }
  else if (Array.isArray(value))
    for (const [at, one] of value.entries())
      yield* realIdentifiersWithin(one, `${pointer}/${at}`, name)
  else if (typeof value === 'object' && value !== null)
    for (const [member, one] of Object.entries(value)) {
      const token = member.replaceAll('~', '~0').replaceAll('/', '~1')
      yield* realIdentifiersWithin(one, `${pointer}/${token}`, member)
    }
}

/** A line break in JSON ends in a letter (RFC 8259 §7), and no digit behind a letter would be looked at. */
const escapedSpace = /\\+[nrtbf]/g

/** Every identifier in a text, a row as JSON best, that validates as a real one. */
export const realIdentifiers = (json: string): RealIdentifier[] => {
  const text = json.replaceAll(escapedSpace, ' ')
  return [
    ...rules.flatMap(({ kind, looksLike, isReal }) =>
      [...text.matchAll(looksLike)]
        .filter(([found]) => isReal(found))
        .map(([found]): RealIdentifier => ({ kind, shown: shown(found) })),
    ),
    ...namedRules.flatMap(({ kind, looksLike, isReal }) =>
      [...text.matchAll(looksLike)]
        .filter(([, found = '']) => isReal(found))
        .map(([, found = '']): RealIdentifier => ({ kind, shown: shown(found) })),
    ),
  ]
}
