/** Days and nights of the bank over the old core: what waits, what is carried, and what the core's own files say of it. */
import assert from 'node:assert/strict'
import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import { uuidv7 } from '#kernel/id.ts'
import { moneyJson } from '#kernel/money.ts'
import { Problem } from '#kernel/problem.ts'
import { readEntries } from '#journal/index.ts'
import { freshDatabase } from '#test/world.ts'
import { clear } from '../cards/authorizations/index.ts'
import { carryOrders } from '../cards/authorizations/money.ts'
import { issueCard } from '../cards/issue.ts'
import { cardTrial } from '../cards/trial.ts'
import {
  eventually,
  openCoreOn,
  startSimulator,
  wholeFile,
} from '../cores/legacy/simulator-process.ts'
import { createPayment, createSplitPayment, getPayment, openCarrier } from '../payments/index.ts'
import { newReference } from '../reference.ts'
import { bankOver, callBy, enrol, newPartner, paperVault, uzs } from '../trial.ts'
import { explainDifference, reconcileWithCore, reportReconciliation } from './index.ts'

const life = wholeFile()
const simulator = await startSimulator(life, '--window', '23:55-00:05', '--clearing', '1')
const zone = 'Asia/Tashkent'
const start = Temporal.Now.plainDateISO(zone)
let clock = start.toZonedDateTime(zone).toInstant()

/** Turns the clocks of the core and of the bank. */
const turn = async (days: number, time: string) => {
  const to = start.add({ days }).toPlainDateTime(time)
  await simulator.control(`clock ${to.toString({ smallestUnit: 'second' })}`)
  clock = to.toZonedDateTime(zone).toInstant()
}
await turn(0, '12:00')

const database = await freshDatabase('cell')
const { core } = openCoreOn(simulator, life, { now: () => clock })
const programme = '9000010101'
const bank = await bankOver(database.as('bank'), core, {
  now: () => clock,
  vault: paperVault().vault,
  programme,
})
const carrier = openCarrier(bank)
const partnerId = newPartner()
const { subject, id } = await enrol({ bank, core }, partnerId, '90000002')
const purse = '9000000201'

const pay = async (minor: bigint, to: { number: string; bankCode: string }) => {
  const request = {
    instructedAmount: uzs(minor),
    creditorAccount: {
      schemeName: 'UZ.AccountNumber' as const,
      identification: to.number,
      bankCode: to.bankCode,
    },
    creditorName: 'Bozor Market',
  }
  const detail = {
    type: 'urn:bank:payment:v1',
    ...request,
    instructedAmount: moneyJson(request.instructedAmount),
    accounts: [id(purse)],
  }
  const consent = { subject, consentId: `consent_${uuidv7()}`, details: [detail] }
  const caller = callBy(partnerId, 'createPayment', consent)
  const payment = await createPayment(bank, carrier, caller, request)
  const status = async () => (await getPayment(bank, caller, payment.id)).status
  return { payment, status }
}
const at = async (ref: string) => {
  const account = await core.account(ref)
  assert.ok(account)
  return account
}
const market = await at(programme)
const statements = core.statements ?? assert.fail('the core puts down statements')

/** The file of a day, as soon as the core has put it down; then everything is compared. */
const reconciled = async (days: number) => {
  const name = `VYP${start.add({ days }).toString().slice(2).replaceAll('-', '')}.TXT`
  await eventually(async () => (await statements.list()).some((file) => file.name === name))
  await reconcileWithCore(bank)
  return reportReconciliation(bank, { days: 30 })
}

