import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { Problem } from '#kernel/problem.ts'
import { freshDatabase } from '#test/world.ts'
import { coreUnavailable } from '../cores/core.ts'
import { callBy, newPartner, openTrial } from '../trial.ts'
import { BusinessId, BusinessRequest } from './business.ts'
import { createBusiness, getBusiness } from './declare.ts'
import { addDocument, eraseVerification, lookAfter, submitVerification } from './index.ts'
import { createScreening, getScreening } from './screen.ts'
import { screeningJson } from './screening.ts'
import { VerificationId } from './verification.ts'

const db = (await freshDatabase('cell')).as('bank')
const trial = await openTrial(db)
const { bank } = trial

const declared = (legalName: string, held = '1/4') =>
  BusinessRequest.parse({
    reference: 'supplier-1',
    purpose: 'PAYOUTS',
    legalName,
    registrationNumber: '980000777',
    ownership: {
      parties: [
        { ref: 'akmal', kind: 'person', name: 'Canariev Akmal' },
        { ref: 'nodira', kind: 'person', name: 'Canarieva Nodira' },
        { ref: 'holding', kind: 'company', name: 'Canary Holding' },
      ],
      holdings: [
        { owner: 'holding', of: 'business', share: '3/4' },
        { owner: 'akmal', of: 'holding', share: '1/1' },
        { owner: 'nodira', of: 'business', share: held },
      ],
    },
  })

const create = (partnerId: string, legalName: string, held?: string) =>
  createBusiness(bank, callBy(partnerId, 'createBusiness'), declared(legalName, held))

const pdf = {
  mediaType: 'application/pdf',
  content: Buffer.from('%PDF-1.7 an extract').toString('base64'),
} as const

const refusedWith = (code: string) => (error: unknown) =>
  error instanceof Problem && error.code === code

test('a business is verified with those behind it found, and none of their names is told or kept readable', async () => {
  const partnerId = newPartner()
  const call = () => callBy(partnerId, 'getBusiness')
  const created = await create(partnerId, 'Zarafshon Savdo MCHJ')
  assert.deepEqual(created.beneficialOwners, [
    { ref: 'akmal', basis: ['OWNERSHIP', 'CONTROL'], share: '3/4' },
    { ref: 'nodira', basis: ['OWNERSHIP'], share: '1/4' },
  ])
  assert.equal(created.unexplainedShare, '0/1')
  assert.deepEqual(created.verification.requirements.currentlyDue, ['document.registration'])

  const id = VerificationId.parse(created.verification.verificationId)
  await addDocument(bank, call(), id, { ...pdf, type: 'REGISTRATION_EXTRACT' })
  await submitVerification(bank, call(), id)
  await lookAfter(bank)
  const found = await getBusiness(bank, call(), BusinessId.parse(created.businessId))
  assert.equal(found.verification.status, 'verified')
  assert.doesNotMatch(JSON.stringify(found), /Canar|Zarafshon/)
  const { dump } = await db.one(z.object({ dump: z.string() }))`
    select string_agg(b::text, ' ') || (select string_agg(v::text, ' ') from kyc.verification v)
           || (select string_agg(body, ' ') from journal.entry) as dump
      from kyc.business b
  `
  assert.doesNotMatch(dump, /Canar|Zarafshon/)
})

test('where a quarter is unexplained the declaration itself is due', async () => {
  const created = await create(newPartner(), 'Half Told MCHJ', '1/1000')
  assert.equal(created.unexplainedShare, '249/1000')
  assert.deepEqual(created.verification.requirements.currentlyDue, ['document.registration'])

  const open = declared('Open Company')
  const { parties } = open.ownership
  const ownership = { parties, holdings: open.ownership.holdings.slice(0, 1), controls: [] }
  const call = callBy(newPartner(), 'createBusiness')
  const spread = await createBusiness(bank, call, { ...open, ownership })
  assert.deepEqual(spread.verification.requirements.currentlyDue, [
    'document.registration',
    'document.ownership',
  ])
})

