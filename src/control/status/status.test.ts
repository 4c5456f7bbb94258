import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Agent, request } from 'undici'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bankDocuments } from '#test/documents.ts'
import { doing, freshDatabase, noon } from '#test/world.ts'
import { uuidv7 } from '#kernel/id.ts'
import { portsOf, readSettings } from '#platform/config.ts'
import { readRandomKey } from '#platform/keys.ts'
import { layoutOf } from '#platform/layout.ts'
import { openLog } from '#platform/log.ts'
import { seedCatalogue } from '#control/catalogue/index.ts'
import { endIncident, openIncident } from '#control/incidents/index.ts'
import { PartnerId } from '#control/partners/index.ts'
import { announceMaintenance } from '#control/service-levels/index.ts'
import { StatusFacts } from '../../status/facts.ts'
import {
  measure,
  openParts,
  ownStatus,
  publicIncidents,
  publishBulletin,
  startStatusDesk,
} from './index.ts'
import { measuredFrom, minutesOf, recountedFrom } from './measuring.ts'
import * as store from './store.ts'

const database = await freshDatabase('control')
const db = database.as('control')
const zone = 'Asia/Tashkent'
const ago = (minutes: number) => noon.subtract({ minutes })

/** A call as the meter keeps it, so many minutes before noon. */
const called = (
  minutesAgo: number,
  { product = 'accounts', cell = 'production', status = 200, code = null as string | null } = {},
) => {
  const at = ago(minutesAgo)
  return database.owner.run`
    insert into usage.event (partner_id, day, call_id, cell, gateway, boot, seq, occurred_at, recorded_at, application_id,
                             product, operation, price_basis, unit_price, status, code, billable, units, latency_ms, epoch)
    values ('partner_a', ${at.toString().slice(0, 10)}, ${uuidv7()}, ${cell}, 'g', 'b', 1, ${at}, ${noon}, 'application_a',
            ${product}, 'listAccounts', 'unpriced', 0, ${status}, ${code}, false, 0, 1, 1)
  `
}
const recent = async (part: string, cell = 'production') =>
  (await store.recentMinutes(db, ago(15)))
    .filter((m) => m.part === part && m.cell === cell)
    .map(({ good, total, planned }) => ({ good, total, planned }))

test('calls of all partners make a minute: failures of the bank count, a partner’s own refusals do not', async () => {
  await called(5)
  await called(5, { status: 503 })
  await called(5, { status: 403 })
  await called(5, { status: 429, code: 'gateway/rate-limited' })
  await called(5, { status: 429, code: 'gateway/overloaded' })
  await measure(db, { now: () => noon, zone })

  assert.deepEqual(await recent('accounts'), [{ good: 1, total: 3, planned: false }])
})

test('a call that is told of late changes its minute and its day, and measuring again changes nothing', async () => {
  await called(4, { product: 'cards' })
  await measure(db, { now: () => noon, zone })
  await called(4, { product: 'cards', status: 500 })
  await measure(db, { now: () => noon.add({ seconds: 20 }), zone })
  await measure(db, { now: () => noon.add({ seconds: 40 }), zone })

  assert.deepEqual(await recent('cards'), [{ good: 1, total: 2, planned: false }])
  const days = await store.days(db, Temporal.PlainDate.from('2026-11-01'))
  const [day, ...more] = days.filter(({ part }) => part === 'cards')
  assert.deepEqual(more, [])
  assert.deepEqual(day, {
    cell: 'production',
    part: 'cards',
    day: '2026-11-22',
    known: 1,
    good: 0,
    down: 1,
    planned: 0,
  })
})

