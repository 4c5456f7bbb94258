import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { openTestOffices, type Visitor } from '#test/offices.ts'
import { readEntries, work } from '#journal/index.ts'
import { consoleRoutes as approvalRoutes } from '#control/approvals/routes.ts'
import { PartnerId } from '#control/partners/index.ts'
import * as partners from '#control/partners/routes.ts'
import { consoleRoutes as staffRoutes } from '#control/staff/routes.ts'
import { effective } from '../effective.ts'
import { type EvidenceFact, type Facts, turningPoints } from '../facts.ts'
import {
  appliers,
  currentMatrix,
  EvidenceId,
  licenceFacts,
  listSuspensions,
  recertify,
  seedMatrix,
} from '../index.ts'
import * as licences from '../routes.ts'

const offices = await openTestOffices(
  {
    portal: [partners.portalRoutes, licences.portalRoutes],
    console: [staffRoutes, partners.consoleRoutes, licences.consoleRoutes, approvalRoutes],
  },
  new Map(Object.entries(appliers)),
)
const { db, context } = offices
const { now } = context.world
await work(db, 'system', now(), seedMatrix)
const matrix = await currentMatrix(db)
/** Signed in anew each time: a session does not outlive the days that pass here. */
const by =
  (login: string): Visitor =>
  async (...asked) =>
    (await offices.staff(login))(...asked)
const [compliance, second, success, auditor] = [
  by('compliance'),
  by('compliance2'),
  by('success'),
  by('auditor'),
]
const days = (n: number) => offices.pass({ hours: 24 * n })
const inDays = (n: number) => now().add({ hours: 24 * n })
const sweep = () => work(db, 'system', now(), recertify)

/** A partner that was granted a status so many days ago. */
const held = async (daysAgo: number) => {
  const { id, visit } = await offices.partner()
  await db.run`insert into licences.holding (partner_id, status, since, change_id)
               values (${id}, 'aisp', ${inDays(-daysAgo)}, 'none')`
  return { id: PartnerId.parse(id), visit }
}
const Open = z.looseObject({
  id: z.string(),
  dueAt: z.string(),
  occasion: z.string(),
  owner: z.string().nullable(),
  state: z.string(),
  standing: z.looseObject({ step: z.string() }).nullable(),
})
const listed = async (id: PartnerId, state = 'open') => {
  const { body } = await auditor('GET', `/api/recertifications?partner=${id}&state=${state}`)
  return z.array(Open).parse(body['data'])
}
const openOf = async (id: PartnerId) => {
  const [one, ...more] = await listed(id)
  assert.ok(one && more.length === 0)
  return one
}
const told = async (id: PartnerId) =>
  (await readEntries(db, 0n, 5_000))
    .filter((e) => e.subject === id && e.event.startsWith('licences.recertif'))
    .map(({ event, data }) =>
      [event.slice('licences.recertification-'.length), data['notice'] ?? data['step']].join(' '),
    )

const onFile = (type: string): EvidenceFact => ({
  type,
  state: 'accepted',
  validFrom: null,
  validTo: null,
  submittedAt: now(),
  shows: [],
})
const factsOf = async (id: PartnerId): Promise<Facts> => {
  const known = (await licenceFacts(db, id))(id)
  return {
    ...known,
    partner: { status: 'active', country: 'UZ' },
    declared: [],
    evidence: [onFile('nca_register'), onFile('qwac')],
    contract: { inForce: true, products: ['fx'], until: null, waitsFor: 'bank' },
    bankCountry: 'UZ',
    principal: null,
  }
}
const verdictOf = async (id: PartnerId, permission: string) =>
  effective(await factsOf(id), matrix, permission, 'production', now())

