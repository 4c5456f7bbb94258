import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { uuidv7 } from '#kernel/id.ts'
import { amountOf } from '#kernel/money.ts'
import { sha256url } from '#platform/jose.ts'
import { freshDatabase } from '#test/world.ts'
import { getCard, issueCard, listCards } from '../cards/index.ts'
import { CardsQuery } from '../cards/card.ts'
import { onBehalf } from '../cores/synthetic/behalf.ts'
import { keepTemplate } from '../cores/synthetic/worlds.ts'
import type { World } from '../cores/worlds.ts'
import { createQuote, getQuote } from '../fx/index.ts'
import { addDocument, createVerification } from '../kyc/index.ts'
import { VerificationId, VerificationRequest } from '../kyc/verification.ts'
import { createPayment, getPayment, openCarrier } from '../payments/index.ts'
import { openMarketplace } from '../payments/marketplace.ts'
import { PaymentRequest } from '../payments/payment.ts'
import { programmeAccountOf } from '../payments/programme.ts'
import { reconcileProgrammes } from '../payments/reconciliation/index.ts'
import { callBy, enrol, newPartner, openTrial, refs, uzs } from '../trial.ts'
import type { BankWorld } from '../world.ts'

const database = await freshDatabase('cell')
const db = database.as('bank')
const trial = await openTrial(db)
const zone = 'Asia/Tashkent'
const { now } = trial.bank
const behalf = (partnerId: string) =>
  onBehalf({ db, now, zone, shared: trial.soundCore }, partnerId)
const bank: BankWorld = { ...trial.bank, coreFor: behalf }
const carrier = openCarrier(bank)
const pottery = await trial.accountOf(refs.pottery)

const keeper = trial.soundCore.worlds
assert.ok(keeper, 'the make-believe core keeps worlds')
const worldsOf = (partnerId: string) => keeper.of(partnerId)
const made = async (partnerId: string, name = 'one', from?: string): Promise<World> => {
  const world = await worldsOf(partnerId).create(name, from)
  assert.ok(typeof world === 'object', JSON.stringify(world))
  return world
}
const inWorld = async (partnerId = newPartner()) => {
  const world = await made(partnerId)
  assert.ok(await worldsOf(partnerId).use(world.id))
  return { partnerId, world, worlds: worldsOf(partnerId) }
}
const booked = async (partnerId: string, ref: string) =>
  (await behalf(partnerId).balances(ref)).booked.minor

/** Pays the pottery as a partner's customer. */
const pay = async (partnerId: string, minor = 1_000_00n, to = pottery) => {
  const { subject, id } = await enrol(trial, partnerId, refs.payer.owner)
  const body = {
    instructedAmount: { amount: amountOf(uzs(minor)), currency: 'UZS' },
    creditorAccount: { schemeName: 'UZ.AccountNumber', identification: to.number },
    creditorName: 'Rishton Pottery',
  }
  const caller = callBy(partnerId, 'createPayment', {
    subject,
    consentId: `consent_${uuidv7()}`,
    details: [{ type: 'urn:bank:payment:v1', ...body, accounts: [id(refs.payer.current)] }],
    bodySha256: sha256url(JSON.stringify(body)),
  })
  const payment = await createPayment(bank, carrier, caller, PaymentRequest.parse(body))
  return { payment, again: () => getPayment(bank, caller, payment.id) }
}

const issue = async (partnerId: string) => {
  const { subject, id } = await enrol(trial, partnerId, refs.payer.owner)
  const wanted = { cardType: 'virtual', currency: 'UZS' } as const
  const detail = { type: 'urn:bank:card-issue:v1', ...wanted, accounts: [id(refs.payer.current)] }
  const caller = callBy(partnerId, 'issueCard', {
    subject,
    consentId: `consent_${uuidv7()}`,
    details: [detail],
  })
  return { caller, card: await issueCard(bank, caller, wanted) }
}

