/**
 * Packs and unpacks fixed-width records by their layout. It is strict: a record is believed whole, or not at
 * all. What a core sends wrong is `coreGarbled`; what we would send wrong is a bug.
 */
import iconv from 'iconv-lite'
import { assert } from '#kernel/assert.ts'
import { coreGarbled } from '../core.ts'
import { century, fullYear } from './century.ts'
import { remembered } from './remembered.ts'

/** How a field is written. */
export type Picture =
  /** A whole number, zeros in front; at most 15 digits. */
  | { readonly as: 'number' }
  /** Digits that name something: zeros in front belong to it. */
  | { readonly as: 'digits' }
  /** Digits with so many decimals implied, then the sign. */
  | { readonly as: 'amount'; readonly decimals: number }
  /** DDMMYY; where `none` is allowed, six zeros are no day. */
  | { readonly as: 'date'; readonly none: boolean }
  /** HHMMSS. */
  | { readonly as: 'time' }
  /** Left-aligned, filled with blanks. Some systems write nothing but capitals. */
  | { readonly as: 'text'; readonly letters: 'any' | 'capitals' }
  /** One of these. */
  | { readonly as: 'code'; readonly of: readonly string[] }
  /** Reserved: blanks, and no value. */
  | { readonly as: 'blank' }

export interface Field {
  readonly name: string
  readonly at: number
  readonly width: number
  readonly picture: Picture
}

export interface Layout<F extends readonly Field[] = readonly Field[]> {
  readonly name: string
  /** A code page of one byte a character. */
  readonly codePage: 'cp866'
  readonly width: number
  readonly fields: F
}

type ValueOf<P extends Picture> = P extends { as: 'number' }
  ? number
  : P extends { as: 'amount' }
    ? bigint
    : P extends { as: 'date'; none: false }
      ? Temporal.PlainDate
      : P extends { as: 'date' }
        ? Temporal.PlainDate | undefined
        : P extends { as: 'time' }
          ? Temporal.PlainTime
          : P extends { as: 'code'; of: readonly (infer Code)[] }
            ? Code
            : string

/** The values of a record, by the layout's own field names. */
export type RecordOf<L extends Layout> = {
  readonly [
    F in L['fields'][number] as F['picture']['as'] extends 'blank' ? never : F['name']
  ]: ValueOf<F['picture']>
}

type Value = string | number | bigint | Temporal.PlainDate | Temporal.PlainTime | undefined

/** A layout whose fields stand side by side without a gap: said once, checked when the program starts. */
export const layout = <const F extends readonly Field[]>(
  name: string,
  codePage: Layout['codePage'],
  fields: F,
): Layout<F> => {
  let width = 0
  for (const field of fields) {
    assert(
      field.at === width,
      `${name}.${field.name} begins at ${field.at}, but the field before ends at ${width}`,
    )
    width += field.width
  }
  return { name, codePage, width, fields }
}

export const pack = <L extends Layout>(
  layout: L,
  values: RecordOf<L>,
  today: Temporal.PlainDate,
): Buffer => {
  const given: Readonly<Record<string, Value>> = values
  const line = layout.fields
    .map((field) => {
      const written = writtenAs(field, given[field.name], today)
      assert(
        written?.length === field.width,
        `${layout.name}.${field.name} cannot hold what was given`,
      )
      return written
    })
    .join('')
  if (ascii.test(line)) return Buffer.from(line, 'latin1')
  const bytes = iconv.encode(line, layout.codePage)
  assert(
    iconv.decode(bytes, layout.codePage) === line,
    `${layout.name} holds a character that ${layout.codePage} lacks`,
  )
  return bytes
}

export const unpack = <L extends Layout>(
  layout: L,
  bytes: Buffer,
  today: Temporal.PlainDate,
): RecordOf<L> => {
  if (bytes.length !== layout.width)
    throw garbled(`${layout.name} is ${bytes.length} bytes long, not ${layout.width}`)
  const line = decoded(bytes, layout.codePage)
  const values: Record<string, Value> = {}
  for (const field of layout.fields) {
    const read = readAs(field.picture, line.slice(field.at, field.at + field.width), today)
    // The bytes are not repeated: they may be somebody's name.
    if (read === wrong) throw garbled(`${layout.name}.${field.name} is no ${field.picture.as}`)
    if (field.picture.as !== 'blank') values[field.name] = read
  }
  // Each value was read by the picture that its type is computed from.
  return values as RecordOf<L>
}

/** Most records are ASCII to the last byte: those need no table. */
const decoded = (bytes: Buffer, codePage: Layout['codePage']): string => {
  const plain = bytes.toString('latin1')
  return ascii.test(plain) ? plain : iconv.decode(bytes, codePage)
}
// eslint-disable-next-line no-control-regex -- a control character is judged by the field that holds it
const ascii = /^[\0-\x7f]*$/