test('what is ordered in the core’s night waits honestly, is carried in its morning, and both days agree to the tiyin', async () => {
  const { payment } = await pay(250_000_00n, market)
  assert.equal(payment.status, 'ACSC')
  const call = (operation: string) => callBy(partnerId, operation)
  const seller = await at('9000010201')
  await createSplitPayment(bank, carrier, call('createSplitPayment'), {
    paymentId: payment.id,
    grossAmount: uzs(250_000_00n),
    legs: [
      {
        legId: 'seller',
        destination: {
          schemeName: 'UZ.AccountNumber',
          identification: seller.number,
          bankCode: seller.bankCode,
          name: 'Seller',
        },
        role: 'seller',
        releaseCondition: 'immediate',
        amount: uzs(250_000_00n),
      },
    ],
  })
  const abroad = await pay(77_000_00n, { number: '80208000900000205001', bankCode: '09998' })
  assert.equal(abroad.payment.status, 'ACSP')
  const cards = cardTrial({ bank, carrier, core, ...unused })
  const issued = { cardType: 'virtual', currency: 'UZS' } as const
  const card = await issueCard(
    bank,
    callBy(partnerId, 'issueCard', {
      subject,
      consentId: `consent_${uuidv7()}`,
      details: [{ type: 'urn:bank:card-issue:v1', ...issued, accounts: [id(purse)] }],
    }),
    issued,
  )
  const held = await cards.ask(card, 50_000_00n)
  assert.equal(held.approved, true)
  await clear(bank, 'system', { ...cards.by(held), amount: uzs(30_000_00n), final: false })

  await turn(0, '23:56')
  const waiting = await pay(12_345_67n, market)
  assert.equal(waiting.payment.status, 'PDNG')
  await assert.rejects(core.balances(purse), (error) => {
    assert.ok(error instanceof Problem)
    assert.equal(error.code, 'core/closed')
    const seconds = Number(error.particulars.headers?.['Retry-After'])
    assert.ok(seconds > 530 && seconds <= 540, `${seconds} seconds`)
    return true
  })
  await clear(bank, 'system', { ...cards.by(held), amount: uzs(5_000_00n), final: false })
  await carrier.lookAfter()
  await carrier.stop()
  assert.equal(await waiting.status(), 'PDNG')

  await turn(1, '00:06')
  await carrier.lookAfter()
  await carrier.stop()
  await carryOrders(bank)
  assert.equal(await waiting.status(), 'ACSC')
  await eventually(async () => (await abroad.status()) === 'ACSC' || (await lookAgain()))
  const first = await reconciled(0)
  assert.deepEqual(first.differences, [])
  const [day] = first.days
  assert.equal(day?.day.toString(), start.toString())
  // Payment, leg and capture were booked that day; what set out and what waited were booked the next.
  assert.deepEqual([day?.orders, day?.holds], [3, 1])

  await turn(2, '00:06')
  const second = await reconciled(1)
  assert.deepEqual(second.differences, [])
  assert.deepEqual([second.days[0]?.orders, second.days[0]?.holds], [3, 1])
})

/** What a trial has beside these, and nobody here asks for. */
const unused = {
  soundCore: core,
  paper: paperVault(),
  sent: [],
  faults: [],
  silent: false,
  pass: () => {},
  accountOf: at,
  booked: async (ref: string) => (await core.balances(ref)).booked.minor,
}

const lookAgain = async () => {
  clock = clock.add({ seconds: 11 })
  await carrier.lookAfter()
  await carrier.stop()
  return false
}

const referenceOf = async (paymentId: string) => {
  const { reference } = await database.owner.one(z.object({ reference: z.string() }))`
    select reference from payments.transfer where payment_id = ${paymentId}
  `
  return reference
}
const owner = database.owner

