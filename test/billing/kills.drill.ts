/**
 * `kill -9` at random points of the way from the gateway to the invoice: the real gateway, the real control, PostgreSQL, and
 * whoever drafts, under load. Counted by the bank behind the gateway, who knows what it did: nothing is lost, and nothing is
 * billed twice. `node test/billing/kills.drill.ts --kills 500`, or PORTICO_KILLS; twelve without.
 */
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { playBank } from '#test/gateway/crashing.ts'
import { work } from '#journal/index.ts'
import { Content, differencesIn, draftMonth, monthNamed, monthOf } from '#control/billing/index.ts'
import { listGaps } from '#control/usage/index.ts'
import { openKillHouse, type Victim, victims } from './kill-house.ts'

const { values } = parseArgs({ options: { kills: { type: 'string' } }, strict: false })
const kills = Number(values.kills ?? process.env['PORTICO_KILLS'] ?? 12)
const WRITERS = 10
/** What a call of `releaseLeg` costs by the first prices, in minor units. */
const UNIT_MINOR = 30_000n

const bank = playBank(() => randomInt(0, 40))
const house = await openKillHouse(bank, Number(process.env['PORTICO_PORT_BASE'] ?? 19_600))
after(() => house.close())

const until = async (what: string, look: () => Promise<boolean> | boolean, withinMs = 180_000) => {
  const deadline = performance.now() + withinMs
  while (!(await look())) {
    assert.ok(performance.now() < deadline, what)
    await sleep(50)
  }
}

let done = false
const answered = new Set<string>()
/** As a partner does it: with the same key until it is answered. */
const write = async () => {
  const key = crypto.randomUUID()
  for (;;) {
    const answer = await house.attempt(key)
    if (answer?.status === 200) return void answered.add(key)
    if (answer && ![409, 429, 502, 503, 504].includes(answer.status))
      throw new Error(`${answer.status} ${answer.text}`)
    await sleep(answer?.status === 409 ? 250 : 50)
  }
}

const Charged = z.object({ callId: z.string() })
/** Calls that were charged, as control keeps them. */
const charged = async () =>
  (
    await house.db.many(Charged)`
      select call_id as "callId" from usage.event where billable order by call_id limit 10000000
    `
  ).map(({ callId }) => callId)

test(`${kills} times kill -9: what the bank did is charged once each, and stands on the invoice once each`, async (t) => {
  await until('the gateway is ready', house.isReady)
  const writing = Promise.all(
    Array.from({ length: WRITERS }, async () => {
      while (!done) await write()
    }),
  )
  // What fails while nobody waits for it yet is heard below.
  writing.catch(() => {})
  const hit: Record<Victim, number> = { gateway: 0, control: 0, billing: 0, postgres: 0 }
  for (let n = 0; n < kills; n++) {
    // Each kill falls into calls that are under way, however long a process takes to begin.
    const before = answered.size
    await until('calls are answered', () => answered.size > before)
    await sleep(randomInt(0, 300))
    const victim = victims[randomInt(0, victims.length)] ?? 'gateway'
    hit[victim] += 1
    await house.kill(victim)
    if ((n + 1) % 20 === 0)
      process.stderr.write(`${n + 1} kills of ${kills}, ${answered.size} writes answered\n`)
  }
  done = true
  await writing
  assert.ok(answered.size > kills, `${answered.size} writes were answered meanwhile`)
  assert.deepEqual(bank.violations, [])
  const did = new Set(bank.executions.keys())
  assert.deepEqual(
    [...answered].filter((key) => !did.has(key)),
    [],
    'what was answered was done',
  )

  // From here on nobody is killed: what lies in the gateway's spool is told to its end.
  const keysCharged = async () =>
    new Set((await charged()).flatMap((id) => bank.keyOfCall.get(id) ?? []))
  await until('everything that was done is charged', async () => {
    const known = await keysCharged().catch(() => new Set<string>())
    return [...did].every((key) => known.has(key))
  })
  await house.endBilling()

  const Sum = z.object({ rows: z.bigint(), tallied: z.bigint(), different: z.bigint() })
  const { rows, tallied, different } = await house.db.one(Sum)`
    select count(*) as rows, count(distinct call_id) as different,
           (select coalesce(sum(billable_units), 0)::bigint from usage.hour) as tallied
      from usage.event
  `
  assert.equal(rows, different, 'every call once')
  assert.equal(tallied, BigInt(did.size), 'as many are charged as the bank did')
  assert.deepEqual(
    (await listGaps(house.db)).filter((gap) => gap.from > 1),
    [],
    'every number of every run arrived',
  )
  const now = Temporal.Now.instant().round('microsecond')
  const month = monthNamed(monthOf(now, house.zone), house.zone)
  const [draft, ...more] = await work(house.db, 'system', now, (w) =>
    draftMonth(w, house.partner.partnerId, month, { bankName: 'Namuna', zone: house.zone }),
  )
  assert.deepEqual(more, [])
  const content = Content.parse(draft?.content)
  assert.deepEqual(differencesIn(content), [], 'whoever is billed recomputes it')
  const lines = content.sections.flatMap((s) => s.lines).filter((l) => l.kind === 'usage')
  const billed = lines.reduce((sum, line) => sum + BigInt(line.amount.replace('.', '')), 0n)
  assert.equal(
    billed,
    BigInt(did.size) * UNIT_MINOR,
    'the invoice is what the bank did, at 300 each',
  )
  const Drafts = z.object({ drafts: z.bigint() })
  const { drafts } = await house.db.one(Drafts)`select count(*) as drafts from billing.invoice`
  assert.equal(drafts, 1n, 'of all the drafts that were begun one stands')

  const asked = [...bank.asks.values()].filter((times) => times > 1).length
  t.diagnostic(
    `${kills} kills ${JSON.stringify(hit)}: ${did.size} writes done, ${asked} asked again, ${rows} calls kept, ${tallied} charged`,
  )
})
