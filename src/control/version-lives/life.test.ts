import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BROWNOUTS_MAX } from '#gateway/snapshot.ts'
import { BrownoutId, brownoutFault, earliestSunset, mayRetire, stageOf } from './life.ts'

const middle = '2026-08-03'
const at = (text: string) => Temporal.Instant.from(text)
const life = {
  version: middle,
  deprecatedAt: at('2026-09-10T00:00:00Z'),
  sunsetAt: at('2027-09-11T00:00:00Z'),
  retiredAt: null,
  retiredWhy: null,
}

test('notice is a year, or the longest that a contract asks for', () => {
  const from = at('2026-02-28T15:00:00Z')
  assert.equal(earliestSunset(from, []).toString(), '2027-03-01T00:00:00Z')
  assert.equal(earliestSunset(from, [6, 9]).toString(), '2027-03-01T00:00:00Z')
  assert.equal(earliestSunset(from, [6, 18]).toString(), '2027-08-29T00:00:00Z')
})

test('a version is retired only after its sunset, its extensions, and a quiet fortnight', () => {
  const standing = { lastCallAt: undefined, unacknowledged: [], extendedUntil: undefined }
  const day = at('2027-10-01T00:00:00Z')
  const why = (
    more: Partial<typeof standing> | object,
    when = day,
    of: typeof life | undefined = life,
  ) => {
    const verdict = mayRetire(of, { ...standing, ...more }, when)
    return verdict.allowed ? 'allowed' : verdict.why
  }
  assert.equal(why({}), 'allowed')
  assert.equal(mayRetire(undefined, standing, day).allowed, false)
  assert.equal(why({}, at('2027-09-10T23:59:59Z')), 'sunset-ahead')
  assert.equal(why({ extendedUntil: at('2027-10-02T00:00:00Z') }), 'extended')
  assert.equal(why({ extendedUntil: at('2027-10-01T00:00:00Z') }), 'allowed')
  assert.equal(why({ lastCallAt: at('2027-09-18T00:00:00Z') }), 'still-used')
  assert.equal(why({ lastCallAt: at('2027-09-16T00:00:00Z') }), 'allowed')
  assert.equal(why({ unacknowledged: ['partner_1'] }), 'unacknowledged')
  assert.equal(stageOf(life, at('2027-09-10T00:00:00Z')), 'deprecated')
  assert.equal(stageOf(life, day), 'sunset')
  assert.equal(stageOf({ ...life, retiredAt: day }, day), 'retired')
})

test('hours that reach beyond the end of a version are none', () => {
  const asked = {
    version: middle,
    cell: 'sandbox' as const,
    startsAt: at('2027-09-10T23:00:00Z'),
    endsAt: at('2027-09-11T01:00:00Z'),
    paymentsOf: [],
  }
  const when = at('2027-01-01T00:00:00Z')
  assert.match(brownoutFault(asked, life, [], when) ?? '', /has ended/)
  assert.match(brownoutFault({ ...asked, endsAt: asked.startsAt }, life, [], when) ?? '', /before/)
})

test('as many hours are planned as a gateway can be told of, and no more', () => {
  const now = at('2026-12-01T00:00:00Z')
  const long = { ...life, sunsetAt: at('2028-11-01T00:00:00Z') }
  const hour = (n: number) => ({
    version: middle,
    cell: 'sandbox' as const,
    startsAt: now.add({ hours: 72 + n * 2 }),
    endsAt: now.add({ hours: 73 + n * 2 }),
    paymentsOf: [],
  })
  const planned = Array.from({ length: BROWNOUTS_MAX }, (_, n) => ({
    ...hour(n),
    id: BrownoutId.next(),
  }))
  assert.equal(brownoutFault(hour(300), long, planned.slice(1), now), undefined)
  assert.match(brownoutFault(hour(300), long, planned, now) ?? '', /200 already/)
})
