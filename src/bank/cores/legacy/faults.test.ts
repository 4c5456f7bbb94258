import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { before, beforeEach, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Problem } from '#kernel/problem.ts'
import { Secret } from '#platform/secret.ts'
import {
  type Simulator,
  eventually,
  openCoreOn,
  startSimulator,
  wholeFile,
} from './simulator-process.ts'

const file = wholeFile()
let simulator: Simulator
before(async () => {
  simulator = await startSimulator(file)
})
beforeEach(() => simulator.control('faults clear'))

const quick = { graceMs: 100, inquiryPausesMs: [50] }
const answerMs = 2000
const customer = '90000001'

/** The problem that a call ends with, which must speak our language: none of the core's words, codes or fields. */
const problemOf = async (call: Promise<unknown>): Promise<Problem> => {
  const [outcome] = await Promise.allSettled([call])
  assert.equal(outcome?.status, 'rejected', 'the call was answered')
  const problem: unknown = outcome.reason
  assert.ok(problem instanceof Problem, String(problem))
  const said = `${problem.title} ${problem.detail}`
  assert.doesNotMatch(said, /\b\d{4}\b(?!-)|[A-Z]{4,}|\d{6}|[А-Яа-я]/, said)
  return problem
}

const whyOf = (problem: Problem) => (problem.cause instanceof Error ? problem.cause.message : '')

for (const [fault, operation, why] of [
  ['status', '0210', /status 7777/],
  ['truncate', '0210', /^KLIENT is \d+ bytes long, not 108$/],
  ['garbage', '0210', /^KLIENT\.\w+ is no/],
  ['code-page', '0210', /^KLIENT\.NAIM is no text$/],
  ['number', '0210', /belongs to another request/],
] as const) {
  test(`an answer with the fault “${fault}” is not believed, our log knows why, and the next answer is`, async (context) => {
    const { core, warnings } = openCoreOn(simulator, context, { timeouts: quick })
    await simulator.control(`fault ${fault} ${operation} 1`)

    const problem = await problemOf(core.customer(customer))

    assert.equal(problem.code, 'core/garbled')
    assert.match(whyOf(problem), why)
    assert.ok(warnings.some(({ message }) => message === 'the core garbled an answer'))
    assert.equal((await core.customer(customer))?.ref, customer)
  })
}

test('a garbled page of entries, in the middle of a list, spoils the whole list', async (context) => {
  const { core } = openCoreOn(simulator, context, { timeouts: quick })
  for (const fault of ['truncate', 'garbage', 'code-page']) {
    await simulator.control(`fault ${fault} 0340 1`)
    assert.equal((await problemOf(core.entries('9000000101', { limit: 30 }))).code, 'core/garbled')
  }
})

test('a session that falls during a question is replaced, and the question asked again', async (context) => {
  const { core } = openCoreOn(simulator, context, { timeouts: quick })
  for (const fault of ['drop-before', 'drop-after']) {
    await simulator.control(`fault ${fault} 0210 1`)
    assert.equal((await core.customer(customer))?.ref, customer)
  }
})

test('sessions that keep falling are told as a core that does not answer', async (context) => {
  const { core } = openCoreOn(simulator, context, { timeouts: quick })
  await simulator.control('fault drop-before 0210 2')

  const problem = await problemOf(core.customer(customer))

  assert.equal(problem.code, 'core/unavailable')
  assert.equal(problem.particulars.headers?.['Retry-After'], '2')
})

test('a core that hangs is given up after the time for an answer, and only that session is', async (context) => {
  const { core } = openCoreOn(simulator, context, { timeouts: { ...quick, answerMs } })
  await core.ping()
  await simulator.control('fault hang-before 0330 1')
  const began = performance.now()

  const [hanging, other] = await Promise.all([
    problemOf(core.balances('9000000101')),
    core.customer(customer),
  ])

  const ms = performance.now() - began
  assert.equal(hanging.code, 'core/unavailable')
  assert.equal(other?.ref, customer)
  assert.ok(ms >= answerMs - 10, `${ms} ms`)
  assert.ok((await core.balances('9000000101')).booked.minor > 0n)
})

