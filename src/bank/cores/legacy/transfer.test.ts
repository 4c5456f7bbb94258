import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TransferOutcome } from '../core.ts'
import { coreBusy, coreClosed, coreUnavailable } from '../core.ts'
import { type Sent, sendOnce } from './transfer.ts'

type Step = Sent | { readonly status: 'different' } | Error

/** Plays one answer after another, and writes down what was asked. */
const played = async (script: readonly (readonly ['send' | 'inquire', Step])[]) => {
  const asked: string[] = []
  const next = (what: 'send' | 'inquire') => {
    const [expected, step] =
      script[asked.length] ?? assert.fail(`${what} after the end of the script`)
    asked.push(what)
    assert.equal(what, expected)
    if (step instanceof Error) throw step
    return step
  }
  const sending = sendOnce({
    send: async () => {
      const step = next('send')
      return step.status === 'different' ? assert.fail('nothing sent is different') : step
    },
    inquire: async () => {
      const step = next('inquire')
      return step.status === 'lost' || step.status === 'duplicate'
        ? assert.fail('an inquiry finds an outcome')
        : step
    },
    pausesMs: [0, 0],
  })
  await sending.catch(() => {})
  assert.equal(asked.length, script.length, 'not all of the script was played')
  return sending
}

const booked: TransferOutcome = { status: 'booked' }
const rejected: TransferOutcome = { status: 'rejected', reasonCode: 'AM04' }
const unknown: TransferOutcome = { status: 'unknown' }
const lost: Sent = { status: 'lost', cause: new Error('the session was dropped') }
const duplicate: Sent = { status: 'duplicate' }
const away = coreUnavailable('It cannot be reached')

test('an order that is answered is sent once, and nobody inquires', async () => {
  assert.deepEqual(await played([['send', booked]]), booked)
  assert.deepEqual(await played([['send', rejected]]), rejected)
})

test('a lost answer is inquired about before anything is sent again', async () => {
  assert.deepEqual(
    await played([
      ['send', lost],
      ['inquire', booked],
    ]),
    booked,
  )
  assert.deepEqual(
    await played([
      ['send', lost],
      ['inquire', rejected],
    ]),
    rejected,
  )
  assert.deepEqual(
    await played([
      ['send', lost],
      ['inquire', unknown],
      ['send', booked],
    ]),
    booked,
  )
})

test('while inquiries fail nothing is sent again, and in the end it is unclear', async () => {
  await assert.rejects(
    played([
      ['send', lost],
      ['inquire', away],
      ['inquire', away],
      ['inquire', away],
    ]),
    { code: 'core/unclear', cause: away },
  )
  assert.deepEqual(
    await played([
      ['send', lost],
      ['inquire', away],
      ['inquire', booked],
    ]),
    booked,
  )
})

test('an order is sent twice at most', async () => {
  await assert.rejects(
    played([
      ['send', lost],
      ['inquire', unknown],
      ['send', lost],
      ['inquire', unknown],
    ]),
    { code: 'core/unclear' },
  )
})

test('a second sending that is a duplicate means that the first arrived late', async () => {
  assert.deepEqual(
    await played([
      ['send', lost],
      ['inquire', unknown],
      ['send', duplicate],
      ['inquire', booked],
    ]),
    booked,
  )
})

test('a second sending that surely failed leaves the first one in doubt', async () => {
  const busy = coreBusy('All its sessions stayed busy')
  await assert.rejects(
    played([
      ['send', lost],
      ['inquire', unknown],
      ['send', busy],
    ]),
    { code: 'core/unclear', cause: busy },
  )
})

test('a first sending that surely failed says so, and nobody inquires', async () => {
  for (const failure of [away, coreBusy('busy'), coreClosed('closed')])
    await assert.rejects(played([['send', failure]]), failure)
})

test('a closed core is not asked again, and its opening time is told', async () => {
  const closed = coreClosed('closed', { headers: { 'Retry-After': '600' } })
  await assert.rejects(
    played([
      ['send', lost],
      ['inquire', closed],
    ]),
    {
      code: 'core/unclear',
      particulars: { headers: { 'Retry-After': '600' }, cause: closed },
    },
  )
})

test('a duplicate is inquired about, and another order under its reference is refused', async () => {
  assert.deepEqual(
    await played([
      ['send', duplicate],
      ['inquire', booked],
    ]),
    booked,
  )
  await assert.rejects(
    played([
      ['send', duplicate],
      ['inquire', { status: 'different' }],
    ]),
    {
      code: 'core/refused',
    },
  )
})

test('a core that refuses a duplicate and does not know it leaves the order unclear, and is sent nothing more', async () => {
  await assert.rejects(
    played([
      ['send', duplicate],
      ['inquire', unknown],
    ]),
    { code: 'core/unclear' },
  )
})
