import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { uuidv7 } from '#kernel/id.ts'
import { amountOf } from '#kernel/money.ts'
import { readEntries } from '#journal/index.ts'
import { sha256url } from '#platform/jose.ts'
import { freshDatabase } from '#test/world.ts'
import { callBy, enrol, newPartner, openTrial, refs, uzs } from '../trial.ts'
import { createPayment, getPayment, openCarrier } from './index.ts'
import { followTransfers } from './jobs.ts'
import { moved, PaymentRequest, PaymentStatus, paymentTransitions } from './payment.ts'
import { makeAllDue } from './transfer-store.ts'
import { orderOf, Transfer } from './transfer.ts'
import * as transfers from './transfer-store.ts'

const database = await freshDatabase('cell')
const trial = await openTrial(database.as('bank'))
const { bank, carrier } = trial
const pottery = await trial.accountOf(refs.pottery)

/** A customer's consent to pay the pottery, and the partner's call with it. */
const approved = async (
  minor = 1_000_000_00n,
  more: { debtor?: string; bankCode?: string } = {},
) => {
  const partnerId = newPartner()
  const { subject, id } = await enrol(trial, partnerId, refs.payer.owner)
  const body = {
    instructedAmount: { amount: amountOf(uzs(minor)), currency: 'UZS' },
    creditorAccount: {
      schemeName: 'UZ.AccountNumber',
      identification: pottery.number,
      ...(more.bankCode !== undefined && { bankCode: more.bankCode }),
    },
    creditorName: 'Rishton Pottery',
    endToEndIdentification: 'ORDER-1',
  }
  const detail = {
    type: 'urn:bank:payment:v1',
    ...body,
    accounts: [id(more.debtor ?? refs.payer.current)],
  }
  const caller = callBy(partnerId, 'createPayment', {
    subject,
    consentId: `consent_${uuidv7()}`,
    details: [detail],
    bodySha256: sha256url(JSON.stringify(body)),
  })
  return { caller, body, request: PaymentRequest.parse(body) }
}
type Approved = Awaited<ReturnType<typeof approved>>
const pay = ({ caller, request }: Approved) => createPayment(bank, carrier, caller, request)
const again = async ({ caller }: Approved, { id }: Awaited<ReturnType<typeof pay>>) =>
  getPayment(bank, caller, id)
const withoutOutcome = async (a: Approved) => {
  const silent = { ...carrier, carry: async () => {} }
  const payment = await createPayment(bank, silent, a.caller, a.request)
  const transfer = await transferOf(payment.id)
  return { payment, transfer }
}
const transferOf = (paymentId: string) =>
  database.owner.one(z.object({ reference: z.string() }))`
      select reference from payments.transfer where payment_id = ${paymentId}
    `.then(({ reference }) => transfers.find(bank.db, reference))
const timesSent = (reference: string) => trial.sent.filter((r) => r === reference).length

test('a payment that the customer approved moves the money, once', async () => {
  const before = await trial.booked(refs.pottery)
  const a = await approved()

  const payment = await pay(a)

  assert.equal(payment.status, 'ACSC')
  assert.equal((await trial.booked(refs.pottery)) - before, 1_000_000_00n)
  assert.equal(timesSent((await transferOf(payment.id)).reference), 1)
  const events = (await readEntries(bank.db, 0n)).filter(({ subject }) => subject === payment.id)
  assert.deepEqual(
    events.map(({ event }) => event),
    ['payments.created', 'payments.settled'],
  )
})

test('twenty tries with one key are one payment', async () => {
  const before = await trial.booked(refs.pottery)
  const a = await approved(7_00n)

  const payments = await Promise.all(Array.from({ length: 20 }, () => pay(a)))

  assert.equal(new Set(payments.map(({ id }) => id)).size, 1)
  assert.equal((await trial.booked(refs.pottery)) - before, 7_00n)
})

test('one key for two bodies is refused', async () => {
  const a = await approved()
  await pay(a)
  await assert.rejects(pay({ ...a, caller: { ...a.caller, bodySha256: sha256url('other') } }), {
    code: 'gateway/idempotency-key-reused',
    status: 422,
  })
})

