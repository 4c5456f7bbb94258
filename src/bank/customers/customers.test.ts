import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { uuidv7 } from '#kernel/id.ts'
import { readEntries } from '#journal/index.ts'
import { doing, freshDatabase, noon } from '#test/world.ts'
import { bankKeys } from '../world.ts'
import {
  type NewCustomer,
  customerRefOf,
  finishSignIn,
  seedCustomers,
  startSignIn,
  subjectFor,
} from './index.ts'
import { base32, codeAt, stepOf } from './one-time-code.ts'

const database = await freshDatabase('cell')
const db = database.as('bank')
const keys = bankKeys(new Uint8Array(32).fill(7))
let clock = noon
const world = { db, keys, now: () => clock }

const secret = 'PORTICODEMOPORTICODEMOPORTICODEM'
const password = 'portico-demo'
let people = 0
const newPerson = async (secondFactor: NewCustomer['secondFactor'] = 'shown') => {
  const login = `person${uuidv7()}`
  const person = { login, password, displayName: 'Dilnoza', coreRef: `9${++people}`, secondFactor }
  await doing(db)((w) => seedCustomers(w, keys, [person]))
  return login
}
const refused = { code: 'customers/sign-in-refused', status: 401 }

test('RFC 6238 appendix B: the codes of the published secret are the published codes', () => {
  const published = Buffer.from('12345678901234567890')
  const at = (seconds: number) => stepOf(Temporal.Instant.fromEpochMilliseconds(seconds * 1000))
  assert.equal(codeAt(published, at(59)), '287082')
  assert.equal(codeAt(published, at(1_111_111_109)), '081804')
  assert.equal(codeAt(published, at(20_000_000_000)), '353130')
})

test('a person without a device signs in with the code that is shown, once', async () => {
  const login = await newPerson()

  const { challengeId, shownCode } = await startSignIn(world, { login, password })
  assert.ok(shownCode)
  const signedIn = await finishSignIn(world, { challengeId, code: shownCode })

  assert.equal(signedIn.displayName, 'Dilnoza')
  assert.match(signedIn.customerId, /^customer_[0-9a-f]{32}$/)
  await assert.rejects(finishSignIn(world, { challengeId, code: shownCode }), refused)
})

test('RFC 6238 §5.2: a code of a device is used once, by eight at the same moment too', async () => {
  const login = await newPerson({ totp: secret })
  const code = codeAt(base32(secret), stepOf(clock))
  const open = []
  for (let n = 0; n < 8; n++) open.push(await startSignIn(world, { login, password }))
  assert.ok(open.every(({ shownCode }) => shownCode === null))

  const outcomes = await Promise.allSettled(
    open.map(({ challengeId }) => finishSignIn(world, { challengeId, code })),
  )

  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
})

test('an unknown login and a wrong password are one answer, and both are slowed down alike', async () => {
  const login = await newPerson()
  const guess = async (who: string) => {
    try {
      await startSignIn(world, { login: who, password: 'wrong' })
      return assert.fail('a wrong password signs nobody in')
    } catch (error) {
      const { code, status, title, detail } = error as Record<string, unknown>
      return { code, status, title, detail }
    }
  }
  const stranger = `nobody${uuidv7()}`
  for (let n = 0; n < 6; n++) assert.deepEqual(await guess(login), await guess(stranger))
  const known = await guess(login)
  assert.equal(known['code'], 'customers/sign-in-delayed')
  assert.deepEqual(known, await guess(stranger))
})

test('a delay ends by itself: nobody is locked out by somebody else’s guesses', async () => {
  const login = await newPerson()
  for (let n = 0; n < 5; n++)
    await assert.rejects(startSignIn(world, { login, password: 'wrong' }), refused)
  await assert.rejects(startSignIn(world, { login, password }), {
    code: 'customers/sign-in-delayed',
  })

  clock = clock.add({ minutes: 6 })

  assert.ok(await startSignIn(world, { login, password }))
})

test('of a burst of guesses at the same moment only the free ones are looked at', async () => {
  const login = await newPerson()

  const outcomes = await Promise.allSettled(
    Array.from({ length: 30 }, () => startSignIn(world, { login, password: 'wrong' })),
  )

  const looked = outcomes.filter(
    (o) => o.status === 'rejected' && (o.reason as { code: string }).code === refused.code,
  )
  assert.equal(looked.length, 5)
})

test('a challenge takes five codes and lives five minutes', async () => {
  const login = await newPerson()
  const { challengeId, shownCode } = await startSignIn(world, { login, password })
  assert.ok(shownCode)
  const wrong = shownCode === '000000' ? '000001' : '000000'
  for (let n = 0; n < 5; n++)
    await assert.rejects(finishSignIn(world, { challengeId, code: wrong }), refused)
  await assert.rejects(finishSignIn(world, { challengeId, code: shownCode }), refused)

  clock = clock.add({ minutes: 6 })
  const late = await startSignIn(world, { login, password })
  clock = clock.add({ minutes: 5 })
  await assert.rejects(
    finishSignIn(world, { challengeId: late.challengeId, code: late.shownCode ?? '' }),
    refused,
  )
})

test('of people who have no device one code always passes, and one never does', async () => {
  const login = await newPerson()
  const first = await startSignIn(world, { login, password })
  assert.ok(first.shownCode)
  const { challengeId } = first
  await assert.rejects(finishSignIn(world, { challengeId, code: '000000' }), refused)
  assert.ok((await finishSignIn(world, { challengeId, code: '111111' })).customerId)
})

test('two partners know one customer by two names', async () => {
  const subject = (partnerId: string) =>
    doing(db)((w) => subjectFor(w, keys, { partnerId, customerRef: '42' }))
  const [a, again, b] = [await subject('p1'), await subject('p1'), await subject('p2')]

  assert.equal(a, again)
  assert.notEqual(a, b)
  assert.equal(await customerRefOf(db, 'p1', a), '42')
  assert.equal(await customerRefOf(db, 'p2', a), undefined)
})

test('the secret of a device stands encrypted, and the journal holds no login and no name', async () => {
  const login = await newPerson({ totp: secret })
  const text = JSON.stringify(
    await database.owner.many(
      z.object({ line: z.string() }),
    )`select row_to_json(c)::text as line from customers.customer c`,
  )
  assert.ok(!text.includes(secret) && !text.includes(Buffer.from(secret).toString('hex')))
  const bodies = (await readEntries(db, 0n)).map(({ body }) => body).join('\n')
  assert.ok(!bodies.includes(login) && !bodies.includes('Dilnoza'))
})
