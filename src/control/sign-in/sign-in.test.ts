import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { z } from 'zod'
import { doing, freshDatabase, noon } from '#test/world.ts'
import { addStaff, signInStaff, signOutStaff, staffOfSession } from '#control/staff/index.ts'
import { hashPassword, passwordFits } from './index.ts'
import { fromOneAddress, tried } from './patience.ts'

const db = (await freshDatabase('control')).as('control')
const password = 'quite long enough'
const key = randomBytes(32)

const someone = async () => {
  const email = `${crypto.randomUUID()}@namuna.example`
  await doing(db)((work) =>
    addStaff(work, { name: 'A Person', email, password, roles: ['finance'] }),
  )
  return email
}
const at = (minutes: number, address = '10.0.0.1') => ({ address, now: noon.add({ minutes }) })

test('a password is kept as Argon2id with its cost and its own salt, and only itself fits', async () => {
  const [first, second] = await Promise.all([hashPassword(password), hashPassword(password)])

  assert.match(first, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  assert.notEqual(first, second)
  assert.equal(await passwordFits(password, first), true)
  assert.equal(await passwordFits(`${password} `, first), false)
  assert.equal(await passwordFits(password, undefined), false)
})

test('a flood of sign-ins is turned away before it takes the memory, and those in turn are served', async () => {
  const outcomes = await Promise.allSettled(
    Array.from({ length: 80 }, () => hashPassword(password)),
  )

  const served = outcomes.filter((o) => o.status === 'fulfilled')
  assert.equal(served.length, 66)
  for (const outcome of outcomes)
    if (outcome.status === 'rejected') assert.equal(outcome.reason.code, 'sign-in/busy')
  assert.match(await hashPassword(password), /^\$argon2id/)
})

test('a clock finer than the database’s delays nobody', async () => {
  const email = await someone()
  const now = noon.add({ nanoseconds: 999 })
  for (let tries = 0; tries < 3; tries++)
    assert.ok(await signInStaff(db, key, { email, password }, { address: '10.0.0.2', now }))
})

test('a session ends after half an hour without a request, and after twelve hours in any case', async () => {
  const email = await someone()
  const { secret } = await signInStaff(db, key, { email, password }, at(0))

  for (let minutes = 20; minutes <= 700; minutes += 20)
    assert.equal(
      (await staffOfSession(db, secret, at(minutes).now))?.email,
      email,
      `${minutes} min`,
    )
  assert.equal(await staffOfSession(db, secret, at(12 * 60 + 1).now), undefined)

  const { secret: idle } = await signInStaff(db, key, { email, password }, at(0))
  assert.ok(await staffOfSession(db, idle, at(29).now))
  assert.equal(await staffOfSession(db, idle, at(29 + 31).now), undefined)
})

test('signing out ends the session, and every sign-in makes another secret', async () => {
  const email = await someone()
  const first = await signInStaff(db, key, { email, password }, at(0))
  const second = await signInStaff(db, key, { email, password }, at(0))
  assert.notEqual(first.secret, second.secret)

  await signOutStaff(db, first.secret)

  assert.equal(await staffOfSession(db, first.secret, noon), undefined)
  assert.ok(await staffOfSession(db, second.secret, noon))
})

test('the secret of a session stands nowhere in the database', async () => {
  const email = await someone()
  const { secret, staff } = await signInStaff(db, key, { email, password }, at(0))
  const rows = await db.many(z.object({ row: z.string() }))`
    select s::text as row from staff.session s where holder = ${staff.id}
  `
  assert.equal(rows.length, 1)
  assert.ok(!rows[0]?.row.includes(secret))
  assert.ok(!rows[0]?.row.includes(Buffer.from(secret, 'base64url').toString('hex')))
})

test('an unknown account and a wrong password are one answer', async () => {
  const email = await someone()
  const refusal = (credentials: { email: string; password: string }) =>
    signInStaff(db, key, credentials, at(0)).then(
      () => assert.fail('it signed in'),
      (error: { code: string; detail: string; status: number }) => ({ ...error, stack: '' }),
    )

  const wrong = await refusal({ email, password: 'not the password' })
  const unknown = await refusal({ email: 'nobody@namuna.example', password: 'not the password' })

  assert.equal(wrong.code, 'sign-in/refused')
  assert.deepEqual(JSON.stringify(wrong), JSON.stringify(unknown))
})

test('guessing slows down: five tries are free, then each waits twice as long, the right password too', async () => {
  const email = await someone()
  const guess = (seconds: number, word: string) =>
    signInStaff(
      db,
      key,
      { email, password: word },
      { address: '10.0.0.9', now: noon.add({ seconds }) },
    ).then(
      () => 'in',
      (error: { code: string; particulars: { headers?: Record<string, string> } }) =>
        error.particulars.headers?.['retry-after'] ?? error.code,
    )

  for (let i = 0; i < 6; i++) assert.equal(await guess(0, 'wrong wrong wrong'), 'sign-in/refused')
  assert.equal(await guess(0, password), '1')
  assert.equal(await guess(1, 'wrong wrong wrong'), 'sign-in/refused')
  assert.equal(await guess(1, password), '2')
  assert.equal(await guess(3, password), 'in')
})

test('guesses that come all at once are counted one by one', async () => {
  const email = await someone()

  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, () =>
      signInStaff(db, key, { email, password: 'wrong wrong wrong' }, at(0, '10.0.0.7')),
    ),
  )

  const codes = outcomes.map((o) =>
    o.status === 'rejected' ? String((o.reason as { code: string }).code) : 'in',
  )
  assert.equal(codes.filter((code) => code === 'sign-in/refused').length, 6)
  assert.equal(codes.filter((code) => code === 'sign-in/delayed').length, 14)
})

test('a crowd that guesses from many addresses is slowed, and the owner waits a minute at most', async () => {
  const email = await someone()
  const codes: string[] = []
  for (let i = 0; i < 40; i++)
    await signInStaff(
      db,
      key,
      { email, password: 'wrong wrong wrong' },
      at(0, `10.1.0.${i}`),
    ).catch((error: { code: string }) => codes.push(error.code))
  assert.ok(codes.filter((code) => code === 'sign-in/delayed').length >= 9)

  const later = { address: '10.9.9.9', now: noon.add({ seconds: 61 }) }
  assert.ok(await signInStaff(db, key, { email, password }, later))
})

test('patience never waits longer than it says, and forgets after an hour of peace', () => {
  let held = { failures: 0, lastAt: noon, notBefore: noon }
  for (let i = 0; i < 60; i++) {
    held = tried(held, fromOneAddress, held.notBefore)
    assert.ok(held.notBefore.since(held.lastAt).total('seconds') <= fromOneAddress.longestSeconds)
  }
  assert.equal(
    tried(held, fromOneAddress, held.notBefore.add({ hours: 1, seconds: 1 })).failures,
    1,
  )
})
