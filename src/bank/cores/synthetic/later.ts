/** What the make-believe bank does by itself when its time comes: money that goes on, and what is arranged for a day. */
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import type { Db, Postgres } from '#platform/db.ts'
import { nextDue } from '../arrangement.ts'
import type { TransferOrder } from '../core.ts'
import { arrangedFor, drawn } from './arrangements.ts'
import { payIncomes } from './income.ts'
import { Party } from './onward.ts'
import * as store from './store.ts'
import { transferOnce } from './transferring.ts'

export interface Hour {
  readonly now: Temporal.Instant
  /** Where the bank's days begin. */
  readonly zone: string
}

const Waiting = z.object({
  reference: z.string(),
  dueAt: z.instanceof(Temporal.Instant),
  from: z.string(),
  to: z.string(),
  minor: z.bigint(),
  text: z.string(),
  payer: Party,
  payee: Party,
})

const BATCH = 100

/** Does whatever fell due in the books until now, in order, and answers when something does next: tomorrow at the latest. */
export const doDueInBooks = async (db: Postgres, hour: Hour): Promise<Temporal.Instant> => {
  const { now, zone } = hour
  const today = dayOf(hour, now)
  const { last } = await db.one(Begun)`select max(day) as last from synthetic.begun`
  let next = await nextOnward(db)
  const until = async (moment: Temporal.Instant) => {
    if (!next || Temporal.Instant.compare(next, moment) > 0) return
    while ((await goOn(db, moment, zone)) === BATCH);
    next = await nextOnward(db)
  }
  // Books that no day began in begin with this one.
  for (
    let day = last?.add({ days: 1 }) ?? today;
    Temporal.PlainDate.compare(day, today) <= 0;
    day = day.add({ days: 1 })
  ) {
    await until(day.toZonedDateTime(zone).toInstant())
    await beginDay(db, day, hour)
    next = await nextOnward(db)
  }
  await until(now)
  const tomorrow = today.add({ days: 1 }).toZonedDateTime(zone).toInstant()
  return next && Temporal.Instant.compare(next, tomorrow) < 0 ? next : tomorrow
}

const dayOf = ({ zone }: Pick<Hour, 'zone'>, at: Temporal.Instant) =>
  at.toZonedDateTimeISO(zone).toPlainDate()

const Next = z.object({ at: z.instanceof(Temporal.Instant).nullable() })

const nextOnward = async (db: Db): Promise<Temporal.Instant | null> =>
  (await db.one(Next)`select min(due_at) as at from synthetic.later where posting_id is null`).at

const goOn = (db: Postgres, until: Temporal.Instant, zone: string): Promise<number> =>
  db.transaction(async (tx) => {
    const due = await tx.many(Waiting)`
      select reference, due_at as "dueAt", from_account as "from", to_account as "to", amount_minor as minor, text, payer, payee
        from synthetic.later
       where posting_id is null and due_at <= ${until}
       order by due_at, reference
       limit ${BATCH}
         for update skip locked
    `
    for (const { reference, dueAt, from, to, minor, text, payer, payee } of due) {
      await store.lockAccounts(tx, [from, to])
      const entries = [
        { account: from, minor: -minor, counterparty: payee },
        { account: to, minor, counterparty: payer },
      ]
      const [posting] = await store.addPostings(tx, [
        { bookedOn: dayOf({ zone }, dueAt), text, entries },
      ])
      assert(posting !== undefined, 'a posting that was written has an id')
      await tx.run`update synthetic.later set posting_id = ${posting} where reference = ${reference}`
    }
    return due.length
  })

const Begun = z.object({ last: z.instanceof(Temporal.PlainDate).nullable() })

/** Does what is arranged for a day, once: income comes, then standing orders, payments of that day, and direct debits. */
const beginDay = (db: Postgres, day: Temporal.PlainDate, { now, zone }: Hour): Promise<void> =>
  db.transaction(async (tx) => {
    const begins =
      await tx.run`insert into synthetic.begun (day) values (${day}) on conflict do nothing`
    if (begins === 0) return
    const opens = day.toZonedDateTime(zone).toInstant()
    const at = { now: Temporal.Instant.compare(opens, now) < 0 ? opens : now, today: day }
    await payIncomes(tx, at)
    for (const one of await arrangedFor(tx, day)) {
      const { ref, account, text, payee, number, bankCode, currency } = one
      // A direct debit is drawn as it was drawn last, and comes round from there.
      const isDrawn = one.kind === 'direct-debit'
      const [firstOn, minor] = isDrawn ? [one.lastOn, one.lastMinor] : [one.firstOn, one.minor]
      assert(firstOn && minor !== null, 'what is paid by itself has a day and an amount')
      const turn =
        one.frequency === null
          ? firstOn
          : nextDue(
              { firstOn, frequency: one.frequency, ...(one.finalOn && { finalOn: one.finalOn }) },
              day,
            )
      if (!turn?.equals(day)) continue
      const order: TransferOrder = {
        reference: `${ref}D${day.toString().replaceAll('-', '')}`,
        debtor: account,
        creditor: { number, bankCode, name: payee },
        amount: { minor, currency },
        text,
      }
      // Where too little is there it is refused, and the day is over: a bank does not try again the next one.
      const { status } = await transferOnce(tx, order, at)
      if (isDrawn && status !== 'rejected') await drawn(tx, ref, day)
    }
  })
