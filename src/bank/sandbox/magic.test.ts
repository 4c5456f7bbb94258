/** What the last two digits of an amount play on accounts of the scripted customer, from the bank's door to its journal. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, test } from 'node:test'
import { z } from 'zod'
import { uuidv7 } from '#kernel/id.ts'
import { CALLER_HEADER, callerSigner, callerVerifier, PLAYED_HEADER } from '#platform/caller.ts'
import { openServer } from '#platform/http.ts'
import { sha256url } from '#platform/jose.ts'
import { openLog } from '#platform/log.ts'
import { freshDatabase } from '#test/world.ts'
import { openDoors } from '../bank.ts'
import { accountNumber, accountRef, ownBankCode } from '../cores/synthetic/account-number.ts'
import { onBehalf } from '../cores/synthetic/behalf.ts'
import { scriptedCustomer } from '../cores/synthetic/magic.ts'
import * as store from '../cores/synthetic/store.ts'
import { sayWishes, sweepWishes } from '../cores/synthetic/wishes.ts'
import { admitOnlyPartnerCalls } from '../partner-call.ts'
import { openCarrier } from '../payments/index.ts'
import { callBy, enrol, newPartner, noon, openTrial, refs, uzs } from '../trial.ts'
import type { BankWorld } from '../world.ts'

const db = (await freshDatabase('cell')).as('bank')
const trial = await openTrial(db)
const { soundCore: shared } = trial
const bank: BankWorld = {
  ...trial.bank,
  coreFor: (partnerId) =>
    onBehalf({ db, now: trial.bank.now, zone: trial.bank.zone, shared }, partnerId),
}
const key = randomBytes(32)
const sign = callerSigner(key)
const server = openServer(openLog({ process: 'magic' }, 'silent'), { trustInteractionId: true })
admitOnlyPartnerCalls(server, callerVerifier(key), () => Temporal.Now.instant())
openDoors(server, bank, openCarrier(bank))
after(() => server.close())

const scripted = accountRef(scriptedCustomer, 3)
const what = {
  owner: scriptedCustomer,
  serial: 3,
  kind: 'current',
  currency: 'UZS',
  nickname: 'Third',
  status: 'enabled',
} as const
await store.addCustomer(db, {
  ref: scriptedCustomer,
  kind: 'person',
  name: 'Namunayeva Sinov Qoida qizi',
  nationalId: '90101002000090',
})
await store.addAccount(db, {
  ...what,
  ref: scripted,
  number: accountNumber({ ...what, ownerKind: 'person' }),
  bankCode: ownBankCode,
  openedOn: Temporal.PlainDate.from('2025-01-01'),
  limit: 0n,
})
await shared.outside?.pay({
  reference: 'OPENING',
  account: scripted,
  amount: uzs(50_000_00n),
  other: { name: 'Anybody', account: '80206000900000000001' },
  text: 'Opening',
})
const pottery = await trial.accountOf(refs.pottery)

/** A payment of so much by the scripted customer, and one that asks what became of it. */
const partner = async () => {
  const partnerId = newPartner()
  const { subject, id } = await enrol(trial, partnerId, scriptedCustomer)
  const accounts = [id(scripted)]
  const ask = async (operation: string, path: string, body?: object) => {
    const payload = body === undefined ? '' : JSON.stringify(body)
    const details = [{ type: 'urn:bank:payment:v1', ...body, accounts }]
    const caller = callBy(partnerId, operation, {
      subject,
      consentId: `consent_${uuidv7()}`,
      details,
      bodySha256: sha256url(payload),
      at: Temporal.Now.instant(),
    })
    return server.inject({
      method: body === undefined ? 'GET' : 'POST',
      url: path,
      headers: {
        [CALLER_HEADER]: sign(caller),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      payload,
    })
  }
  const order = (amount: string) =>
    ask('createPayment', '/payments/v1/payments', {
      instructedAmount: { amount, currency: 'UZS' },
      creditorAccount: { schemeName: 'UZ.AccountNumber', identification: pottery.number },
      creditorName: 'Rishton Pottery',
    })
  const pay = async (amount: string) => Payment.parse((await order(amount)).json())
  return { partnerId, order, pay }
}
const Payment = z.looseObject({
  status: z.string(),
  statusReason: z.string().nullish(),
  paymentId: z.string().optional(),
})

const journalOf = (what: string) => db.many(z.object({ body: z.string() }))`
  select body from journal.entry where body like ${`%${what}%`} order by id limit 20
`

test('each ending of the table comes of its two digits', async () => {
  const { pay } = await partner()
  for (const [amount, status, reason] of [
    ['12.01', 'ACSC', null],
    ['12.02', 'RJCT', 'AM04'],
    ['12.03', 'RJCT', 'AM02'],
    ['12.04', 'RJCT', 'AC01'],
    ['12.05', 'ACSP', null],
    ['12.06', 'ACSC', null],
    ['12.07', 'PDNG', null],
    ['12.08', 'ACSC', null],
  ] as const) {
    const paid = await pay(amount)
    assert.deepEqual([paid.status, paid.statusReason ?? null], [status, reason], amount)
  }
})

test('what is played to one partner is answered as played, and to nobody else', async () => {
  const { partnerId, order } = await partner()
  const other = await partner()
  const until = trial.bank.now().add({ minutes: 1 })
  const marked = async (by: typeof order) => (await by('5.00')).headers[PLAYED_HEADER]
  assert.equal(await marked(order), undefined)

  const worlds = bank.coreFor(partnerId).worlds?.of(partnerId)
  await worlds?.turn({ play: 'core_closed', delayMs: 0, until })
  assert.equal(await marked(order), '1')
  assert.equal(await marked(other.order), undefined)
})

test('08: the wish for a second webhook outlives the bank, and is said once, when the first was brought', async () => {
  const { partnerId, pay } = await partner()
  await pay('31.08')
  const said = async () =>
    (await journalOf(partnerId)).filter(({ body }) => body.includes('"sandbox.webhooks-simulated"'))

  await sayWishes(db, noon.add({ seconds: 2 }))
  assert.deepEqual(await said(), [])
  await Promise.all([
    sayWishes(db, noon.add({ minutes: 1 })),
    sayWishes(db, noon.add({ minutes: 1 })),
  ])

  const [wish, ...more] = await said()
  assert.match(wish?.body ?? '', /"kind":"duplicate"/)
  assert.deepEqual(more, [])

  const kept = async () =>
    (await db.many(z.object({ reference: z.string() }))`select reference from worlds.wish`).length
  const before = await kept()
  await sweepWishes(db, noon.add({ hours: 89 * 24 }))
  assert.equal(await kept(), before)
  await sweepWishes(db, noon.add({ hours: 91 * 24 }))
  assert.ok((await kept()) < before)
})

test('09: the answer is held for longer than its webhook takes', async () => {
  const { partnerId, pay } = await partner()
  const asked = performance.now()

  const { status } = await pay('45.09')

  assert.ok(performance.now() - asked >= 2_500)
  assert.equal(status, 'ACSC')
  const events = await journalOf(partnerId)
  assert.ok(events.some(({ body }) => body.includes('"payments.settled"')))
})
