import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { Problem } from '#kernel/problem.ts'
import { sha256url } from '#platform/jose.ts'
import { freshDatabase } from '#test/world.ts'
import { coreUnavailable } from '../cores/core.ts'
import { callBy, newPartner, openTrial } from '../trial.ts'
import {
  addDocument,
  createVerification,
  eraseVerification,
  getVerification,
  listVerifications,
  lookAfter,
  submitVerification,
} from './index.ts'
import {
  isOver,
  type Status,
  transitions,
  VerificationId,
  VerificationRequest,
} from './verification.ts'

const database = await freshDatabase('cell')
const db = database.as('bank')
const trial = await openTrial(db)
const { bank } = trial

const jpeg = Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), Buffer.from('a face that is nobody’s')])
const scan = {
  type: 'ID_CARD',
  mediaType: 'image/jpeg',
  content: jpeg.toString('base64'),
} as const

const asked = (fullName: string, more: object = {}) =>
  VerificationRequest.parse({
    reference: 'customer-1',
    purpose: 'ONBOARDING',
    person: {
      fullName,
      birthDate: '1990-03-14',
      nationalId: 'PNOUZ-91403902000777',
      citizenship: 'UZ',
      residence: 'UZ',
      ...more,
    },
  })

const days = (count: number) => count * 86_400

/** A partner with a verification that has its document. */
const begun = async (name: string, partnerId = newPartner()) => {
  const created = await createVerification(
    bank,
    callBy(partnerId, 'createVerification'),
    asked(name),
  )
  const id = VerificationId.parse(created.verificationId)
  await addDocument(bank, callBy(partnerId, 'addVerificationDocument'), id, scan)
  const now = () => getVerification(bank, callBy(partnerId, 'getVerification'), id)
  const submit = () => submitVerification(bank, callBy(partnerId, 'submitVerification'), id)
  return { partnerId, id, now, submit }
}

/** Everything that is due now, and whatever comes of it. */
const settle = async () => {
  while ((await lookAfter(bank)) > 0);
}

const refusedWith = (code: string) => (error: unknown) =>
  error instanceof Problem && error.code === code

test('a person is verified by what they show, and the partner reads states and never the person', async () => {
  const partnerId = newPartner()
  const caller = () => callBy(partnerId, 'createVerification')
  const created = await createVerification(bank, caller(), asked('Karimova Dilnoza'))
  assert.equal(created.status, 'created')
  assert.deepEqual(created.requirements.currentlyDue, ['document.identity'])
  const id = VerificationId.parse(created.verificationId)
  await assert.rejects(submitVerification(bank, caller(), id), refusedWith('kyc/requirements-due'))

  const document = await addDocument(bank, caller(), id, scan)
  assert.equal(document.bytes, jpeg.length)
  const collecting = await getVerification(bank, caller(), id)
  assert.equal(collecting.status, 'collecting')
  assert.deepEqual(collecting.requirements.currentlyDue, [])
  assert.equal((await submitVerification(bank, caller(), id)).status, 'processing')
  await settle()

  const verified = await getVerification(bank, caller(), id)
  assert.equal(verified.status, 'verified')
  assert.doesNotMatch(JSON.stringify(verified), /Dilnoza|91403902000777|1990/)
  await assert.rejects(
    addDocument(bank, caller(), id, scan),
    refusedWith('kyc/verification-closed'),
  )
})

test('who lives elsewhere than where their papers are from shows where', async () => {
  const partnerId = newPartner()
  const created = await createVerification(
    bank,
    callBy(partnerId, 'createVerification'),
    asked('Emily Hart', { citizenship: 'GB' }),
  )
  assert.deepEqual(created.requirements.currentlyDue, ['document.identity', 'document.address'])
})

