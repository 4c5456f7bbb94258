/**
 * The second net: no card number leaves, or comes in, where none belongs (PCI DSS 4.0.1 §3.4; S44, S45). The first net
 * is that nobody but the vault has any. A number is found through separators and in any script's digits.
 */

const DIGITS_MIN = 13
const DIGITS_MAX = 19
const SEPARATORS_MAX = 3
/** Issuer ranges in use here: Visa, Mastercard, Amex, Diners, JCB, UnionPay, Maestro, Mir, UzCard, HUMO. */
const issued = /^(?:4|5[0-8]|2[2-7]|3[0-9]|6|8600|9860)/
/** Words that are made of random hex digits: our ids, UUIDs, digests. */
const randomWord =
  /^(?:[a-z]+_)?(?:[0-9a-f]{32}|[0-9a-f]{64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i

const isDigit = (c: number) => c >= 0x30 && c <= 0x39
/** Characters that people set between the groups of a card number. */
const isSeparator = (c: number) =>
  c === 0x20 || c === 0x2d || c === 0x2e || c === 0xa0 || c === 0x202f || c === 0x2009
const isWord = (c: number) =>
  isDigit(c) || (c >= 0x41 && c <= 0x5a) || (c >= 0x61 && c <= 0x7a) || c === 0x5f || c === 0x2d

/** ISO/IEC 7812-1 Annex B. */
const passesLuhn = (digits: string): boolean => {
  let sum = 0
  for (let i = digits.length - 1, twice = false; i >= 0; i--, twice = !twice) {
    const digit = digits.charCodeAt(i) - 0x30
    sum += twice ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit
  }
  return sum % 10 === 0
}

const looksLikeCard = (digits: string) =>
  digits.length >= DIGITS_MIN &&
  digits.length <= DIGITS_MAX &&
  issued.test(digits) &&
  passesLuhn(digits)

/** Other scripts' digits as 0–9, one character for one UTF-16 unit; text without any comes back as it is. */
const withPlainDigits = (text: string): string =>
  text.replaceAll(/\P{ASCII}/gu, (c) => {
    const width = c.normalize('NFKC')
    if (/^[0-9]$/.test(width)) return width.padEnd(c.length, ' ')
    if (!/\p{Nd}/u.test(c)) return c
    // Digits of a script stand in a row of ten; the first of the row is zero.
    const code = c.codePointAt(0) ?? 0
    let value = 0
    while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value++
    return String(value).padEnd(c.length, ' ')
  })

interface Group {
  readonly start: number
  readonly end: number
}

/** Whether a text holds what reads as a card number outside of the places [start, end) that may hold one. */
export const holdsCardNumber = (text: string, allowed: readonly number[] = []): boolean => {
  if (manyDigits.test(text) && scan(text, allowed)) return true
  if (!beyondAscii.test(text)) return false
  const plain = withPlainDigits(text)
  return manyDigits.test(plain) && scan(plain, allowed)
}

/** As many digits as the shortest number has: most texts have no such place, and are done with here. */
const manyDigits = /[0-9](?:[ .\-\u00a0\u2009\u202f]{0,3}[0-9]){12}/
const beyondAscii = /[\u0080-\uffff]/

const scan = (text: string, allowed: readonly number[]): boolean => {
  const end = text.length
  let at = 0
  while (at < end) {
    if (!isDigit(text.charCodeAt(at))) {
      at++
      continue
    }
    const groups: Group[] = []
    let digits = 0
    for (;;) {
      const start = at
      while (isDigit(text.charCodeAt(at))) at++
      groups.push({ start, end: at })
      digits += at - start
      const next = behindSeparators(text, at)
      if (next === at || !isDigit(text.charCodeAt(next))) break
      at = next
    }
    if (digits >= DIGITS_MIN && anyWindow(text, groups, allowed)) return true
  }
  return false
}

const behindSeparators = (text: string, at: number): number => {
  let next = at
  while (next - at < SEPARATORS_MAX && isSeparator(text.charCodeAt(next))) next++
  return next
}

/** Every run of whole groups: the number may stand between other numbers. A long unbroken run is an account, not a card. */
const anyWindow = (text: string, groups: readonly Group[], allowed: readonly number[]): boolean => {
  for (let first = 0; first < groups.length; first++) {
    let digits = ''
    for (let last = first; last < groups.length && digits.length <= DIGITS_MAX; last++) {
      const from = groups[first]
      const to = groups[last]
      if (!from || !to) break
      digits += text.slice(to.start, to.end)
      if (
        looksLikeCard(digits) &&
        !isAllowed(from.start, to.end, allowed) &&
        !isRandomWord(text, from.start, to.end)
      )
        return true
    }
  }
  return false
}

const isAllowed = (start: number, end: number, allowed: readonly number[]): boolean => {
  for (let i = 0; i + 1 < allowed.length; i += 2)
    if (start >= (allowed[i] ?? 0) && end <= (allowed[i + 1] ?? 0)) return true
  return false
}

const isRandomWord = (text: string, start: number, end: number): boolean => {
  let from = start
  let to = end
  while (from > 0 && isWord(text.charCodeAt(from - 1))) from--
  while (isWord(text.charCodeAt(to))) to++
  return randomWord.test(text.slice(from, to))
}