test('a look speaks for a minute in which nobody called, and in the sandbox played failures prove nothing', () => {
  const minute = noon
  const at = { part: 'accounts', minute }
  const looked = [
    { cell: 'production' as const, ...at, tries: 1, answered: 0 },
    { cell: 'production' as const, part: 'fx', minute, tries: 1, answered: 1 },
    { cell: 'sandbox' as const, ...at, tries: 1, answered: 0 },
  ]
  const calls = [
    { cell: 'production' as const, ...at, calls: 10, bad: 0 },
    { cell: 'sandbox' as const, ...at, calls: 10, bad: 7 },
    { cell: 'sandbox' as const, part: 'cards', minute, calls: 4, bad: 4 },
  ]
  const minutes = minutesOf(calls, looked, [])

  assert.deepEqual(
    minutes.map(({ cell, part, good, total }) => [cell, part, good, total]),
    [
      ['production', 'accounts', 10, 10],
      ['sandbox', 'accounts', 3, 4],
      ['production', 'fx', 1, 1],
    ],
  )
})

test('minutes under announced work stand beside the good and the bad', async () => {
  await doing(
    db,
    'system',
    ago(600),
  )((work) =>
    announceMaintenance(work, {
      product: 'payments',
      startsAt: ago(3),
      endsAt: ago(1),
      reason: 'The core is moved',
    }),
  )
  await called(3, { product: 'payments', status: 503 })
  await called(1, { product: 'payments' })
  await measure(db, { now: () => noon.add({ seconds: 50 }), zone })

  assert.deepEqual(await recent('payments'), [
    { good: 0, total: 1, planned: true },
    { good: 1, total: 1, planned: false },
  ])
  const [day] = (await store.days(db, Temporal.PlainDate.from('2026-11-01'))).filter(
    ({ part }) => part === 'payments',
  )
  assert.deepEqual([day?.known, day?.good, day?.down, day?.planned], [1, 1, 0, 1])
})

test('an outage is no planned work because somebody announces it afterwards, or in its middle', () => {
  const at = { cell: 'production' as const, part: 'payments' }
  const down = [5, 1].map((minutes) => ({ ...at, minute: ago(minutes), calls: 9, bad: 9 }))
  const announced = (announcedAt: Temporal.Instant) =>
    minutesOf(
      down,
      [],
      [{ id: 'm', part: 'payments', reason: 'x', startsAt: ago(9), endsAt: noon, announcedAt }],
    ).map(({ planned }) => planned)

  assert.deepEqual(announced(noon), [false, false])
  assert.deepEqual(announced(ago(3)), [false, false])
  assert.deepEqual(announced(ago(9)), [true, true])
})

test('what may have been told late is counted again: hours each hour, days each day, from where it stopped', () => {
  const at = (text: string) => Temporal.Instant.from(`2026-11-${text}Z`)
  const hoursBack = (before: string, now: string, recountFrom: Temporal.Instant | null = null) => {
    const from = recountedFrom({ upto: at(before), recountFrom }, at(now))
    return from && at(before).since(from).total('hours')
  }
  assert.equal(hoursBack('23T12:10:00', '23T12:11:00'), null)
  assert.equal(hoursBack('23T12:59:00', '23T13:00:00'), 3)
  assert.equal(hoursBack('23T23:59:00', '24T00:00:00'), 7 * 24)
  assert.equal(hoursBack('23T12:10:00', '23T12:11:00', at('20T12:10:00')), 72, 'it goes on')
  assert.equal(hoursBack('23T12:59:00', '23T13:00:00', at('20T12:59:00')), 72)
  assert.equal(hoursBack('23T12:59:00', '23T13:00:00', at('23T12:29:00')), 3)
  assert.equal(
    at('23T12:10:00')
      .since(measuredFrom(at('23T12:10:00'), noon))
      .total('minutes'),
    10,
  )
  assert.equal(noon.since(measuredFrom(undefined, noon)).total('hours'), 90 * 24)
})

