/**
 * The records and operations of the demonstration bank's core, in its own words, as data. `mapping.ts` says
 * what they mean; nothing above this folder ever sees a name that stands here.
 */
import { type Field, type Layout, layout } from './codec.ts'

const number = { as: 'number' } as const
const digits = { as: 'digits' } as const
const amount = { as: 'amount', decimals: 2 } as const
const date = { as: 'date', none: false } as const
const dateOrNone = { as: 'date', none: true } as const
const time = { as: 'time' } as const
const text = { as: 'text', letters: 'any' } as const
const capitals = { as: 'text', letters: 'capitals' } as const
const blank = { as: 'blank' } as const
const oneOf = <const C extends readonly string[]>(...of: C) => ({ as: 'code', of }) as const

const record = <const F extends readonly Field[]>(name: string, fields: F) =>
  layout(name, 'cp866', fields)

/** Every message is a header line and as many record lines as it says, each ended by CR LF. */
export const zapros = record('ZAPROS', [
  { name: 'VID', at: 0, width: 1, picture: oneOf('Z') },
  { name: 'OP', at: 1, width: 4, picture: digits },
  { name: 'NOM', at: 5, width: 8, picture: number },
  { name: 'KOL', at: 13, width: 3, picture: number },
  { name: 'REZERV', at: 16, width: 16, picture: blank },
])
export const otvet = record('OTVET', [
  { name: 'VID', at: 0, width: 1, picture: oneOf('O') },
  { name: 'OP', at: 1, width: 4, picture: digits },
  { name: 'NOM', at: 5, width: 8, picture: number },
  { name: 'KOL', at: 13, width: 3, picture: number },
  { name: 'SOST', at: 16, width: 4, picture: digits },
  { name: 'EST', at: 20, width: 1, picture: oneOf('0', '1') },
  { name: 'REZERV', at: 21, width: 11, picture: blank },
])
/** What stands in place of the record when the core refuses. */
export const otkaz = record('OTKAZ', [
  { name: 'TEKST', at: 0, width: 60, picture: text },
  { name: 'DATAOTK', at: 60, width: 6, picture: dateOrNone },
  { name: 'VREMOTK', at: 66, width: 6, picture: time },
])

