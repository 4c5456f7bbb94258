/**
 * The second net: no card number leaves, or comes in, where none belongs (PCI DSS 4.0.1 §3.4; S44, S45). The first net
 * is that nobody but the vault has any. A number is found through separators, over the borders of strings and numbers
 * of JSON, and in any script's digits.
 */

const DIGITS_MIN = 13
const DIGITS_MAX = 19
const SEPARATORS_MAX = 4
/** Issuer ranges in use here: Visa, Mastercard, Amex, Diners, JCB, UnionPay, Maestro, Mir, UzCard, HUMO. */
const issued = /^(?:4|5[0-8]|2[2-7]|3[0-9]|6|8600|9860)/
/**
 * Words that are made of random hex digits: our ids, UUIDs, digests. And a person's national number, which has fourteen
 * digits, where it says that it is one (ETSI EN 319 412-1 §5.1.3): one in eleven would read as a card.
 */
const randomWord =
  /^(?:(?:[a-z]+_)?(?:[0-9a-f]{32}|[0-9a-f]{64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})|pno[a-z]{2}-[0-9]{14})$/i
/** How people and machines cut a number that stands in pieces of its own: by fours, as Amex, in halves, digit by digit. */
const cut = /^(?:4,4,4,4(?:,[1-3])?|4,4,5|4,6,[45]|8,8|(?:1,){12,18}1)$/

/** What a character can be to a card number. Nothing of a number stands across a breaker. */
const BREAKER = 1
const DIGIT = 2
/** Stands between groups of one number. */
const SEPARATOR = 3
/** Stands between strings or numbers of JSON, or in a list. */
const BORDER = 4
/** May be a digit of another script. */
const FOREIGN = 5

/** By UTF-16 unit; 0 until such a character is met. */
const classes = new Uint8Array(0x10000)
for (let c = 0; c < 0x80; c++) classes[c] = BREAKER
for (const c of '0123456789') classes[c.charCodeAt(0)] = DIGIT
for (const c of " \t\n\r-._/|*#~'()") classes[c.charCodeAt(0)] = SEPARATOR
for (const c of '",[]') classes[c.charCodeAt(0)] = BORDER
for (let c = 0xd800; c < 0xe000; c++) classes[c] = FOREIGN

const classOf = (unit: number): number => classes[unit] || learn(unit)

const learn = (unit: number): number => {
  if (Number.isNaN(unit)) return BREAKER
  const c = String.fromCharCode(unit)
  const found = plainDigit(c) !== undefined ? FOREIGN : /\p{L}/u.test(c) ? BREAKER : SEPARATOR
  classes[unit] = found
  return found
}

/** A digit of any script, or a sign that stands for one, as 0–9. */
const plainDigit = (c: string): string | undefined => {
  const width = c.normalize('NFKC')
  if (/^[0-9]$/.test(width)) return width
  if (!/^\p{Nd}$/u.test(c)) return undefined
  // Digits of a script stand in a row of ten; the first of the row is zero.
  const code = c.codePointAt(0) ?? 0
  let value = 0
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value++
  return String(value)
}

/** Other scripts’ digits as 0–9, other signs as letters or spaces, each as wide as it was. */
const withPlainDigits = (text: string): string =>
  text.replaceAll(/\P{ASCII}/gu, (c) => {
    const fill = /\p{L}/u.test(c) ? 'x' : ' '
    return (plainDigit(c) ?? fill).padEnd(c.length, fill === 'x' ? 'x' : ' ')
  })

const escapes = /\\(?:u[0-9a-fA-F]{4}|.)/g
/** Escapes of JSON, read: a line break separates, an escaped digit is one. */
const withoutEscapes = (text: string): string =>
  text.replaceAll(escapes, (c) =>
    c[1] === 'u' ? String.fromCharCode(Number.parseInt(c.slice(2), 16)) : ' '.repeat(c.length),
  )

/** Whether a text holds what reads as a card number outside of the places [start, end) that may hold one. */
export const holdsCardNumber = (text: string, allowed: readonly number[] = []): boolean => {
  if (!text.includes('\\')) return scan(text, allowed)
  // A digit may be escaped too. Reading it moves the places behind it; what a projection lets out has none of these.
  return (
    scan(text.replaceAll(/\\[^u]/g, '  '), allowed) ||
    (/\\u/.test(text) && scan(withoutEscapes(text), []))
  )
}

/**
 * A number is at least thirteen units wide, so one look at every thirteenth is enough to find each stretch that could
 * hold one: where a breaker stands, none goes through.
 */
