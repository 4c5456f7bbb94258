/** The past of an account, and what is arranged on it, in the core's records and in the words of `core.ts`. */
import type { Money } from '#kernel/money.ts'
import type { CoreArrangement, CoreFrequency } from '../arrangement.ts'
import type { CoreDayEnd } from '../core.ts'
import { garbledIn } from './codec.ts'
import { currencies, moneyOf, type Reply, type Request, within } from './mapping.ts'
import { properName, sentence } from './names.ts'

/** Days that two digits of a year cannot say are the nearest ones that they can. */
export const dayEndRequest = (
  ref: string,
  day: Temporal.PlainDate,
  today: Temporal.PlainDate,
): Request<'dayEnd'> => ({ IDSCH: ref, DATA: within(day, today) })

export const dayEndOf = (record: Reply<'dayEnd'>, asked: Request<'dayEnd'>): CoreDayEnd => {
  if (record.IDSCH !== asked.IDSCH) throw garbledIn('OSTDEN', 'IDSCH')
  if (!record.DATA.equals(asked.DATA)) throw garbledIn('OSTDEN', 'DATA')
  return {
    booked: moneyOf(record.OSTATOK, currencies[record.VAL]),
    ...(record.DATANACH && { since: record.DATANACH }),
  }
}

const kinds = {
  '1': 'standing-order',
  '2': 'direct-debit',
  '3': 'scheduled-payment',
  '4': 'beneficiary',
} as const satisfies Record<string, CoreArrangement['kind']>

const codes = ['1', '2', '3', '4'] as const

export const isArrangementRef = (ref: string) => /^[0-9]{10}$/.test(ref)

export const arrangementsRequest = (
  ref: string,
  kind: CoreArrangement['kind'],
  after: string | undefined,
): Request<'arrangements'> => ({
  IDSCH: ref,
  VIDPOR: codes.find((code) => kinds[code] === kind) ?? '1',
  POSLE: after ?? '0000000000',
})

const frequencies: Readonly<Record<string, CoreFrequency>> = {
  '1': 'daily',
  '2': 'weekly',
  '3': 'monthly',
  '4': 'quarterly',
  '5': 'yearly',
}

type Poruch = Reply<'arrangements'>

export const arrangementOf = (record: Poruch, asked: Request<'arrangements'>): CoreArrangement => {
  if (record.IDSCH !== asked.IDSCH) throw garbledIn('PORUCH', 'IDSCH')
  if (record.VIDPOR !== asked.VIDPOR) throw garbledIn('PORUCH', 'VIDPOR')
  const arranged = {
    ref: record.NPOR,
    payee: { name: properName(record.NAIMKOR), number: record.SCHKOR, bankCode: record.MFOKOR },
    text: sentence(record.NAZN),
  }
  const kind = kinds[record.VIDPOR]
  switch (kind) {
    case 'beneficiary':
      return { kind, ...arranged }
    case 'scheduled-payment':
      return { kind, ...arranged, amount: amountOf(record), dueOn: dayOf(record, 'DATAPERV') }
    case 'direct-debit':
      return {
        kind,
        ...arranged,
        status: statuses[record.SOSTPOR],
        frequency: frequencyOf(record),
        ...(record.DATAPOSL && {
          last: {
            on: record.DATAPOSL,
            amount: moneyOf(record.SUMMAPOSL, currencies[record.VAL]),
          },
        }),
      }
    case 'standing-order':
      return {
        kind,
        ...arranged,
        status: statuses[record.SOSTPOR],
        amount: amountOf(record),
        frequency: frequencyOf(record),
        firstOn: dayOf(record, 'DATAPERV'),
        ...(statuses[record.SOSTPOR] === 'active' && { nextOn: dayOf(record, 'DATASLED') }),
        ...(record.DATAKON && { finalOn: record.DATAKON }),
      }
  }
}

const statuses = { '1': 'active', '2': 'ended' } as const

const amountOf = (record: Poruch): Money => {
  if (record.SUMMA <= 0n) throw garbledIn('PORUCH', 'SUMMA')
  return moneyOf(record.SUMMA, currencies[record.VAL])
}

const frequencyOf = (record: Poruch): CoreFrequency => {
  const frequency = frequencies[record.PERIOD]
  if (!frequency) throw garbledIn('PORUCH', 'PERIOD')
  return frequency
}

const dayOf = (record: Poruch, name: 'DATAPERV' | 'DATASLED'): Temporal.PlainDate => {
  const day = record[name]
  if (!day) throw garbledIn('PORUCH', name)
  return day
}
