import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bankDocuments } from '#test/documents.ts'
import { openTestOffices, type Visitor } from '#test/offices.ts'
import * as approvals from '#control/approvals/routes.ts'
import { PartnerId } from '#control/partners/index.ts'
import * as partners from '#control/partners/routes.ts'
import { seedControl } from '#control/seed.ts'
import * as staffRoutes from '#control/staff/routes.ts'
import { appliers, currentMatrix, licenceFacts } from './index.ts'
import * as routes from './routes.ts'

const offices = await openTestOffices(
  {
    portal: [partners.portalRoutes, routes.portalRoutes],
    console: [staffRoutes.consoleRoutes, approvals.consoleRoutes, routes.consoleRoutes],
  },
  new Map(Object.entries(appliers)),
)
const { db } = offices
await seedControl(db, offices.context.world.now(), { documents: bankDocuments() })
const compliance = await offices.staff('compliance')
const second = await offices.staff('compliance2')
const head = await offices.staff('head')
const success = await offices.staff('success')
const auditor = await offices.staff('auditor')

const decide = (by: Visitor, body: Record<string, unknown>, decision = 'approve') => {
  const { id, hash } = body['change'] as { id: string; hash: string }
  return by('POST', `/api/approvals/${id}/decision`, { decision, hash, reason: 'test' })
}

const document = (type: string, over: object = {}) => ({
  type,
  issuer: 'Assessor',
  identifiers: { number: '4711' },
  validFrom: '2026-01-01',
  validTo: '2027-10-01',
  documentSha256: 'ab'.repeat(32),
  ...over,
})

const handIn = async (visit: Visitor, type: string, over: object = {}) => {
  const { status, body } = await visit('POST', '/api/evidence', document(type, over))
  assert.equal(status, 201, JSON.stringify(body))
  return (body['evidence'] as { id: string }).id
}
const verify = (by: Visitor, id: string, result = 'accepted') =>
  by('POST', `/api/evidence/${id}/verification`, { result, method: 'document read' })
const evidenceOf = async (visit: Visitor) =>
  (await visit('GET', '/api/evidence')).body['data'] as Record<string, unknown>[]

test('evidence is accepted by two people of compliance, and the partner reads that it was, not by whom', async () => {
  const { visit, id: partnerId } = await offices.partner()
  const id = await handIn(visit, 'pci_aoc', { shows: ['level 1'] })
  const listed = await compliance('GET', `/api/evidence?status=submitted&partner=${partnerId}`)
  assert.deepEqual(
    (listed.body['data'] as { id: string }[]).map((e) => e.id),
    [id],
  )

  const asked = await verify(compliance, id)
  assert.equal(asked.status, 202)
  assert.equal((await evidenceOf(visit))[0]?.['state'], 'in-review')
  assert.equal((await decide(compliance, asked.body)).body['code'], 'approvals/own-change')
  assert.equal((await evidenceOf(visit))[0]?.['state'], 'in-review')
  assert.equal((await decide(second, asked.body)).body['status'], 'applied')

  const [evidence] = await evidenceOf(visit)
  assert.equal(evidence?.['state'], 'accepted')
  assert.equal(evidence?.['endsAt'], '2026-12-31T19:00:00Z', 'twelve months of the bank’s calendar')
  assert.ok(!('verifiedBy' in evidence))
  const seen = await compliance('GET', `/api/evidence?partner=${partnerId}`)
  const [{ verifiedBy }] = seen.body['data'] as [{ verifiedBy: string[] }]
  assert.equal(new Set(verifiedBy).size, 2)
})

test('a verdict that the second person rejects leads back, and a decided document stays decided', async () => {
  const { visit } = await offices.partner()
  const id = await handIn(visit, 'dpa')
  await decide(second, (await verify(compliance, id)).body, 'reject')
  assert.equal((await evidenceOf(visit))[0]?.['state'], 'submitted')

  await decide(second, (await verify(compliance, id, 'rejected')).body)
  assert.equal((await evidenceOf(visit))[0]?.['state'], 'rejected')
  assert.equal((await verify(compliance, id)).body['code'], 'licences/evidence-closed')
})

