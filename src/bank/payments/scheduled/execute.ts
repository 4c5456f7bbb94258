/** Executes payments whose day has come. The transfer is written under the payment's lock, so each sets out once. */
import { type Work, work } from '#journal/index.ts'
import type { BankWorld } from '../../world.ts'
import type { Carrier } from '../carrier.ts'
import { isRevoked } from '../mandates/index.ts'
import { keepCancelled, writeTransferOf } from '../pay.ts'
import { moved, type Payment } from '../payment.ts'
import * as store from '../store.ts'

const BATCH = 20

/** Answers how many were due. */
export const executeDue = async (
  { db, now, whose }: Pick<BankWorld, 'db' | 'now' | 'whose'>,
  carrier: Carrier,
): Promise<number> => {
  const { references, due } = await work(db, 'system', now(), async (w) => {
    const payments = await store.lockDue(w, { now: w.now, whose }, BATCH)
    const sent: string[] = []
    for (const payment of payments) sent.push(...(await setOut(w, payment)))
    return { references: sent, due: payments.length }
  })
  await carrier.carry(references)
  return due
}

/** A mandate that has ended since pays no more, whether or not its end was heard of (O55). */
const setOut = async (w: Work, payment: Payment): Promise<string[]> => {
  if (payment.origin === 'mandate' && (await isRevoked(w, payment.orderId ?? ''))) {
    await keepCancelled(w, payment, 'CUST')
    return []
  }
  await store.saveStatus(w, moved(payment, { status: 'ACSP' }, w.now))
  await w.record('payments.executed', payment.id, {
    partnerId: payment.partnerId,
    applicationId: payment.applicationId,
  })
  return [await writeTransferOf(w, payment)]
}
