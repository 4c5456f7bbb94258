/** How payments end that were asked to end otherwise, and what simulators make of a world. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { uuidv7 } from '#kernel/id.ts'
import { realTime } from '#platform/turned-clock.ts'
import { freshDatabase } from '#test/world.ts'
import { onBehalf } from '../cores/synthetic/behalf.ts'
import { booksIn } from '../cores/synthetic/books.ts'
import { underScenario } from '../cores/synthetic/scenario.ts'
import { freshRates } from '../fx/quoting.ts'
import { createVerification, submitVerification, VerificationId } from '../kyc/index.ts'
import { VerificationRequest } from '../kyc/verification.ts'
import { inPlaceOf } from '../place.ts'
import { callBy, newPartner, openTrial, refs, uzs } from '../trial.ts'
import type { BankWorld } from '../world.ts'
import { turnClock } from './clock.ts'
import { simulateRateMove, simulateVerificationResult, simulateWebhooks } from './index.ts'
import { ClockTurn, RateMoveRequest, VerificationResultRequest } from './sandbox.ts'

const db = (await freshDatabase('cell')).as('bank')
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
const pottery = await trial.accountOf(refs.pottery)

const inWorld = async () => {
  const partnerId = newPartner()
  const world = await keeper.of(partnerId).create('one')
  assert.ok(typeof world === 'object')
  await keeper.of(partnerId).use(world.id)
  const core = bank.coreFor(partnerId)
  const there = <T>(body: () => Promise<T>) => inPlaceOf(bank, partnerId, body)
  const turn = (advanceBy: string) =>
    there(() => turnClock(bank, callBy(partnerId, 'turnClock'), ClockTurn.parse({ advanceBy })))
  const booked = async (ref: string) => (await core.balances(ref)).booked.minor
  return { partnerId, world, core, there, turn, booked }
}

let sent = 0
const order = (creditor: { number: string; bankCode: string }, minor = 500_00n) => ({
  reference: `END${++sent}`,
  debtor: refs.payer.current,
  creditor: { ...creditor, name: 'Rishton Pottery' },
  amount: uzs(minor),
  text: 'Plates',
})
const abroad = '80206000900000000001'
const elsewhere = { number: abroad, bankCode: '09990' }

test('a payment that a list stops is accepted until people have looked, and is booked then', async () => {
  const { core, turn, booked } = await inWorld()
  const [payer, payee] = [await booked(refs.payer.current), await booked(refs.pottery)]
  const stopped = order(pottery)

  const outcome = await underScenario(core, 'sanctions_hold').transfer(stopped)

  assert.equal(outcome.status, 'accepted')
  assert.equal(await booked(refs.payer.current), payer - 500_00n)
  assert.equal(await booked(refs.pottery), payee)
  await turn('PT2M')
  assert.equal((await core.transferByReference(stopped.reference)).status, 'booked')
  assert.equal(await booked(refs.pottery), payee + 500_00n)
  const [line] = await core.entries(refs.pottery, { limit: 1 })
  assert.equal(line?.counterparty?.name, 'Rahimova Dilnoza Akmal qizi')
})

test('a payment that is returned is settled first, and is back on the next morning that is no weekend', async () => {
  const { core, turn, booked } = await inWorld()
  const before = await booked(refs.payer.current)
  const returned = order(pottery)

  // It is a Sunday afternoon in Tashkent.
  const outcome = await underScenario(core, 'accepted_then_returned').transfer(returned)
  assert.equal(outcome.status, 'booked')
  await turn('PT15H')
  assert.equal(await booked(refs.payer.current), before - 500_00n)
  await turn('PT2H')

  assert.equal(await booked(refs.payer.current), before)
  const [line] = await core.entries(refs.payer.current, { limit: 1 })
  assert.deepEqual(
    [line?.direction, line?.text, line?.bookedOn.toString(), line?.counterparty?.name],
    ['credit', 'Returned: Plates', '2026-11-23', 'Rishton Pottery'],
  )
  await turn('P3D')
  assert.equal(await booked(refs.payer.current), before)
})

test('behind the cut-off another bank has the money the next morning, and this bank at once', async () => {
  const { core, turn } = await inWorld()
  const late = underScenario(core, 'scheme_cut_off')
  const theirs = order(elsewhere)
  assert.equal((await late.transfer(theirs)).status, 'accepted')
  assert.equal((await late.transfer(order(pottery))).status, 'booked')
  await turn('PT10H')
  assert.equal((await core.transferByReference(theirs.reference)).status, 'accepted')
  await turn('PT10H')
  assert.equal((await core.transferByReference(theirs.reference)).status, 'booked')
})

test('a rate moves in the world of whoever moved it, and nowhere else', async () => {
  const [mover, other] = [await inWorld(), await inWorld()]
  const rate = ({ there }: typeof mover) =>
    there(async () => (await freshRates(bank, bank.now())).get('USD/UZS')?.micros ?? 0n)
  const before = await rate(mover)

  const move = RateMoveRequest.parse({ pair: 'USD/UZS', percent: '-10' })
  await simulateRateMove(bank, callBy(mover.partnerId, 'simulateRateMove'), move)

  assert.equal(await rate(mover), (before * 9n + 5n) / 10n)
  assert.equal(await rate(other), before)
  await assert.rejects(simulateRateMove(bank, callBy(newPartner(), 'simulateRateMove'), move), {
    code: 'sandbox/world-needed',
  })
})

test('a verification ends as was said, and only in that world', async () => {
  const begin = async ({ partnerId, there }: Awaited<ReturnType<typeof inWorld>>) => {
    const request = VerificationRequest.parse({
      reference: 'customer-1',
      purpose: 'ONBOARDING',
      person: {
        fullName: 'Karimova Review Dilnoza',
        birthDate: '1990-03-14',
        nationalId: 'PNOUZ-91403902000777',
        citizenship: 'UZ',
        residence: 'UZ',
      },
    })
    const begun = await there(() =>
      createVerification(bank, callBy(partnerId, 'createVerification'), request),
    )
    return VerificationId.parse(begun.verificationId)
  }
  const say = async (partnerId: string, id: string, identity: string) =>
    simulateVerificationResult(
      bank,
      callBy(partnerId, 'simulateVerificationResult'),
      VerificationResultRequest.parse({ verificationId: id, identity }),
    )
  const [one, two] = [await inWorld(), await inWorld()]
  const [first, second] = [await begin(one), await begin(two)]

  await say(one.partnerId, first, 'CONTRADICTED')

  assert.equal((await one.core.examine(subject)).identity, 'contradicted')
  assert.equal((await two.core.examine(subject)).identity, 'unclear')
  await assert.rejects(say(two.partnerId, first, 'CONFIRMED'), { code: 'gateway/not-found' })
  assert.equal((await say(two.partnerId, second, 'CONFIRMED')).status, 'created')
  // Its papers are missing: what registers say does not complete it.
  await assert.rejects(
    submitVerification(bank, callBy(two.partnerId, 'submitVerification'), second),
  )
})
const subject = {
  kind: 'person' as const,
  name: 'Karimova Review Dilnoza',
  nationalId: '91403902000777',
  bornOn: null,
  since: real(),
}

test('a wish for webhooks is a line of the journal that the courier reads', async () => {
  const { partnerId } = await inWorld()
  const caller = callBy(partnerId, 'simulateWebhooks')
  await simulateWebhooks(bank, caller, { kind: 'STORM', count: 7 })
  const { body } = await db.one(z.object({ body: z.string() }))`
    select body from journal.entry where body like ${`%"sandbox.webhooks-simulated"%${partnerId}%`}
  `
  const { data } = z.object({ data: z.object({}).loose() }).parse(JSON.parse(body))
  const { applicationId } = caller
  assert.deepEqual(data, { partnerId, applicationId, kind: 'storm', count: 7 })
})

const Books = z.object({ lopsided: z.number(), strayed: z.number(), unordered: z.number() })

/** Postings that do not sum to zero, balances that are not the sum of their entries, and lines before those behind them. */
const faultsIn = (books: string) =>
  booksIn(db, books).one(Books)`
    select (select count(*)::int from (
              select 1 from synthetic.entry e join synthetic.account a on a.ref = e.account_ref
               group by e.posting_id, a.currency having sum(e.amount_minor) <> 0) as l) as lopsided,
           (select count(*)::int from synthetic.account a
             where a.booked_minor <> (select coalesce(sum(amount_minor), 0) from synthetic.entry e where e.account_ref = a.ref)
                or a.held_minor <> (select coalesce(sum(amount_minor), 0) from synthetic.hold h where h.account_ref = a.ref)
                or (a.limit_minor is not null and a.booked_minor - a.held_minor + a.limit_minor < 0)) as strayed,
           (select count(*)::int from (
              select booked_on < lag(booked_on) over (order by id) as back from synthetic.entry
               where posting_id in (select id from synthetic.posting where text <> 'Opening balance')) as o
             where back) as unordered
  `

