import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPublicationWorld } from '#test/publication.ts'
import { uuidv7 } from '#kernel/id.ts'
import { work, type Work } from '#journal/index.ts'
import { type ChangeSet, decideChange, findChange, ChangeSetId } from '#control/approvals/index.ts'
import { listFreezes, listSuspensions } from '#control/licences/index.ts'
import { type ApplicationId, findApplication, type PartnerId } from '#control/partners/index.ts'
import { listStaff, seedStaff } from '#control/staff/index.ts'
import { type BehaviourRow, openMeter } from '#control/usage/index.ts'
import { appliers, findingsIn, listFindings, lookForAbuse } from './index.ts'

const day = (over: Partial<BehaviourRow>): BehaviourRow => ({
  partnerId: 'p',
  applicationId: 'a',
  calls: 100,
  missed: 0,
  consents: 10,
  mostReads: 5,
  byOperation: {},
  ...over,
})
const kinds = (over: Partial<BehaviourRow>, usual?: { calls: number; consents: number }) =>
  findingsIn(day(over), usual).map((f) => f.kind)

const { db, world, register, newApplication } = await openPublicationWorld()
const now = world.now().round({ smallestUnit: 'millisecond', roundingMode: 'floor' })
const at = <T>(
  hours: number,
  body: (w: Work) => Promise<T>,
  actor: `staff:${string}` | 'system' = 'system',
) => work(db, actor, now.add({ hours }), body)
await at(0, seedStaff)
const staff = await listStaff(db)
const meter = openMeter()

interface Made {
  readonly count: number
  readonly agoMs?: number
  readonly operation?: string
  readonly status?: number
  readonly consentOf?: (i: number) => string | null
}
let boots = 0
/** Calls of an application, as a gateway of production would tell them. */
const called = async (
  partnerId: string,
  applicationId: string,
  { count, agoMs = 60_000, operation = 'listTransactions', status = 200, consentOf }: Made,
) => {
  const boot = `boot ${++boots}`
  const consent = consentOf ?? (() => '1'.repeat(32))
  for (let done = 0; done < count; done += 500)
    await at(0, (w) =>
      meter.take(w, 'production', {
        gateway: 'g1',
        boot,
        records: Array.from({ length: Math.min(500, count - done) }, (_, i) => {
          const atMs = now.epochMilliseconds - agoMs + i
          const consentId = consent(done + i)
          return {
            callId: uuidv7(atMs),
            seq: done + i + 1,
            occurredAt: Temporal.Instant.fromEpochMilliseconds(atMs).toString(),
            partnerId,
            applicationId,
            product: 'accounts',
            operation,
            contractId: null,
            priceVersion: null,
            consentId: consentId && `consent_${consentId}`,
            status,
            code: status === 404 ? 'gateway/not-found' : null,
            billable: true,
            units: 1,
            latencyMs: 1,
            upstreamMs: 1,
            epoch: 1,
          }
        }),
      }),
    )
}
const read = (partnerId: string, applicationId: string, count: number) =>
  called(partnerId, applicationId, { count })
const decided = async (change: ChangeSet, decision: 'approve' | 'reject', login: string) => {
  const person = staff.find((s) => s.email.startsWith(`${login}@`))
  assert.ok(person)
  const { id, hash } = change
  return at(
    2,
    (w) =>
      decideChange(w, new Map(Object.entries(appliers)), { id, hash, decision, reason: 'test' }),
    `staff:${person.id}`,
  )
}

test('each kind of unusual use is seen from its bound on, and not below it', () => {
  const usual = { calls: 500, consents: 40 }

  assert.deepEqual(kinds({}), [])
  assert.deepEqual(kinds({ calls: 2_501 }, usual), ['volume'])
  assert.deepEqual(kinds({ calls: 2_500 }, usual), [])
  assert.deepEqual(kinds({ calls: 2_501 }), [], 'on a first day nothing is usual')
  assert.deepEqual(kinds({ calls: 1_999 }, { calls: 1, consents: 1 }), [], 'a small one may grow')
  assert.deepEqual(kinds({ consents: 500 }, usual), ['harvesting'])
  assert.deepEqual(kinds({ consents: 500 }, { calls: 500, consents: 50 }), [])
  assert.deepEqual(kinds({ mostReads: 1_000 }), ['scraping'])
  assert.deepEqual(kinds({ mostReads: 999 }), [])
  const quoted = (createFxQuote: number, createConversion: number) =>
    kinds({ byOperation: { createFxQuote, createConversion } })
  assert.deepEqual(quoted(501, 10), ['quote-spam'])
  assert.deepEqual(quoted(501, 11), [])
  assert.deepEqual(kinds({ calls: 500, missed: 300 }), ['guessing'])
  assert.deepEqual(kinds({ calls: 600, missed: 300 }), [])
})

