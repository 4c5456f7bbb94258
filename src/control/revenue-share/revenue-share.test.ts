import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { freshDatabase, noon } from '#test/world.ts'
import { uuidv7 } from '#kernel/id.ts'
import { type Actor, type Work, work } from '#journal/index.ts'
import { approvedByTwo } from '#test/two-people.ts'
import {
  appliers as billingAppliers,
  balanceOf,
  bounds,
  monthNamed,
  outOfBalance,
  payableOf,
  post,
  receivableOf,
} from '#control/billing/index.ts'
import { PartnerId, registerPartner } from '#control/partners/index.ts'
import { takeBusinessEvents } from '#control/usage/index.ts'
import {
  AgreementTerms,
  appliers,
  differencesIn,
  draftStatements,
  earned,
  listStatements,
  proposeAgreement,
  proposePayout,
  proposeStatement,
  statementsOf,
} from './index.ts'
import { countedEvents, partOf, sharedMinor } from './share.ts'

const database = await freshDatabase('control')
const db = database.as('control')
const zone = 'Asia/Tashkent'
const billing = { bankName: 'Namuna', zone }
let now = noon
const as = <T>(body: (w: Work) => Promise<T>, actor: Actor = 'system') => work(db, actor, now, body)
const agreed = approvedByTwo(db, new Map(Object.entries({ ...appliers, ...billingAppliers })))

const partner = (name: string) =>
  as(async (w) => {
    const { partner: p } = await registerPartner(w, {
      organisation: name,
      legalName: name,
      country: 'UZ',
      declaredStatuses: [],
      person: {
        name: 'Somebody',
        email: `${uuidv7()}@partner.example`,
        password: 'a long pass phrase',
      },
    })
    return PartnerId.parse(p.id)
  })

let place = 0
/** Tells control of values as the courier does: every line once, in order. */
const happened = (
  partnerId: string,
  events: readonly { minor: bigint; subject: string; reverses?: string; at?: Temporal.Instant }[],
) =>
  db.transaction((tx) => {
    const after = place
    const told = events.map((e) => ({
      seq: String(++place),
      kind: 'card-clearing' as const,
      partnerId,
      applicationId: null,
      subject: e.subject,
      reverses: e.reverses ?? null,
      amountMinor: e.minor.toString(),
      currency: 'UZS',
      occurredAt: (e.at ?? now).toString(),
    }))
    return takeBusinessEvents(
      tx,
      'production',
      { after: String(after), upTo: String(place), events: told },
      now,
    )
  })

test('parts of a share are the share, whatever its size, its sign and its parties', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
      fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 8 }),
      (shared, weights) => {
        const parts = weights.map((_, i) => partOf(shared, weights, i))
        assert.equal(
          parts.reduce((sum, p) => sum + p, 0n),
          shared,
        )
        assert.deepEqual(
          weights.map((_, i) => partOf(-shared, weights, i)),
          parts.map((p) => -p),
        )
      },
    ),
    { numRuns: 200 },
  )
})

test('a share is rounded once: interchange of 1.5 % and of that 40 %, with 5 for each event', () => {
  const terms = { incomePercent: '1.5', sharePercent: '40', perEvent: '5' }
  const events = [
    { id: '1', at: 'x', value: '1000.01' },
    { id: '2', at: 'x', value: '0.33' },
    { id: '3', at: 'x', value: '-500.00' },
  ]
  // (1000.01 + 0.33 − 500.00) × 0.6 % = 3.00204, and one event more than was taken back: 5.
  assert.equal(sharedMinor(events, terms, 2), 800n)
  assert.equal(
    sharedMinor([{ id: '1', at: 'x', value: '0.83' }], { ...terms, perEvent: '0' }, 2),
    0n,
  )
  assert.equal(
    sharedMinor([{ id: '1', at: 'x', value: '-8.34' }], { ...terms, perEvent: '0' }, 2),
    -5n,
  )
})

test('what is taken back counts within its days, to the instant, and not after them', () => {
  const earnedAt = noon
  const within = (days: number) => ({
    id: String(days),
    at: earnedAt.add({ hours: days * 24 }),
    minor: -5n,
    takesBack: { at: earnedAt },
  })
  const unknown = { ...within(1), id: 'unknown', takesBack: null }
  assert.deepEqual(
    countedEvents(
      [
        { id: 'earned', at: earnedAt, minor: 5n, takesBack: null },
        within(180),
        within(181),
        unknown,
      ],
      { clawbackDays: 180 },
      2,
    ).map((e) => e.id),
    ['earned', '180'],
  )
})

