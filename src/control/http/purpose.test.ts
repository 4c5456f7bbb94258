import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { consoleRoutes as approvalRoutes } from '#control/approvals/routes.ts'
import { consoleRoutes, portalRoutes } from '#control/partners/routes.ts'
import { consoleRoutes as staffRoutes } from '#control/staff/routes.ts'
import { chainLines, readEntries, refersTo, verifyChain } from '#journal/index.ts'
import { openTestOffices } from '#test/offices.ts'

const offices = await openTestOffices({
  portal: [portalRoutes],
  console: [consoleRoutes, staffRoutes, approvalRoutes],
})
const { db } = offices
const said = 'Dilnoza Karimova rang about ticket 4711'
const reading = (purpose: string, words: string) => ({
  'x-portico-purpose': purpose,
  'x-portico-purpose-said': encodeURIComponent(words),
})
const People = z.array(z.object({ id: z.string(), name: z.string(), email: z.string() }))
const Change = z.object({ change: z.object({ id: z.string(), hash: z.string() }) })
const lines = async (event: string) =>
  (await readEntries(db, 0n, 5_000)).filter((entry) => entry.event === event)
const success = await offices.staff('success')
const compliance = await offices.staff('compliance')

test('who a partner’s people are is not told without a purpose that there is, in words that are some', async () => {
  const { id } = await offices.partner()
  const path = `/api/partners/${id}/people`
  const unsaid = [
    {},
    reading('curiosity', said),
    reading('support', ' '),
    reading('support', 'x'.repeat(501)),
    { 'x-portico-purpose': 'support' },
    { ...reading('support', said), 'x-portico-purpose-said': '%' },
  ]
  for (const headers of unsaid) {
    const answer = await success('GET', path, undefined, headers)
    assert.deepEqual([answer.status, answer.body['code']], [403, 'staff/purpose-asked'])
  }
  assert.ok((await lines('staff.personal-data-read')).every(({ subject }) => subject !== id))
})

test('where no purpose is asked, people are masked', async () => {
  const { id, email } = await offices.partner()
  const { body } = await success('GET', `/api/partners/${id}`)
  const [person] = People.parse(body['people'])
  assert.deepEqual([person?.name, person?.email], ['F… P…', 'o…@partner.example'])
  assert.ok(!JSON.stringify(body).includes(email))
})

test('a reading is a line of the journal and in the auditor’s list; its words are in the list alone', async () => {
  const { id, email } = await offices.partner()

  const answer = await success(
    'GET',
    `/api/partners/${id}/people`,
    undefined,
    reading('complaint', said),
  )

  assert.equal(People.parse(answer.body['data'])[0]?.email, email)
  const [line, ...more] = (await lines('staff.personal-data-read')).filter((l) => l.subject === id)
  assert.equal(more.length, 0)
  assert.match(line?.actor ?? '', /^staff:staff_/)
  assert.equal(line?.data['purpose'], 'complaint')
  const asked = { reference: String(line?.data['said']), subject: id, value: said }
  assert.equal(await refersTo(db, asked), true)
  assert.ok(!line?.body.includes('4711'))
  assert.equal((await success('GET', '/api/readings')).status, 403)
  const auditor = await offices.staff('auditor')
  const listed = await auditor('GET', `/api/readings?about=${id}`)
  const Said = z.array(z.object({ said: z.string().nullable(), purpose: z.string() }))
  assert.deepEqual(Said.parse(listed.body['data']), [{ said, purpose: 'complaint' }])
})

test('who has left is forgotten once two people agree: row, words and references; the chain stays whole', async () => {
  const { id, visit, person: owner } = await offices.partner()
  const invited = await visit('POST', '/api/invitations', {
    email: 'leaver@partner.example',
    roles: ['developer'],
  })
  assert.equal(invited.status, 201, JSON.stringify(invited.body))
  const token = /join#([\w-]+)/.exec(offices.letters.at(-1)?.text ?? '')?.[1]
  const accepted = await offices.visitor('portal')('POST', '/api/invitations/acceptance', {
    token,
    name: 'Leaver Canary',
    password: 'a long pass phrase',
  })
  assert.equal(accepted.status, 201, JSON.stringify(accepted.body))
  const path = `/api/partners/${id}/people`
  const people = async () =>
    People.parse((await success('GET', path, undefined, reading('support', said))).body['data'])
  const leaver = (await people()).find((p) => p.id !== owner)
  assert.equal(leaver?.name, 'Leaver Canary')
  const erase = () => compliance('POST', `/api/people/${leaver.id}/erasure`, { reason: 'GDPR 17' })
  assert.equal((await erase()).body['code'], 'partners/person-stays')
  await visit('POST', `/api/people/${leaver.id}/departure`, {})

  const { change } = Change.parse((await erase()).body)
  assert.equal((await people()).find((p) => p.id === leaver.id)?.name, 'Leaver Canary')
  const yes = { decision: 'approve', hash: change.hash }
  const decided = await (
    await offices.staff('compliance2')
  )('POST', `/api/approvals/${change.id}/decision`, yes)

  assert.equal(decided.body['status'], 'applied', JSON.stringify(decided.body))
  const gone = (await people()).find((p) => p.id === leaver.id)
  assert.deepEqual([gone?.name, gone?.email], ['—', `${leaver.id}@erased.invalid`])
  const [earlier] = (await lines('staff.personal-data-read')).filter((l) => l.subject === id)
  const asked = { reference: String(earlier?.data['said']), subject: id, value: said }
  assert.equal(await refersTo(db, asked), false, 'the salt of then is gone; another took its place')
  assert.equal((await lines('partners.person-erased'))[0]?.subject, leaver.id)
  assert.equal((await erase()).body['code'], 'partners/person-stays')
  const kept = await db.many(z.object({ row: z.string() }))`
    select to_jsonb(p)::text as row from partners.person p
     union all select to_jsonb(i)::text from partners.invitation i
     union all select to_jsonb(c)::text from approvals.change_set c
  `
  assert.ok(!kept.some(({ row }) => /leaver@|Leaver/.test(row)))
  assert.equal((await verifyChain(chainLines(db))).whole, true)
})

test('nothing by which a person is known stands in the journal of what people did here', async () => {
  const partner = await offices.partner()
  const { visit, email } = partner
  await visit('POST', '/api/invitations', {
    email: 'canary-invited@partner.example',
    roles: ['developer'],
  })
  await visit('POST', '/api/sessions', { email, password: 'canary-wrong-password' })
  await visit('POST', '/api/applications', { name: 'canary-application', cell: 'sandbox' })
  await compliance('POST', `/api/partners/${partner.id}/suspension`, {
    reason: 'canary-reason Karimova',
  })
  const path = `/api/partners/${partner.id}/people`
  await compliance('GET', path, undefined, reading('fraud', said))

  const journal = (await readEntries(db, 0n, 5_000)).map(({ body }) => body).join('\n')

  assert.ok(journal.includes('partners.suspended') && journal.includes('partners.person-invited'))
  const canaries = [email, 'canary-', 'Karimova', 'First Person', '@partner.example', '@namuna']
  for (const canary of canaries) assert.ok(!journal.includes(canary), canary)
})
