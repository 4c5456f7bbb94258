import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Support, supportOfTier, supportText, urgencies, type Urgency } from './support.ts'

test('a dearer tier is answered no later, and what is more urgent is answered first', () => {
  const tiers = ['Bronze', 'Silver', 'Gold', 'Platinum'].map(supportOfTier)
  // An hour that counts on five days of seven, and nine of their hours, lasts longer by the clock on the wall.
  const lasting = ({ hours, firstAnswerMinutes }: Support, urgency: Urgency) =>
    firstAnswerMinutes[urgency] * (hours ? (24 / 9) * (7 / 5) : 1)
  for (const [i, tier] of tiers.entries()) {
    assert.deepEqual(Support.parse(tier), tier)
    const before = tiers[i - 1]
    for (const urgency of urgencies)
      assert.ok(!before || lasting(tier, urgency) <= lasting(before, urgency), `${i} ${urgency}`)
  }
  assert.equal(
    supportText(supportOfTier('Silver')),
    'critical within 4 h, major within 9 h, minor within 18 h, counted Monday to Friday from 09:00 to 18:00 (Asia/Tashkent)',
  )
  assert.match(supportText(supportOfTier('Platinum')), /^critical within 15 min.*, day and night$/)
})

test('support that nobody could keep is no term of a contract', () => {
  const { firstAnswerMinutes } = supportOfTier('Gold')
  const hours = { from: '09:00', to: '18:00', zone: 'Asia/Tashkent' }
  for (const wrong of [
    { hours: { ...hours, to: '08:00' }, firstAnswerMinutes },
    { hours: { ...hours, zone: 'Asia/Nowhere' }, firstAnswerMinutes },
    { hours, firstAnswerMinutes: { ...firstAnswerMinutes, critical: 9_000 } },
    { hours, firstAnswerMinutes: { ...firstAnswerMinutes, minor: 0 } },
    { firstAnswerMinutes },
  ])
    assert.equal(Support.safeParse(wrong).success, false, JSON.stringify(wrong))
})