test('interchange is shared three ways, stated by the bank, taken back later, set off and paid out', async () => {
  const [telecom, programme, referrer] = [
    await partner('Anor Telecom'),
    await partner('Programme'),
    await partner('Referrer'),
  ]
  const terms = AgreementTerms.parse({
    partnerId: telecom,
    title: 'Interchange of Anor cards',
    basis: 'card-clearing',
    incomePercent: '1.2',
    sharePercent: '50',
    currency: 'UZS',
    parties: [
      { partnerId: telecom, weight: 5 },
      { partnerId: programme, weight: 3 },
      { partnerId: referrer, weight: 2 },
    ],
    clawbackDays: 180,
    startsOn: '2026-11-01',
  })
  await agreed(now, (w) => proposeAgreement(w, terms))
  await happened(telecom, [
    { minor: 1_000_003n, subject: 'a' },
    { minor: 250_000n, subject: 'b' },
  ])
  const november = monthNamed('2026-11', zone)
  const early = await as((w) => draftStatements(w, telecom, november, billing))
  await assert.rejects(
    as((w) => proposeStatement(w, early[0]!.id)),
    { code: 'revenue-share/wrong-step' },
  )

  now = bounds(november).to.add({ hours: 73 })
  const parts: string[] = []
  for (const id of [telecom, programme, referrer]) {
    const [draft] = await as((w) => draftStatements(w, id, november, billing))
    assert.ok(draft)
    assert.deepEqual(differencesIn(draft.content), [])
    parts.push(draft.content.totals.net)
    await agreed(now, (w) => proposeStatement(w, draft.id))
  }
  // 12 500.03 × 0.6 % = 75.00018: 75.00 in parts of 5, 3 and 2.
  assert.deepEqual(parts, ['37.50', '22.50', '15.00'])
  const [issued] = await listStatements(db, { partnerId: telecom })
  assert.match(issued?.number ?? '', /^SBS-\d{6}$/)
  assert.deepEqual(await statementsOf(db, telecom, november, billing), [])

  await happened(telecom, [{ minor: -250_000n, subject: 'c', reverses: 'b' }])
  const december = monthNamed('2026-12', zone)
  const [mirror] = await statementsOf(db, telecom, december, billing)
  // 2 500.00 × 0.6 % = 15.00 of which 5 of 10.
  assert.equal(mirror?.totals.net, '-7.50')

  await as((w) =>
    post(w, { key: `owed:${telecom}`, text: 'owed', currency: 'UZS' }, [
      { account: receivableOf(telecom), minor: 100n },
      { account: 'revenue', minor: -100n },
    ]),
  )
  await assert.rejects(
    as((w) => proposePayout(w, { partnerId: telecom, kind: 'netting', currency: 'UZS' })),
    { code: 'revenue-share/payout-refused' },
    'only invoices can be set off',
  )
  await agreed(now, (w) =>
    proposePayout(w, { partnerId: telecom, kind: 'transfer', currency: 'UZS' }),
  )
  assert.equal((await earned(db, telecom)).get('UZS') ?? 0n, 0n)
  assert.deepEqual(
    (await balanceOf(db, payableOf(programme))).map((b) => b.minor),
    [-2_250n],
  )
  assert.deepEqual(await outOfBalance(db), [])
  await assert.rejects(db.run`delete from revenue_share.statement where status = 'issued'`)
  await assert.rejects(db.run`update revenue_share.booked set minor = 0`)
})

test('a line of a journal counts once, however often and in whatever pieces it is told', async () => {
  const id = await partner('Again')
  const before = place
  await happened(id, [
    { minor: 1n, subject: 'x' },
    { minor: 2n, subject: 'y' },
  ])
  const told = (after: number, upTo: number) =>
    db.transaction((tx) =>
      takeBusinessEvents(
        tx,
        'production',
        {
          after: String(after),
          upTo: String(upTo),
          events: [
            {
              seq: String(upTo),
              kind: 'card-clearing',
              partnerId: id,
              applicationId: null,
              subject: 'again',
              reverses: null,
              amountMinor: '9',
              currency: 'UZS',
              occurredAt: now.toString(),
            },
          ],
        },
        now,
      ),
    )
  assert.deepEqual(await told(before, before + 2), { seq: String(place) })
  assert.deepEqual(await told(place + 5, place + 6), { seq: String(place) }, 'a gap is not jumped')
  const rows = await database.owner.many(
    z.object({ n: z.bigint() }),
  )`select count(*) as n from usage.business_event where partner_id = ${id}`
  assert.equal(rows[0]?.n, 2n)
})

test('terms that cannot be right are refused with the place named', async () => {
  const id = await partner('Wrong')
  const terms = AgreementTerms.parse({
    partnerId: id,
    title: 'Wrong',
    basis: 'reported',
    sharePercent: '0',
    currency: 'XXX',
    parties: [
      { partnerId: id, weight: 1 },
      { partnerId: id, weight: 1 },
    ],
    clawbackDays: 0,
    startsOn: '2026-11-02',
    endsOn: '2026-11-01',
  })
  await assert.rejects(
    as((w) => proposeAgreement(w, terms)),
    (error: { particulars?: { errors?: { pointer: string }[] } }) => {
      assert.deepEqual(error.particulars?.errors?.map((e) => e.pointer).toSorted(), [
        '/basis',
        '/currency',
        '/endsOn',
        '/parties/1/partnerId',
        '/sharePercent',
      ])
      return true
    },
  )
})
