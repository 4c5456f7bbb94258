import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bankDocuments } from '#test/documents.ts'
import { approvedByTwo } from '#test/two-people.ts'
import { freshDatabase, noon } from '#test/world.ts'
import { uuidv7 } from '#kernel/id.ts'
import { work } from '#journal/index.ts'
import type { UsageRecord } from '#gateway/usage.ts'
import { openLog } from '#platform/log.ts'
import {
  Content,
  contentsOf,
  differencesIn,
  draftMonth,
  monthNamed,
} from '#control/billing/index.ts'
import {
  appliers as contractAppliers,
  ContractId,
  countersignContract,
  listContracts,
  Promised,
  proposeOffer,
  signContract,
} from '#control/contracts/index.ts'
import { PartnerId, registerPartner } from '#control/partners/index.ts'
import { seedControl } from '#control/seed.ts'
import { openMeter } from '#control/usage/index.ts'
import { levelFaults } from './agreement.ts'
import {
  addProbe,
  announceMaintenance,
  appliers,
  evaluate,
  evaluationNamed,
  type Level,
  LevelId,
  LevelTerms,
  listLevels,
  probePromised,
  proposeLevel,
} from './index.ts'
import {
  byConsecutive,
  byOccurrences,
  byRatioOfTimeslices,
  byTimeslices,
  outages,
  percentText,
} from './judging.ts'

const at = (seconds: number) => noon.add({ milliseconds: Math.round(seconds * 1_000) })

const bands = [{ below: '99.9', percent: '10' }]

const db = (await freshDatabase('control')).as('control')
await seedControl(db, noon, { documents: bankDocuments() })
const zone = 'Asia/Tashkent'
const billing = { bankName: 'Namuna', zone }
const agreed = approvedByTwo(db, new Map(Object.entries({ ...appliers, ...contractAppliers })))
const meter = openMeter()

const underContract = async (levels: readonly Promised[] = []) => {
  const { partner, person } = await work(db, 'system', noon, (w) =>
    registerPartner(w, {
      organisation: 'Anor',
      legalName: 'Anor LLC',
      country: 'UZ',
      declaredStatuses: [],
      person: { name: 'P', email: `${uuidv7()}@p.example`, password: 'a long pass phrase' },
    }),
  )
  const partnerId = PartnerId.parse(partner.id)
  await agreed(noon, (w) =>
    proposeOffer(
      w,
      {
        partnerId,
        tier: 'Bronze',
        products: ['payments', 'cards'],
        priceVersion: '2026-11',
        levels,
      },
      'Namuna',
    ),
  )
  const [contract] = await listContracts(db, { partnerId })
  assert.ok(contract)
  await work(db, `person:${person.id}`, noon, (w) =>
    signContract(w, { partnerId, id: contract.id }, contract.documentSha256),
  )
  await work(db, 'system', noon, (w) =>
    countersignContract(w, contract.id, contract.documentSha256),
  )
  const source = { gateway: `gateway_${uuidv7()}`, boot: uuidv7() }
  let seq = 0
  const calls = (all: readonly (readonly [number, number, (string | null)?, number?])[]) =>
    work(db, 'system', noon.add({ hours: 1 }), (w) =>
      meter.take(w, 'production', {
        ...source,
        records: all.map(([seconds, status, code = null, latencyMs = 50]): UsageRecord => {
          const moment = at(seconds)
          return {
            callId: uuidv7(moment.epochMilliseconds),
            seq: ++seq,
            occurredAt: moment.toString(),
            partnerId,
            applicationId: 'application_1',
            product: 'payments',
            operation: 'createPayment',
            contractId: contract.id,
            priceVersion: '2026-11',
            consentId: null,
            status,
            code,
            billable: status < 400,
            units: 1,
            latencyMs,
            upstreamMs: 3,
            epoch: 1,
          }
        }),
      }),
    )
  return { partnerId, contractId: ContractId.parse(contract.id), calls }
}

test('the same calls are judged differently by each method, and each exactly', () => {
  const slices = [
    { good: 100n, total: 100n },
    { good: 9n, total: 10n },
    { good: 0n, total: 1n },
  ]
  assert.deepEqual(byOccurrences(slices), { good: 109n, total: 111n })
  assert.deepEqual(byTimeslices(slices, { good: 5n, total: 1n }), { good: 1n, total: 3n })
  assert.deepEqual(byTimeslices(slices, { good: 10n, total: 1n }), { good: 2n, total: 3n })
  // (1 + 9/10 + 0) ÷ 3
  assert.equal(percentText(byRatioOfTimeslices(slices)), '63.3333')
})

