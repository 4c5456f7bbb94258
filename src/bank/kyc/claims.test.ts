import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { uuidv7 } from '#kernel/id.ts'
import { Problem } from '#kernel/problem.ts'
import { importVerifyKey, sha256url, verifyJws } from '#platform/jose.ts'
import { freshDatabase } from '#test/world.ts'
import { coreUnavailable } from '../cores/core.ts'
import { callBy, enrol, newPartner, openTrial, refs } from '../trial.ts'
import { ClaimsRequest, PredicateRequest } from './claims.ts'
import { isAdult, QUESTIONS_MAX } from './predicate.ts'
import { answerPredicates, shareClaims, sweepAnswers } from './telling.ts'

const database = await freshDatabase('cell')
const db = database.as('bank')
const trial = await openTrial(db)
const { bank } = trial

const everything = {
  predicates: ['age_over_18', 'resident_in', 'name_matches', 'account_owned'],
  claims: ['given_name', 'family_name', 'birthdate', 'address', 'nationalities'],
}
const own = { schemeName: 'UZ.AccountNumber' }

/** A customer at a partner, and a call with a consent of theirs. */
const customer = async (ref: string, partnerId = newPartner()) => {
  const { subject } = await enrol(trial, partnerId, ref)
  const call = (allowed: object = everything, more: object = {}) =>
    callBy(partnerId, 'answerPredicates', {
      subject,
      consentId: `consent_${uuidv7()}`,
      details: [{ type: 'urn:bank:kyc-claims:v1', trustFramework: 'uz_aml', ...allowed }],
      ...more,
    })
  const ask = (asked: object, as = call()) =>
    answerPredicates(bank, as, PredicateRequest.parse({ trustFramework: 'uz_aml', ...asked }))
  const share = (asked: object, as = call()) =>
    shareClaims(bank, as, ClaimsRequest.parse({ trustFramework: 'uz_aml', ...asked }))
  return { partnerId, subject, call, ask, share }
}

const results = (told: { answers: readonly { predicate: string; result: string }[] }) =>
  Object.fromEntries(told.answers.map(({ predicate, result }) => [predicate, result]))

const refusedWith = (code: string) => (error: unknown) =>
  error instanceof Problem && error.code === code

const Told = z.looseObject({
  iss: z.string(),
  aud: z.string(),
  sub: z.string(),
  exp: z.number(),
  verified_claims: z.object({
    verification: z.looseObject({ trust_framework: z.string() }),
    claims: z.record(z.string(), z.unknown()),
  }),
})

const read = async (jwt: string) => {
  const [jwk] = bank.claims.keys
  assert.ok(jwk)
  return Told.parse(await verifyJws(jwt, await importVerifyKey(jwk, 'PS256')))
}

test('yes or no about a customer, and nothing more', async () => {
  const adult = await customer(refs.payer.owner)
  const { number } = await trial.accountOf(refs.payer.current)
  const told = await adult.ask({
    predicates: everything.predicates,
    name: 'Dilnoza Rahimova',
    account: { ...own, identification: number },
  })
  assert.deepEqual(results(told), {
    age_over_18: 'TRUE',
    resident_in: 'TRUE',
    name_matches: 'TRUE',
    account_owned: 'TRUE',
  })
  assert.doesNotMatch(JSON.stringify(told), /Dilnoza|1990/)

  const other = await customer(refs.other.owner)
  const no = await other.ask({
    predicates: everything.predicates,
    name: 'Dilnoza Rahimova',
    account: { ...own, identification: number },
  })
  assert.deepEqual(new Set(Object.values(results(no))), new Set(['FALSE']))
})

test('a closed account is not owned, and of a company there is nothing to tell', async () => {
  const payer = await customer(refs.payer.owner)
  const { number } = await trial.accountOf(refs.payer.closed)
  const account = { ...own, identification: number }
  const told = await payer.ask({ predicates: ['account_owned'], account })
  assert.deepEqual(results(told), { account_owned: 'FALSE' })

  const company = await customer('80000102')
  const none = await company.ask({ predicates: ['age_over_18', 'resident_in'] })
  assert.deepEqual(results(none), { age_over_18: 'UNAVAILABLE', resident_in: 'UNAVAILABLE' })
  assert.equal('jwt' in none, false)
  await assert.rejects(
    company.share({ claims: ['birthdate'] }),
    refusedWith('kyc/identity-missing'),
  )
})

