import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { freshDatabase } from '#test/world.ts'
import { openTrial, refs, uzs } from '../../trial.ts'
import { GROSS, openMarketplace } from '../marketplace.ts'
import { programmeAccountOf } from '../programme.ts'
import { answerRecall, createPaymentRefund, createRecall } from '../recalls/index.ts'
import { listReconciliations, reconcileProgrammes, stateProgrammeBalance } from './index.ts'
import { comparedWithBooks } from './reconciliation.ts'

const database = await freshDatabase('cell')
const trial = await openTrial(database.as('bank'))
const { bank, carrier } = trial
const { received, split, release, refund } = openMarketplace(trial)
const DAY = 86_400

const partner = await received(GROSS)
const call = (operation: string) => partner.call(operation)
await programmeAccountOf(bank, call('getProgrammeAccount'))

const Row = z.object({ status: z.string(), difference: z.bigint() })
const runs = () => bank.db.many(Row)`
  select status, books_minor - ledger_minor as difference from payments.reconciliation order by id
`
const shares = async () =>
  (await listReconciliations(bank, call('listReconciliations'), undefined)).shares
const today = () => bank.now().toZonedDateTimeISO(bank.zone).toPlainDate()
const state = (day: Temporal.PlainDate, minor: bigint) =>
  stateProgrammeBalance(bank, call('stateProgrammeBalance'), {
    date: day,
    closingBalance: uzs(minor),
  })

test('whatever was paid, split, released, refunded, recalled: sub-ledger, books and statement agree to the tiyin', async () => {
  trial.pass(DAY)
  await reconcileProgrammes(bank)
  const { split: s } = await split(partner)
  await release(partner, s.id, 'textiles')
  await refund(partner, s.id, { amount: uzs(123_456_78n) })
  await refund(partner, s.id, { amount: uzs(1_00n), policy: 'PLATFORM_BEARS' })
  const other = await received(50_00n)
  const id = other.payment.id
  await createPaymentRefund(bank, carrier, other.call('createPaymentRefund'), {
    id,
    request: { amount: uzs(20_00n), reason: 'CUST' },
  })
  const recalled = await received(70_00n)
  await programmeAccountOf(bank, recalled.call('getProgrammeAccount'))
  const { recall } = await createRecall(bank, recalled.call('createRecall'), {
    id: recalled.payment.id,
    request: { reason: 'DUPL' },
  })
  await answerRecall(bank, carrier, recalled.call('answerRecall'), {
    id: recall.id,
    answer: { decision: 'ACCEPT' },
  })
  // All of the gross was paid out or given back, so nothing of it is left.
  await state(today(), 0n)

  trial.pass(DAY)
  const counts = await Promise.all([reconcileProgrammes(bank), reconcileProgrammes(bank)])
  assert.ok(counts.includes(1))
  assert.equal(await reconcileProgrammes(bank), 0)

  assert.deepEqual(
    (await runs()).map(({ status, difference }) => [status, difference]),
    [
      ['MATCHED', 0n],
      ['MATCHED', 0n],
    ],
  )
  const [last] = await shares()
  assert.deepEqual([last?.ledgerMinor, last?.statement], [0n, 'MATCHED'])
})

test('money that left the account beside us is a difference, told and kept, and not healed by the next day', async () => {
  const { number, bankCode } = await trial.accountOf(refs.other.current)
  await received(9_00n)
  await trial.soundCore.transfer({
    reference: 'BESIDE00000000000001',
    debtor: refs.programme,
    creditor: { number, bankCode, name: 'Kim' },
    amount: uzs(1_00n),
    text: 'By hand',
  })
  for (let n = 0; n < 2; n++) {
    trial.pass(DAY)
    await reconcileProgrammes(bank)
  }
  assert.deepEqual(
    (await runs()).slice(2).map(({ status, difference }) => [status, difference]),
    [
      ['DIFFERENT', -1_00n],
      ['DIFFERENT', -1_00n],
    ],
  )
})

test('a statement that differs is told as a difference, and cannot be changed after the day was reconciled', async () => {
  const day = today()
  await state(day, 1_00n)
  await state(day, 5_00n)
  trial.pass(DAY)
  await reconcileProgrammes(bank)
  const [share] = await shares()
  assert.deepEqual(
    [share?.day.toString(), share?.ledgerMinor, share?.statedMinor, share?.statement],
    [day.toString(), 0n, 5_00n, 'DIFFERENT'],
  )
  await assert.rejects(state(day, 0n), { code: 'payments/statement-reconciled' })
})

test('a statement that comes after the reconciliation is compared when it comes', async () => {
  trial.pass(DAY)
  await reconcileProgrammes(bank)
  const [before] = await shares()
  assert.ok(before)
  assert.equal(before.statement, 'UNSTATED')
  await state(before.day, 0n)
  const [after] = await shares()
  assert.deepEqual([after?.id, after?.statement], [before.id, 'MATCHED'])
  await assert.rejects(state(today().add({ days: 1 }), 0n), { code: 'platform/request-invalid' })
})

test('only what is under way can explain a difference, and never more than itself', () => {
  const minor = fc.bigInt({ min: -1_000n, max: 1_000n })
  const flying = fc.bigInt({ min: 0n, max: 1_000n })
  fc.assert(
    fc.property(minor, minor, flying, (ledgerMinor, booksMinor, inFlightMinor) => {
      const verdict = comparedWithBooks({ ledgerMinor, booksMinor, inFlightMinor })
      const gap = booksMinor > ledgerMinor ? booksMinor - ledgerMinor : ledgerMinor - booksMinor
      assert.equal(verdict === 'MATCHED', gap === 0n)
      assert.equal(verdict === 'DIFFERENT', gap > inFlightMinor)
    }),
  )
})