test('the mean of slices is between the worst and the best of them, and equal calls give equal means', () => {
  const slice = fc
    .tuple(fc.bigInt({ min: 1n, max: 500n }), fc.bigInt({ min: 0n, max: 500n }))
    .map(([total, good]) => ({ total, good: good > total ? total : good }))
  fc.assert(
    fc.property(fc.array(slice, { minLength: 1, maxLength: 40 }), (slices) => {
      const mean = byRatioOfTimeslices(slices)
      const least = slices.every((s) => s.good * mean.total >= 0n)
      assert.ok(least && mean.good <= mean.total)
      for (const s of slices.slice(0, 1))
        assert.deepEqual(
          percentText(byRatioOfTimeslices([s, s, s])),
          percentText({ good: s.good, total: s.total }),
        )
    }),
    { numRuns: 100 },
  )
})

test('EBA/GL/2018/07 2.2: five unanswered within thirty seconds are an outage from the first of them; four are none', () => {
  const turns = (seconds: readonly number[], answeredAt: number) => [
    ...seconds.map((s) => ({ at: at(s), bad: true })),
    { at: at(answeredAt), bad: false },
  ]
  assert.deepEqual(outages(turns([0, 1, 2, 3], 4), at(100)), [])
  assert.deepEqual(outages(turns([0, 10, 20, 25, 30.001], 40), at(100)), [])
  assert.deepEqual(outages(turns([0, 10, 20, 25, 30], 40), at(100)), [{ from: at(0), to: at(40) }])
  // The first was too early: the five that count begin with the second.
  assert.deepEqual(outages(turns([0, 10, 20, 25, 31, 35], 50), at(100)), [
    { from: at(10), to: at(50) },
  ])
  const open = outages(
    [0, 1, 2, 3, 4].map((s) => ({ at: at(s), bad: true })),
    at(60),
  )
  assert.deepEqual(byConsecutive(open, { from: at(0), to: at(120) }), {
    good: 60_000n,
    total: 120_000n,
  })
})

test('what is printed is never better than what was reached', () => {
  assert.equal(percentText({ good: 99_999_999n, total: 100_000_000n }), '99.9999')
  assert.equal(percentText({ good: 0n, total: 0n }), '100')
})

test('terms that cannot be right are refused with the place, and nothing is excused of what the law opens', () => {
  const terms = LevelTerms.parse({
    product: 'accounts',
    title: 'x',
    availability: {
      method: 'occurrences',
      bands: [
        { below: '99', percent: '20' },
        { below: '99.5', percent: '30' },
      ],
    },
    maintenance: { noticeHours: 24, minutesAMonth: 60 },
    startsOn: '2026-11-01',
  })
  assert.deepEqual(
    levelFaults(terms, true).map((e) => e.pointer),
    ['/availability/bands/1/below', '/maintenance'],
  )
})

test('a promise that was not kept is a line of the next draft by itself, with evidence that can be computed again', async () => {
  const { partnerId, contractId, calls } = await underContract()
  const terms = LevelTerms.parse({
    product: 'payments',
    title: 'Payments, 99.9 % of calls',
    availability: { method: 'occurrences', bands },
    latency: [{ withinMs: 800, bands: [{ below: '95', percent: '25' }] }],
    capPercent: '15',
    startsOn: '2026-11-01',
  })
  await agreed(noon, (w) => proposeLevel(w, contractId, terms))
  await calls([
    ...Array.from({ length: 18 }, (_, i) => [i, 201] as const),
    [20, 201, null, 800],
    [21, 201, null, 801],
    [22, 503, 'gateway/core-protected'],
    // None of these counts: the partner's own, and what went beyond its limits.
    [23, 400, 'gateway/invalid'],
    [24, 404, 'payments/not-found'],
    [25, 429, 'gateway/rate-limited'],
    [26, 499, null],
  ])
  const month = monthNamed('2026-11', zone)
  const [draft] = await work(db, 'system', noon.add({ hours: 2 }), (w) =>
    draftMonth(w, partnerId, month, billing),
  )
  assert.ok(draft)
  const content = Content.parse(draft.content)
  const line = content.sections[0]?.lines.find((l) => l.kind === 'service_credit')
  // 20 × 500 for payments; the calls broke 99.9 %, latency (19 of 20) kept its 95 %: 10 %.
  assert.equal(line?.amount, '-1000.00')
  assert.deepEqual(differencesIn(content), [])
  const [broken] = content.sections[0]?.serviceLevels ?? []
  assert.deepEqual(
    broken?.input.sla.slos.map((s) => [s.good, s.total]),
    [
      ['20', '21'],
      ['19', '20'],
    ],
  )
  assert.ok(await evaluationNamed(db, broken?.evaluation ?? '', partnerId))
  assert.equal(await evaluationNamed(db, broken?.evaluation ?? '', PartnerId.next()), undefined)
  await assert.rejects(db.run`delete from service_levels.evaluation`)

  // More became known: the difference is booked, not the whole again.
  await calls([[30, 201]])
  const [again] = await contentsOf(db, partnerId, month, billing)
  assert.equal(
    again?.sections[0]?.lines.find((l) => l.kind === 'service_credit')?.amount,
    '-1050.00',
  )
})