test('eighteen begins with the birthday, and on 1 March for who was born on 29 February', () => {
  const day = (text: string) => Temporal.PlainDate.from(text)
  assert.equal(isAdult(day('2008-11-23'), day('2026-11-22')), false)
  assert.equal(isAdult(day('2008-11-22'), day('2026-11-22')), true)
  assert.equal(isAdult(day('2008-02-29'), day('2026-02-28')), false)
  assert.equal(isAdult(day('2008-02-29'), day('2026-03-01')), true)
})

test('claims are signed, for this application and this customer, and hold what was allowed and no more', async () => {
  const { call, share, subject } = await customer(refs.payer.owner)
  const as = call({ predicates: ['age_over_18'], claims: ['given_name', 'birthdate'] })
  const { jwt } = await share({ claims: ['birthdate'], predicates: ['age_over_18'] }, as)
  const told = await read(jwt)
  assert.deepEqual(told.verified_claims.claims, { birthdate: '1990-03-14', age_over_18: true })
  assert.equal(told.verified_claims.verification.trust_framework, 'uz_aml')
  assert.deepEqual(
    [told.iss, told.aud, told.sub],
    ['https://bank.example', as.applicationId, subject],
  )
  assert.doesNotMatch(JSON.stringify(told), /Rahimova|Navoiy|90101900000011/)
})

test('what the customer did not allow is not told, by no other word', async () => {
  const { call, ask, share } = await customer(refs.payer.owner)
  const little = () => call({ predicates: ['age_over_18'], claims: ['given_name'] })
  const exceeded = refusedWith('consents/exceeded')
  await assert.rejects(ask({ predicates: ['resident_in'] }, little()), exceeded)
  await assert.rejects(share({ claims: ['given_name', 'birthdate'] }, little()), exceeded)
  await assert.rejects(
    share({ claims: ['given_name'], predicates: ['resident_in'] }, little()),
    exceeded,
  )
  const elsewhere = { ...little(), details: [{ type: 'urn:bank:accounts:v1' }] }
  await assert.rejects(
    ask({ predicates: ['age_over_18'] }, elsewhere),
    refusedWith('consents/missing'),
  )
  const framework = call({ ...everything, trustFramework: 'eidas' })
  await assert.rejects(
    ask({ predicates: ['age_over_18'], trustFramework: 'eidas' }, framework),
    refusedWith('kyc/trust-framework-unknown'),
  )
  const parsed = PredicateRequest.safeParse({
    trustFramework: 'uz_aml',
    predicates: ['age_over_18'],
    name: 'Anybody Else',
  })
  assert.equal(parsed.success, false)
})

test('a consent is told on once, by however many calls at the same moment', async () => {
  const { call, ask } = await customer(refs.payer.owner)
  const consentId = `consent_${uuidv7()}`
  const tries = await Promise.allSettled(
    Array.from({ length: 12 }, (_, n) =>
      ask(
        { predicates: ['age_over_18'] },
        call(everything, { consentId, bodySha256: sha256url(`${n}`) }),
      ),
    ),
  )
  assert.equal(tries.filter(({ status }) => status === 'fulfilled').length, 1)
  for (const each of tries)
    if (each.status === 'rejected') assert.ok(refusedWith('consents/exceeded')(each.reason))
})