const vhod = record('VHOD', [
  { name: 'OPER', at: 0, width: 8, picture: text },
  { name: 'PAROL', at: 8, width: 12, picture: text },
  { name: 'DATA', at: 20, width: 6, picture: date },
])
const vhodok = record('VHODOK', [
  { name: 'MFO', at: 0, width: 5, picture: digits },
  { name: 'SEANS', at: 5, width: 2, picture: number },
  { name: 'DATADN', at: 7, width: 6, picture: date },
])
const eho = record('EHO', [{ name: 'TEKST', at: 0, width: 16, picture: text }])
const klzap = record('KLZAP', [{ name: 'NKL', at: 0, width: 8, picture: digits }])
const klient = record('KLIENT', [
  { name: 'NKL', at: 0, width: 8, picture: digits },
  { name: 'TIPKL', at: 8, width: 1, picture: oneOf('1', '2') },
  { name: 'NAIM', at: 9, width: 70, picture: capitals },
  { name: 'INN', at: 79, width: 9, picture: digits },
  { name: 'PINFL', at: 88, width: 14, picture: digits },
  { name: 'DATAREG', at: 102, width: 6, picture: date },
])
/** The customer file: what was seen when somebody became a customer. */
const anketa = record('ANKETA', [
  { name: 'NKL', at: 0, width: 8, picture: digits },
  { name: 'FAM', at: 8, width: 30, picture: capitals },
  { name: 'IMYA', at: 38, width: 30, picture: capitals },
  { name: 'DATAROJ', at: 68, width: 6, picture: date },
  { name: 'GRAJD', at: 74, width: 3, picture: digits },
  { name: 'STRANA', at: 77, width: 3, picture: digits },
  { name: 'GOROD', at: 80, width: 30, picture: capitals },
  { name: 'ADRES', at: 110, width: 50, picture: capitals },
  { name: 'INDEKS', at: 160, width: 6, picture: digits },
  { name: 'VIDDOK', at: 166, width: 1, picture: oneOf('1', '2') },
  { name: 'DATAPROV', at: 167, width: 6, picture: date },
])
const provzap = record('PROVZAP', [
  { name: 'TIPKL', at: 0, width: 1, picture: oneOf('1', '2') },
  { name: 'NAIM', at: 1, width: 70, picture: capitals },
  { name: 'INN', at: 71, width: 9, picture: digits },
  { name: 'PINFL', at: 80, width: 14, picture: digits },
  { name: 'DATAROJ', at: 94, width: 6, picture: dateOrNone },
])
const provrez = record('PROVREZ', [
  { name: 'REZ', at: 0, width: 1, picture: oneOf('1', '2', '3') },
  { name: 'SPISOK', at: 1, width: 1, picture: oneOf('0', '1', '9') },
])
const schzap = record('SCHZAP', [
  { name: 'NKL', at: 0, width: 8, picture: digits },
  { name: 'POSLE', at: 8, width: 10, picture: digits },
])
const schpoid = record('SCHPOID', [{ name: 'IDSCH', at: 0, width: 10, picture: digits }])
const schponom = record('SCHPONOM', [{ name: 'NOMSCH', at: 0, width: 20, picture: digits }])
const schet = record('SCHET', [
  { name: 'IDSCH', at: 0, width: 10, picture: digits },
  { name: 'NKL', at: 10, width: 8, picture: digits },
  { name: 'NOMSCH', at: 18, width: 20, picture: digits },
  { name: 'MFO', at: 38, width: 5, picture: digits },
  { name: 'VAL', at: 43, width: 3, picture: oneOf('000', '840', '978') },
  { name: 'NAIMSCH', at: 46, width: 40, picture: capitals },
  { name: 'SOSTSCH', at: 86, width: 1, picture: oneOf('1', '2', '3', '4') },
  { name: 'DATAOTKR', at: 87, width: 6, picture: date },
  { name: 'DATAZAKR', at: 93, width: 6, picture: dateOrNone },
])
const ostatok = record('OSTATOK', [
  { name: 'IDSCH', at: 0, width: 10, picture: digits },
  { name: 'VAL', at: 10, width: 3, picture: oneOf('000', '840', '978') },
  { name: 'OSTATOK', at: 13, width: 18, picture: amount },
  { name: 'BLOK', at: 31, width: 18, picture: amount },
  { name: 'DOSTUP', at: 49, width: 18, picture: amount },
  { name: 'DATA', at: 67, width: 6, picture: date },
  { name: 'VREMYA', at: 73, width: 6, picture: time },
])
const ostdzap = record('OSTDZAP', [
  { name: 'IDSCH', at: 0, width: 10, picture: digits },
  { name: 'DATA', at: 10, width: 6, picture: date },
])
const ostden = record('OSTDEN', [
  { name: 'IDSCH', at: 0, width: 10, picture: digits },
  { name: 'VAL', at: 10, width: 3, picture: oneOf('000', '840', '978') },
  { name: 'DATA', at: 13, width: 6, picture: date },
  { name: 'OSTATOK', at: 19, width: 18, picture: amount },
  { name: 'DATANACH', at: 37, width: 6, picture: dateOrNone },
])
const porzap = record('PORZAP', [
  { name: 'IDSCH', at: 0, width: 10, picture: digits },
  { name: 'VIDPOR', at: 10, width: 1, picture: oneOf('1', '2', '3', '4') },
  { name: 'POSLE', at: 11, width: 10, picture: digits },
])
const poruch = record('PORUCH', [
  { name: 'IDSCH', at: 0, width: 10, picture: digits },
  { name: 'NPOR', at: 10, width: 10, picture: digits },
  { name: 'VIDPOR', at: 20, width: 1, picture: oneOf('1', '2', '3', '4') },
  { name: 'SOSTPOR', at: 21, width: 1, picture: oneOf('1', '2') },
  { name: 'VAL', at: 22, width: 3, picture: oneOf('000', '840', '978') },
  { name: 'SUMMA', at: 25, width: 18, picture: amount },
  { name: 'PERIOD', at: 43, width: 1, picture: oneOf('0', '1', '2', '3', '4', '5') },
  { name: 'DATAPERV', at: 44, width: 6, picture: dateOrNone },
  { name: 'DATASLED', at: 50, width: 6, picture: dateOrNone },
  { name: 'DATAKON', at: 56, width: 6, picture: dateOrNone },
  { name: 'DATAPOSL', at: 62, width: 6, picture: dateOrNone },
  { name: 'SUMMAPOSL', at: 68, width: 18, picture: amount },
  { name: 'NAIMKOR', at: 86, width: 40, picture: capitals },
  { name: 'SCHKOR', at: 126, width: 20, picture: digits },
  { name: 'MFOKOR', at: 146, width: 5, picture: digits },
  { name: 'NAZN', at: 151, width: 80, picture: text },
])
const vypzap = record('VYPZAP', [
  { name: 'IDSCH', at: 0, width: 10, picture: digits },
  { name: 'DATAS', at: 10, width: 6, picture: dateOrNone },
  { name: 'DATAPO', at: 16, width: 6, picture: dateOrNone },
  { name: 'DONOM', at: 22, width: 10, picture: digits },
])
const provod = record('PROVOD', [
  { name: 'IDSCH', at: 0, width: 10, picture: digits },
  { name: 'NPROV', at: 10, width: 10, picture: digits },
  { name: 'DATAPROV', at: 20, width: 6, picture: date },
  { name: 'DATAVAL', at: 26, width: 6, picture: date },
  { name: 'SUMMA', at: 32, width: 18, picture: amount },
  { name: 'SOSTPR', at: 50, width: 1, picture: oneOf('0', '1') },
  { name: 'NAIMKOR', at: 51, width: 40, picture: capitals },
  { name: 'SCHKOR', at: 91, width: 20, picture: digits },
  { name: 'MFOKOR', at: 111, width: 5, picture: digits },
  { name: 'NAZN', at: 116, width: 80, picture: text },
])
const perevod = record('PEREVOD', [
  { name: 'REFER', at: 0, width: 20, picture: capitals },
  { name: 'IDDEB', at: 20, width: 10, picture: digits },
  { name: 'SCHKR', at: 30, width: 20, picture: digits },
  { name: 'MFOKR', at: 50, width: 5, picture: digits },
  { name: 'NAIMKR', at: 55, width: 40, picture: capitals },
  { name: 'VAL', at: 95, width: 3, picture: oneOf('000', '840', '978') },
  { name: 'SUMMA', at: 98, width: 18, picture: amount },
  { name: 'NAZN', at: 116, width: 80, picture: text },
  { name: 'DATADOK', at: 196, width: 6, picture: date },
])
const perzap = record('PERZAP', [{ name: 'REFER', at: 0, width: 20, picture: capitals }])
const persost = record('PERSOST', [
  { name: 'REFER', at: 0, width: 20, picture: capitals },
  { name: 'SOSTPER', at: 20, width: 2, picture: oneOf('10', '20', '90') },
  { name: 'PRICH', at: 22, width: 4, picture: digits },
  { name: 'IDDEB', at: 26, width: 10, picture: digits },
  { name: 'SCHKR', at: 36, width: 20, picture: digits },
  { name: 'MFOKR', at: 56, width: 5, picture: digits },
  { name: 'VAL', at: 61, width: 3, picture: oneOf('000', '840', '978') },
  { name: 'SUMMA', at: 64, width: 18, picture: amount },
  { name: 'DATA', at: 82, width: 6, picture: date },
])
const otkkart = record('OTKKART', [
  { name: 'REFER', at: 0, width: 20, picture: capitals },
  { name: 'NKL', at: 20, width: 8, picture: digits },
  { name: 'VAL', at: 28, width: 3, picture: oneOf('000', '840', '978') },
  { name: 'DATADOK', at: 31, width: 6, picture: date },
])
const blokzap = record('BLOKZAP', [
  { name: 'REFER', at: 0, width: 20, picture: capitals },
  { name: 'IDSCH', at: 20, width: 10, picture: digits },
  { name: 'VAL', at: 30, width: 3, picture: oneOf('000', '840', '978') },
  { name: 'SUMMA', at: 33, width: 18, picture: amount },
  { name: 'NAZN', at: 51, width: 80, picture: text },
  { name: 'DATADOK', at: 131, width: 6, picture: date },
])
const bloksost = record('BLOKSOST', [
  { name: 'REFER', at: 0, width: 20, picture: capitals },
  { name: 'IDSCH', at: 20, width: 10, picture: digits },
  { name: 'VAL', at: 30, width: 3, picture: oneOf('000', '840', '978') },
  { name: 'SUMMA', at: 33, width: 18, picture: amount },
  { name: 'OSTBLOK', at: 51, width: 18, picture: amount },
  { name: 'SOSTBL', at: 69, width: 1, picture: oneOf('1', '2') },
])
const dvblok = record('DVBLOK', [
  { name: 'REFER', at: 0, width: 20, picture: capitals },
  { name: 'REFBLOK', at: 20, width: 20, picture: capitals },
  { name: 'VAL', at: 40, width: 3, picture: oneOf('000', '840', '978') },
  { name: 'SUMMA', at: 43, width: 18, picture: amount },
  { name: 'DATADOK', at: 61, width: 6, picture: date },
])
const dvsost = record('DVSOST', [
  { name: 'REFER', at: 0, width: 20, picture: capitals },
  { name: 'VIDDV', at: 20, width: 1, picture: oneOf('1', '2', '3') },
  { name: 'IDSCH', at: 21, width: 10, picture: digits },
  { name: 'VAL', at: 31, width: 3, picture: oneOf('000', '840', '978') },
  { name: 'SUMMA', at: 34, width: 18, picture: amount },
])