test('a word in the name provokes each outcome', async () => {
  const outcomes = {
    Rejected: ['rejected', 'rejected'],
    Review: ['manual_review', 'verified'],
    Declined: ['manual_review', 'rejected'],
    Unclear: ['manual_review', 'manual_review'],
    Listed: ['manual_review', 'manual_review'],
    Offline: ['manual_review', 'manual_review'],
    Nobody: ['verified', 'verified'],
  }
  const all = await Promise.all(
    Object.entries(outcomes).map(async ([word, [first, later]]) => {
      const verification = await begun(`Karimov ${word}`)
      await verification.submit()
      return { ...verification, first, later }
    }),
  )
  await settle()
  for (const { now, first } of all) assert.equal((await now()).status, first)
  trial.pass(61)
  await settle()
  for (const { now, later } of all) assert.equal((await now()).status, later)
  // Nobody ever decided: it ends by itself.
  trial.pass(days(31))
  await settle()
  for (const { now } of all) assert.ok(isOver((await now()).status))
})

test('a persona is who the registers say, and nobody else', async () => {
  const persona = async (fullName: string, birthDate: string) => {
    const partnerId = newPartner()
    const caller = callBy(partnerId, 'createVerification')
    const request = asked(fullName, { nationalId: 'PNOUZ-90101900000011', birthDate })
    const { verificationId } = await createVerification(bank, caller, request)
    const id = VerificationId.parse(verificationId)
    await addDocument(bank, callBy(partnerId, 'addVerificationDocument'), id, scan)
    await submitVerification(bank, callBy(partnerId, 'submitVerification'), id)
    await settle()
    return (await getVerification(bank, callBy(partnerId, 'getVerification'), id)).status
  }
  assert.equal(await persona('Рахимова Дилноза Акмал кизи', '1990-03-14'), 'verified')
  assert.equal(await persona('Рахимова Дилноза Акмал кизи', '1990-03-15'), 'rejected')
  assert.equal(await persona('Somebody Else', '1990-03-14'), 'rejected')
})

test('what is due is past due after its day, and a week later it is over', async () => {
  const partnerId = newPartner()
  const caller = () => callBy(partnerId, 'createVerification')
  const created = await createVerification(bank, caller(), asked('Slow Starter'))
  const id = VerificationId.parse(created.verificationId)
  trial.pass(days(14) + 1)
  await settle()
  const late = await getVerification(bank, caller(), id)
  assert.deepEqual([late.status, late.requirements.currentlyDue], ['created', []])
  assert.deepEqual(late.requirements.pastDue, ['document.identity'])
  trial.pass(days(7))
  await settle()
  assert.equal((await getVerification(bank, caller(), id)).status, 'expired')
})

test('a core that is away leaves a check open, and it is asked again', async () => {
  const { now, submit } = await begun('Patient Person')
  await submit()
  const away = {
    ...bank,
    coreFor: () => ({ ...trial.core, examine: () => Promise.reject(coreUnavailable('away')) }),
  }
  await lookAfter(away)
  assert.equal((await now()).status, 'processing')
  trial.pass(16)
  await settle()
  assert.equal((await now()).status, 'verified')
})

const Dump = z.object({ dump: z.string() })

test('at rest there is no name, no number and no picture, and the journal has none either', async () => {
  const { id, submit } = await begun('Zulfizar Canarieva')
  await submit()
  await settle()
  const { dump } = await db.one(Dump)`
    select coalesce(string_agg(v::text, ' '), '') || coalesce((select string_agg(d::text, ' ') from kyc.document d), '')
           || (select string_agg(body, ' ') from journal.entry) as dump
      from kyc.verification v
  `
  assert.ok(dump.includes(id))
  const needles = ['Canarieva', '91403902000777', '1990-03-14']
  for (const needle of needles) {
    assert.ok(!dump.includes(needle), needle)
    assert.ok(!dump.includes(Buffer.from(needle).toString('hex')), needle)
  }
  const picture = jpeg.toString('hex').slice(0, 24)
  assert.ok(!dump.includes(picture))
  assert.ok(!dump.includes(Buffer.from(scan.content).toString('hex').slice(0, 24)))
})

