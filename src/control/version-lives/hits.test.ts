/** Two applications call a gateway; what they sent decides which of them a document would break. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { bankDocument, bankDocuments } from '#test/documents.ts'
import { openCell } from '#test/gateway/cell.ts'
import type { Holder } from '#test/gateway/partner.ts'
import { answerJson } from '#test/gateway/played.ts'
import { freshDatabase } from '#test/world.ts'
import { work } from '#journal/index.ts'
import { seedControl } from '#control/seed.ts'
import { noteFacts } from '#control/usage/facts.ts'
import { noteVersions } from '#control/usage/versions.ts'
import { judgeDocument } from './index.ts'
import { deleteReading, saveReading } from './store.ts'

const cell = await openCell()
after(() => cell.close())
const limits = {
  rate: { perSecond: 1_000, burst: 1_000 },
  concurrency: 50,
  dailyQuota: null,
  budgets: { 'ownership-verifications': { perSecond: 10, burst: 1_000 } },
}
const rent = await cell.addHolder('mtls', { limits })
const tax = await cell.addHolder('mtls', { limits })
await cell.start()
await cell.publishAndWait()
cell.setPlay((_, response) => answerJson(response, 200, { result: 'NO_MATCH' }))

type Body = Record<string, unknown>
const path = '/accounts/v1/ownership-verifications'
const account = { schemeName: 'UZ.AccountNumber', identification: '20208000900000001001' }
/** As often as its narrow budget lets it wait. */
const asks = async (who: Holder, more: Body): Promise<void> => {
  const body = JSON.stringify({ account, ...more })
  const answered = await cell.callMtls(who, await cell.token(who), { method: 'POST', path, body })
  if (answered.status === 200) return
  assert.equal(answered.status, 429, answered.text)
  await sleep(500)
  return asks(who, more)
}
await asks(rent, { name: 'Dilnoza Karimova', purpose: 'CONTRACT', legalReference: 'lease 7' })
await asks(rent, { name: 'Dilnoza Karimova', purpose: 'CONTRACT', legalReference: 'lease 8' })
const statute = 'the statute on benefits, article 7, part 2, paragraph 3'
await asks(tax, {
  nationalIdSha256: 'ab'.repeat(32),
  purpose: 'TAX_REFUND',
  legalReference: statute,
})
const served = () => cell.usage.filter(({ status }) => status === 200)
while (served().length < 3) await sleep(20)
const told = served()

const database = await freshDatabase('control')
const db = database.as('control')
const now = Temporal.Now.instant()
await seedControl(db, now, { documents: bankDocuments() })
const days = told.map((one) => ({
  ...one,
  version: String(one.version),
  day: one.occurredAt.slice(0, 10),
  bornAt: one.occurredAt,
}))
const heard = async (from: typeof days, withFacts = true) =>
  work(db, 'system', now, async (w) => {
    await noteVersions(w, 'production', from)
    if (withFacts) await noteFacts(w, 'production', from)
  })
await heard(days)
await heard(days)

/** Whom the finding of a rule hits, and by what that is known. */
const hitBy = async (rule: string, change: (question: Body, answer: Body) => void) => {
  const openapi = bankDocument('accounts')
  const { schemas } = openapi['components'] as { schemas: Record<string, Body> }
  change(
    (schemas['OwnershipQuestion'] ?? {})['properties'] as Body,
    (schemas['OwnershipAnswer'] ?? {})['properties'] as Body,
  )
  const { impacts } = await judgeDocument(db, 'accounts', openapi, now)
  const found = impacts.filter(({ id }) => id === rule)
  const said = impacts.map(({ id }) => id).join(' ')
  assert.ok(found.length > 0, `${rule} among ${said}`)
  return found
    .flatMap(({ hits }) => hits.flatMap(({ applications }) => applications))
    .map(({ id, by }) => `${id} ${by}`)
    .filter((one, at, all) => all.indexOf(one) === at)
    .toSorted()
}
const seen = (...who: Holder[]) =>
  who.map(({ applicationId }) => `${applicationId} seen`).toSorted()
const of = (holder: Body, name: string) => holder[name] as Body

test('what is told of calls holds no value of theirs, and nothing twice', () => {
  const [first, second] = told.map(({ facts }) => facts)
  assert.ok(first)
  assert.ok(first.includes('body #/purpose enum:CONTRACT'))
  assert.ok(first.includes('body #/nationalIdSha256 absent'))
  assert.ok(first.includes('200 #/result sent'))
  assert.equal(second, undefined, 'another call of the same kind tells nothing new')
  const all = JSON.stringify(told.map(({ facts }) => facts))
  for (const value of ['Dilnoza', 'lease', 'statute', '20208000900000001001', 'abab', 'NO_MATCH'])
    assert.ok(!all.includes(value), value)
})

