import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { uuidv7 } from '#kernel/id.ts'
import { amountOf } from '#kernel/money.ts'
import { sha256url } from '#platform/jose.ts'
import { realTime } from '#platform/turned-clock.ts'
import { freshDatabase } from '#test/world.ts'
import { getStatement, listStatements } from '../accounts/statements/index.ts'
import { PageQuery } from '../accounts/account.ts'
import { onBehalf } from '../cores/synthetic/behalf.ts'
import { addArrangements } from '../cores/synthetic/arrangements.ts'
import { createQuote, getQuote } from '../fx/index.ts'
import { statusAt } from '../fx/quote.ts'
import { createPayment, getPayment, openCarrier } from '../payments/index.ts'
import { executeDue } from '../payments/scheduled/execute.ts'
import { PaymentRequest } from '../payments/payment.ts'
import { inPlaceOf } from '../place.ts'
import { callBy, enrol, newPartner, openTrial, refs, uzs } from '../trial.ts'
import type { BankWorld } from '../world.ts'
import { readClock, turnClock } from './clock.ts'
import { ClockTurn } from './sandbox.ts'

const database = await freshDatabase('cell')
const db = database.as('bank')
const trial = await openTrial(db)
const real = () => realTime(trial.bank.now())
const zone = 'Asia/Tashkent'
const keeper = trial.soundCore.worlds
assert.ok(keeper, 'the make-believe core keeps worlds')
const bank: BankWorld = {
  ...trial.bank,
  whose: keeper.inRealTime,
  coreFor: (partnerId) => onBehalf({ db, now: real, zone, shared: trial.soundCore }, partnerId),
}
const carrier = openCarrier(bank)
const pottery = await trial.accountOf(refs.pottery)

const inWorld = async () => {
  const partnerId = newPartner()
  const world = await keeper.of(partnerId).create('one')
  assert.ok(typeof world === 'object')
  await keeper.of(partnerId).use(world.id)
  const known = await enrol(trial, partnerId, refs.payer.owner)
  const there = <T>(body: () => Promise<T>) => inPlaceOf(bank, partnerId, body)
  const turn = (wish: object) =>
    there(() => turnClock(bank, callBy(partnerId, 'turnClock'), ClockTurn.parse(wish)))
  const clock = () => there(() => readClock(bank, callBy(partnerId, 'getClock')))
  const booked = async (ref: string) => (await bank.coreFor(partnerId).balances(ref)).booked.minor
  return { partnerId, world, there, turn, clock, booked, ...known }
}
type Partner = Awaited<ReturnType<typeof inWorld>>

/** A payment to the pottery, on a day to come where one is given. */
const pay = async ({ partnerId, subject, id, there }: Partner, on?: string, minor = 1_000_00n) => {
  const wish = {
    instructedAmount: { amount: amountOf(uzs(minor)), currency: 'UZS' },
    creditorAccount: { schemeName: 'UZ.AccountNumber', identification: pottery.number },
    creditorName: 'Rishton Pottery',
    ...(on !== undefined && { requestedExecutionDate: on }),
  }
  const caller = callBy(partnerId, 'createPayment', {
    subject,
    consentId: `consent_${uuidv7()}`,
    details: [{ type: 'urn:bank:payment:v1', ...wish, accounts: [id(refs.payer.current)] }],
    bodySha256: sha256url(JSON.stringify(wish)),
  })
  const payment = await there(() =>
    createPayment(bank, carrier, caller, PaymentRequest.parse(wish)),
  )
  return { payment, again: () => there(() => getPayment(bank, caller, payment.id)) }
}

test('a clock goes forward by a time or to a moment, and back only with its world', async () => {
  const { world, turn, clock, there, partnerId } = await inWorld()
  const worlds = keeper.of(partnerId)
  const taken = await worlds.snapshot(world.id)
  assert.ok(typeof taken === 'object')

  const month = await turn({ advanceBy: 'P30D' })
  assert.equal(
    month.now,
    real()
      .add({ hours: 30 * 24 })
      .toString(),
  )
  assert.equal(month.turningTo, null)
  assert.equal(month.realTime, real().toString())
  const to = real().add({ hours: 40 * 24 })
  assert.equal((await turn({ advanceTo: to.toString() })).now, to.toString())
  assert.equal((await there(async () => bank.now())).toString(), to.toString())
  for (const wish of [
    { advanceTo: real().add({ hours: 24 }).toString() },
    { advanceBy: 'PT0S' },
    { advanceBy: 'P367D' },
  ])
    await assert.rejects(turn(wish), { code: 'sandbox/clock-refused' })
  const fork = await worlds.create('fork', world.id)
  assert.ok(typeof fork === 'object')
  assert.equal(fork.aheadMs, 40 * 86_400_000)

  await worlds.restore(world.id, taken.id)
  assert.equal((await clock()).aheadSeconds, 0)
  await turn({ advanceBy: 'P1D' })
  await worlds.reset(world.id)
  assert.equal((await clock()).now, real().toString())
})

