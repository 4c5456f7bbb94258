/** One question to the core: packed, sent, and its answer understood, or refused with a problem of ours. */
import { Problem } from '#kernel/problem.ts'
import { coreClosed, coreGarbled, coreRefused, coreUnavailable, coreUnclear } from '../core.ts'
import { type Layout, type RecordOf, garbled, pack, unpack } from './codec.ts'
import { type Operation, otkaz } from './layouts.ts'
import { meanings, opensAt, zone } from './mapping.ts'
import { AnswerLost } from './session.ts'
import type { Log, Sessions } from './sessions.ts'

/** All that a question needs: the sessions, the time, and where to say that something is wrong. */
export interface Wire {
  readonly exchange: Sessions['exchange']
  readonly now: () => Temporal.Instant
  readonly today: () => Temporal.PlainDate
  readonly log: Log
}

/** What the core said, once its status was understood. `more` announces another page. */
export type Told<A extends Layout> =
  | { readonly is: 'done'; readonly records: readonly RecordOf<A>[]; readonly more: boolean }
  | { readonly is: 'unknown' | 'duplicate' }
  | { readonly is: 'rejected'; readonly reasonCode: string }

export interface Question<Q extends Layout, A extends Layout> {
  readonly operation: Operation<Q, A>
  readonly request: RecordOf<Q>
  /** Whose turn it is in the queue. */
  readonly key: string
  readonly urgent?: boolean
}

/** Asks once. Throws `AnswerLost` where the question left and no answer came. */
export const ask = async <Q extends Layout, A extends Layout>(
  wire: Wire,
  { operation, request, key, urgent = false }: Question<Q, A>,
): Promise<Told<A>> => {
  const today = wire.today()
  const line = pack(operation.request, request, today)
  try {
    const answer = await wire.exchange({ operation: operation.code, line }, { key, urgent })
    const meaning = meanings[answer.status]
    if (!meaning)
      throw garbled(
        `${operation.code} was answered with status ${answer.status}, which is not described`,
      )
    switch (meaning.is) {
      case 'done':
        return {
          is: 'done',
          more: answer.more,
          records: answer.lines.map((one) => unpack(operation.reply, one, today)),
        }
      case 'rejected':
        return meaning
      case 'unknown':
      case 'duplicate':
        return { is: meaning.is }
      case 'closed':
        throw closed(answer.lines, wire)
      case 'full':
        throw notTaken('no session left')
      case 'refused':
        throw notTaken(meaning.why)
    }
  } catch (error) {
    // Whatever the core garbles is our operators' business, even where the caller gets over it.
    if (isGarbled(error))
      wire.log.warn({ cause: error.cause, operation: operation.code }, 'the core garbled an answer')
    throw error
  }
}

/** Reading twice does no harm: where the session fell, the question is asked once more. */
export const read = async <Q extends Layout, A extends Layout>(
  wire: Wire,
  question: Question<Q, A>,
): Promise<Told<A>> => {
  try {
    return await ask(wire, question)
  } catch (error) {
    if (!(error instanceof AnswerLost)) throw error
    if (!error.dropped) throw unanswered(error)
  }
  try {
    return await ask(wire, question)
  } catch (error) {
    throw error instanceof AnswerLost ? unanswered(error) : error
  }
}

/**
 * For what the core does once by its reference and tells again when it is asked again: a lost answer is asked for once
 * more, and what stays in doubt is unclear.
 */
export const askAgain = async <T>(asking: () => Promise<T>): Promise<T> => {
  try {
    return await asking()
  } catch (error) {
    if (!(error instanceof AnswerLost) && !isGarbled(error)) throw error
  }
  try {
    return await asking()
  } catch (cause) {
    throw coreUnclear('Ask again by the same reference', { cause, headers: { 'Retry-After': '5' } })
  }
}

/** The one record of an answer; undefined where the core knows nothing by that name. */
export const one = <A extends Layout>(told: Told<A>): RecordOf<A> | undefined => {
  const [record, ...others] = all(told)
  if (told.is === 'done' && (!record || others.length > 0)) throw garbled('one record was expected')
  return record
}

/** The records of an answer; none where the core knows nothing by that name. */
export const all = <A extends Layout>(told: Told<A>): readonly RecordOf<A>[] => {
  switch (told.is) {
    case 'done':
      return told.records
    case 'unknown':
      return []
    case 'duplicate':
      throw notTaken('a duplicate, where nothing could be one')
    case 'rejected':
      throw notTaken(`rejected with ${told.reasonCode}`)
  }
}

export const isGarbled = (error: unknown): error is Problem =>
  error instanceof Problem && error.code === coreGarbled.code

const notTaken = (why: string) =>
  coreRefused('It does not take this request', { cause: new Error(why) })

const unanswered = (cause: AnswerLost) =>
  coreUnavailable('It did not answer in time', { cause, headers: { 'Retry-After': '2' } })

/** Closed: with the time to come back, to the second. */
const closed = ([line]: readonly Buffer[], { now, today }: Wire) => {
  const opens = line && opensAt(unpack(otkaz, line, today()))
  if (!opens) return coreClosed('It works again after its end of day')
  const at = opens
    .toZonedDateTimeISO(zone)
    .toString({ timeZoneName: 'never', smallestUnit: 'second' })
  const seconds = Math.max(1, Math.ceil(now().until(opens).total('seconds')))
  return coreClosed(`It works again at ${at}`, { headers: { 'Retry-After': String(seconds) } })
}