test('a word that goes, a bound that tightens, a member that goes or must be there: each hits who would be refused, and nobody else', async () => {
  const words = await hitBy('request-property-enum-value-removed', (question) => {
    of(question, 'purpose')['enum'] = ['BENEFIT_PAYMENT', 'CONTRACT', 'PAYEE_CHECK', 'ONBOARDING']
  })
  assert.deepEqual(words, seen(tax))
  const unused = await hitBy('request-property-enum-value-removed', (question) => {
    of(question, 'purpose')['enum'] = ['BENEFIT_PAYMENT', 'CONTRACT', 'PAYEE_CHECK', 'TAX_REFUND']
  })
  assert.deepEqual(unused, [], 'nobody sends it')
  const shorter = await hitBy('request-property-max-length-decreased', (question) => {
    of(question, 'legalReference')['maxLength'] = 50
  })
  assert.deepEqual(shorter, seen(tax))
  const gone = await hitBy('request-property-removed', (question) => {
    delete question['name']
  })
  assert.deepEqual(gone, seen(rent))
  const hash = await hitBy('request-property-pattern-changed', (question) => {
    of(question, 'nationalIdSha256')['pattern'] = '^[0-9a-f]{128}$'
  })
  assert.deepEqual(hash, seen(tax))
  const answered = await hitBy('response-property-enum-value-added', (_, answer) => {
    of(answer, 'result')['enum'] = ['MATCH', 'CLOSE_MATCH', 'NO_MATCH', 'NOT_POSSIBLE', 'LATER']
  })
  assert.deepEqual(answered, seen(rent, tax))
})

test('who said what it reads is hit by what goes of that, and by nothing else', async () => {
  const gone = () =>
    hitBy('response-property-enum-value-added', (_, answer) => {
      of(answer, 'result')['enum'] = ['MATCH', 'CLOSE_MATCH', 'NO_MATCH', 'NOT_POSSIBLE', 'LATER']
    })
  const say = (fields: string[]) =>
    work(db, 'system', now, (w) =>
      saveReading(w, rent.applicationId, { operation: 'verifyOwnership', fields }, now),
    )
  await say([])
  assert.deepEqual(await gone(), seen(tax), 'it reads only the status')
  await say(['/result'])
  assert.deepEqual(await gone(), [`${rent.applicationId} said`, ...seen(tax)].toSorted())
  await work(db, 'system', now, (w) => deleteReading(w, rent.applicationId, 'verifyOwnership'))
  assert.deepEqual(await gone(), seen(rent, tax))
})

test('a notice of each change is drafted in three languages', async () => {
  const openapi = bankDocument('accounts')
  const { schemas } = openapi['components'] as { schemas: Record<string, Body> }
  const question = (schemas['OwnershipQuestion'] ?? {})['properties'] as Body
  delete question['name']
  of(question, 'purpose')['enum'] = ['BENEFIT_PAYMENT', 'CONTRACT', 'PAYEE_CHECK', 'ONBOARDING']
  of(question, 'legalReference')['maxLength'] = 50
  const { impacts } = await judgeDocument(db, 'accounts', openapi, now)
  const drafts = new Map(impacts.map((one) => [one.id, one]))
  assert.deepEqual(drafts.get('request-property-removed')?.draft.summary, {
    en: 'verifyOwnership: `name` is no longer taken.',
    ru: 'verifyOwnership: поле `name` больше не принимается.',
    uz: 'verifyOwnership: `name` endi qabul qilinmaydi.',
  })
  const word = drafts.get('request-property-enum-value-removed')
  assert.match(word?.draft.summary.en ?? '', /value `TAX_REFUND` of `purpose` is no longer taken/)
  assert.ok(word?.draft.title.includes(word.earliest))
  const bound = drafts.get('request-property-max-length-decreased')
  assert.match(bound?.draft.body ?? '', /bound of `legalReference` becomes 50/)
})

test('who called before anybody looked so closely is taken to be hit', async () => {
  const [first] = days
  assert.ok(first)
  await heard([{ ...first, applicationId: 'application_before' }], false)
  const gone = await hitBy('request-property-removed', (question) => {
    delete question['name']
  })
  assert.deepEqual(gone, ['application_before assumed', ...seen(rent)].toSorted())
})