test('a consent pays once, however many keys ask at the same moment', async () => {
  const before = await trial.booked(refs.pottery)
  const a = await approved(3_00n)

  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, () =>
      pay({ ...a, caller: { ...a.caller, idempotencyKey: uuidv7() } }),
    ),
  )

  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
  for (const o of outcomes)
    if (o.status === 'rejected')
      assert.equal((o.reason as { code: string }).code, 'consents/exceeded')
  assert.equal((await trial.booked(refs.pottery)) - before, 3_00n)
})

test('PSD2 RTS Art. 5: an amount, payee or reference that the customer did not see is refused', async () => {
  const a = await approved()
  const others: Partial<PaymentRequest>[] = [
    { instructedAmount: uzs(1_000_000_01n) },
    { instructedAmount: { minor: 1_000_000_00n, currency: 'USD' } },
    { creditorAccount: { ...a.request.creditorAccount, identification: '8'.repeat(20) } },
    { creditorAccount: { ...a.request.creditorAccount, bankCode: '00014' } },
    { creditorName: 'Rishton Potery' },
    { endToEndIdentification: 'ORDER-2' },
    { endToEndIdentification: undefined },
  ]
  for (const other of others)
    await assert.rejects(pay({ ...a, request: { ...a.request, ...other } }), {
      code: 'payments/differs-from-consent',
      status: 400,
    })
  assert.equal((await pay(a)).status, 'ACSC')
})

test('without a consent, with one of another kind, or for an account that is not in it, nothing is paid', async () => {
  const a = await approved()
  const without = (more: object) => pay({ ...a, caller: { ...a.caller, ...more } })
  const [detail] = a.caller.details
  await assert.rejects(without({ consentId: null }), { code: 'consents/missing' })
  await assert.rejects(without({ details: [] }), { code: 'consents/missing' })
  const foreign = { ...detail, accounts: [`acc_${'0'.repeat(32)}`] }
  await assert.rejects(without({ details: [foreign] }), { code: 'consents/exceeded' })
  await assert.rejects(without({ subject: 'sub_other' }), { code: 'consents/exceeded' })
})

test('a payment without cover is rejected with its reason, and its consent is used', async () => {
  const a = await approved(9_000_000_000_000_00n)
  const payment = await pay(a)
  assert.deepEqual([payment.status, payment.reasonCode], ['RJCT', 'AM04'])
  await assert.rejects(pay({ ...a, caller: { ...a.caller, idempotencyKey: uuidv7() } }), {
    code: 'consents/exceeded',
  })
})

test('nothing, and another currency than the account’s, cannot be paid', async () => {
  const nothing = await approved(0n)
  await assert.rejects(pay(nothing), { code: 'payments/amount-invalid' })
  await assert.rejects(pay(await approved(1_00n, { debtor: refs.payer.dollars })), {
    code: 'payments/amount-invalid',
  })
})

test('a payment whose answer was lost is found out by inquiry, and was sent once', async () => {
  const before = await trial.booked(refs.pottery)
  const a = await approved(11_00n)
  trial.faults.push('lost')

  const payment = await pay(a)
  assert.equal(payment.status, 'PDNG')
  trial.pass(5)
  await carrier.lookAfter()

  assert.equal((await again(a, payment)).status, 'ACSC')
  assert.equal(timesSent((await transferOf(payment.id)).reference), 1)
  assert.equal((await trial.booked(refs.pottery)) - before, 11_00n)
})

test('a payment that never reached the core is sent when the core is back', async () => {
  const a = await approved(12_00n)
  trial.faults.push('away')
  const payment = await pay(a)
  assert.equal(payment.status, 'PDNG')

  trial.pass(5)
  await carrier.lookAfter()

  assert.equal((await again(a, payment)).status, 'ACSC')
  assert.equal(timesSent((await transferOf(payment.id)).reference), 1)
})

test('while the core says nothing at all, nothing is sent and nothing is decided', async () => {
  const a = await approved(13_00n)
  trial.faults.push('lost')
  const payment = await pay(a)
  trial.silent = true
  for (let n = 0; n < 3; n++) {
    trial.pass(120)
    await carrier.lookAfter()
  }
  assert.equal((await again(a, payment)).status, 'PDNG')
  assert.equal(timesSent((await transferOf(payment.id)).reference), 1)

  trial.silent = false
  trial.pass(120)
  await carrier.lookAfter()
  assert.equal((await again(a, payment)).status, 'ACSC')
})

