import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'node:test'
import { z } from 'zod'
import { moneyJson } from '#kernel/money.ts'
import { freshDatabase } from '#test/world.ts'
import { openTrial, refs, uzs } from '../../trial.ts'
import { openCustomer } from '../order.ts'
import { createPayment } from '../pay.ts'
import type { BulkId, FileType } from './bulk.ts'
import { executeBulk } from './execute.ts'
import { fileOf, type Written } from './file.ts'
import {
  authoriseBulkPayment,
  cancelBulkPayment,
  closeAbandoned,
  createBulkPayment,
  getBulkPayment,
  reportOf,
  uploadBulkFile,
} from './index.ts'

const database = await freshDatabase('cell')
const trial = await openTrial(database.as('bank'))
const { bank, carrier } = trial
const customer = await openCustomer(trial)
const pottery = customer.pottery.creditorAccount.identification

const lineOf = (n: number, more: Written = {}): Written => ({
  creditorAccount: pottery,
  creditorName: 'Rishton Pottery',
  amount: `${n}.01`,
  currency: 'UZS',
  endToEndIdentification: `SALARY-${n}`,
  ...more,
})
const lines = (count: number) => Array.from({ length: count }, (_, at) => lineOf(at + 1))
const sumOf = (count: number) =>
  Array.from({ length: count }, (_, at) => BigInt(at + 1) * 100n + 1n).reduce((a, b) => a + b, 0n)

const announced = (
  text: string,
  count: number,
  sum: bigint,
  fileType: FileType = 'csv',
  more = {},
) =>
  createBulkPayment(bank, customer.call('createBulkPayment'), {
    fileType,
    fileSha256: createHash('sha256').update(text).digest('hex'),
    numberOfTransactions: count,
    controlSum: uzs(sum),
    ...more,
  })
const bring = async (id: BulkId, text: string, size = 720_000) => {
  const bytes = Buffer.from(text)
  const parts = Math.ceil(bytes.length / size)
  let state = await getBulkPayment(bank, customer.call('getBulkPayment'), id)
  // Backwards: parts come in any order.
  for (let part = parts; part > 0; part--) {
    const content = bytes.subarray((part - 1) * size, part * size).toString('base64')
    const request = { part, parts, content }
    state = await uploadBulkFile(bank, customer.call('uploadBulkFile'), { id, request })
  }
  return state
}
const authorise = ({ bulk }: Awaited<ReturnType<typeof announced>>, change: object = {}) => {
  const body = {
    instructedAmount: moneyJson({ minor: bulk.sumMinor, currency: bulk.currency }),
    bulk: { fileSha256: bulk.fileSha256, numberOfTransactions: bulk.lines },
  }
  const detail = { type: 'urn:bank:payment:v1', ...body, ...change }
  const caller = customer.consented('authoriseBulkPayment', detail, body)
  const request = { instructedAmount: uzs(bulk.sumMinor), bulk: body.bulk }
  return {
    caller,
    request,
    run: (by = caller) => authoriseBulkPayment(bank, by, { id: bulk.id, request }),
  }
}
const brought = async (count: number) => {
  const text = fileOf('csv', lines(count))
  const state = await announced(text, count, sumOf(count))
  return bring(state.bulk.id, text)
}
const stateOf = (id: BulkId) => getBulkPayment(bank, customer.call('getBulkPayment'), id)
const report = async (id: BulkId) => {
  const all = []
  let cursor: string | undefined
  do {
    const page = await reportOf(bank, customer.call('getBulkReport'), { id, cursor })
    all.push(...page.lines)
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  return all
}

for (const [type, count] of [
  ['pain.001.001.09', 10_000],
  ['csv', 2_000],
  ['json', 2_000],
] as const)
  test(`${count} lines of ${type} are read in parts, in any order, all of them once`, async () => {
    const text = fileOf(type, lines(count))
    const { bulk } = await announced(text, count, sumOf(count), type)
    const { bulk: read, lines: tally } = await bring(bulk.id, text, 200_000)
    assert.equal(read.status, 'AWAU')
    assert.equal(tally.waiting, count)
    const left = await bank.db.run`select 1 from payments.bulk_part where bulk_id = ${bulk.id}`
    assert.equal(left, 0)
  })

test('a file whose hash, number or sum differs is refused whole, and the right one may follow', async () => {
  const text = fileOf('csv', lines(3))
  const refusedAs = async (count: number, sum: bigint, file: string) => {
    const { bulk } = await announced(text, count, sum)
    await assert.rejects(bring(bulk.id, file), { code: 'payments/file-refused' })
    assert.deepEqual(await report(bulk.id), [])
    return bulk
  }
  await refusedAs(4, sumOf(3), text)
  await refusedAs(2, sumOf(3), text)
  await refusedAs(3, sumOf(3) + 1n, text)
  const bulk = await refusedAs(3, sumOf(3), text.replace('SALARY-1', 'SALARY-9'))
  assert.equal((await bring(bulk.id, text, 50)).bulk.status, 'AWAU')
})

test('a line that cannot be paid says why in the report, and the others are paid: PART', async () => {
  const card = '8600 1234 5678 9012'
  const bad = [
    lineOf(2, { creditorAccount: '123' }),
    lineOf(3, { remittanceInformation: 'x'.repeat(141) }),
    lineOf(4, { remittanceInformation: card }),
  ]
  const text = fileOf('json', [lineOf(1), ...bad])
  const state = await announced(text, 4, sumOf(4), 'json')
  await bring(state.bulk.id, text)
  await authorise(state).run()
  while ((await executeBulk(bank, carrier)) > 0);
  const after = await stateOf(state.bulk.id)
  assert.deepEqual([after.bulk.status, after.lines.settled, after.lines.refused], ['PART', 1, 3])
  const told = await report(state.bulk.id)
  assert.deepEqual(
    told.map((line) => line.detail?.split(':')[0] ?? line.paymentStatus),
    ['ACSC', 'creditorAccount', 'remittanceInformation', 'holds what reads as a card number'],
  )
  // By its own name of a line the partner finds it again.
  assert.deepEqual(
    told.map((line) => line.endToEndId),
    ['SALARY-1', 'SALARY-2', 'SALARY-3', 'SALARY-4'],
  )
  assert.equal(
    JSON.stringify(told, (_, v: unknown) => (typeof v === 'bigint' ? `${v}` : v)).includes('8600'),
    false,
  )
})

test('eight processes that pay one file pay each line once, and the file tells its end', async () => {
  const before = await trial.booked(refs.pottery)
  const state = await brought(80)
  const { run } = authorise(state)
  await Promise.all([run(), run(), run()])

  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let n = 0; n < 12; n++) await executeBulk(bank, carrier)
    }),
  )
  // Lines that another process carried may have had no outcome yet when the last one looked.
  await executeBulk(bank, carrier)

  const after = await stateOf(state.bulk.id)
  assert.deepEqual([after.bulk.status, after.lines.settled], ['ACSC', 80])
  assert.equal((await trial.booked(refs.pottery)) - before, sumOf(80))
  const all = await report(state.bulk.id)
  assert.deepEqual(
    all.map(({ line }) => line),
    Array.from({ length: 80 }, (_, at) => at + 1),
  )
  assert.equal(new Set(all.map(({ paymentId }) => paymentId)).size, 80)
})