test('another partner finds nothing: the refusal is the one for what never was', async () => {
  const { id } = await begun('Private Person')
  const stranger = () => callBy(newPartner(), 'getVerification')
  const said: unknown[] = []
  const tries = [
    () => getVerification(bank, stranger(), id),
    () => getVerification(bank, stranger(), VerificationId.next()),
    () => addDocument(bank, stranger(), id, scan),
    () => submitVerification(bank, stranger(), id),
    () => eraseVerification(bank, stranger(), id),
  ]
  for (const attempt of tries)
    await assert.rejects(attempt(), (error) => {
      assert.ok(error instanceof Problem)
      said.push([error.code, error.status, error.detail])
      return true
    })
  assert.equal(new Set(said.map((s) => JSON.stringify(s))).size, 1)
  const { data } = await listVerifications(bank, stranger(), { limit: 100 })
  assert.deepEqual(data, [])
})

test('the same key is the same verification; the same key for something else is refused', async () => {
  const call = callBy(newPartner(), 'createVerification')
  const [a, b] = await Promise.all([
    createVerification(bank, call, asked('Twice Asked')),
    createVerification(bank, call, asked('Twice Asked')),
  ])
  assert.equal(a.verificationId, b.verificationId)
  const other = { ...call, bodySha256: sha256url('other') }
  await assert.rejects(
    createVerification(bank, other, asked('Somebody')),
    refusedWith('gateway/idempotency-key-reused'),
  )
})

const Lines = z.object({ count: z.number() })
const linesOf = async (event: string, subject: string) =>
  (
    await db.one(Lines)`
      select count(*)::int as count
        from journal.entry
       where body::jsonb ->> 'event' = ${event} and body::jsonb ->> 'subject' = ${subject}
    `
  ).count

test('twenty submissions at once are one, and so is what several processes make of it', async () => {
  const { id, submit, now } = await begun('Raced Person')
  await Promise.all(Array.from({ length: 20 }, submit))
  await Promise.all(Array.from({ length: 6 }, () => lookAfter(bank)))
  assert.equal((await now()).status, 'verified')
  assert.equal(await linesOf('kyc.verification-submitted', id), 1)
  assert.equal(await linesOf('kyc.verification-verified', id), 1)
})

test('every look at somebody leaves its line with its purpose', async () => {
  const { id, submit, now } = await begun('Watched Person')
  await now()
  await now()
  assert.equal(await linesOf('kyc.verification-read', id), 2)
  await submit()
  await settle()
  assert.equal(await linesOf('kyc.data-read', id), 1)
})

const Rest = z.object({
  sealed: z.instanceof(Uint8Array).nullable(),
  reference: z.string().nullable(),
})
const restOf = (id: string) =>
  db.one(Rest)`select sealed, reference from kyc.verification where id = ${id}`
const picturesOf = async (id: string) =>
  (
    await db.one(Lines)`
      select count(*)::int as count from kyc.document where verification_id = ${id} and sealed is not null
    `
  ).count

test('what never came to a check is forgotten on the partner’s word; what was checked when the law lets it go', async () => {
  const open = await begun('Left Alone')
  const gone = await eraseVerification(bank, callBy(open.partnerId, 'eraseVerification'), open.id)
  assert.deepEqual([gone.status, gone.erased], ['expired', true])
  assert.deepEqual(await restOf(open.id), { sealed: null, reference: null })
  assert.equal(await picturesOf(open.id), 0)

  const checked = await begun('Kept Person')
  await checked.submit()
  await settle()
  const erase = () =>
    eraseVerification(bank, callBy(checked.partnerId, 'eraseVerification'), checked.id)
  await assert.rejects(erase(), refusedWith('kyc/retention-binding'))
  trial.pass(days(5 * 365) - 1)
  await settle()
  assert.notEqual((await restOf(checked.id)).sealed, null)
  trial.pass(2)
  await settle()
  assert.deepEqual(await restOf(checked.id), { sealed: null, reference: null })
  assert.equal(await picturesOf(checked.id), 0)
  assert.equal(await linesOf('kyc.verification-erased', checked.id), 1)
  assert.equal((await checked.now()).status, 'verified')
})

