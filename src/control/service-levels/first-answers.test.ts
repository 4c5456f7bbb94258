import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bankDocuments } from '#test/documents.ts'
import { underContract } from '#test/under-contract.ts'
import { freshDatabase, noon } from '#test/world.ts'
import { canonical } from '#kernel/canonical.ts'
import { uuidv7 } from '#kernel/id.ts'
import { work } from '#journal/index.ts'
import { Content, differencesIn, draftMonth, monthNamed } from '#control/billing/index.ts'
import { Promised } from '#control/contracts/index.ts'
import { seedControl } from '#control/seed.ts'
import { answerSupport, openSupport, type SupportId } from '#control/support/index.ts'
import { openMeter } from '#control/usage/index.ts'
import { levelFaults } from './agreement.ts'
import { Evaluation, evaluationNamed, judgeMonth, LevelTerms } from './index.ts'

const bands = [{ below: '99.9', percent: '10' }]

const db = (await freshDatabase('control')).as('control')
await seedControl(db, noon, { documents: bankDocuments() })
const zone = 'Asia/Tashkent'
const billing = { bankName: 'Namuna', zone }

/** Ten payments, so that there is a fee to give back of. */
const tenCalls = (by: { partnerId: string; contractId: string }) =>
  work(db, 'system', noon.add({ hours: 1 }), (w) =>
    openMeter().take(w, 'production', {
      gateway: `gateway_${uuidv7()}`,
      boot: uuidv7(),
      records: Array.from({ length: 10 }, (_, n) => ({
        callId: uuidv7(noon.epochMilliseconds + n),
        seq: n + 1,
        occurredAt: noon.add({ milliseconds: n }).toString(),
        ...by,
        applicationId: 'application_1',
        product: 'payments',
        operation: 'createPayment',
        priceVersion: '2026-11',
        consentId: null,
        status: 201,
        code: null,
        billable: true,
        units: 1,
        latencyMs: 50,
        upstreamMs: 3,
        epoch: 1,
      })),
    }),
  )

test('a promise of first answers may stand alone, its bands are checked, and a text without it keeps its bytes', () => {
  const bare = {
    product: 'payments',
    title: 'x',
    availability: { method: 'occurrences', badPercent: '5', bands },
    latency: [],
    base: 'product',
    capPercent: null,
    maintenance: null,
  }
  assert.equal(canonical(Promised.parse(bare)), canonical(bare))
  assert.ok(!('support' in Promised.parse(bare)))
  const alone = LevelTerms.parse({
    product: 'payments',
    title: 'x',
    support: { bands },
    startsOn: '2026-11-01',
  })
  assert.deepEqual(levelFaults(alone, true), [])
  const wrong = { ...alone, support: { bands: [{ below: '101', percent: '10' }] } }
  assert.deepEqual(
    levelFaults(wrong, false).map((e) => e.pointer),
    ['/support/bands/0/below'],
  )
  assert.throws(() => Promised.parse({ ...bare, support: null }))
})

test('first answers that came too late are credited on the next draft, with each request as evidence', async () => {
  const promised = Promised.parse({
    product: 'payments',
    title: 'Payments, answered in time',
    support: { bands: [{ below: '90', percent: '20' }] },
  })
  const { partnerId, contractId } = await underContract(db, noon, {
    tier: 'Bronze',
    products: ['payments', 'cards'],
    priceVersion: '2026-11',
    levels: [promised],
  })
  await tenCalls({ partnerId, contractId })
  // Bronze answers a major request in eighteen hours of office time: from Monday, 23 November on, so Tuesday 18:00.
  const due = Temporal.Instant.from('2026-11-24T13:00:00Z')
  const ask = async (product: string | null = 'payments') =>
    (
      await work(db, 'system', noon, (w) =>
        openSupport(w, {
          partnerId,
          cell: 'production',
          product,
          urgency: 'major',
          subject: 'Payments wait',
          said: 'All of them.',
          callId: null,
        }),
      )
    ).id
  const answer = (id: SupportId, instant: Temporal.Instant) =>
    work(db, 'staff:staff_1', instant, (w) => answerSupport(w, id, 'We look.'))
  const [exact, late, silent] = [await ask(), await ask(), await ask()]
  await ask('cards')
  await ask(null)
  await answer(exact, due)
  await answer(late, due.add({ milliseconds: 1 }))
  const month = monthNamed('2026-11', zone)
  const judgedAt = async (now: Temporal.Instant) => (await judgeMonth(db, partnerId, month, now))[0]

  // Nothing is due yet: nothing is missed, though nobody had answered by then.
  assert.equal((await judgedAt(noon.add({ hours: 1 })))?.evaluation.objectives[0]?.total, '0')
  const settled = await judgedAt(due.add({ hours: 1 }))
  assert.deepEqual(
    settled?.evaluation.objectives.map((o) => [o.objective, o.good, o.total]),
    [['first answer in time', '1', '3']],
  )
  const [draft] = await work(db, 'system', due.add({ hours: 1 }), (w) =>
    draftMonth(w, partnerId, month, billing),
  )
  assert.ok(draft)
  const content = Content.parse(draft.content)
  // 10 × 500 for payments; a third in time is below 90 %: 20 %.
  const line = content.sections[0]?.lines.find((l) => l.kind === 'service_credit')
  assert.equal(line?.amount, '-1000.00')
  assert.deepEqual(differencesIn(content), [])
  const evaluation = content.sections[0]?.serviceLevels?.[0]?.evaluation ?? ''
  const kept = await evaluationNamed(db, evaluation, partnerId)
  assert.deepEqual(
    Evaluation.parse(kept?.result).answers?.map((a) => [a.requestId, a.dueAt, a.answeredAt]),
    [
      [late, due.toString(), due.add({ milliseconds: 1 }).toString()],
      [silent, due.toString(), null],
      [exact, due.toString(), due.toString()],
    ].toSorted(([a = ''], [b = '']) =>
      a === exact ? 1 : b === exact ? -1 : (a ?? '') < (b ?? '') ? -1 : 1,
    ),
  )
  // An answer behind the month's end changes nothing of its judgement.
  const before = (await judgedAt(Temporal.Instant.from('2026-12-02T00:00:00Z')))?.sha256
  await answer(silent, Temporal.Instant.from('2026-12-01T12:00:00Z'))
  assert.equal((await judgedAt(Temporal.Instant.from('2026-12-02T00:00:00Z')))?.sha256, before)
})