test('whatever differs is found, journalled, and open until it is explained; what was only late explains itself', async () => {
  await turn(2, '12:00')
  const names = ['amount', 'account', 'rejected-by-us', 'open-with-us'] as const
  const wrong = new Map<string, string>()
  for (const name of names)
    wrong.set(name, await referenceOf((await pay(1_000_00n, market)).payment.id))
  const [amount, account, rejected, open] = names.map((name) => wrong.get(name))
  await owner.run`update payments.transfer set amount_minor = 100001 where reference = ${amount}`
  await owner.run`update payments.transfer set debtor_ref = '9000000202' where reference = ${account}`
  await owner.run`
    update payments.transfer set status = 'rejected', reason_code = 'AM04' where reference = ${rejected}
  `
  await owner.run`update payments.transfer set status = 'written' where reference = ${open}`
  wrong.set('missing-at-core', newReference())
  await owner.run`
    insert into payments.transfer (reference, partner_id, purpose, split_id, leg_id, debtor_ref, creditor_number, creditor_bank,
                                   creditor_name, amount_minor, currency, text, status, next_at, created_at, updated_at)
    select ${wrong.get('missing-at-core')}, partner_id, purpose, split_id, leg_id, debtor_ref, creditor_number, creditor_bank,
           creditor_name, 5000, currency, text, 'booked', next_at, ${clock}, ${clock}
      from payments.transfer where purpose = 'leg' limit 1
  `
  wrong.set('unknown-to-us', newReference())
  await core.transfer({
    reference: wrong.get('unknown-to-us') ?? '',
    debtor: purse,
    creditor: { ...market, name: 'Bozor Market' },
    amount: uzs(900n),
    text: 'Behind our back',
  })
  wrong.set('hold', newReference())
  await core.holds?.place({
    reference: wrong.get('hold') ?? '',
    account: purse,
    amount: uzs(800n),
    text: 'Behind our back',
  })

  await turn(3, '00:06')
  const found = await reconciled(2)
  assert.deepEqual(
    found.differences.map(({ kind, subject, status }) => `${kind} ${subject} ${status}`).toSorted(),
    [...wrong].map(([kind, subject]) => `${kind} ${subject} open`).toSorted(),
  )
  const sides = new Map(found.differences.map((d) => [d.kind, [d.oursMinor, d.coreMinor]]))
  assert.deepEqual(sides.get('amount'), [-100_001n, -100_000n])
  assert.deepEqual(sides.get('account'), [-100_000n, null])
  assert.deepEqual(sides.get('unknown-to-us'), [null, -900n])
  assert.deepEqual(sides.get('missing-at-core'), [-5_000n, null])
  assert.deepEqual(sides.get('hold'), [null, 800n])
  const told = (await readEntries(bank.db, 0n)).filter(
    ({ event }) => event === 'reconciliation.difference-found',
  )
  assert.equal(told.length, wrong.size)

  await owner.run`update payments.transfer set status = 'booked' where reference = ${open}`
  await core.holds?.cancel(wrong.get('hold') ?? '')
  await turn(4, '00:06')
  const later = await reconciled(3)
  assert.deepEqual(
    later.differences
      .flatMap(({ kind, status }) => (status === 'explained' ? [kind] : []))
      .toSorted(),
    ['hold', 'open-with-us'],
  )
  assert.equal(later.differences.length, wrong.size)

  const unknown = later.differences.find(({ kind }) => kind === 'unknown-to-us')
  assert.ok(unknown)
  const words = { id: unknown.id, explanation: 'Keyed in at the counter under our operator' }
  const after = await explainDifference(bank, 'staff:finance', words)
  assert.deepEqual([after.status, after.explainedBy], ['explained', 'staff:finance'])
  await assert.rejects(explainDifference(bank, 'staff:finance', words), {
    code: 'reconciliation/difference-explained',
  })
  await assert.rejects(bank.db.run`delete from reconciliation.difference`, /stays written/)
  await assert.rejects(
    bank.db.run`update reconciliation.difference set explanation = 'x' where id = ${unknown.id}`,
    /stays written/,
  )
})

test('a day without a file is missing until it comes, and what should have come is missing some hours later', async () => {
  await turn(6, '00:06')
  await eventually(async () => (await statements.list()).length === 7)
  const name = (await statements.list()).at(-2)?.name ?? ''
  const lying = join(simulator.statements, name)
  renameSync(lying, `${lying}.elsewhere`)
  const missing = async () => {
    await reconcileWithCore(bank)
    const { differences } = await reportReconciliation(bank, { days: 30 })
    return differences
      .filter(({ kind }) => kind === 'statement-missing')
      .map(({ subject, status }) => `${subject} ${status}`)
      .toSorted()
  }
  const fifth = start.add({ days: 4 }).toString()
  assert.deepEqual(await missing(), [`${fifth} open`])
  renameSync(`${lying}.elsewhere`, lying)
  assert.deepEqual(await missing(), [`${fifth} explained`])

  clock = clock.add({ hours: 24 + 5 })
  assert.deepEqual(await missing(), [`${fifth} explained`])
  clock = clock.add({ hours: 2 })
  assert.deepEqual(await missing(), [
    `${fifth} explained`,
    `${start.add({ days: 6 }).toString()} open`,
  ])
})
