/** Holds for cards at this core: each is done once by its reference, so that a lost answer is asked for again. */
import { assert } from '#kernel/assert.ts'
import { type CoreHolds, type HoldOrder, type HoldUse, coreRefused } from '../core.ts'
import { type Wire, ask, askAgain, one } from './asking.ts'
import { garbled } from './codec.ts'
import { operations } from './layouts.ts'
import { currencyCodeOf, isAccountRef, isReference, type Reply, type Request } from './mapping.ts'
import { carried } from './names.ts'

export const holdsOver = (wire: Wire, key: string | undefined): CoreHolds => {
  const use = async (name: 'captureHold' | 'releaseHold', asked: HoldUse): Promise<void> => {
    const request = useRequest(asked, wire.today())
    const question = { operation: operations[name], request, key: key ?? asked.hold }
    await askAgain(async () => {
      const record = one(await ask(wire, question))
      const kind = name === 'captureHold' ? '1' : '2'
      if (record?.VIDDV !== kind || !isOf(record, request)) throw garbled('another use of a hold')
    })
  }
  return {
    place: async (order) => {
      const request = orderRequest(order, wire.today())
      if (!request) return { status: 'rejected', reasonCode: unplaceable(order) }
      const question = { operation: operations.placeHold, request, key: key ?? order.account }
      return askAgain(async () => {
        const told = await ask(wire, question)
        if (told.is === 'rejected') return { status: 'rejected', reasonCode: told.reasonCode }
        const record = one(told)
        if (!record || record.IDSCH !== order.account || !isOf(record, request))
          throw garbled('another hold than the one that was placed')
        return { status: 'held' }
      })
    },
    capture: (asked) => use('captureHold', asked),
    release: (asked) => use('releaseHold', asked),
    cancel: async (hold) => {
      assert(isReference(hold), 'a reference is 1 to 20 of A–Z and 0–9')
      const request = { REFER: hold }
      const question = { operation: operations.cancelHold, request, key: key ?? hold }
      await askAgain(async () => {
        const record = one(await ask(wire, question))
        if (record?.REFER !== hold) throw garbled('another hold than the one that was cancelled')
      })
    },
    credit: async (order) => {
      const request = orderRequest(order, wire.today())
      if (!request) throw coreRefused('It has no such account in this currency')
      const question = { operation: operations.creditCard, request, key: key ?? order.account }
      await askAgain(async () => {
        const record = one(await ask(wire, question))
        if (!record) throw coreRefused('It has no such account')
        if (record.VIDDV !== '3' || record.IDSCH !== order.account || !isOf(record, request))
          throw garbled('another credit than the one that was sent')
      })
    },
  }
}

/** Undefined where the order names something that this core cannot have. */
const orderRequest = (
  { reference, account, amount, text }: HoldOrder,
  today: Temporal.PlainDate,
): Request<'placeHold'> | undefined => {
  assert(isReference(reference), 'a reference is 1 to 20 of A–Z and 0–9')
  if (amount.minor <= 0n) throw coreRefused('It holds and credits more than nothing')
  const currency = currencyCodeOf(amount.currency)
  if (!currency || !isAccountRef(account)) return undefined
  return {
    REFER: reference,
    IDSCH: account,
    VAL: currency,
    SUMMA: amount.minor,
    NAZN: carried(text, 80),
    DATADOK: today,
  }
}

/** ISO 20022: a currency that it has not, an account that it cannot have. */
const unplaceable = ({ amount }: HoldOrder) => (currencyCodeOf(amount.currency) ? 'AC01' : 'AM03')

const useRequest = (
  { reference, hold, amount }: HoldUse,
  today: Temporal.PlainDate,
): Request<'captureHold'> => {
  assert(isReference(reference) && isReference(hold), 'a reference is 1 to 20 of A–Z and 0–9')
  if (amount.minor <= 0n) throw coreRefused('It moves more than nothing of a hold')
  const currency = currencyCodeOf(amount.currency)
  if (!currency) throw coreRefused('It holds nothing in this currency')
  return {
    REFER: reference,
    REFBLOK: hold,
    VAL: currency,
    SUMMA: amount.minor,
    DATADOK: today,
  }
}

const isOf = (
  record: Pick<Reply<'placeHold'>, 'REFER' | 'VAL' | 'SUMMA'>,
  request: Pick<Request<'placeHold'>, 'REFER' | 'VAL' | 'SUMMA'>,
) => record.REFER === request.REFER && record.VAL === request.VAL && record.SUMMA === request.SUMMA