test('killed before it sent, the bank sends after its start', async () => {
  const a = await approved(14_00n)
  const { payment } = await withoutOutcome(a)

  const following = followTransfers(bank, carrier)
  for (let n = 0; n < 50 && (await again(a, payment)).status !== 'ACSC'; n++)
    await new Promise((resolve) => setTimeout(resolve, 20))
  await following.stop()

  assert.equal((await again(a, payment)).status, 'ACSC')
})

test('killed after it sent, the bank finds the outcome and does not send again', async () => {
  const before = await trial.booked(refs.pottery)
  const a = await approved(15_00n)
  const { payment, transfer } = await withoutOutcome(a)
  await trial.core.transfer(orderOf(transfer))

  await makeAllDue(bank.db, { now: bank.now(), whose: bank.whose })
  await carrier.lookAfter()

  assert.equal((await again(a, payment)).status, 'ACSC')
  assert.equal(timesSent(transfer.reference), 1)
  assert.equal((await trial.booked(refs.pottery)) - before, 15_00n)
})

test('ten processes that look after the same payment do it once', async () => {
  const a = await approved(16_00n)
  const { payment, transfer } = await withoutOutcome(a)
  await makeAllDue(bank.db, { now: bank.now(), whose: bank.whose })

  const counts = await Promise.all(Array.from({ length: 10 }, () => openCarrier(bank).lookAfter()))

  assert.equal(
    counts.reduce((x, y) => x + y, 0),
    1,
  )
  assert.equal(timesSent(transfer.reference), 1)
  assert.equal((await again(a, payment)).status, 'ACSC')
})

test('what the core has not heard of after a day is not sent any more', async () => {
  const a = await approved(17_00n)
  const { payment, transfer } = await withoutOutcome(a)
  trial.pass(25 * 3600)

  await carrier.lookAfter()

  const after = await again(a, payment)
  assert.deepEqual([after.status, after.reasonCode], ['RJCT', 'MS03'])
  assert.equal(timesSent(transfer.reference), 0)
})

test('a payment to another bank is in process until the clearing has booked it', async () => {
  const a = await approved(18_00n, { bankCode: '00014' })
  const payment = await pay(a)
  assert.equal(payment.status, 'ACSP')

  for (let n = 0; n < 20 && (await again(a, payment)).status === 'ACSP'; n++) {
    trial.pass(3600)
    await carrier.lookAfter()
  }

  assert.equal((await again(a, payment)).status, 'ACSC')
})

test('another partner’s payment does not exist', async () => {
  const a = await approved()
  const { id } = await pay(a)
  await assert.rejects(getPayment(bank, callBy(newPartner(), 'getPayment'), id), {
    code: 'gateway/not-found',
    status: 404,
  })
})

test('no order of outcomes takes a status back', () => {
  const order = PaymentStatus.options
  const status = fc.constantFrom(...order)
  const start = {
    status: 'RCVD' as PaymentStatus,
    reasonCode: null as string | null,
    updatedAt: bank.now(),
  }
  fc.assert(
    fc.property(fc.array(status, { maxLength: 30 }), (asked) => {
      let payment = start
      const been = [payment.status]
      for (const to of asked) {
        try {
          payment = moved(payment, { status: to }, bank.now())
        } catch {
          continue
        }
        if (payment.status !== been.at(-1)) been.push(payment.status)
      }
      assert.equal(new Set(been).size, been.length, `a status came twice: ${been.join(' ')}`)
      const settledAt = been.indexOf('ACSC')
      if (settledAt >= 0) assert.ok(been.slice(settledAt + 1).every((s) => s === 'ACCC'))
    }),
  )
  for (const end of ['RJCT', 'BLCK', 'CANC', 'ACCC'] as const)
    assert.deepEqual(paymentTransitions[end], [])
})

test('the row of a transfer reads back as it was written', async () => {
  const a = await approved(19_00n)
  const { transfer } = await withoutOutcome(a)
  assert.deepEqual(Transfer.parse(transfer), transfer)
  assert.match(transfer.reference, /^[A-Z0-9]{20}$/)
})