const gone = { code: 'gateway/not-found' }

/** Every row that goes with the partner's world, as text, by table. */
const rowsOf = async (partnerId: string) => {
  const belongings = await database.owner.many(z.object({ name: z.string(), clause: z.string() }))`
    select name, clause from worlds.belonging order by place
  `
  const all: Record<string, string[]> = {}
  for (const { name, clause } of belongings) {
    const rows = await database.owner.many(z.object({ row: z.string() }))`
      select worlds.rows_of(${name}, ${clause}, ${partnerId}) as row
    `
    if (rows.length > 0) all[name] = rows.map(({ row }) => row).toSorted()
  }
  return all
}
await database.owner.run`
  create function worlds.rows_of(name text, clause text, partner text) returns setof text language plpgsql as
  'begin return query execute format(''select t::text from %s t where %s'', name, clause) using partner; end'
`

test('money moves in the partner’s world, and nowhere else', async () => {
  const shared = newPartner()
  const { partnerId } = await inWorld()
  const other = await inWorld()
  const before = await booked(shared, refs.pottery)

  const { payment } = await pay(partnerId, 5_000_00n)

  assert.equal(payment.status, 'ACSC')
  assert.equal(await booked(partnerId, refs.pottery), before + 5_000_00n)
  assert.equal(await booked(shared, refs.pottery), before)
  assert.equal(await booked(other.partnerId, refs.pottery), before)
})

test('what a partner did stays in the world where it did it, and is there when it returns', async () => {
  const partnerId = newPartner()
  const { payment: early, again: readEarly } = await pay(partnerId)
  const { world, worlds } = await inWorld(partnerId)
  await assert.rejects(readEarly(), gone)

  const { payment, again } = await pay(partnerId)
  const { card, caller } = await issue(partnerId)
  const call = callBy(partnerId, 'createFxQuote')
  const quote = await createQuote(bank, call, {
    sellCurrency: 'UZS',
    buyCurrency: 'USD',
    fixedSide: 'BUY',
    amount: { minor: 10_00n, currency: 'USD' },
    lockPeriod: 'PT15M',
  })
  const verification = await createVerification(
    bank,
    callBy(partnerId, 'createVerification'),
    VerificationRequest.parse({
      reference: 'customer-1',
      purpose: 'ONBOARDING',
      person: {
        fullName: 'Karimova Dilnoza',
        birthDate: '1990-03-14',
        nationalId: 'PNOUZ-91403902000777',
        citizenship: 'UZ',
        residence: 'UZ',
      },
    }),
  )
  const jpeg = Buffer.concat([
    Buffer.from('ffd8ffe0', 'hex'),
    Buffer.from('a face that is nobody’s'),
  ])
  const scan = {
    type: 'ID_CARD',
    mediaType: 'image/jpeg',
    content: jpeg.toString('base64'),
  } as const
  await addDocument(
    bank,
    callBy(partnerId, 'addVerificationDocument'),
    VerificationId.parse(verification.verificationId),
    scan,
  )
  const whole = await rowsOf(partnerId)
  assert.ok(Object.keys(whole).length >= 7, Object.keys(whole).join(', '))

  await worlds.use(null)
  assert.deepEqual(Object.keys(await rowsOf(partnerId)), [
    'payments.payment',
    'payments.payment_status',
    'payments.transfer',
  ])
  assert.equal((await readEarly()).id, early.id)
  await assert.rejects(again(), gone)
  await assert.rejects(getQuote(bank, call, quote.id), gone)
  await assert.rejects(getCard(bank, caller, card.id), gone)

  await worlds.use(world.id)
  assert.deepEqual(await rowsOf(partnerId), whole)
  assert.equal((await again()).id, payment.id)
  assert.equal((await getCard(bank, caller, card.id)).id, card.id)
})