test('a payment of a day to come is executed on that day, whatever day it is for everybody else', async () => {
  const partner = await inWorld()
  const other = await inWorld()
  const theirs = await pay(partner, '2026-12-14')
  const others = await pay(other, '2026-12-14')
  const before = await partner.booked(refs.pottery)

  await partner.turn({ advanceBy: 'P30D' })

  const settled = await theirs.again()
  assert.deepEqual([settled.status, settled.executesOn?.toString()], ['ACSC', '2026-12-14'])
  assert.equal(settled.updatedAt.toZonedDateTimeISO(zone).toPlainDate().toString(), '2026-12-14')
  assert.equal(await partner.booked(refs.pottery), before + 1_000_00n)
  const [line] = await bank.coreFor(partner.partnerId).entries(refs.pottery, { limit: 1 })
  assert.equal(line?.bookedOn.toString(), '2026-12-14')
  // Everybody's jobs leave both alone: the one is over, the other's day has not come.
  await executeDue(bank, carrier)
  assert.equal((await others.again()).status, 'ACCP')
})

test('two worlds are in two times at once, and real time goes on beside them', async () => {
  const [early, late] = [await inWorld(), await inWorld()]
  await early.turn({ advanceBy: 'P1D' })
  await late.turn({ advanceBy: 'P90D' })

  const [one, two] = await Promise.all([pay(early), pay(late)])

  const on = ({ payment }: typeof one) => payment.createdAt.toString()
  assert.deepEqual(
    [on(one), on(two)],
    [1, 90].map((days) =>
      real()
        .add({ hours: days * 24 })
        .toString(),
    ),
  )
  assert.equal(bank.now().toString(), real().toString())
})

test('the journal says when it really was, and the time of the world beside it', async () => {
  const partner = await inWorld()
  await partner.turn({ advanceBy: 'P200D' })
  const { payment } = await pay(partner)
  const { body } = await db.one(z.object({ body: z.string() }))`
    select body from journal.entry where body like ${`%${payment.id}%`} order by id limit 1
  `
  const line = z
    .object({ at: z.string(), data: z.looseObject({ worldTime: z.string() }) })
    .parse(JSON.parse(body))
  assert.equal(line.at, real().toString())
  assert.equal(
    line.data.worldTime,
    real()
      .add({ hours: 200 * 24 })
      .toString(),
  )
})

test('a quote runs out, and statements of months that passed are there', async () => {
  const { partnerId, turn, there, subject, id } = await inWorld()
  const call = callBy(partnerId, 'createFxQuote')
  const quote = await there(() =>
    createQuote(bank, call, {
      sellCurrency: 'UZS',
      buyCurrency: 'USD',
      fixedSide: 'BUY',
      amount: { minor: 10_00n, currency: 'USD' },
      lockPeriod: 'PT15M',
    }),
  )
  const status = () => there(async () => statusAt(await getQuote(bank, call, quote.id), bank.now()))
  assert.equal(await status(), 'ACTIVE')

  await turn({ advanceBy: 'P62D' })

  assert.equal(await status(), 'EXPIRED')
  const accountId = id(refs.payer.current)
  const details = [
    { type: 'urn:bank:accounts:v1', permissions: ['ReadStatementsDetail'], accounts: [accountId] },
  ]
  const reader = callBy(partnerId, 'listStatements', { subject, consentId: 'c', details })
  const { data } = await there(() =>
    listStatements(bank, reader, accountId, PageQuery.parse({ limit: 1 })),
  )
  const [newest] = data
  assert.ok(newest, JSON.stringify(data))
  const whole = await there(() =>
    getStatement(bank, reader, { accountId, statementId: newest.statementId }),
  )
  assert.ok(whole)
})

test('what a customer arranged is paid on each of its days, in the order of the days, once', async () => {
  const partner = await inWorld()
  const before = await partner.booked(refs.pottery)
  const order = {
    ref: 'A0000009001',
    account: refs.payer.current,
    kind: 'standing-order' as const,
    payee: 'Rishton Pottery',
    number: pottery.number,
    bankCode: pottery.bankCode,
    text: 'Weekly plates',
    minor: 70_00n,
    frequency: 'weekly' as const,
    firstOn: Temporal.PlainDate.from('2026-11-25'),
    finalOn: null,
    lastOn: null,
    lastMinor: null,
  }
  const { booksIn } = await import('../cores/synthetic/books.ts')
  await addArrangements(booksIn(db, partner.world.id), [order])

  await partner.turn({ advanceBy: 'P30D' })

  const lines = (
    await bank.coreFor(partner.partnerId).entries(refs.pottery, { limit: 100 })
  ).filter(({ text }) => text === 'Weekly plates')
  assert.deepEqual(
    lines.map(({ bookedOn }) => bookedOn.toString()),
    ['2026-12-16', '2026-12-09', '2026-12-02', '2026-11-25'],
  )
  await keeper.keep({ partnerId: partner.partnerId, worldId: partner.world.id }, async () => {})
  assert.equal(await partner.booked(refs.pottery), before + 4n * 70_00n)
})
