import assert from 'node:assert/strict'
import { test } from 'node:test'
import { doing, freshDatabase, noon } from '#test/world.ts'
import { publishRates, RateFile, ratesInForce } from './index.ts'

const database = await freshDatabase('cell')
const db = database.as('bank')
const rate = (midRate: string, more: object = {}) => ({
  pair: 'USD/UZS',
  midRate,
  asOf: '2026-11-22T09:00:00Z',
  goodUntil: '2026-11-23T09:00:00Z',
  source: 'Treasury',
  ...more,
})
const publish = (...rates: object[]) => doing(db)((w) => publishRates(w, RateFile.parse(rates)))

test('a file of rates is read exactly, or refused', () => {
  assert.equal(RateFile.parse([rate('12650.25')])[0]?.micros, 12_650_250_000n)
  assert.equal(RateFile.parse([rate('1.000001')])[0]?.micros, 1_000_001n)
  const wrong = [
    rate('12650,25'),
    rate('1.0000001'),
    rate('0'),
    rate('-5'),
    rate('1e5'),
    rate('12650.25', { pair: 'USD/RUB' }),
    rate('12650.25', { goodUntil: '2026-11-22T09:00:00Z' }),
    rate('12650.25', { asOf: 'today' }),
    rate('12650.25', { source: '' }),
    { ...rate('12650.25'), note: 'x' },
  ]
  for (const one of wrong)
    assert.equal(RateFile.safeParse([one]).success, false, JSON.stringify(one))
})

test('the newest rate that has begun is in force, and one that was published stays', async () => {
  const later = { asOf: '2026-11-22T18:00:00Z' }
  assert.equal(await publish(rate('12600'), rate('12700', later)), 2)
  assert.equal(await publish(rate('12601')), 0)

  const at = async (now: Temporal.Instant) => (await ratesInForce(db, now)).map((r) => r.micros)
  assert.deepEqual(await at(noon), [12_600_000_000n])
  assert.deepEqual(await at(noon.add({ hours: 8 })), [12_700_000_000n])
  assert.deepEqual(await at(noon.subtract({ hours: 8 })), [])
})

test('a rate that leaps is refused, and with it the file that it stands in', async () => {
  const euro = (midRate: string, asOf = '2026-11-22T09:00:00Z') =>
    rate(midRate, { pair: 'EUR/UZS', asOf })
  await publish(euro('13700'))

  await assert.rejects(
    publish(euro('13701', '2026-11-22T10:00:00Z'), euro('137000', '2026-11-22T11:00:00Z')),
    { code: 'treasury/rate-refused' },
  )
  const inForce = (await ratesInForce(db, noon)).find(({ pair }) => pair === 'EUR/UZS')
  assert.equal(inForce?.micros, 13_700_000_000n)
  assert.equal(await publish(euro('16440', '2026-11-22T11:00:00Z')), 1)
})