const scan = (text: string, allowed: readonly number[]): boolean => {
  const { length } = text
  let at = DIGITS_MIN - 1
  let floor = 0
  while (at < length) {
    if (classOf(text.charCodeAt(at)) === BREAKER) {
      at += DIGITS_MIN
      continue
    }
    let start = at
    while (start > floor && classOf(text.charCodeAt(start - 1)) !== BREAKER) start--
    let end = at + 1
    let digits = 0
    for (let i = start; i < end; i++) if (isDigitLike(classOf(text.charCodeAt(i)))) digits++
    while (end < length) {
      const kind = classOf(text.charCodeAt(end))
      if (kind === BREAKER) break
      if (isDigitLike(kind)) digits++
      end++
    }
    if (digits >= DIGITS_MIN && holdsOne(text, start, end, allowed)) return true
    floor = end
    at = end + DIGITS_MIN
  }
  return false
}

const isDigitLike = (kind: number): boolean => kind === DIGIT || kind === FOREIGN

interface Group {
  readonly start: number
  readonly end: number
  /** Whether a border of JSON stands before it. */
  readonly apart: boolean
}

/** A stretch without breakers: every run of whole groups may be a number. A long unbroken run is an account, not a card. */
const holdsOne = (
  source: string,
  start: number,
  end: number,
  allowed: readonly number[],
): boolean => {
  const written = source.slice(start, end)
  const text = /\P{ASCII}/u.test(written) ? withPlainDigits(written) : written
  let groups: Group[] = []
  let between = 0
  let apart = false
  for (let at = 0; at < text.length;) {
    const kind = classOf(text.charCodeAt(at))
    if (kind === DIGIT) {
      if (between > SEPARATORS_MAX) {
        if (anyWindow(source, start, text, groups, allowed)) return true
        groups = []
      }
      const from = at
      while (classOf(text.charCodeAt(at)) === DIGIT) at++
      groups.push({ start: from, end: at, apart })
      between = 0
      apart = false
      continue
    }
    between += kind === BREAKER ? SEPARATORS_MAX + 1 : 1
    if (kind === BORDER) apart = true
    at++
  }
  return anyWindow(source, start, text, groups, allowed)
}

const anyWindow = (
  source: string,
  offset: number,
  text: string,
  groups: readonly Group[],
  allowed: readonly number[],
): boolean => {
  for (let first = 0; first < groups.length; first++) {
    let digits = ''
    let sizes = ''
    let apart = false
    for (let last = first; last < groups.length && digits.length <= DIGITS_MAX; last++) {
      const from = groups[first]
      const to = groups[last]
      if (!from || !to) break
      if (last > first) apart ||= to.apart
      digits += text.slice(to.start, to.end)
      sizes += `${last > first ? ',' : ''}${to.end - to.start}`
      if (
        looksLikeCard(digits) &&
        (!apart || cut.test(sizes)) &&
        !isAllowed(offset + from.start, offset + to.end, allowed) &&
        !isRandomWord(source, offset + from.start, offset + to.end)
      )
        return true
    }
  }
  return false
}

const looksLikeCard = (digits: string) =>
  digits.length >= DIGITS_MIN &&
  digits.length <= DIGITS_MAX &&
  issued.test(digits) &&
  passesLuhn(digits)

/** ISO/IEC 7812-1 Annex B. */
const passesLuhn = (digits: string): boolean => {
  let sum = 0
  for (let i = digits.length - 1, twice = false; i >= 0; i--, twice = !twice) {
    const digit = digits.charCodeAt(i) - 0x30
    sum += twice ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit
  }
  return sum % 10 === 0
}

const isAllowed = (start: number, end: number, allowed: readonly number[]): boolean => {
  for (let i = 0; i + 1 < allowed.length; i += 2)
    if (start >= (allowed[i] ?? 0) && end <= (allowed[i + 1] ?? 0)) return true
  return false
}

const isWord = (c: number) =>
  (c >= 0x30 && c <= 0x39) ||
  (c >= 0x41 && c <= 0x5a) ||
  (c >= 0x61 && c <= 0x7a) ||
  c === 0x5f ||
  c === 0x2d

const isRandomWord = (text: string, start: number, end: number): boolean => {
  let from = start
  let to = end
  while (from > 0 && isWord(text.charCodeAt(from - 1))) from--
  while (isWord(text.charCodeAt(to))) to++
  return randomWord.test(text.slice(from, to))
}