test('a minute without calls is what the probe found; announced work is left out with its notice and no longer than agreed', async () => {
  const { partnerId, contractId, calls } = await underContract()
  await calls([[5, 201]])
  await addProbe(db, 'payments', at(60), false)
  await addProbe(db, 'payments', at(120), true)
  // The partner called in this minute: the probe has no word in it.
  await addProbe(db, 'payments', at(0), false)
  const level = (more: object): Level => ({
    id: LevelId.next(),
    partnerId,
    contractId,
    terms: LevelTerms.parse({
      product: 'payments',
      title: 'x',
      availability: { method: 'timeslices', bands },
      startsOn: '2026-11-01',
      ...more,
    }),
  })
  const span = { from: at(0), to: at(3_600) }
  const plain = await evaluate(db, level({}), span)
  assert.deepEqual(
    [plain.objectives[0]?.good, plain.objectives[0]?.total, plain.probed],
    ['2', '3', 2],
  )
  const announce = (hoursBefore: number, from: number, to: number) =>
    work(db, 'system', at(from).subtract({ hours: hoursBefore }), (w) =>
      announceMaintenance(w, {
        product: 'payments',
        startsAt: at(from),
        endsAt: at(to),
        reason: 'r',
      }),
    )
  await announce(1, 60, 120)
  const excusing = { maintenance: { noticeHours: 24, minutesAMonth: 1 } }
  assert.equal((await evaluate(db, level(excusing), span)).objectives[0]?.total, '3', 'no notice')
  await announce(48, 60, 600)
  const excused = await evaluate(db, level(excusing), span)
  assert.deepEqual([excused.objectives[0]?.good, excused.objectives[0]?.total], ['2', '2'])
  assert.deepEqual(
    excused.excluded.map((w) => [w.from, w.to]),
    [[at(60).toString(), at(120).toString()]],
  )
})

test('a product is asked where something is promised about it today, and what stood in the way is a failure', async () => {
  const { contractId, partnerId } = await underContract()
  const asked: string[] = []
  const down = new Set<string>()
  const prober = {
    products: () => ['payments', 'cards'],
    ask: async (product: string) => {
      asked.push(product)
      if (down.has(product)) throw new Error('it is down')
    },
  }
  const now = at(40 * 86_400)
  const world = { now: () => now, zone, log: openLog({ process: 'test' }, 'silent') }
  const probesOf = async () => {
    const terms = LevelTerms.parse({
      product: 'payments',
      title: 'x',
      availability: { method: 'timeslices', bands },
      startsOn: '2026-11-01',
    })
    const span = { from: now.subtract({ hours: 1 }), to: now.add({ hours: 1 }) }
    const level: Level = { id: LevelId.next(), partnerId, contractId, terms }
    const { objectives, probed } = await evaluate(db, level, span)
    return [objectives[0]?.good, objectives[0]?.total, probed]
  }
  assert.deepEqual(await probePromised(db, world, prober), [])
  assert.deepEqual([asked, await probesOf()], [['payments'], ['1', '1', 1]])
  down.add('payments')
  assert.deepEqual(await probePromised(db, world, prober), ['payments'])
  assert.deepEqual(await probesOf(), ['0', '1', 1])

  // Nobody agreed anything about cards beside a contract: what its signed text promises is looked after as well.
  const availability = { method: 'timeslices', bands } as const
  await underContract([Promised.parse({ product: 'cards', title: 'Cards', availability })])
  asked.length = 0
  assert.deepEqual(await probePromised(db, world, prober), ['payments'])
  assert.deepEqual(asked, ['payments', 'cards'])
})

test('of one product one promise rules at a time', async () => {
  const { contractId, partnerId } = await underContract()
  const terms = LevelTerms.parse({
    product: 'payments',
    title: 'x',
    availability: { method: 'consecutive', bands },
    startsOn: '2026-11-01',
  })
  await agreed(noon, (w) => proposeLevel(w, contractId, terms))
  assert.equal((await listLevels(db, partnerId)).length, 1)
  await assert.rejects(
    work(db, 'system', noon, (w) => proposeLevel(w, contractId, terms)),
    { code: 'service-levels/refused' },
  )
})
