/** Payee verification: the same question within a day has the same answer, and who tries names is noticed. */
import { z } from 'zod'
import { work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { realTime } from '#platform/turned-clock.ts'
import { actorOf, type Caller } from '../../partner-call.ts'
import type { BankWorld } from '../../world.ts'
import {
  ANSWER_HOURS,
  fingerprintOf,
  type PayeeQuestion,
  PayeeResult,
  SWEEP_MINUTES,
  SWEEP_NAMES,
  verdictOn,
} from './verification.ts'

export const verifyPayee = async (
  bank: BankWorld,
  caller: Caller,
  question: PayeeQuestion,
): Promise<{ result: PayeeResult }> => {
  const { partnerId } = caller
  const now = realTime(bank.now())
  const asked = { partnerId, question: fingerprintOf(bank.keys.questions, partnerId, question) }
  const since = now.subtract({ hours: ANSWER_HOURS })
  const held = await find(bank.db, asked, since)
  const answer = held ?? { result: await answerTo(bank, partnerId, question) }
  return work(bank.db, actorOf(caller), bank.now(), async (w) => {
    const { result } = held ?? (await keep(w, { ...asked, ...answer }, since, now))
    await w.record('payments.payee-verified', caller.callId, { partnerId, result })
    if (held === undefined && result === 'NO_MATCH') {
      const { names } = await misses(w, partnerId, now.subtract({ minutes: SWEEP_MINUTES }))
      if (names === SWEEP_NAMES)
        await w.record('payments.payee-sweep-suspected', partnerId, { partnerId, names })
    }
    return { result }
  })
}

const answerTo = async (
  bank: BankWorld,
  partnerId: string,
  question: PayeeQuestion,
): Promise<PayeeResult> => {
  const core = bank.coreFor(partnerId)
  const account = await core.accountByNumber(question.creditorAccount.identification)
  return verdictOn(question, account, account && (await core.customer(account.owner)))
}

const Answer = z.object({ result: PayeeResult })
interface Asked {
  readonly partnerId: string
  readonly question: Uint8Array
}

const find = (db: Db, { partnerId, question }: Asked, since: Temporal.Instant) =>
  db.maybe(Answer)`
    select result
      from payments.payee_answer
     where partner_id = ${partnerId} and question = ${question} and answered_at > ${since}
  `

/** Keeps an answer, unless one that still holds was kept meanwhile; answers the one that holds. */
const keep = async (
  db: Db,
  asked: Asked & { result: PayeeResult },
  since: Temporal.Instant,
  now: Temporal.Instant,
) => {
  await db.run`
    insert into payments.payee_answer (partner_id, question, result, answered_at)
    values (${asked.partnerId}, ${asked.question}, ${asked.result}, ${now})
    on conflict (partner_id, question) do update
       set result = excluded.result, answered_at = excluded.answered_at
     where payments.payee_answer.answered_at <= ${since}
  `
  return (await find(db, asked, since)) ?? { result: asked.result }
}

const Misses = z.object({ names: z.number() })

const misses = (db: Db, partnerId: string, since: Temporal.Instant) =>
  db.one(Misses)`
    select count(*)::int as names
      from payments.payee_answer
     where partner_id = ${partnerId} and result = 'NO_MATCH' and answered_at > ${since}
  `

export const sweepPayeeAnswers = ({ db, now }: Pick<BankWorld, 'db' | 'now'>) =>
  db.run`
    delete from payments.payee_answer where answered_at <= ${now().subtract({ hours: ANSWER_HOURS })}
  `