test('a world goes back to its snapshot, and a fork goes its own way', async () => {
  const { partnerId, world, worlds } = await inWorld()
  await pay(partnerId, 1_000_00n)
  const taken = await worlds.snapshot(world.id)
  assert.ok(typeof taken === 'object')
  const then = { rows: await rowsOf(partnerId), booked: await booked(partnerId, refs.pottery) }
  const late = await pay(partnerId, 2_000_00n)
  const fork = await made(partnerId, 'fork', world.id)

  assert.deepEqual(await worlds.restore(world.id, taken.id), { ...world, inUse: true })

  assert.deepEqual(await rowsOf(partnerId), then.rows)
  assert.equal(await booked(partnerId, refs.pottery), then.booked)
  await assert.rejects(late.again(), gone)
  await worlds.use(fork.id)
  assert.equal((await late.again()).id, late.payment.id)
  assert.equal(await booked(partnerId, refs.pottery), then.booked + 2_000_00n)
  // It can be gone back to again, from elsewhere too.
  await worlds.restore(world.id, taken.id)
  await worlds.use(world.id)
  assert.deepEqual(await rowsOf(partnerId), then.rows)
})

test('a world that is reset is as the bank was seeded', async () => {
  const { partnerId, world, worlds } = await inWorld()
  const fresh = await booked(partnerId, refs.pottery)
  await issue(partnerId)
  await pay(partnerId)

  await worlds.reset(world.id)

  assert.deepEqual(await rowsOf(partnerId), {})
  assert.equal(await booked(partnerId, refs.pottery), fresh)
  const { data } = await listCards(bank, callBy(partnerId, 'listCards'), CardsQuery.parse({}))
  assert.deepEqual(data, [])
  await pay(partnerId)
})

test('a new world is as the bank was seeded, whatever was done since in the books that all share', async () => {
  await keepTemplate(db)
  const seeded = await booked(newPartner(), refs.pottery)
  await pay(newPartner(), 7_000_00n)
  assert.equal(await booked(newPartner(), refs.pottery), seeded + 7_000_00n)

  const { partnerId } = await inWorld()

  assert.equal(await booked(partnerId, refs.pottery), seeded)
})

test('a world that is removed leaves nothing, and one that is in use is not removed', async () => {
  const { partnerId, world, worlds } = await inWorld()
  await worlds.snapshot(world.id)
  assert.equal(await worlds.remove(world.id), 'in-use')
  await pay(partnerId)
  await worlds.use(null)

  assert.equal(typeof (await worlds.remove(world.id)), 'object')

  assert.deepEqual(await worlds.list(), [])
  const left = await database.owner.one(z.object({ schemas: z.bigint(), kept: z.bigint() }))`
    select (select count(*) from pg_namespace where nspname = ${world.id}) as schemas,
           (select count(*) from worlds.kept where holder = ${world.id}) as kept
  `
  assert.deepEqual(left, { schemas: 0n, kept: 0n })
})

test('a partner has five worlds, each with a name of its own, and each with five snapshots', async () => {
  const partnerId = newPartner()
  const worlds = worldsOf(partnerId)
  const first = await made(partnerId, 'a')
  await worlds.snapshot(first.id)
  await database.owner.run`
    insert into worlds.world (id, partner_id, name, created_at, used_at)
    select 'world_' || repeat(n::text, 32), ${partnerId}, 'w' || n, now(), now() from generate_series(1, 3) n
  `
  await database.owner.run`
    insert into worlds.snapshot (id, world_id, taken_at)
    select 'snapshot_' || repeat(n::text, 32), ${first.id}, now() from generate_series(1, 3) n
  `

  const made5 = await Promise.all([worlds.create('e'), worlds.create('f')])
  const taken5 = await Promise.all([worlds.snapshot(first.id), worlds.snapshot(first.id)])

  assert.deepEqual(
    [made5, taken5].map((both) => both.filter((one) => one === 'too-many').length),
    [1, 1],
  )
  assert.equal(await worlds.create('a'), 'name-taken')
  assert.equal((await worlds.list()).length, 5)
  assert.equal((await worlds.snapshots(first.id))?.length, 5)
})

