/** What happens by itself: reviews go on, money is asked after, arrears are counted, what waited too long lapses. */
import { work } from '#journal/index.ts'
import type { Running } from '#platform/process.ts'
import type { BankWorld } from '../world.ts'
import { lookAfterPayouts } from './carrier.ts'
import { arrearsOf } from './debt.ts'
import { debtOf, type LoanRef } from './loan.ts'
import * as loans from './loan-store.ts'
import { expireApplications, reviewWaiting } from './review.ts'

const BATCH = 50

/** Says of each loan that fell into another bucket that it did; answers of how many. */
export const countArrears = async (bank: BankWorld): Promise<number> => {
  let after: LoanRef | null = null
  let changed = 0
  for (;;) {
    const batch: { last: LoanRef | null; changed: number } = await countBatch(bank, after)
    changed += batch.changed
    if (batch.last === null) return changed
    after = batch.last
  }
}

const countBatch = ({ db, now, zone, whose }: BankWorld, after: LoanRef | null) =>
  work(db, 'system', now(), async (w) => {
    const today = w.now.toZonedDateTimeISO(zone).toPlainDate()
    const late = await loans.lockFallingDue(w, { before: today, after, whose, limit: BATCH })
    const lines = await loans.instalments(
      w,
      late.map(({ ref }) => ref),
    )
    let changed = 0
    for (const loan of late) {
      const { bucket } = arrearsOf(debtOf(loan, lines.get(loan.ref) ?? []), today)
      if (bucket === loan.bucket) continue
      changed += 1
      await loans.save(w, { ...loan, bucket, updatedAt: w.now })
      await w.record('lending.arrears-changed', loan.loanId, {
        partnerId: loan.partnerId,
        applicationId: loan.applicationId,
        bucket,
      })
    }
    return { last: late.length < BATCH ? null : (late.at(-1)?.ref ?? null), changed }
  })

const EVERY_MS = 1_000
/** A day may begin at any moment by a clock that is turned: looking is one indexed query. */
const SELDOM = 30

/** What is looked after in every turn, or seldom. */
const chores = [
  { look: lookAfterPayouts, turns: 1, failed: 'loans could not be asked after at the core' },
  { look: reviewWaiting, turns: 1, failed: 'applications could not be reviewed' },
  { look: expireApplications, turns: SELDOM, failed: 'lapsed applications could not be ended' },
  { look: countArrears, turns: SELDOM, failed: 'arrears could not be counted' },
] as const

/** Everything of loans that is due now. */
export const doDueLoans = async (bank: BankWorld): Promise<void> => {
  while ((await lookAfterPayouts(bank)) > 0);
  while ((await reviewWaiting(bank)) > 0);
  while ((await expireApplications(bank)) > 0);
  await countArrears(bank)
}

export const lookAfterLending = (bank: BankWorld): Running => {
  const stopping = new AbortController()
  let wake: () => void = () => {}
  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, EVERY_MS)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  const run = async () => {
    for (let turn = 0; !stopping.signal.aborted; turn++) {
      // One that fails keeps no other from its turn.
      for (const { look, turns, failed } of chores)
        if (turn % turns === 0)
          await look(bank).catch((error: unknown) => bank.log.error({ err: error }, failed))
      if (!stopping.signal.aborted) await pause()
    }
  }
  const running = run()
  return {
    stop: async () => {
      stopping.abort()
      wake()
      await running
    },
  }
}
