/** The records of this banking system as its manual prints them: fixed width, code page 866, lines ended by CR LF. */
import iconv from 'iconv-lite'

/** `9` digits filled with zeros, `X` text filled with blanks, `S` an amount: digits, the last two tiyin, then the sign. */
type Field = readonly [name: string, picture: '9' | 'X' | 'S', width: number]
type Fields = readonly Field[]
export type Values<F extends Fields> = Readonly<Record<F[number][0], string>>

const define = <const F extends Fields>(...fields: F): F => fields

export const ZAPROS = define(
  ['VID', 'X', 1],
  ['OP', '9', 4],
  ['NOM', '9', 8],
  ['KOL', '9', 3],
  ['REZERV', 'X', 16],
)
export const OTVET = define(
  ['VID', 'X', 1],
  ['OP', '9', 4],
  ['NOM', '9', 8],
  ['KOL', '9', 3],
  ['SOST', '9', 4],
  ['EST', '9', 1],
  ['REZERV', 'X', 11],
)
export const OTKAZ = define(['TEKST', 'X', 60], ['DATAOTK', '9', 6], ['VREMOTK', '9', 6])
export const VHOD = define(['OPER', 'X', 8], ['PAROL', 'X', 12], ['DATA', '9', 6])
export const VHODOK = define(['MFO', '9', 5], ['SEANS', '9', 2], ['DATADN', '9', 6])
export const EHO = define(['TEKST', 'X', 16])
export const KLZAP = define(['NKL', '9', 8])
export const KLIENT = define(
  ['NKL', '9', 8],
  ['TIPKL', '9', 1],
  ['NAIM', 'X', 70],
  ['INN', '9', 9],
  ['PINFL', '9', 14],
  ['DATAREG', '9', 6],
)
export const ANKETA = define(
  ['NKL', '9', 8],
  ['FAM', 'X', 30],
  ['IMYA', 'X', 30],
  ['DATAROJ', '9', 6],
  ['GRAJD', '9', 3],
  ['STRANA', '9', 3],
  ['GOROD', 'X', 30],
  ['ADRES', 'X', 50],
  ['INDEKS', '9', 6],
  ['VIDDOK', '9', 1],
  ['DATAPROV', '9', 6],
)
export const PROVZAP = define(
  ['TIPKL', '9', 1],
  ['NAIM', 'X', 70],
  ['INN', '9', 9],
  ['PINFL', '9', 14],
  ['DATAROJ', '9', 6],
)
export const PROVREZ = define(['REZ', '9', 1], ['SPISOK', '9', 1])
export const SCHZAP = define(['NKL', '9', 8], ['POSLE', '9', 10])
export const SCHPOID = define(['IDSCH', '9', 10])
export const SCHPONOM = define(['NOMSCH', '9', 20])
export const SCHET = define(
  ['IDSCH', '9', 10],
  ['NKL', '9', 8],
  ['NOMSCH', '9', 20],
  ['MFO', '9', 5],
  ['VAL', '9', 3],
  ['NAIMSCH', 'X', 40],
  ['SOSTSCH', '9', 1],
  ['DATAOTKR', '9', 6],
  ['DATAZAKR', '9', 6],
)
export const OSTATOK = define(
  ['IDSCH', '9', 10],
  ['VAL', '9', 3],
  ['OSTATOK', 'S', 18],
  ['BLOK', 'S', 18],
  ['DOSTUP', 'S', 18],
  ['DATA', '9', 6],
  ['VREMYA', '9', 6],
)
export const OSTDZAP = define(['IDSCH', '9', 10], ['DATA', '9', 6])
export const OSTDEN = define(
  ['IDSCH', '9', 10],
  ['VAL', '9', 3],
  ['DATA', '9', 6],
  ['OSTATOK', 'S', 18],
  ['DATANACH', '9', 6],
)
export const PORZAP = define(['IDSCH', '9', 10], ['VIDPOR', '9', 1], ['POSLE', '9', 10])
export const PORUCH = define(
  ['IDSCH', '9', 10],
  ['NPOR', '9', 10],
  ['VIDPOR', '9', 1],
  ['SOSTPOR', '9', 1],
  ['VAL', '9', 3],
  ['SUMMA', 'S', 18],
  ['PERIOD', '9', 1],
  ['DATAPERV', '9', 6],
  ['DATASLED', '9', 6],
  ['DATAKON', '9', 6],
  ['DATAPOSL', '9', 6],
  ['SUMMAPOSL', 'S', 18],
  ['NAIMKOR', 'X', 40],
  ['SCHKOR', '9', 20],
  ['MFOKOR', '9', 5],
  ['NAZN', 'X', 80],
)
export const VYPZAP = define(
  ['IDSCH', '9', 10],
  ['DATAS', '9', 6],
  ['DATAPO', '9', 6],
  ['DONOM', '9', 10],
)
export const PROVOD = define(
  ['IDSCH', '9', 10],
  ['NPROV', '9', 10],
  ['DATAPROV', '9', 6],
  ['DATAVAL', '9', 6],
  ['SUMMA', 'S', 18],
  ['SOSTPR', '9', 1],
  ['NAIMKOR', 'X', 40],
  ['SCHKOR', '9', 20],
  ['MFOKOR', '9', 5],
  ['NAZN', 'X', 80],
)
export const PEREVOD = define(
  ['REFER', 'X', 20],
  ['IDDEB', '9', 10],
  ['SCHKR', '9', 20],
  ['MFOKR', '9', 5],
  ['NAIMKR', 'X', 40],
  ['VAL', '9', 3],
  ['SUMMA', 'S', 18],
  ['NAZN', 'X', 80],
  ['DATADOK', '9', 6],
)
export const PERZAP = define(['REFER', 'X', 20])
export const PERSOST = define(
  ['REFER', 'X', 20],
  ['SOSTPER', '9', 2],
  ['PRICH', '9', 4],
  ['IDDEB', '9', 10],
  ['SCHKR', '9', 20],
  ['MFOKR', '9', 5],
  ['VAL', '9', 3],
  ['SUMMA', 'S', 18],
  ['DATA', '9', 6],
)
export const OTKKART = define(
  ['REFER', 'X', 20],
  ['NKL', '9', 8],
  ['VAL', '9', 3],
  ['DATADOK', '9', 6],
)
export const BLOKZAP = define(
  ['REFER', 'X', 20],
  ['IDSCH', '9', 10],
  ['VAL', '9', 3],
  ['SUMMA', 'S', 18],
  ['NAZN', 'X', 80],
  ['DATADOK', '9', 6],
)
export const BLOKSOST = define(
  ['REFER', 'X', 20],
  ['IDSCH', '9', 10],
  ['VAL', '9', 3],
  ['SUMMA', 'S', 18],
  ['OSTBLOK', 'S', 18],
  ['SOSTBL', '9', 1],
)
export const DVBLOK = define(
  ['REFER', 'X', 20],
  ['REFBLOK', 'X', 20],
  ['VAL', '9', 3],
  ['SUMMA', 'S', 18],
  ['DATADOK', '9', 6],
)
export const DVSOST = define(
  ['REFER', 'X', 20],
  ['VIDDV', '9', 1],
  ['IDSCH', '9', 10],
  ['VAL', '9', 3],
  ['SUMMA', 'S', 18],
)
/** The file of a day: every record 250 characters, its kind and number in front, its control sum at the end. */
export const VYPZAG = define(
  ['VID', 'X', 1],
  ['NSTR', '9', 8],
  ['MFO', '9', 5],
  ['DATA', '9', 6],
  ['NOMF', '9', 6],
  ['DATASOZD', '9', 6],
  ['VREMSOZD', '9', 6],
  ['REZERV', 'X', 207],
  ['KS', '9', 5],
)
export const VYPSCH = define(
  ['VID', 'X', 1],
  ['NSTR', '9', 8],
  ['IDSCH', '9', 10],
  ['VAL', '9', 3],
  ['VHOST', 'S', 18],
  ['OBDEB', 'S', 18],
  ['OBKR', 'S', 18],
  ['ISHOST', 'S', 18],
  ['KOLPR', '9', 8],
  ['REZERV', 'X', 143],
  ['KS', '9', 5],
)
export const VYPPROV = define(
  ['VID', 'X', 1],
  ['NSTR', '9', 8],
  ['NPROV', '9', 10],
  ['IDSCH', '9', 10],
  ['VAL', '9', 3],
  ['DATAPROV', '9', 6],
  ['DATAVAL', '9', 6],
  ['SUMMA', 'S', 18],
  ['ITOG', 'S', 18],
  ['REFER', 'X', 20],
  ['SCHKOR', '9', 20],
  ['MFOKOR', '9', 5],
  ['NAIMKOR', 'X', 40],
  ['NAZN', 'X', 80],
  ['KS', '9', 5],
)
export const VYPBLOK = define(
  ['VID', 'X', 1],
  ['NSTR', '9', 8],
  ['REFER', 'X', 20],
  ['IDSCH', '9', 10],
  ['VAL', '9', 3],
  ['SUMMA', 'S', 18],
  ['REZERV', 'X', 185],
  ['KS', '9', 5],
)
export const VYPITOG = define(
  ['VID', 'X', 1],
  ['NSTR', '9', 8],
  ['KOLSCH', '9', 8],
  ['KOLPR', '9', 8],
  ['KOLBL', '9', 8],
  ['SUMDEB', 'S', 18],
  ['SUMKR', 'S', 18],
  ['SUMBL', 'S', 18],
  ['ITOG', 'S', 18],
  ['REZERV', 'X', 140],
  ['KS', '9', 5],
)