test('nobody reaches a world of another partner by its name, however they ask', async () => {
  const theirs = await inWorld()
  const taken = await theirs.worlds.snapshot(theirs.world.id)
  assert.ok(typeof taken === 'object')
  const before = await booked(theirs.partnerId, refs.pottery)
  const { id } = theirs.world
  const attacker = await inWorld()
  const { worlds } = attacker

  const answers = [
    await worlds.use(id),
    await worlds.reset(id),
    await worlds.remove(id),
    await worlds.snapshots(id),
    await worlds.snapshot(id),
    await worlds.restore(id, taken.id),
    await worlds.restore(attacker.world.id, taken.id),
    await worlds.create('stolen', id),
    await worlds.create('stolen', taken.id),
    await worlds.create('stolen', 'synthetic'),
  ]
  assert.deepEqual(new Set(answers), new Set([undefined]))
  assert.deepEqual(
    (await worlds.list()).map((w) => w.id),
    [attacker.world.id],
  )
  await pay(attacker.partnerId, 9_000_00n)
  assert.equal(await booked(theirs.partnerId, refs.pottery), before)
  const [still] = await theirs.worlds.list()
  assert.equal(still?.inUse, true)
})

test('a world that nobody used for ninety days goes away, and its partner is back where all are', async () => {
  const { partnerId, worlds, world } = await inWorld()
  await database.owner.run`
    update worlds.world set used_at = ${now().subtract({ hours: 90 * 24 + 1 })} where id = ${world.id}
  `
  const busy = await inWorld()

  assert.equal(await keeper.sweep(), 1)

  assert.deepEqual(await worlds.list(), [])
  assert.equal((await busy.worlds.list()).length, 1)
  await pay(partnerId)
})

test('whoever uses a world keeps it', async () => {
  const { partnerId, world } = await inWorld()
  await database.owner.run`
    update worlds.world set used_at = ${now().subtract({ hours: 89 * 24 })} where id = ${world.id}
  `
  await booked(partnerId, refs.pottery)
  const [used] = await worldsOf(partnerId).list()
  assert.equal(used?.usedAt.toString(), now().toString())
})

test('two that change worlds at once end in one of them, with all rows', async () => {
  const { partnerId, world, worlds } = await inWorld()
  await pay(partnerId)
  const other = await made(partnerId, 'two')
  const whole = await rowsOf(partnerId)

  await Promise.all([other.id, null, world.id, other.id, null].map((id) => worlds.use(id)))
  await worlds.use(world.id)

  assert.deepEqual(await rowsOf(partnerId), whole)
  assert.equal((await worlds.list()).filter((w) => w.inUse).length, 1)
})

test('programme funds are reconciled to the tiyin, whoever does what in a world of their own', async () => {
  const { received } = openMarketplace({ ...trial, bank, carrier })
  const partner = await received(300_00n)
  const other = await received(500_00n)
  const { partnerId } = partner.call('createPayment')
  for (const { call } of [partner, other])
    await programmeAccountOf(bank, call('getProgrammeAccount'))
  const statuses = async () => {
    trial.pass(86_400)
    await reconcileProgrammes(bank)
    const rows = await db.many(z.object({ status: z.string(), difference: z.bigint() }))`
      select status, books_minor - ledger_minor as difference from payments.reconciliation order by id desc limit 1
    `
    return rows[0]
  }
  const even = { status: 'MATCHED', difference: 0n }
  assert.deepEqual(await statuses(), even)

  const world = await made(partnerId)
  await worldsOf(partnerId).use(world.id)
  assert.deepEqual(await statuses(), even)
  await pay(partnerId, 70_00n, await trial.accountOf(refs.programme))
  assert.deepEqual(await statuses(), even)
  await worldsOf(partnerId).use(null)
  assert.deepEqual(await statuses(), even)
})
