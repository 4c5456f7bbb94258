import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPublicationWorld } from '#test/publication.ts'
import { uuidv7 } from '#kernel/id.ts'
import { work, type Work } from '#journal/index.ts'
import { type ChangeSet, decideChange, findChange, ChangeSetId } from '#control/approvals/index.ts'
import { listFreezes } from '#control/licences/index.ts'
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

const read = async (partnerId: string, applicationId: string, count: number) => {
  for (let done = 0; done < count; done += 500)
    await at(0, (w) =>
      meter.take(w, 'production', {
        gateway: 'g1',
        boot: partnerId,
        records: Array.from({ length: Math.min(500, count - done) }, (_, i) => {
          const atMs = now.epochMilliseconds - 60_000 + i
          return {
            callId: uuidv7(atMs),
            seq: done + i + 1,
            occurredAt: Temporal.Instant.fromEpochMilliseconds(atMs).toString(),
            partnerId,
            applicationId,
            product: 'accounts',
            operation: 'listTransactions',
            contractId: null,
            priceVersion: null,
            consentId: `consent_${'1'.repeat(32)}`,
            status: 200,
            code: null,
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