test('a call of two hours ago that came late is counted within rounds, none of which looks at more than a window', async () => {
  const lending = async () =>
    (await store.days(db, Temporal.PlainDate.from('2026-11-20')))
      .filter(({ part }) => part === 'lending')
      .map(({ known }) => known)
  let at = noon.add({ hours: 1 })
  const round = async () => {
    await measure(db, { now: () => at, zone })
    at = at.add({ seconds: 20 })
  }
  await round()
  await called(110, { product: 'lending' })
  assert.deepEqual(await lending(), [])

  let rounds = 0
  // Of three hours back there are twelve windows, and the newest minutes are measured in each round.
  while ((await lending()).length === 0 && rounds < 12) {
    await round()
    rounds += 1
  }
  assert.deepEqual(await lending(), [1])
  assert.ok(rounds > 1, 'not all of it at once')
  while (rounds++ < 20) await round()
  assert.equal((await store.reading(db))?.recountFrom, null, 'and then there is nothing left')
})

test('an incident of everybody is public, one of some partners only once the bank says something, and its record never', async () => {
  const staff = doing(db, 'system', noon)
  const partnerId = PartnerId.next()
  const everybodys = await staff((work) =>
    openIncident(work, {
      title: 'Cards do not answer',
      severity: 'major',
      cell: 'production',
      partnerIds: [],
      beganAt: ago(30),
    }),
  )
  const some = await staff((work) =>
    openIncident(work, {
      title: 'Slow statements',
      severity: 'minor',
      cell: 'production',
      partnerIds: [partnerId],
      beganAt: ago(20),
    }),
  )
  const titles = async () => (await publicIncidents(db, noon)).map(({ title }) => title)
  assert.deepEqual(await titles(), ['Cards do not answer'])

  const say = (incidentId: typeof some.id, state: 'identified' | 'resolved', parts: string[]) =>
    staff((work) =>
      publishBulletin(work, { incidentId, state, said: 'The cause is known.', parts }),
    )
  await say(some.id, 'identified', ['accounts'])
  await say(everybodys.id, 'identified', ['cards', 'gateway'])
  await assert.rejects(say(everybodys.id, 'resolved', []), { code: 'status/incident-over' })
  await doing(
    db,
    'system',
    noon.add({ minutes: 5 }),
  )((work) => endIncident(work, everybodys.id, { endedAt: noon, said: 'internal words' }))

  const told = await publicIncidents(db, noon.add({ minutes: 6 }))
  assert.deepEqual(
    told.map(({ title, parts, updates }) => [title, parts, updates.map(({ state }) => state)]),
    [
      ['Slow statements', ['accounts'], ['investigating', 'identified']],
      ['Cards do not answer', ['cards', 'gateway'], ['investigating', 'identified', 'resolved']],
    ],
  )
  const whole = JSON.stringify(told)
  assert.ok(!whole.includes(partnerId) && !whole.includes('internal words'))
})

test('what the bank says is told by language, and the latest name of an incident counts', async () => {
  const staff = doing(db, 'system', noon)
  const { id } = await staff((work) =>
    openIncident(work, {
      title: 'NW core switch 2',
      severity: 'minor',
      cell: 'sandbox',
      partnerIds: [],
      beganAt: ago(10),
    }),
  )
  const say = (titles: { en?: string; ru?: string }) =>
    staff((work) =>
      publishBulletin(work, {
        incidentId: id,
        state: 'identified',
        said: 'The cause is known.',
        words: { ru: 'Причина известна.' },
        titles,
        parts: ['accounts'],
      }),
    )
  await say({ en: 'Slow', ru: 'Медленно' })
  await say({ en: 'Slow answers' })

  const told = (await publicIncidents(db, noon)).find((one) => one.id === id)
  assert.deepEqual(told?.titles, { en: 'Slow answers', ru: 'Медленно' })
  assert.deepEqual(told?.updates.at(-1)?.words, { ru: 'Причина известна.' })
})