/**
 * The file of a day, which the core puts down when the day is over: a head, each account, each line that was booked with
 * the running total, each block that stands, a tail with counts and sums. `KS` is the control sum of what stands before.
 */
export const vypiska = {
  H: record('VYPZAG', [
    { name: 'VID', at: 0, width: 1, picture: oneOf('H') },
    { name: 'NSTR', at: 1, width: 8, picture: number },
    { name: 'MFO', at: 9, width: 5, picture: digits },
    { name: 'DATA', at: 14, width: 6, picture: date },
    { name: 'NOMF', at: 20, width: 6, picture: number },
    { name: 'DATASOZD', at: 26, width: 6, picture: date },
    { name: 'VREMSOZD', at: 32, width: 6, picture: time },
    { name: 'REZERV', at: 38, width: 207, picture: blank },
    { name: 'KS', at: 245, width: 5, picture: number },
  ]),
  S: record('VYPSCH', [
    { name: 'VID', at: 0, width: 1, picture: oneOf('S') },
    { name: 'NSTR', at: 1, width: 8, picture: number },
    { name: 'IDSCH', at: 9, width: 10, picture: digits },
    { name: 'VAL', at: 19, width: 3, picture: oneOf('000', '840', '978') },
    { name: 'VHOST', at: 22, width: 18, picture: amount },
    { name: 'OBDEB', at: 40, width: 18, picture: amount },
    { name: 'OBKR', at: 58, width: 18, picture: amount },
    { name: 'ISHOST', at: 76, width: 18, picture: amount },
    { name: 'KOLPR', at: 94, width: 8, picture: number },
    { name: 'REZERV', at: 102, width: 143, picture: blank },
    { name: 'KS', at: 245, width: 5, picture: number },
  ]),
  P: record('VYPPROV', [
    { name: 'VID', at: 0, width: 1, picture: oneOf('P') },
    { name: 'NSTR', at: 1, width: 8, picture: number },
    { name: 'NPROV', at: 9, width: 10, picture: digits },
    { name: 'IDSCH', at: 19, width: 10, picture: digits },
    { name: 'VAL', at: 29, width: 3, picture: oneOf('000', '840', '978') },
    { name: 'DATAPROV', at: 32, width: 6, picture: date },
    { name: 'DATAVAL', at: 38, width: 6, picture: date },
    { name: 'SUMMA', at: 44, width: 18, picture: amount },
    { name: 'ITOG', at: 62, width: 18, picture: amount },
    { name: 'REFER', at: 80, width: 20, picture: capitals },
    { name: 'SCHKOR', at: 100, width: 20, picture: digits },
    { name: 'MFOKOR', at: 120, width: 5, picture: digits },
    { name: 'NAIMKOR', at: 125, width: 40, picture: capitals },
    { name: 'NAZN', at: 165, width: 80, picture: text },
    { name: 'KS', at: 245, width: 5, picture: number },
  ]),
  B: record('VYPBLOK', [
    { name: 'VID', at: 0, width: 1, picture: oneOf('B') },
    { name: 'NSTR', at: 1, width: 8, picture: number },
    { name: 'REFER', at: 9, width: 20, picture: capitals },
    { name: 'IDSCH', at: 29, width: 10, picture: digits },
    { name: 'VAL', at: 39, width: 3, picture: oneOf('000', '840', '978') },
    { name: 'SUMMA', at: 42, width: 18, picture: amount },
    { name: 'REZERV', at: 60, width: 185, picture: blank },
    { name: 'KS', at: 245, width: 5, picture: number },
  ]),
  T: record('VYPITOG', [
    { name: 'VID', at: 0, width: 1, picture: oneOf('T') },
    { name: 'NSTR', at: 1, width: 8, picture: number },
    { name: 'KOLSCH', at: 9, width: 8, picture: number },
    { name: 'KOLPR', at: 17, width: 8, picture: number },
    { name: 'KOLBL', at: 25, width: 8, picture: number },
    { name: 'SUMDEB', at: 33, width: 18, picture: amount },
    { name: 'SUMKR', at: 51, width: 18, picture: amount },
    { name: 'SUMBL', at: 69, width: 18, picture: amount },
    { name: 'ITOG', at: 87, width: 18, picture: amount },
    { name: 'REZERV', at: 105, width: 140, picture: blank },
    { name: 'KS', at: 245, width: 5, picture: number },
  ]),
} as const