test('a file that is not what it says it is is not taken', async () => {
  const { id, partnerId } = await begun('Odd Papers')
  const bring = (change: object) =>
    addDocument(bank, callBy(partnerId, 'addVerificationDocument'), id, { ...scan, ...change })
  const unreadable = refusedWith('kyc/document-unreadable')
  await assert.rejects(bring({ mediaType: 'application/pdf' }), unreadable)
  await assert.rejects(bring({ content: `${scan.content.replaceAll('=', '')}AAA` }), unreadable)
  for (let n = 1; n < 12; n++) await bring({})
  await assert.rejects(bring({}), refusedWith('kyc/documents-full'))
})

test('a file whose words could be somebody’s is not taken where nobody is real', async () => {
  const { id, partnerId } = await begun('Real Papers')
  const bring = (words: string) =>
    addDocument(bank, callBy(partnerId, 'addVerificationDocument'), id, {
      ...scan,
      content: Buffer.concat([jpeg, Buffer.from(`\0\u0001${words}\0`)]).toString('base64'),
    })
  await assert.rejects(bring('PINFL 31403902000019'), refusedWith('sandbox/real-identifier'))
  await assert.rejects(bring('\0\n20208000900000001001'), refusedWith('sandbox/real-identifier'))
  await bring('PINFL 91403902000010')
})

test('pages go through everything once, and a cursor is its partner’s own', async () => {
  const partnerId = newPartner()
  for (let n = 0; n < 5; n++)
    await createVerification(bank, callBy(partnerId, 'createVerification'), asked(`Number ${n}`))
  const page = (cursor?: string) =>
    listVerifications(bank, callBy(partnerId, 'listVerifications'), {
      limit: 2,
      ...(cursor !== undefined && { cursor }),
    })
  const first = await page()
  const second = await page(first.next ?? '')
  const third = await page(second.next ?? '')
  assert.equal(third.next, null)
  const ids = [first, second, third].flatMap(({ data }) => data.map((v) => v.verificationId))
  assert.equal(new Set(ids).size, 5)
  const other = { limit: 2, cursor: first.next ?? '' }
  await assert.rejects(
    listVerifications(bank, callBy(newPartner(), 'listVerifications'), other),
    refusedWith('bank/cursor-invalid'),
  )
})

const step = fc.oneof(
  fc.constantFrom('document', 'submit', 'look', 'erase'),
  fc.integer({ min: 1, max: 40 }),
)

test('whatever is done in whatever order, a status never goes back and an end stays the end', async () => {
  const reaches = (from: Status, to: Status): boolean =>
    from === to || transitions[from].some((next) => reaches(next, to))
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('Nobody', 'Rejected', 'Review', 'Unclear', 'Listed'),
      fc.array(step, { maxLength: 10 }),
      async (word, steps) => {
        const partnerId = newPartner()
        const caller = () => callBy(partnerId, 'any')
        const { verificationId } = await createVerification(bank, caller(), asked(`Any ${word}`))
        const id = VerificationId.parse(verificationId)
        let before: Status = 'created'
        for (const one of steps) {
          const done = {
            document: () => addDocument(bank, caller(), id, scan),
            submit: () => submitVerification(bank, caller(), id),
            erase: () => eraseVerification(bank, caller(), id),
            look: settle,
          }
          if (typeof one === 'number') trial.pass(days(one))
          else
            await done[one as keyof typeof done]().catch((error: unknown) => {
              assert.ok(error instanceof Problem && error.status === 409, String(error))
            })
          const { status } = await getVerification(bank, caller(), id)
          assert.ok(reaches(before, status), `${before} became ${status}`)
          before = status
        }
      },
    ),
    { numRuns: 15 },
  )
})