/** A bank process with nothing but this job: it says when it has begun, and is killed in the middle. */
const job = `
  import { openPostgres } from '#platform/db.ts'
  import { openSyntheticCore } from '#bank/cores/synthetic/synthetic-core.ts'
  import { openCarrier } from '#bank/payments/index.ts'
  import { executeBulk } from '#bank/payments/bulk/execute.ts'
  import { everybody } from '#bank/world.ts'
  const now = () => Temporal.Instant.from(process.env.NOW)
  const db = openPostgres(process.env.URL, { name: 'dying', max: 4 })
  const core = await openSyntheticCore({ db, now })
  const world = { db, now, zone: 'Asia/Tashkent', coreFor: () => core, whose: everybody, log: console }
  const carrier = openCarrier(world)
  console.log('begins')
  for (;;) await executeBulk(world, carrier)
`

test('killed with kill -9 in the middle of a file, again and again, no line is lost and none is paid twice', async () => {
  const before = await trial.booked(refs.pottery)
  const state = await brought(90)
  await authorise(state).run()
  const paid = async () => (await stateOf(state.bulk.id)).lines.settled

  let deaths = 0
  for (const share of [0.1, 0.5]) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', job], {
      env: { ...process.env, URL: database.url('bank'), NOW: bank.now().toString() },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    while ((await paid()) < 90 * share) await sleep(5)
    child.kill('SIGKILL')
    await once(child, 'exit')
    deaths++
    trial.pass(60)
  }
  assert.equal(deaths, 2)
  assert.ok((await paid()) < 90, 'it died in the middle')

  while ((await executeBulk(bank, carrier)) > 0);
  while ((await carrier.lookAfter()) > 0) trial.pass(60)
  await executeBulk(bank, carrier)

  const after = await stateOf(state.bulk.id)
  assert.deepEqual([after.bulk.status, after.lines.settled], ['ACSC', 90])
  assert.equal((await trial.booked(refs.pottery)) - before, sumOf(90))
  const Count = z.object({ payments: z.number(), transfers: z.number() })
  const counted = await bank.db.one(Count)`
    select count(distinct p.id)::int as payments, count(t.reference)::int as transfers
      from payments.payment p join payments.transfer t on t.payment_id = p.id
     where p.order_id = ${state.bulk.id}
  `
  assert.deepEqual(counted, { payments: 90, transfers: 90 })
})