/** One record as a line of characters. Text that is too long is cut, as the old terminals did. */
export const write = <F extends Fields>(fields: F, values: Values<F>): string =>
  fields
    .map(([name, picture, width]) => {
      const value = values[name as F[number][0]]
      if (picture === 'X') return value.slice(0, width).padEnd(width)
      const digits = value.padStart(width, '0')
      if (digits.length !== width) throw new Error(`${name} does not fit in ${width}`)
      return digits
    })
    .join('')

/** Reads a record's line; undefined when it is not one: wrong length, a letter where a digit should be, no sign. */
export const read = <F extends Fields>(fields: F, line: string): Values<F> | undefined => {
  if (line.length !== fields.reduce((sum, [, , width]) => sum + width, 0)) return undefined
  let at = 0
  const values: Record<string, string> = {}
  for (const [name, picture, width] of fields) {
    const raw = line.slice(at, (at += width))
    if (picture === '9' && !/^\d+$/.test(raw)) return undefined
    if (picture === 'S' && !/^\d+[+-]$/.test(raw)) return undefined
    values[name] = picture === 'X' ? raw.trimEnd() : raw
  }
  return values as Values<F>
}

/** Tiyin as this system prints them: seventeen digits and the sign behind. */
export const signed = (tiyin: bigint): string =>
  `${(tiyin < 0n ? -tiyin : tiyin).toString().padStart(17, '0')}${tiyin < 0n ? '-' : '+'}`

export const unsigned = (text: string): bigint =>
  text.endsWith('-') ? -BigInt(text.slice(0, -1)) : BigInt(text.slice(0, -1))

/** `2026-11-22` as 221126; no day as zeros. */
export const ddmmyy = (day: string | undefined): string =>
  day === undefined ? '000000' : `${day.slice(8, 10)}${day.slice(5, 7)}${day.slice(2, 4)}`

/**
 * Text as an operator keyed it in. Code page 866 has Ў, but not Қ, Ғ and Ҳ: banks wrote the nearest Russian
 * letter, so ҚОДИРОВ stands in the books as КОДИРОВ. Everything is in capitals.
 */
export const keyed = (text: string): string =>
  text
    .toUpperCase()
    .replace(/[ҚҒҲ]/g, (letter) => (letter === 'Қ' ? 'К' : letter === 'Ғ' ? 'Г' : 'Х'))

export const bytesOf = (line: string, codePage: 'cp866' | 'windows-1251' = 'cp866'): Buffer =>
  iconv.encode(`${line}\r\n`, codePage)

export const lineOf = (bytes: Buffer): string => iconv.decode(bytes, 'cp866')
