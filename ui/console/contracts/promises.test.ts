import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bandsAs, bandsIn, fieldOf, type Promised, promisedIn } from './promises.ts'

const promised: Promised = {
  product: 'payments',
  title: 'Payments answer',
  availability: {
    method: 'timeslices',
    badPercent: '10',
    bands: [
      { below: '99.9', percent: '5' },
      { below: '99', percent: '10' },
    ],
  },
  latency: [
    { withinMs: 500, bands: [{ below: '95', percent: '2' }] },
    { withinMs: 2000, bands: [{ below: '99', percent: '3' }] },
  ],
  base: 'contract',
  capPercent: '30',
  maintenance: { noticeHours: 72, minutesAMonth: 120 },
}
const filled = (over: Readonly<Record<string, string>> = {}) => {
  const fields: Readonly<Record<string, string>> = {
    product: 'payments',
    title: 'Payments answer',
    method: 'timeslices',
    bands: '99.9 = 5, 99 = 10',
    withinMs: '500',
    latencyBands: '95 = 2',
    capPercent: '30',
    ...over,
  }
  const one = (name: string) =>
    Object.entries(fields).find(([field]) => fieldOf(0, field) === name)?.[1] ?? ''
  return { one }
}

test('a promise that nobody touched comes out of the form as it went in', () => {
  assert.deepEqual(promisedIn(filled(), 0, promised), promised)
})

test('what is emptied is promised no more', () => {
  const less = promisedIn(filled({ method: '', capPercent: '' }), 0, promised)
  assert.deepEqual([less.availability, less.capPercent], [null, null])
  const fresh = promisedIn(filled({ withinMs: '' }), 0, undefined)
  assert.deepEqual([fresh.latency, fresh.base, fresh.maintenance], [[], 'product', null])
})

test('bands are read as they are written, and what is none is sent for the server to refuse', () => {
  const bands = '99.9 = 5, 99 = 10'
  assert.equal(bandsAs(bandsIn(bands)), bands)
  assert.deepEqual(bandsIn('99.9'), [{ below: '99.9', percent: '' }])
})