test('the same key hears the same again, and what could not be told is told later', async () => {
  const { call, ask } = await customer(refs.payer.owner)
  const as = call()
  const asked = { predicates: ['age_over_18'] }
  const first = await ask(asked, as)
  const again = await ask(asked, as)
  assert.equal(again.claimsRequestId, first.claimsRequestId)
  await assert.rejects(
    ask(asked, { ...as, bodySha256: sha256url('other') }),
    refusedWith('gateway/idempotency-key-reused'),
  )

  const late = call()
  const away = {
    ...bank,
    coreFor: () => ({ ...trial.core, identity: () => Promise.reject(coreUnavailable('away')) }),
  }
  const request = PredicateRequest.parse({ trustFramework: 'uz_aml', ...asked })
  await assert.rejects(answerPredicates(away, late, request), refusedWith('core/unavailable'))
  const told = await ask(asked, { ...late, idempotencyKey: uuidv7() })
  assert.deepEqual(results(told), { age_over_18: 'TRUE' })
})

test('O13: the same question within a day has the same answer, whatever became of the customer', async () => {
  const { ask } = await customer(refs.payer.owner)
  const asked = { predicates: ['name_matches'], name: 'Dilnoza Rahimova' }
  assert.deepEqual(results(await ask(asked)), { name_matches: 'TRUE' })
  await database.owner
    .run`update synthetic.customer set name = 'Karimova Dilnoza' where ref = ${refs.payer.owner}`
  assert.deepEqual(results(await ask(asked)), { name_matches: 'TRUE' })
  trial.pass(86_400)
  await sweepAnswers(bank)
  assert.deepEqual(results(await ask(asked)), { name_matches: 'FALSE' })
  await database.owner
    .run`update synthetic.customer set name = 'Rahimova Dilnoza Akmal qizi' where ref = ${refs.payer.owner}`
})

test('O13: names are not searched for: so many different questions about one person, never one more', async () => {
  const { ask } = await customer(refs.payer.owner)
  const tries = await Promise.allSettled(
    Array.from({ length: QUESTIONS_MAX + 8 }, (_, n) =>
      ask({ predicates: ['name_matches'], name: `Guess Number${n}` }),
    ),
  )
  const told = tries.filter(({ status }) => status === 'fulfilled').length
  assert.equal(told, QUESTIONS_MAX)
  for (const each of tries)
    if (each.status === 'rejected') {
      assert.ok(refusedWith('kyc/questions-exhausted')(each.reason))
      assert.ok(each.reason instanceof Problem)
      assert.ok(Number(each.reason.particulars.headers?.['Retry-After']) > 86_000)
    }
})

const Lines = z.object({ count: z.number() })

test('O13: a partner who hears no all the time raises one alarm an hour, without anybody’s name in it', async () => {
  const partnerId = newPartner()
  const people = [refs.payer.owner, refs.other.owner, '80000102', '80000103']
  for (const ref of people) {
    const { ask } = await customer(ref, partnerId)
    for (let n = 0; n < 8; n++) await ask({ predicates: ['name_matches'], name: `No Body${n}` })
  }
  const { count } = await db.one(Lines)`
    select count(*)::int as count
      from journal.entry
     where body::jsonb ->> 'event' = 'kyc.sweep-suspected' and body::jsonb ->> 'subject' = ${partnerId}
  `
  assert.equal(count, 1)
  const { count: names } = await db.one(Lines)`
    select count(*)::int as count from journal.entry where body ~ 'Guess|No Body|Dilnoza'
  `
  assert.equal(names, 0)
})

test('two partners do not share answers, and a subject of one is nobody at the other', async () => {
  const a = await customer(refs.payer.owner)
  const b = await customer(refs.payer.owner)
  assert.notEqual(a.subject, b.subject)
  const stolen = b.call(everything, { subject: a.subject })
  await assert.rejects(
    b.ask({ predicates: ['age_over_18'] }, stolen),
    refusedWith('gateway/not-found'),
  )
})

test('that something was told is forgotten after five years, and not before', async () => {
  const { ask, call, partnerId } = await customer(refs.payer.owner)
  await ask({ predicates: ['age_over_18'] }, call())
  const kept = async () => {
    await sweepAnswers(bank)
    const { count } = await db.one(Lines)`
      select count(*)::int as count from kyc.claims_request where partner_id = ${partnerId}
    `
    return count
  }
  trial.pass(86_400 * 365 * 5 - 1)
  assert.equal(await kept(), 1)
  trial.pass(1)
  assert.equal(await kept(), 0)
})