test('what cannot be evidence is refused, with its place', async () => {
  const { visit } = await offices.partner()
  const refused = async (over: object) => {
    const { status, body } = await visit('POST', '/api/evidence', document('dpa', over))
    const [first] = (body['errors'] ?? []) as { pointer: string }[]
    return `${status} ${String(body['code'])} ${first?.pointer ?? ''}`.trim()
  }

  // `constructor` and `__proto__` are of every object, and of no matrix.
  for (const type of ['horoscope', 'constructor', '__proto__', 'toString'])
    assert.equal(await refused({ type }), '422 licences/evidence-unknown')
  assert.equal(await refused({ type: 'contract' }), '422 licences/evidence-automatic')
  assert.equal(await refused({ validTo: '2026-11-01' }), '422 licences/evidence-ended')
  for (const [over, pointer] of [
    [{ documentSha256: 'xyz' }, '/documentSha256'],
    [{ validTo: '2026-13-01' }, '/validTo'],
    [{ validFrom: '2027-11-01' }, '/validTo'],
    [{ issuer: ' ' }, '/issuer'],
    [{ issuer: 'Bank\u202eknaB' }, '/issuer'],
    [{ shows: ['level\u200b 1'] }, '/shows/0'],
    [{ identifiers: { number: '47\u000011' } }, '/identifiers/number'],
    [
      { identifiers: Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`n${i}`, '1'])) },
      '/identifiers',
    ],
  ] as const)
    assert.equal(await refused(over), `400 platform/request-invalid ${pointer}`)
})

test('a partner’s documents that wait are not without end, and leave room for those of others', async () => {
  const [one, other] = [await offices.partner(), await offices.partner()]
  await db.run`
    insert into licences.evidence
      (id, partner_id, type, issuer, identifiers, document_sha256, shows, state, submitted_at, verified_by)
    select 'evidence_' || md5(${one.id}::text || i), ${one.id}, 'dpa', 'X', '{}', ${'ab'.repeat(32)}, '{}', 'submitted',
           ${offices.context.world.now()}, '{}'
      from generate_series(1, 99) i`
  const [last, more] = [
    await one.visit('POST', '/api/evidence', document('dpa')),
    await one.visit('POST', '/api/evidence', document('dpa')),
  ]
  const { id } = last.body['evidence'] as { id: string }

  assert.deepEqual([more.status, more.body['code']], [429, 'licences/evidence-waiting'])
  assert.equal((await other.visit('POST', '/api/evidence', document('dpa'))).status, 201)
  await decide(second, (await verify(compliance, id)).body)
  assert.equal((await one.visit('POST', '/api/evidence', document('dpa'))).status, 201)
})

test('a partner sees its own evidence and nobody else’s', async () => {
  const [one, other] = [await offices.partner(), await offices.partner()]
  await handIn(one.visit, 'dpa')

  assert.equal((await evidenceOf(one.visit)).length, 1)
  assert.deepEqual(await evidenceOf(other.visit), [])
})

test('a status is held once two people granted it', async () => {
  const { visit, id } = await offices.partner()
  const partnerId = PartnerId.parse(id)
  const held = async () => (await licenceFacts(db, partnerId))(partnerId).held.map((h) => h.status)
  const applied = await visit('POST', '/api/licence-applications', { statuses: ['marketplace'] })
  assert.equal(applied.status, 201)
  assert.deepEqual(await held(), [])

  const asked = await compliance('POST', `/api/licences/${id}/grants`, {
    statuses: ['marketplace'],
  })
  assert.equal(asked.status, 202)
  assert.deepEqual(await held(), [])
  assert.equal((await decide(success, asked.body)).status, 403)
  assert.equal((await decide(head, asked.body)).body['status'], 'applied')
  assert.deepEqual(await held(), ['marketplace'])
})

test('a public authority combines with nothing, and an unknown status is none', async () => {
  const { visit, id } = await offices.partner()
  const grant = (...statuses: string[]) =>
    compliance('POST', `/api/licences/${id}/grants`, { statuses })
  const code = async (answer: ReturnType<Visitor>) => (await answer).body['code']

  assert.equal(await code(grant('wizard')), 'licences/status-unknown')
  assert.equal(await code(grant('public-authority', 'emi')), 'licences/statuses-exclusive')
  assert.equal(
    await code(
      visit('POST', '/api/licence-applications', { statuses: ['public-authority', 'emi'] }),
    ),
    'licences/statuses-exclusive',
  )
  await decide(second, (await grant('emi')).body)
  assert.equal(await code(grant('public-authority')), 'licences/statuses-exclusive')
})

test('a partner’s grants are decided one at a time', async () => {
  const { id } = await offices.partner()
  const first = await compliance('POST', `/api/licences/${id}/grants`, { statuses: ['aisp'] })
  const pending = await second('POST', `/api/licences/${id}/grants`, { statuses: ['pisp'] })
  assert.equal(pending.body['code'], 'approvals/pending')
  await decide(second, first.body)
  const next = await compliance('POST', `/api/licences/${id}/grants`, { statuses: ['pisp'] })
  assert.equal((await decide(second, next.body)).body['status'], 'applied')
})

