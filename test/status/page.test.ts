/** The page as strangers and monitors meet it: over HTTP, from a disk of its own, with control there and away. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { SaxesParser } from 'saxes'
import { onDisk, pretendControl, someFacts, statusWorld } from './world.ts'
import { startStatus } from '../../src/status/status.ts'

const noon = Temporal.Instant.from('2026-11-23T12:00:00Z')
let now = noon
const world = await statusWorld(() => now)
onDisk(world, someFacts(noon))
const status = await startStatus(world, { everyMs: 20, sendMs: 20 })
after(() => status.stop())

const get = async (path: string, headers: Record<string, string> = {}) => {
  const answer = await fetch(`${world.url}${path}`, { headers })
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}
interface Summary {
  readonly status: { readonly indicator: string; readonly description: string }
  readonly components: readonly { id: string; status: string; group: boolean; name: string }[]
  readonly incidents: readonly unknown[]
  readonly scheduled_maintenances: readonly { scheduled_for: string }[]
  readonly portico: { stale: boolean; unknown_components: string[] }
}
const summary = async () => {
  const { status: code, text } = await get('/api/v2/summary.json')
  // A monitor reads what it knows of the shape.
  return { code, body: JSON.parse(text) as Summary }
}

test('without control it speaks from its disk', async () => {
  const { code, body } = await summary()

  assert.equal(code, 200)
  assert.equal(body.status.indicator, 'none')
  assert.equal(body.status.description, 'All Measured Systems Operational')
  assert.deepEqual(body.portico.unknown_components, ['sandbox-kyc', 'production-kyc'])
  assert.deepEqual(
    body.components.filter(({ group }) => group).map(({ name }) => name),
    ['Production', 'Sandbox'],
  )
})

test('Statuspage has no word for what is not known: it is left out, and nothing else is', async () => {
  const { body } = await summary()
  const words = [
    'operational',
    'degraded_performance',
    'partial_outage',
    'major_outage',
    'under_maintenance',
  ]

  assert.ok(body.components.every(({ status: state }) => words.includes(state)))
  assert.ok(!body.components.some(({ id }) => id.endsWith('-kyc')))
  assert.equal(body.components.filter(({ group }) => !group).length, 8)
  assert.equal(body.scheduled_maintenances.length, 1)
})

test('every document of the API is there under both addresses, for any page to read', async () => {
  const names = [
    'summary',
    'status',
    'components',
    'incidents',
    'incidents/unresolved',
    'scheduled-maintenances',
    'scheduled-maintenances/upcoming',
    'scheduled-maintenances/active',
  ]
  for (const name of names)
    for (const prefix of ['', '/status']) {
      const { status: code, headers, text } = await get(`${prefix}/api/v2/${name}.json`)
      assert.equal(code, 200, name)
      assert.equal(headers.get('access-control-allow-origin'), '*')
      assert.ok(JSON.parse(text))
    }
  assert.equal((await get('/api/v2/else.json')).status, 404)
})

test('facts that are too old leave a monitor without an answer, and a person with the truth', async () => {
  now = noon.add({ minutes: 6 })
  const { code, body } = await summary()
  const page = await get('/', { 'accept-language': 'en' })
  now = noon

  assert.equal(code, 503)
  assert.equal(body.status.indicator, 'unknown')
  assert.equal(body.portico.stale, true)
  assert.deepEqual(body.components, [])
  assert.equal(page.status, 200)
  assert.match(page.text, /We do not know how things stand/)
  assert.match(page.text, /6\u00a0min ago/)
  assert.doesNotMatch(page.text, /class="v good"|Everything is working|is working/)
  assert.equal((await get('/api/v2/incidents.json')).status, 200)
})

test('what control says is taken, kept on the disk, and outlives it', async () => {
  const ill = { ...someFacts(noon), at: noon.add({ seconds: 5 }) }
  const down = ill.components.map((component) =>
    component.part === 'accounts' && component.cell === 'production'
      ? { ...component, recent: [{ minute: noon.subtract({ minutes: 1 }), good: 0, total: 9 }] }
      : component,
  )
  const control = await pretendControl(world, () => ({ ...ill, components: down }))
  const until = performance.now() + 60_000
  while ((await summary()).body.status.indicator !== 'critical' && performance.now() < until)
    await sleep(20)
  control.closeAllConnections()
  await new Promise((done) => control.close(done))

  assert.equal((await summary()).body.status.indicator, 'critical')
  const again = await statusWorld(() => now, { PORTICO_DATA: world.settings.PORTICO_DATA })
  const second = await startStatus(again)
  const answer = await fetch(`${again.url}/api/v2/status.json`)
  assert.match(await answer.text(), /"critical"/)
  await second.stop()
})

test('a file of facts that is broken is no facts: it starts, and knows nothing', async () => {
  const broken = await statusWorld(() => now)
  onDisk(broken, someFacts(noon))
  writeFileSync(broken.layout.status.facts, '{"format":"portico.status/1","at":')
  const page = await startStatus(broken)
  const answer = await fetch(`${broken.url}/api/v2/summary.json`)
  const front = await fetch(`${broken.url}/`, { headers: { 'accept-language': 'ru' } })
  await page.stop()

  assert.equal(answer.status, 503)
  assert.match(await front.text(), /Мы не знаем, как обстоят дела/)
})

test('the page speaks three languages, escapes what people wrote, and fetches nothing from elsewhere', async () => {
  for (const [language, word] of [
    ['en', 'What happened'],
    ['ru', 'Что случилось'],
    ['uz', 'Nima boʻldi'],
  ] as const) {
    const { text, headers } = await get(`/?lang=${language}`)
    assert.match(text, new RegExp(`<html lang="${language}">`))
    assert.ok(text.includes(word))
    assert.ok(text.includes('Cards: &lt;details&gt; &amp; controls did not answer'))
    assert.doesNotMatch(text, /\{\w+\}|undefined|<style|style="|<script>/)
    const policy = headers.get('content-security-policy') ?? ''
    assert.match(policy, /default-src 'none'/)
    assert.doesNotMatch(policy, /unsafe|\*/)
    const fetched = [...text.matchAll(/<(?:script|link|img)[^>]+(?:src|href)="([^"]+)"/g)]
    assert.ok(fetched.length >= 5)
    assert.ok(fetched.every(([, address]) => address?.startsWith('/') && !address.startsWith('//')))
  }
  for (const path of ['/assets/status.css', '/assets/tokens.css', '/assets/status.js'])
    assert.equal((await get(path)).status, 200, path)
  const font = /url\((fonts\/[^)]+)\)/.exec((await get('/assets/fonts.css')).text)?.[1]
  assert.equal((await get(`/assets/${font}`)).status, 200)
})

