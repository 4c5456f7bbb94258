/** Customer files and checks of this core, in the words of `../identity.ts`. */
import { garbled, garbledIn, type RecordOf } from './codec.ts'
import type { CoreIdentities, CoreIdentity, Examination, Examined } from '../identity.ts'
import { one, read, type Wire } from './asking.ts'
import { century } from './century.ts'
import { operations } from './layouts.ts'
import { customerRequest, isCustomerRef } from './mapping.ts'
import { carried, properName } from './names.ts'

type File = RecordOf<(typeof operations)['identity']['reply']>
type Check = RecordOf<(typeof operations)['examination']['request']>
type Result = RecordOf<(typeof operations)['examination']['reply']>

export const identitiesOver = (wire: Wire, key: string | undefined): CoreIdentities => ({
  identity: async (ref) => {
    if (!isCustomerRef(ref)) return undefined
    const question = {
      operation: operations.identity,
      request: customerRequest(ref),
      key: key ?? ref,
    }
    const record = one(await read(wire, question))
    const found = record && identityOf(record, wire.today())
    if (found && found.ref !== ref) throw garbled('the file of another customer')
    return found
  },
  examine: async (subject) => {
    const request = checkRequest(subject, wire.today())
    // A number, a birthday or a name that its records cannot carry is for people to look at.
    if (!request) return { identity: 'unclear', screening: 'unavailable' }
    const question = { operation: operations.examination, request, key: key ?? subject.nationalId }
    const record = one(await read(wire, question))
    if (!record) throw garbled('a check without a result')
    return examinationOf(record)
  },
})

/** ISO 3166-1: the numbers that its files hold. A number that is missing here is not guessed at. */
const countries: Readonly<Record<string, string>> = {
  '031': 'AZ',
  '156': 'CN',
  '276': 'DE',
  '398': 'KZ',
  '410': 'KR',
  '417': 'KG',
  '643': 'RU',
  '762': 'TJ',
  '792': 'TR',
  '795': 'TM',
  '826': 'GB',
  '840': 'US',
  '860': 'UZ',
}

const countryOf = (number: string, field: string): string => {
  const country = countries[number]
  if (country === undefined) throw garbledIn('ANKETA', field)
  return country
}

const identityOf = (record: File, today: Temporal.PlainDate): CoreIdentity => {
  if (record.FAM === '' || record.IMYA === '') throw garbledIn('ANKETA', 'FAM')
  // Two digits of a year can name the next decades; nobody was born there.
  const future = Temporal.PlainDate.compare(record.DATAROJ, today) > 0
  return {
    ref: record.NKL,
    familyName: properName(record.FAM),
    givenName: properName(record.IMYA),
    bornOn: future ? record.DATAROJ.subtract({ years: 100 }) : record.DATAROJ,
    citizenship: countryOf(record.GRAJD, 'GRAJD'),
    residence: countryOf(record.STRANA, 'STRANA'),
    address: {
      street: properName(record.ADRES),
      locality: properName(record.GOROD),
      postalCode: record.INDEKS,
    },
    document: record.VIDDOK === '1' ? 'idcard' : 'passport',
    verifiedOn: record.DATAPROV,
  }
}

const checkRequest = (
  { kind, name, nationalId, bornOn }: Examined,
  today: Temporal.PlainDate,
): Check | undefined => {
  const person = kind === 'person'
  if (!(person ? /^[0-9]{14}$/ : /^[0-9]{9}$/).test(nationalId)) return undefined
  // Two digits of a year name no birthday of a hundred years ago, and nobody was born tomorrow.
  const { first } = century(today)
  if (bornOn && !isBetween(first, bornOn, today)) return undefined
  const written = carried(name, 70).toUpperCase()
  if (written === '' || written.includes('?')) return undefined
  return {
    TIPKL: person ? '1' : '2',
    NAIM: written,
    INN: person ? '000000000' : nationalId,
    PINFL: person ? nationalId : '00000000000000',
    DATAROJ: bornOn ?? undefined,
  }
}

const isBetween = (
  first: Temporal.PlainDate,
  day: Temporal.PlainDate,
  last: Temporal.PlainDate,
): boolean =>
  Temporal.PlainDate.compare(first, day) <= 0 && Temporal.PlainDate.compare(day, last) <= 0

const identities = { '1': 'confirmed', '2': 'contradicted', '3': 'unclear' } as const
const screenings = { '0': 'clear', '1': 'review', '9': 'unavailable' } as const

const examinationOf = ({ REZ, SPISOK }: Result): Examination => ({
  identity: identities[REZ],
  screening: screenings[SPISOK],
})