test('a year after its grant a licence is asked for again; unanswered it declines in steps, and by law access stays', async () => {
  const { id } = await held(300)
  assert.equal((await verdictOf(id, 'fx.indicative')).granted, true)
  await sweep()
  assert.deepEqual(await listed(id), [], 'two months before the year is over, and not sooner')

  days(6)
  await sweep()
  await sweep()

  const { dueAt, occasion } = await openOf(id)
  const due = Temporal.Instant.from(dueAt)
  assert.equal(occasion, 'yearly')
  const whole = await verdictOf(id, 'fx.indicative')
  const steps = [0, 14, 30].map((n) => due.add({ hours: 24 * n }).toString())
  assert.ok(whole.granted)
  assert.deepEqual([whole.consentsUntil, whole.writesUntil, whole.until], steps)
  const turns = turningPoints(await factsOf(id), matrix, now()).map(String)
  assert.deepEqual(turns, steps)
  for (const n of [30, 23, 7, 14, 16]) {
    days(n)
    await sweep()
    await sweep()
  }

  assert.deepEqual(await told(id), [
    'opened ',
    'due 60 days',
    'due 30 days',
    'due 7 days',
    'lapsed no-new-consents',
    'lapsed read-only',
    'lapsed suspended',
  ])
  const gone = await verdictOf(id, 'fx.indicative')
  assert.deepEqual(!gone.granted && [gone.code, gone.gate], ['licences/expired', 'bank'])
  const byLaw = await verdictOf(id, 'accounts.read')
  assert.deepEqual(byLaw, { granted: true, until: null, limit: null })
  const { id: recertification } = await openOf(id)
  const why = { reason: 'register, insurance and audit looked at' }
  const asked = await compliance(
    'POST',
    `/api/recertifications/${recertification}/confirmation`,
    why,
  )
  const { change } = z
    .object({ change: z.object({ id: z.string(), hash: z.string() }) })
    .parse(asked.body)
  assert.equal((await verdictOf(id, 'fx.indicative')).granted, false, 'one person restores nothing')
  const yes = { decision: 'approve', hash: change.hash }
  const done = await second('POST', `/api/approvals/${change.id}/decision`, yes)
  assert.equal(done.body['status'], 'applied', JSON.stringify(done.body))
  assert.equal((await verdictOf(id, 'fx.indicative')).granted, true)
  assert.deepEqual(await listed(id), [])
  days(300)
  await sweep()
  assert.deepEqual(await listed(id), [], 'the next year begins with the answer')
})

test('what happened has a partner looked at before its year is over, by who is named, and revoking takes one person', async () => {
  const { id } = await held(10)
  const ask = (occasion: string, dueAt: Temporal.Instant) =>
    compliance('POST', '/api/recertifications', {
      partnerId: id,
      occasion,
      dueAt: dueAt.toString(),
      reason: 'its owner sold it',
    })
  for (const wrong of [ask('moonlight', inDays(20)), ask('ownership_changed', inDays(61))])
    assert.equal((await wrong).body['code'], 'licences/recertification-unfit')
  for (const grave of ['sanctions_hit', 'register_withdrawn', 'certificate_revoked']) {
    const { body } = await ask(grave, inDays(20))
    assert.match(String(body['detail']), /stops a partner at once/, 'no month of grace for it')
    assert.equal(body['code'], 'licences/recertification-unfit')
  }
  const { occasions } = z
    .object({ occasions: z.array(z.string()) })
    .parse((await auditor('GET', '/api/recertifications')).body)
  assert.ok(occasions.includes('evidence_expired') && !occasions.includes('sanctions_hit'))
  const refused = await success('POST', '/api/recertifications', {})
  assert.ok(refused.status >= 400)

  const asked = await ask('ownership_changed', inDays(20))

  assert.equal(asked.status, 201, JSON.stringify(asked.body))
  const { id: recertification, owner } = Open.parse(asked.body)
  assert.match(owner ?? '', /^staff_/)
  assert.equal(
    (await ask('complaints_rose', inDays(5))).body['code'],
    'licences/recertification-pending',
  )
  const staff = z
    .array(z.looseObject({ id: z.string(), email: z.string() }))
    .parse((await compliance('GET', '/api/staff')).body['data'])
  const idOf = (login: string) => staff.find((s) => s.email.startsWith(`${login}@`))?.id
  const path = `/api/recertifications/${recertification}`
  assert.equal((await compliance('POST', `${path}/owner`, { owner: idOf('finance') })).status, 404)
  const named = await compliance('POST', `${path}/owner`, { owner: idOf('compliance2') })
  assert.equal(named.body['owner'], idOf('compliance2'))
  const why = { reason: 'the new owner is on a list' }
  assert.equal((await success('POST', `${path}/revocation`, why)).status, 403)
  assert.equal((await second('POST', `${path}/revocation`, why)).body['state'], 'revoked')
  const gone = await verdictOf(id, 'accounts.read')
  assert.equal(!gone.granted && gone.code, 'licences/suspended')
  assert.deepEqual(
    (await listSuspensions(db, id)).map((s) => [s.kind, s.name]),
    [['status', 'aisp']],
  )
  assert.equal(
    (await second('POST', `${path}/confirmation`, why)).body['code'],
    'licences/recertification-closed',
  )
})