/** The core's answer breaks its own description. Where is told to us alone, and what stood there to nobody. */
export const garbled = (because: string) =>
  coreGarbled('Its answer does not follow its own description, and was not believed', {
    cause: new Error(because),
  })

/** A field that follows its picture, and still cannot be. */
export const garbledIn = (layout: string, field: string) =>
  garbled(`${layout}.${field} holds what it cannot hold`)

const wrong = Symbol('not in the picture')

const readAs = (picture: Picture, raw: string, today: Temporal.PlainDate): Value | typeof wrong => {
  switch (picture.as) {
    case 'number':
      return digits.test(raw) ? Number(raw) : wrong
    case 'digits':
      return digits.test(raw) ? raw : wrong
    case 'amount': {
      if (!/^\d+[+-]$/.test(raw)) return wrong
      // Old systems know a zero below zero; ours is one zero.
      const whole = BigInt(raw.slice(0, -1))
      return raw.endsWith('-') ? -whole : whole
    }
    case 'date':
      if (picture.none && raw === '000000') return undefined
      return digits.test(raw) ? dayOf(raw, today) : wrong
    case 'time':
      return digits.test(raw) ? timeOf(raw) : wrong
    case 'text': {
      const text = raw.replace(/ +$/, '')
      return isText(text, picture.letters) ? text : wrong
    }
    case 'code':
      return picture.of.includes(raw) ? raw : wrong
    case 'blank':
      return !/[^ ]/.test(raw) ? undefined : wrong
  }
}

const writtenAs = (
  { picture, width }: Field,
  value: Value,
  today: Temporal.PlainDate,
): string | undefined => {
  switch (picture.as) {
    case 'number':
      if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) return undefined
      return String(value).padStart(width, '0')
    case 'digits':
      return typeof value === 'string' && digits.test(value) ? value : undefined
    case 'amount':
      if (typeof value !== 'bigint') return undefined
      return `${(value < 0n ? -value : value).toString().padStart(width - 1, '0')}${value < 0n ? '-' : '+'}`
    case 'date': {
      if (value === undefined && picture.none) return '000000'
      if (!(value instanceof Temporal.PlainDate)) return undefined
      const { first, last } = century(today)
      if (
        Temporal.PlainDate.compare(value, first) < 0 ||
        Temporal.PlainDate.compare(value, last) > 0
      )
        return undefined
      return [value.day, value.month, value.year % 100].map(twoDigits).join('')
    }
    case 'time':
      if (!(value instanceof Temporal.PlainTime)) return undefined
      return [value.hour, value.minute, value.second].map(twoDigits).join('')
    case 'text':
      return typeof value === 'string' && isText(value, picture.letters)
        ? value.padEnd(width)
        : undefined
    case 'code':
      return typeof value === 'string' && picture.of.includes(value) ? value : undefined
    case 'blank':
      return ' '.repeat(width)
  }
}

const digits = /^[0-9]+$/

/** Letters, printable ASCII and the numero sign; a code page's frames and blocks are noise, not text. */
const printable = /^[ -~\p{L}№]*$/u

const isText = (text: string, letters: 'any' | 'capitals') =>
  printable.test(text) && text === text.trim() && (letters === 'any' || text === text.toUpperCase())

const DAYS_MAX = 4_096

const dayOf = (ddmmyy: string, today: Temporal.PlainDate): Temporal.PlainDate | typeof wrong =>
  dayIn(`${ddmmyy}${today.year}`)

/** DDMMYY, and behind it the year in which it is read. */
const dayIn = remembered(DAYS_MAX, (text): Temporal.PlainDate | typeof wrong => {
  try {
    return new Temporal.PlainDate(
      fullYear(twoDigitsAt(text, 4), Number(text.slice(6))),
      twoDigitsAt(text, 2),
      twoDigitsAt(text, 0),
    )
  } catch {
    return wrong
  }
})

const timeOf = (hhmmss: string): Temporal.PlainTime | typeof wrong => {
  const [hour, minute] = [twoDigitsAt(hhmmss, 0), twoDigitsAt(hhmmss, 2)]
  const second = twoDigitsAt(hhmmss, 4)
  return hour < 24 && minute < 60 && second < 60
    ? new Temporal.PlainTime(hour, minute, second)
    : wrong
}

const twoDigitsAt = (text: string, at: number) =>
  (text.charCodeAt(at) - zero) * 10 + text.charCodeAt(at + 1) - zero
const zero = 0x30

const twoDigits = (value: number) => String(value).padStart(2, '0')