test('a closed window says when it opens, for every kind of call, and nothing is taken', async (context) => {
  const { core } = openCoreOn(simulator, context, { timeouts: quick })
  const creditor = await core.account('9000000501')
  assert.ok(creditor)
  const order = {
    reference: 'CLOSEDWINDOW1',
    debtor: '9000000101',
    creditor: { number: creditor.number, bankCode: creditor.bankCode, name: 'Юсупова' },
    amount: { minor: 100n, currency: 'UZS' as const },
    text: '',
  }
  await simulator.control('window shut 90')

  for (const call of [
    () => core.ping(),
    () => core.customer(customer),
    () => core.entries('9000000101', { limit: 5 }),
    () => core.transfer(order),
    () => core.openCardAccount({ reference: 'CLOSEDWINDOW2', customer, currency: 'UZS' }),
  ]) {
    const problem = await problemOf(call())
    assert.equal(problem.code, 'core/closed')
    assert.match(problem.detail, /^It works again at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+05:00$/)
    const seconds = Number(problem.particulars.headers?.['Retry-After'])
    assert.ok(seconds > 80 && seconds <= 90, `${seconds} seconds`)
  }
  assert.deepEqual(simulator.taken(order.reference), [])

  await simulator.control('window auto')
  assert.deepEqual(await core.transfer(order), { status: 'booked' })
})

test('a core that is away is unavailable: at first after a grace, then at once, and is found again', async (context) => {
  const { core } = openCoreOn(simulator, context, { timeouts: quick })
  await core.ping()
  await simulator.kill()

  assert.equal((await problemOf(core.customer(customer))).code, 'core/unavailable')
  await pause(150)
  const calls = Array.from({ length: 20 }, () => problemOf(core.customer(customer)))
  assert.ok((await Promise.all(calls)).every(({ code }) => code === 'core/unavailable'))

  await simulator.start()
  await eventually(() =>
    core.ping().then(
      () => true,
      () => false,
    ),
  )
  assert.equal((await core.customer(customer))?.ref, customer)
})

test('callers who wait out a short absence are served after it, all of them', async (context) => {
  const { core } = openCoreOn(simulator, context, {
    timeouts: { ...quick, graceMs: 60_000 },
  })
  await core.ping()
  await simulator.kill()

  const waiting = Promise.all(Array.from({ length: 8 }, () => core.ping()))
  await simulator.start()
  await waiting
})

test('a sign-on that the core refuses is refused at once, and named in the log', async (context) => {
  const { core, warnings } = openCoreOn(simulator, context, {
    timeouts: quick,
    signOn: { operator: 'NOBODY', password: new Secret('guess') },
  })

  const problem = await problemOf(core.ping())

  assert.equal(problem.code, 'core/refused')
  assert.match(whyOf(problem), /sign-on/)
  assert.equal(warnings[0]?.message, 'no session with the core')
  assert.doesNotMatch(JSON.stringify(warnings), /guess/)
})

test('who waits too long for a session is told that the core is busy, and nothing was sent', async (context) => {
  const { core } = openCoreOn(simulator, context, {
    timeouts: { ...quick, answerMs, waitMs: 200 },
    sessionsMax: 1,
  })
  await core.ping()
  await simulator.control('fault hang-before 0330 1')
  const hanging = problemOf(core.balances('9000000101'))

  const problem = await problemOf(core.customer(customer))

  assert.equal(problem.code, 'core/busy')
  assert.equal(problem.particulars.headers?.['Retry-After'], '1')
  await hanging
})

test('when somebody else holds all eight sessions the core is busy, not away', async (context) => {
  const others = Array.from({ length: 8 }, () => connect(simulator.port, '127.0.0.1'))
  const leave = () => others.forEach((other) => other.destroy())
  context.after(leave)
  await eventually(async () => (await simulator.control('sessions')) === '8')
  const { core } = openCoreOn(simulator, context, { timeouts: { ...quick, waitMs: 5000 } })

  assert.equal((await problemOf(core.ping())).code, 'core/busy')

  const waiting = core.ping()
  leave()
  await waiting
})

test('a session that died while idle is noticed by its heartbeat', async (context) => {
  const { core, warnings } = openCoreOn(simulator, context, {
    timeouts: { ...quick, answerMs, idleMs: 100 },
  })
  await core.ping()
  await simulator.control('fault hang-before 0900 1')

  await eventually(() =>
    warnings.some(({ message }) => message === 'an idle session with the core was dead'),
  )
  await core.ping()
})

test('a closed adapter refuses, and leaves no session behind', async (context) => {
  const { core } = openCoreOn(simulator, context, { timeouts: quick })
  await Promise.all(Array.from({ length: 20 }, () => core.ping()))
  const waiting = Array.from({ length: 20 }, () => core.ping().catch((error: unknown) => error))
  await core.close()

  await Promise.all(waiting)
  assert.equal((await problemOf(core.ping())).code, 'core/unavailable')
  await eventually(async () => (await simulator.control('sessions')) === '0')
})
