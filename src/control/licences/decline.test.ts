import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { freshDatabase } from '#test/world.ts'
import { work } from '#journal/index.ts'
import type { Evidence } from './evidence.ts'
import { EvidenceId } from './evidence.ts'
import { effective } from './effective.ts'
import { type Facts, turningPoints } from './facts.ts'
import { Matrix } from './matrix.ts'
import { seedMatrix } from './matrix-versions.ts'
import { expiring, tasksOf, tellNotices } from './notices.ts'
import { PartnerId } from '#control/partners/index.ts'

const matrix = Matrix.parse(
  JSON.parse(readFileSync(new URL('./matrix/2026-11-22.json', import.meta.url), 'utf8')),
)
const end = Temporal.Instant.from('2027-03-01T00:00:00Z')
const days = (n: number) => end.add({ hours: 24 * n })
const partnerId = PartnerId.next()

const evidence = (type: string, over: Partial<Evidence> = {}): Evidence => ({
  id: EvidenceId.next(),
  partnerId,
  type,
  issuer: 'Register',
  identifiers: {},
  validFrom: null,
  validTo: null,
  documentSha256: 'ab'.repeat(32),
  shows: [],
  state: 'accepted',
  submittedAt: days(-200),
  extendedTo: null,
  verifiedBy: [],
  verifiedAt: null,
  method: null,
  remark: null,
  ...over,
})
const aisp = (...documents: Evidence[]): Facts => ({
  partner: { status: 'active', country: 'UZ' },
  declared: [],
  held: [{ status: 'aisp', since: days(-200), until: null }],
  stopped: [],
  evidence: [evidence('qwac'), ...documents],
  contract: null,
  bankCountry: 'UZ',
  principal: null,
})
const register = evidence('nca_register', { validTo: end })
const verdict = (facts: Facts, now: Temporal.Instant) =>
  effective(facts, matrix, 'accounts.read', 'production', now)

test('evidence that ended takes new consents, then writes, then everything, each on its day', () => {
  const facts = aisp(register)
  const whole = {
    granted: true,
    limit: null,
    until: days(30).toString(),
    writesUntil: days(14).toString(),
    consentsUntil: end.toString(),
  }

  for (const day of [-61, -1, 0, 13, 29]) assert.deepEqual(verdict(facts, days(day)), whole)

  const after = verdict(facts, days(30))
  assert.equal(!after.granted && after.code, 'licences/expired')
  assert.deepEqual(
    [0, 14, 30].map((day) => turningPoints(facts, matrix, days(day - 1)).map(String)[0]),
    [end, days(14), days(30)].map(String),
  )
})

test('a renewed document restores everything at any step', () => {
  const renewed = evidence('nca_register', { validTo: null })

  for (const day of [1, 15, 40])
    assert.deepEqual(verdict(aisp(register, renewed), days(day)), {
      granted: true,
      limit: null,
      until: null,
    })
})

test('an extension moves every step, and a document that nobody accepted moves none', () => {
  const extended = verdict(aisp({ ...register, extendedTo: days(20) }), days(1))
  assert.ok(extended.granted)
  assert.equal(extended.consentsUntil, days(20).toString())
  assert.equal(extended.until, days(50).toString())

  const waiting = evidence('nca_register', { state: 'submitted' })
  assert.equal(verdict(aisp(register, waiting), days(30)).granted, false)
})

test('no new customer comes to a frozen partner, and those who came stay', () => {
  const frozen = verdict({ ...aisp(register), frozenSince: days(-100) }, days(-90))

  assert.ok(frozen.granted)
  assert.equal(frozen.consentsUntil, days(-100).toString())
  const sandbox = effective(
    { ...aisp(register), frozenSince: days(-100) },
    matrix,
    'accounts.read',
    'sandbox',
    days(-90),
  )
  assert.ok(sandbox.granted)
  assert.equal(sandbox.consentsUntil, undefined)
})

test('a task says what is lost on which day, and whose move it is', () => {
  const at = (day: number, ...more: Evidence[]) =>
    expiring(matrix, { held: ['aisp'], evidence: [register, ...more] }, days(day))[0]

  assert.equal(at(-61), undefined)
  assert.deepEqual(
    [-60, 0, 14, 30].map((day) => at(day)?.step),
    ['warned', 'no-new-consents', 'read-only', 'suspended'],
  )
  assert.deepEqual(at(0)?.next, { step: 'read-only', at: days(14) })
  assert.equal(at(30)?.next, null)
  assert.ok(at(0)?.permissions.includes('accounts.read'))
  assert.equal(at(0)?.owner, 'partner')
  assert.equal(at(0, evidence('nca_register', { state: 'submitted' }))?.owner, 'bank')
  assert.equal(at(0, evidence('nca_register')), undefined)
  assert.deepEqual(expiring(matrix, { held: [], evidence: [register] }, days(0)), [])
})

test('each notice is told once, in its order, whoever asks how often', async () => {
  const database = await freshDatabase('control')
  const db = database.as('control')
  await work(db, 'system', days(-100), seedMatrix)
  await db.run`insert into licences.holding (partner_id, status, since, change_id)
               values (${partnerId}, 'aisp', ${days(-100)}, 'none')`
  await db.run`
    insert into licences.evidence
      (id, partner_id, type, issuer, identifiers, valid_to, document_sha256, shows, state, submitted_at, verified_by)
    values (${register.id}, ${partnerId}, 'nca_register', 'Register', '{}', ${end}, ${register.documentSha256}, '{}',
            'accepted', ${days(-100)}, array['a', 'b'])`
  const told: [number, number][] = []

  for (const day of [-61, -60, -59, -30, -7, -1, 0, 3, 14, 30, 31])
    for (const _ of ['once', 'again'])
      told.push([day, await work(db, 'system', days(day), tellNotices)])

  assert.deepEqual(
    told.filter(([, lines]) => lines > 0),
    [-60, -30, -7, 0, 14, 30].map((day) => [day, 1]),
  )
  assert.equal((await tasksOf(db, days(0), PartnerId.next())).length, 0)
})