test('a confirmation of facts that changed before the second person agreed is void', async () => {
  const { id, visit } = await held(400)
  await sweep()
  const { id: recertification, dueAt } = await openOf(id)
  assert.equal(dueAt, inDays(60).toString(), 'who was never told has two months all the same')
  const own = await visit('GET', '/api/recertifications')
  assert.match(JSON.stringify(own.body['data']), new RegExp(`"dueAt":"${dueAt}"`))
  assert.doesNotMatch(JSON.stringify(own.body), /staff_|owner|openedBy/)
  const why = { reason: 'all in order' }
  const asked = await compliance(
    'POST',
    `/api/recertifications/${recertification}/confirmation`,
    why,
  )
  const { change } = z
    .object({ change: z.object({ id: z.string(), hash: z.string() }) })
    .parse(asked.body)
  await db.run`insert into licences.holding (partner_id, status, since, change_id)
               values (${id}, 'pisp', ${now()}, 'none')`

  const yes = { decision: 'approve', hash: change.hash }
  const done = await second('POST', `/api/approvals/${change.id}/decision`, yes)

  assert.equal(done.body['code'], 'approvals/void')
  assert.equal((await openOf(id)).state, 'open')
})

test('some documents are looked at again in between, each as often as the policy says of its type', async () => {
  const { id } = await held(10)
  const accepted = async (type: string, daysAgo: number) => {
    const evidence = EvidenceId.next()
    await db.run`
      insert into licences.evidence
        (id, partner_id, type, issuer, identifiers, document_sha256, shows, state, submitted_at, verified_by, verified_at)
      values (${evidence}, ${id}, ${type}, 'QSA', '{}', ${'a'.repeat(64)}, '{}', 'accepted', ${inDays(-daysAgo)},
              array['a', 'b'], ${inDays(-daysAgo)})
    `
    return evidence
  }
  const Due = z.array(
    z.object({ evidenceId: z.string(), partnerId: z.string(), dueAt: z.string() }),
  )
  const due = async () =>
    Due.parse((await auditor('GET', '/api/evidence-rechecks')).body['data'])
      .filter((one) => one.partnerId === id)
      .map((one) => one.evidenceId)
  const look = (evidence: string, by = compliance) =>
    by('POST', `/api/evidence/${evidence}/recheck`, { remark: 'the list of the council has it' })
  await accepted('pci_aoc', 40)
  const monthly = await accepted('pci_aoc', 1)
  const yearly = await accepted('dpa', 1)
  assert.deepEqual(await due(), [], 'what a newer document replaced is looked at no more')

  days(20)
  assert.deepEqual(await due(), [monthly])
  assert.equal((await look(monthly, auditor)).status, 403)
  assert.equal((await look(yearly)).body['code'], 'licences/recheck-unfit')
  assert.equal((await look(monthly)).status, 201)
  assert.deepEqual(await due(), [])
  days(20)
  assert.deepEqual(await due(), [monthly], 'and so each month')
  const [line] = (await readEntries(db, 0n, 10_000)).filter(
    (e) => e.subject === id && e.event === 'licences.evidence-rechecked',
  )
  assert.doesNotMatch(line?.body ?? 'none', /council|none/, 'words are kept apart')
})