/** One operation: its number, the record it asks with, and the record it answers with. */
export interface Operation<Q extends Layout = Layout, A extends Layout = Layout> {
  readonly code: string
  readonly request: Q
  readonly reply: A
}

export const operations = {
  signOn: { code: '0100', request: vhod, reply: vhodok },
  customer: { code: '0210', request: klzap, reply: klient },
  identity: { code: '0230', request: klzap, reply: anketa },
  examination: { code: '0240', request: provzap, reply: provrez },
  accounts: { code: '0220', request: schzap, reply: schet },
  account: { code: '0310', request: schpoid, reply: schet },
  accountByNumber: { code: '0320', request: schponom, reply: schet },
  balance: { code: '0330', request: schpoid, reply: ostatok },
  dayEnd: { code: '0335', request: ostdzap, reply: ostden },
  entries: { code: '0340', request: vypzap, reply: provod },
  arrangements: { code: '0350', request: porzap, reply: poruch },
  transfer: { code: '0410', request: perevod, reply: persost },
  transferInquiry: { code: '0420', request: perzap, reply: persost },
  openCardAccount: { code: '0510', request: otkkart, reply: schet },
  placeHold: { code: '0610', request: blokzap, reply: bloksost },
  captureHold: { code: '0620', request: dvblok, reply: dvsost },
  releaseHold: { code: '0630', request: dvblok, reply: dvsost },
  cancelHold: { code: '0640', request: perzap, reply: perzap },
  creditCard: { code: '0650', request: blokzap, reply: dvsost },
  echo: { code: '0900', request: eho, reply: eho },
} as const satisfies Record<string, Operation>

/** The operation that the core puts in a header when it speaks without being asked: a session refused at the door. */
export const unasked = '0000'

/** Every record there is, for whoever checks them all. */
export const allLayouts: readonly Layout[] = [
  zapros,
  otvet,
  otkaz,
  ...Object.values(vypiska),
  ...Object.values(operations).flatMap(({ request, reply }) => [request, reply]),
]