test('the same key is the same business; more than all of it is refused; a stranger finds nothing', async () => {
  const call = callBy(newPartner(), 'createBusiness')
  const request = declared('Twice Asked')
  const [a, b] = await Promise.all([
    createBusiness(bank, call, request),
    createBusiness(bank, call, request),
  ])
  assert.equal(a.businessId, b.businessId)
  await assert.rejects(
    create(newPartner(), 'Too Much', '1/3'),
    refusedWith('kyc/ownership-impossible'),
  )
  const stranger = callBy(newPartner(), 'getBusiness')
  const notFound = refusedWith('gateway/not-found')
  await assert.rejects(getBusiness(bank, stranger, BusinessId.parse(a.businessId)), notFound)
  await assert.rejects(getBusiness(bank, stranger, BusinessId.next()), notFound)
})

const screened = async (legalName: string, over = bank) => {
  const partnerId = newPartner()
  const { verification } = await create(partnerId, legalName)
  const verificationId = VerificationId.parse(verification.verificationId)
  const call = () => callBy(partnerId, 'createScreening')
  const ask = (as = call(), by = over) => createScreening(by, as, { verificationId })
  return { call, ask, verificationId }
}

test('O35: the partner hears one of three words; nothing but the word and the ids differs', async () => {
  const heard = new Map<string, string>()
  for (const name of ['Ordinary Name', 'Listed Name', 'Offline Name']) {
    const { ask, call } = await screened(name)
    const made = await ask()
    assert.deepEqual(await getScreening(bank, call(), made.id), made)
    const said = JSON.stringify(screeningJson(made))
    heard.set(made.result, said.replaceAll(/_[0-9a-f]{32}/g, '').replace(made.result, ''))
  }
  assert.deepEqual([...heard.keys()], ['clear', 'review', 'unavailable'])
  assert.equal(new Set(heard.values()).size, 1)
  const { told } = await db.one(z.object({ told: z.string() }))`
    select string_agg(body, ' ') as told from journal.entry where body::jsonb ->> 'event' like 'kyc.screen%'
  `
  assert.doesNotMatch(told, /"(clear|review|unavailable|result)"/)
})

test('lists that cannot be asked are a word and not an error, and are asked again', async () => {
  const away = {
    ...bank,
    coreFor: () => ({ ...trial.core, examine: () => Promise.reject(coreUnavailable('away')) }),
  }
  const { ask, call } = await screened('Listed Later', away)
  assert.equal((await ask()).result, 'unavailable')
  assert.equal((await ask(call(), bank)).result, 'review')
  // From here on the word holds for a day, even while the lists are away.
  assert.equal((await ask()).result, 'review')
})

test('whoever is screened by many at once is one answer; a stranger and the forgotten are nobody', async () => {
  const { ask, call, verificationId } = await screened('Raced Name')
  const same = call()
  const all = await Promise.all(Array.from({ length: 8 }, () => ask(same)))
  assert.equal(new Set(all.map(({ id }) => id)).size, 1)

  const said = new Set<string>()
  const hear = (error: unknown) => {
    assert.ok(error instanceof Problem)
    said.add(JSON.stringify([error.code, error.status, error.detail, error.particulars]))
    return error.code === 'gateway/not-found'
  }
  const stranger = callBy(newPartner(), 'createScreening')
  await assert.rejects(createScreening(bank, stranger, { verificationId }), hear)
  await eraseVerification(bank, call(), verificationId)
  await assert.rejects(ask(), hear)
  assert.equal(said.size, 1)
})

test('a business that is forgotten has no owners and no screening any more', async () => {
  const partnerId = newPartner()
  const call = () => callBy(partnerId, 'getBusiness')
  const { businessId, verification } = await create(partnerId, 'Forgotten MCHJ')
  const verificationId = VerificationId.parse(verification.verificationId)
  const { id } = await createScreening(bank, call(), { verificationId })
  await eraseVerification(bank, call(), verificationId)
  const found = await getBusiness(bank, call(), BusinessId.parse(businessId))
  assert.deepEqual([found.beneficialOwners, found.verification.erased], [[], true])
  await assert.rejects(getScreening(bank, call(), id), refusedWith('gateway/not-found'))
})