test('one person stops a permission at once, and two let it go on', async () => {
  const { id } = await offices.partner()
  const partnerId = PartnerId.parse(id)
  const stopped = async () =>
    (await licenceFacts(db, partnerId))(partnerId).stopped.map((s) => s.name)
  const stop = { permission: 'cards.issue', reason: 'an incident' }
  const suspend = (by: Visitor, body: object = stop) =>
    by('POST', `/api/licences/${id}/suspension`, body)

  assert.equal((await suspend(auditor)).status, 403)
  assert.equal((await suspend(success)).status, 403)
  assert.equal((await suspend(compliance, { permission: 'cards.burn', reason: 'x' })).status, 422)
  assert.equal((await suspend(compliance, { permission: 'cards.issue' })).status, 400)
  assert.equal((await suspend(compliance)).status, 201)
  assert.deepEqual(await stopped(), ['cards.issue'])
  assert.equal((await suspend(second)).body['code'], 'licences/suspended-already')

  const asked = await compliance('POST', `/api/licences/${id}/reinstatement`, stop)
  assert.equal(asked.status, 202)
  assert.deepEqual(await stopped(), ['cards.issue'])
  assert.equal((await decide(compliance, asked.body)).status, 403)
  await decide(second, asked.body)
  assert.deepEqual(await stopped(), [])
  const again = await compliance('POST', `/api/licences/${id}/reinstatement`, stop)
  assert.equal(again.body['code'], 'licences/suspension-not-found')
})

test('nobody can be stopped or granted something that is not there', async () => {
  const nobody = PartnerId.next()
  const stop = { permission: 'cards.issue', reason: 'x' }
  for (const answer of [
    await compliance('POST', `/api/licences/${nobody}/suspension`, stop),
    await compliance('POST', `/api/licences/${nobody}/grants`, { statuses: ['emi'] }),
  ])
    assert.deepEqual([answer.status, answer.body['code']], [404, 'partners/not-found'])
})

test('the policy changes with two people, as a version of its own, and a broken one is refused by its place', async () => {
  const { body: matrix } = await compliance('GET', '/api/licence-matrix')
  const propose = (over: object) =>
    compliance('POST', '/api/licence-matrix', { matrix: { ...matrix, ...over }, reason: 'test' })

  assert.equal((await propose({})).body['code'], 'licences/matrix-refused')
  const broken = await propose({ version: '2026-12-01', limits: {} })
  assert.equal(broken.status, 422)
  const [{ pointer }] = broken.body['errors'] as [{ pointer: string }]
  assert.match(pointer, /^\/statuses\/\d+\/permissions\/[a-z.-]+\/limit$/)
  const { permissions, statuses } = matrix as { permissions: object[]; statuses: object[] }
  const { rules, recertification } = matrix as { rules: object; recertification: object }
  const immediate = [{ event: 'evidence_expired', evidence: 'pci-aoc' }]
  for (const [over, place] of [
    [{ permissions: [...permissions, { ...permissions[0], id: 'constructor' }] }, /constructor$/],
    [{ permissions: [...permissions, permissions[0]] }, /^\/permissions$/],
    [{ statuses: [...statuses, statuses[0]] }, /^\/statuses$/],
    [{ statuses: [{ ...statuses[0], baseEvidence: ['toString'] }] }, /baseEvidence$/],
    [{ rules: { ...rules, exclusive: ['public-authorities'] } }, /exclusive$/],
    // What is misspelt here would be forgiven for a month instead of refused at once.
    [{ recertification: { ...recertification, immediate } }, /immediate\/0\/evidence$/],
  ] as const) {
    const { status, body } = await propose({ version: '2026-12-01', ...over })
    const places = ((body['errors'] ?? []) as { pointer: string }[]).map((e) => e.pointer)
    assert.equal(status, 422)
    assert.ok(
      places.some((p) => place.test(p)),
      places.join(' '),
    )
  }

  const asked = await propose({ version: '2026-12-01' })
  assert.equal((await currentMatrix(db)).version, '2026-11-22')
  assert.equal((await decide(second, asked.body)).body['status'], 'applied')
  assert.equal((await currentMatrix(db)).version, '2026-12-01')
  await assert.rejects(db.run`update licences.matrix set version = 'x'`, /does not change/)
})