test('a partner sees the days of its own calls, the past as it was added up and today as it is, and what failed in an incident', async () => {
  const partnerId = PartnerId.next()
  const own = (minutesAgo: number, status = 200) =>
    database.owner.run`
      insert into usage.event (partner_id, day, call_id, cell, gateway, boot, seq, occurred_at, recorded_at, application_id,
                               product, operation, price_basis, unit_price, status, code, billable, units, latency_ms, epoch)
      values (${partnerId}, ${ago(minutesAgo).toString().slice(0, 10)}, ${uuidv7()}, 'production', 'g', 'b', 1,
              ${ago(minutesAgo)}, ${noon}, 'application_a', 'fx', 'listAccounts', 'unpriced', 0, ${status}, null, false, 0, 1, 1)
    `
  const aDay = 24 * 60
  await own(aDay)
  await own(aDay, 503)
  await own(4)
  await own(3, 503)
  await database.owner.run`update status.reading set settled = null`
  await measure(db, { now: () => noon.add({ minutes: 2 }), zone })
  // Of a day that was added up the sum is read, not the calls.
  await own(aDay)
  const { id } = await doing(
    db,
    'system',
    noon,
  )((work) =>
    openIncident(work, {
      title: 'Only yours',
      severity: 'minor',
      cell: 'production',
      partnerIds: [partnerId],
      beganAt: ago(5),
    }),
  )
  await doing(db)((work) => seedCatalogue(work, bankDocuments()))

  const asked = { partnerId, cell: 'production' as const, now: noon, zone, staleMs: 300_000 }
  const offered = openParts()
  const withFx = async (of: Parameters<typeof offered>[0]) => [
    ...(await offered(of)),
    { cell: 'production' as const, part: 'fx', title: null },
  ]
  const status = await ownStatus(db, withFx, asked)
  const fx = status.components.find(({ part }) => part === 'fx')
  assert.deepEqual(fx?.own, {
    calls: 4,
    bad: 2,
    reached: '33.33',
    days: [
      { day: '2026-11-21', level: 'partly' },
      { day: '2026-11-22', level: 'partly' },
    ],
    today: { calls: 2, bad: 1 },
  })
  assert.equal(fx.uses, true)
  assert.equal(status.components.find(({ part }) => part === 'payments')?.uses, false)
  const mine = status.incidents.find((one) => one.id === id)
  assert.deepEqual([mine?.only, mine?.failed, mine?.calls.length], [true, 1, 1])

  const stranger = await ownStatus(db, withFx, { ...asked, partnerId: PartnerId.next() })
  assert.ok(stranger.components.every((one) => one.own === null))
  assert.ok(!stranger.incidents.some((one) => one.id === id))
})

test('the status page alone hears the facts, whole and in shape, and they name no partner', async () => {
  await doing(db)((work) => seedCatalogue(work, bankDocuments()))
  const settings = readSettings({ PORTICO_DATA: mkdtempSync(join(tmpdir(), 'portico-desk-')) })
  const layout = layoutOf(settings.PORTICO_DATA)
  const desk = await startStatusDesk({
    db,
    world: {
      settings,
      layout,
      ports: portsOf(settings),
      log: openLog({ process: 'control' }, 'silent'),
      now: () => noon.add({ minutes: 1 }),
    },
    live: { gateways: () => [] },
    hearsCourier: () => false,
    looks: () => [],
  })
  const dispatcher = new Agent({ connect: { socketPath: layout.status.socket } })
  const ask = async (key: string) => {
    const answer = await request('http://control/status/facts', {
      dispatcher,
      headers: { authorization: `Bearer ${key}` },
    })
    return { status: answer.statusCode, text: await answer.body.text() }
  }
  const key = readRandomKey(layout.status.linkKey).toString('base64url')
  const deadline = performance.now() + 60_000
  let answer = await ask(key)
  while (answer.status === 503 && performance.now() < deadline) answer = await ask(key)
  const stranger = await ask(`${key}x`)
  await dispatcher.close()
  await desk.stop()

  assert.equal(stranger.status, 401)
  const facts = StatusFacts.parse(JSON.parse(answer.text))
  assert.deepEqual(
    facts.components.filter(({ cell }) => cell === 'production').map(({ part }) => part),
    ['gateway', 'authorization', 'accounts', 'payments', 'cards', 'webhooks'],
  )
  const accounts = facts.components.find((c) => c.cell === 'production' && c.part === 'accounts')
  assert.equal(accounts?.days.length, 1)
  assert.ok(!answer.text.includes('partner_'))
})