test('a scraper is told once, and frozen when two people agree; one that is dismissed is left alone', async () => {
  const [scraper, honest, dismissed] = [
    await register(['aisp']),
    await register(['aisp']),
    await register(['aisp']),
  ]
  for (const [partner, calls] of [
    [scraper, 1_000],
    [honest, 50],
    [dismissed, 1_000],
  ] as const)
    await read(partner, (await newApplication(partner)).id, calls)

  const found = await at(1, lookForAbuse)
  const again = await at(1, lookForAbuse)

  assert.deepEqual(new Set(found.map((f) => f.partnerId)), new Set([scraper, dismissed]))
  assert.deepEqual(again, [])
  const changeOf = async (partnerId: string) => {
    const finding = found.find((f) => f.partnerId === partnerId)
    const change = await findChange(db, ChangeSetId.parse(finding?.changeId))
    assert.ok(change)
    return change
  }
  const once = await decided(await changeOf(scraper), 'approve', 'compliance')
  assert.equal(once.status, 'proposed', 'nobody of the bank proposed it, so two approve')
  assert.deepEqual(await listFreezes(db, scraper), [])
  assert.equal((await decided(once, 'approve', 'compliance2')).status, 'applied')
  assert.equal((await listFreezes(db, scraper)).length, 1)
  await decided(await changeOf(dismissed), 'reject', 'compliance')
  assert.deepEqual(await listFreezes(db, dismissed), [])
  const statuses = (await listFindings(db, {})).map((f) => [f.partnerId, f.status])
  assert.deepEqual(
    new Map(statuses as [string, string][]),
    new Map([
      [scraper, 'acted'],
      [dismissed, 'dismissed'],
    ]),
  )
})

test('each kind is found in the calls themselves, and proposes its own action, which two people take', async () => {
  const DAY_MS = 24 * 3_600_000
  const nobody = () => null
  const each = (i: number) => i.toString(16).padStart(32, '0')
  const told: Record<string, readonly Made[]> = {
    // Ten quiet calls three days ago are what is usual.
    volume: [
      { count: 10, agoMs: 3 * DAY_MS, consentOf: nobody },
      { count: 2_000, consentOf: nobody },
    ],
    harvesting: [{ count: 500, consentOf: each }],
    scraping: [{ count: 1_000 }],
    'quote-spam': [
      { count: 510, operation: 'createFxQuote', consentOf: nobody },
      { count: 10, operation: 'createConversion', consentOf: nobody },
    ],
    guessing: [{ count: 300, status: 404, consentOf: nobody }],
    // Busy, and nothing else: many customers, none of them read often, quotes that are taken.
    honest: [
      { count: 400, consentOf: each },
      { count: 200, operation: 'createFxQuote', consentOf: nobody },
      { count: 100, operation: 'createConversion', consentOf: nobody },
    ],
  }
  const who = new Map<string, { partner: PartnerId; application: ApplicationId }>()
  for (const [kind, made] of Object.entries(told)) {
    const partner = await register(['aisp'])
    const { id: application } = await newApplication(partner)
    who.set(kind, { partner, application })
    for (const calls of made) await called(partner, application, calls)
  }

  const found = await at(1, lookForAbuse)

  const kindsOf = (kind: string) =>
    found.filter((f) => f.partnerId === who.get(kind)?.partner).map((f) => f.kind)
  for (const kind of Object.keys(told))
    assert.deepEqual(kindsOf(kind), kind === 'honest' ? [] : [kind], kind)
  for (const { kind, changeId } of found.filter((f) => who.get(f.kind)?.partner === f.partnerId)) {
    const change = await findChange(db, ChangeSetId.parse(changeId))
    assert.ok(change)
    await decided(change, 'approve', 'compliance')
    assert.equal((await decided(change, 'approve', 'head')).status, 'applied', kind)
  }
  const of = (kind: string) => {
    const one = who.get(kind)
    assert.ok(one)
    return one
  }
  for (const kind of ['volume', 'harvesting', 'scraping'])
    assert.equal((await listFreezes(db, of(kind).partner)).length, 1, kind)
  const stops = await listSuspensions(db, of('quote-spam').partner)
  assert.deepEqual(
    stops.map((s) => [s.kind, s.name]),
    [['permission', 'fx.dealable']],
  )
  assert.equal((await findApplication(db, of('guessing').application))?.status, 'revoked')
  assert.equal((await findApplication(db, of('honest').application))?.status, 'active')
})
