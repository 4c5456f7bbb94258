/** Pays files line by line. A line and its payment are written together, so that no death loses or doubles one. */
import { assert } from '#kernel/assert.ts'
import { type Work, work } from '#journal/index.ts'
import type { BankWorld } from '../../world.ts'
import { received } from '../approval.ts'
import type { Carrier } from '../carrier.ts'
import { writePayment } from '../pay.ts'
import { type Payment, PaymentId } from '../payment.ts'
import { dayOf } from '../scheduled/calendar.ts'
import { type Bulk, type Line, movedBulk, outcomeOf } from './bulk.ts'
import * as store from './store.ts'

/** Files side by side, and lines of each at a time: a large file does not keep a small one waiting. */
const FILES = 4
const LINES = 25

/** Answers how many lines set out. */
export const executeBulk = async (
  { db, now, zone, whose }: Pick<BankWorld, 'db' | 'now' | 'zone' | 'whose'>,
  carrier: Carrier,
): Promise<number> => {
  const references = await work(db, 'system', now(), async (w) => {
    const sent: string[] = []
    for (const bulk of await store.lockDue(w, { now: w.now, whose }, FILES))
      sent.push(...(await goOn(w, bulk, dayOf({ zone }, w.now))))
    return sent
  })
  await carrier.carry(references)
  return references.length
}

/** The next lines of a file; or, where none is left and none is under way, its end. */
const goOn = async (w: Work, bulk: Bulk, today: Temporal.PlainDate): Promise<string[]> => {
  const running = bulk.status === 'ACCP' ? movedBulk(bulk, { status: 'ACSP' }, w.now) : bulk
  if (running !== bulk) await store.save(w, running)
  const lines = await store.waitingLines(w, bulk.id, LINES)
  if (lines.length === 0) {
    await end(w, running)
    return []
  }
  const sent: string[] = []
  for (const line of lines) {
    const payment = paymentOf(running, line, { today, now: w.now })
    const references = await writePayment(w, payment)
    assert(references, 'a line without a payment gets one')
    await store.linePaid(w, bulk.id, line.line, payment.id)
    sent.push(...references)
  }
  return sent
}

const end = async (w: Work, bulk: Bulk) => {
  const tally = await store.tally(w, bulk.id)
  const status = outcomeOf(tally)
  if (status === undefined) return
  // The lines say why; of the whole there is no single ISO reason (NARR).
  const to = status === 'RJCT' ? { status, reasonCode: 'NARR' } : { status }
  await store.save(w, movedBulk(bulk, to, w.now))
  const { partnerId, applicationId } = bulk
  await w.record('payments.bulk-completed', bulk.id, { partnerId, applicationId, status, ...tally })
}

const paymentOf = (
  bulk: Bulk,
  line: Line,
  { today, now }: { today: Temporal.PlainDate; now: Temporal.Instant },
): Payment => {
  const { consentId, debtorRef, debtorAccountId, debtorBank } = bulk
  const { amountMinor, creditorNumber, creditorName } = line
  assert(
    consentId !== null && debtorRef !== null && debtorAccountId !== null && debtorBank !== null,
    'a file that is executed was authorised',
  )
  assert(
    amountMinor !== null && creditorNumber !== null && creditorName !== null,
    'a line that is paid is sound',
  )
  return {
    id: PaymentId.next(),
    partnerId: bulk.partnerId,
    applicationId: bulk.applicationId,
    // No partner's key holds a colon.
    idempotencyKey: `${bulk.id}:${line.line}`,
    bodySha256: bulk.bodySha256,
    consentId,
    debtorRef,
    debtorAccountId,
    amountMinor,
    currency: bulk.currency,
    creditorNumber,
    creditorBank: line.creditorBank ?? debtorBank,
    creditorBankGiven: line.creditorBank !== null,
    creditorName,
    instructionId: null,
    endToEndId: line.endToEndId,
    remittance: line.remittance,
    origin: 'bulk',
    orderId: bulk.id,
    orderPosition: line.line,
    requestedOn: bulk.requestedOn,
    executesOn: today,
    executeAt: null,
    ...received(now),
  }
}