test('one consent authorises one file, of exactly this sum, number and hash, and pays nothing else', async () => {
  const state = await brought(2)
  for (const change of [
    { instructedAmount: { amount: '1.00', currency: 'UZS' } },
    { bulk: { fileSha256: 'a'.repeat(64), numberOfTransactions: 2 } },
    { bulk: { fileSha256: state.bulk.fileSha256, numberOfTransactions: 3 } },
  ])
    await assert.rejects(authorise(state, change).run(), { code: 'payments/differs-from-consent' })
  const { caller, run } = authorise(state)
  await run()
  const twin = await brought(2)
  await assert.rejects(
    authorise(twin).run({ ...authorise(twin).caller, consentId: caller.consentId }),
    {
      code: 'consents/exceeded',
    },
  )
  const single = { ...customer.pottery, instructedAmount: uzs(1_00n) }
  await assert.rejects(createPayment(bank, carrier, caller, single), { code: 'consents/missing' })
})

test('a file for a day waits for it, and may be cancelled until then', async () => {
  const requestedExecutionDate = Temporal.PlainDate.from('2027-02-01')
  const text = fileOf('csv', lines(2))
  const state = await announced(text, 2, sumOf(2), 'csv', { requestedExecutionDate })
  const { run } = authorise(state)
  await assert.rejects(run(), { code: 'payments/bulk-not-awaiting' })
  await bring(state.bulk.id, text)
  while ((await executeBulk(bank, carrier)) > 0);
  assert.equal((await run()).bulk.status, 'ACCP')
  assert.equal(await executeBulk(bank, carrier), 0)
  const cancel = () =>
    cancelBulkPayment(bank, customer.call('cancelBulkPayment'), {
      id: state.bulk.id,
      reason: 'CUST',
    })
  assert.equal((await cancel()).bulk.status, 'CANC')
  trial.pass(200 * 86_400)
  assert.equal(await executeBulk(bank, carrier), 0)
  const sent = await brought(1)
  await authorise(sent).run()
  const late = { id: sent.bulk.id, reason: 'CUST' }
  await assert.rejects(cancelBulkPayment(bank, customer.call('cancelBulkPayment'), late), {
    code: 'payments/not-cancellable',
  })
})

test('a file that was announced and not brought within a day is rejected, and its parts are gone', async () => {
  const text = fileOf('csv', lines(2))
  const { bulk } = await announced(text, 2, sumOf(2))
  const content = Buffer.from(text).toString('base64')
  await uploadBulkFile(bank, customer.call('uploadBulkFile'), {
    id: bulk.id,
    request: { part: 1, parts: 2, content },
  })
  trial.pass(23 * 3_600)
  await closeAbandoned(bank)
  assert.equal((await stateOf(bulk.id)).bulk.status, 'AWUP')
  trial.pass(2 * 3_600)
  await closeAbandoned(bank)
  assert.equal((await stateOf(bulk.id)).bulk.status, 'RJCT')
  const left = await bank.db.run`select 1 from payments.bulk_part where bulk_id = ${bulk.id}`
  assert.equal(left, 0)
})

test('where nobody is real, a file that pays somebody who could be is not taken, and none of it is kept', async () => {
  const real = [lineOf(1), { ...lineOf(2), bankCode: '00014' }]
  for (const type of ['csv', 'json', 'pain.001.001.09'] as const) {
    const text = fileOf(type, real)
    const { bulk } = await announced(text, 2, sumOf(2), type)
    await assert.rejects(bring(bulk.id, text), {
      code: 'sandbox/real-identifier',
      particulars: {
        gate: 'partner',
        hint: 'Use what the sandbox has, or numbers of the ranges that its guide names.',
        errors: [
          {
            pointer: '/lines/2/bankCode',
            code: 'bank-code',
            detail: 'validates as a real bank code',
          },
        ],
      },
    })
    assert.equal((await stateOf(bulk.id)).bulk.status, 'AWUP')
    const left = await bank.db.run`select 1 from payments.bulk_part where bulk_id = ${bulk.id}`
    assert.equal(left, 0)
  }
})