test('an incident has a page of its own, the newest word first, and another id has none', async () => {
  const { id } = someFacts(noon).incidents[0] ?? { id: '' }
  const { text } = await get(`/incidents/${id}?lang=en`)

  assert.ok(text.indexOf('A certificate between two') < text.indexOf('We have put this on record'))
  assert.equal((await get('/incidents/incident_none')).status, 404)
})

const elementsOf = (text: string) => {
  const names: string[] = []
  const parser = new SaxesParser()
  parser.on('opentag', ({ name }) => void names.push(name))
  parser.write(text).close()
  return names
}

test('the feeds are whole XML with one entry for each thing told', async () => {
  const feed = await get('/feed.atom?lang=ru')
  assert.match(feed.headers.get('content-type') ?? '', /^application\/atom\+xml/)
  assert.equal(elementsOf(feed.text).filter((name) => name === 'entry').length, 3)
  assert.match(feed.text, /Завершено: Cards: &lt;details&gt; &amp; controls/)
  const items = elementsOf((await get('/feed.rss')).text)
  assert.equal(items.filter((name) => name === 'item').length, 3)
})

test('RFC 5545: the calendar of work has folded lines, escaped text and times in UTC', async () => {
  const { text, headers } = await get('/calendar.ics?lang=ru')
  const lines = text.split('\r\n')
  const unfolded = text.replaceAll('\r\n ', '').split('\r\n')

  assert.match(headers.get('content-type') ?? '', /^text\/calendar/)
  assert.ok(lines.every((line) => Buffer.byteLength(line) <= 75))
  assert.ok(!text.replaceAll('\r\n', '').includes('\n'))
  assert.ok(unfolded.includes('DTSTART:20261129T120000Z'))
  assert.ok(unfolded.includes('DTEND:20261129T130000Z'))
  assert.ok(
    unfolded.includes(
      'DESCRIPTION:The core is moved\\; new payments wait\\, reading goes on\\; nothing is lost.',
    ),
  )
  assert.ok(unfolded.includes('SUMMARY:Namuna Bank: плановые работы\\, Платежи'))
  assert.equal(unfolded.filter((line) => line === 'BEGIN:VEVENT').length, 1)
})

test('it is read and not written: another method is refused with the ones that it knows', async () => {
  const answer = await fetch(`${world.url}/api/v2/summary.json`, { method: 'POST', body: '{}' })
  assert.equal(answer.status, 405)
  assert.equal(answer.headers.get('allow'), 'GET, HEAD')
  const head = await fetch(`${world.url}/`, { method: 'HEAD' })
  assert.equal(head.status, 200)
  assert.equal(await head.text(), '')
})