const deeds = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('turn' as const), minutes: fc.integer({ min: 1, max: 40_000 }) }),
    fc.record({
      do: fc.constant('send' as const),
      to: fc.constantFrom(pottery, elsewhere),
      how: fc.constantFrom(
        'latency',
        'sanctions_hold',
        'accepted_then_returned',
        'scheme_cut_off',
        'timeout_then_success',
        'insufficient_funds',
      ),
      minor: fc.bigInt({ min: 1n, max: 900_000_00n }),
    }),
    fc.record({
      do: fc.constantFrom('pay' as const, 'collect' as const, 'hold' as const),
      minor: fc.bigInt({ min: 1n, max: 9_000_000_00n }),
    }),
  ),
  { minLength: 4, maxLength: 10 },
)

test('whatever is done and however the clock is turned, the books sum to zero and no line is before its time', async () => {
  const { core, turn, world } = await inWorld()
  const { holds, outside } = core
  assert.ok(holds && outside)
  await fc.assert(
    fc.asyncProperty(deeds, async (done) => {
      for (const deed of done) {
        const reference = `D${uuidv7().slice(-15).toUpperCase()}`
        const account = refs.payer.savings
        if (deed.do === 'turn') await turn(`PT${deed.minutes}M`).catch(assertBound)
        else if (deed.do === 'send')
          await underScenario(core, deed.how)
            .transfer({ ...order(deed.to, deed.minor), debtor: account, reference })
            .catch((error: unknown) => assert.match(String(error), /answer was lost|not yet known/))
        else if (deed.do === 'hold')
          await holds.place({ reference, account, amount: uzs(deed.minor), text: 'Shop' })
        else
          await outside[deed.do]({
            reference,
            account,
            amount: uzs(deed.minor),
            other: { name: 'Anor Telecom MCHJ', account: abroad },
            text: 'Salary',
          })
        assert.deepEqual(await faultsIn(world.id), { lopsided: 0, strayed: 0, unordered: 0 })
      }
    }),
    { numRuns: 5 },
  )
})

/** Ten years ahead is as far as a clock goes. */
const assertBound = (error: unknown) => assert.match(String(error), /goes/)
