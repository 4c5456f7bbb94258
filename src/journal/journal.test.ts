import assert from 'node:assert/strict'
import { test } from 'node:test'
import { doing, freshDatabase, noon } from '#test/world.ts'
import { type Entry, followJournal, readEntries, seal, verifyChain, work } from './index.ts'

const database = await freshDatabase('control')
const db = database.as('control')

const all = async function* () {
  for (let after = 0n; ;) {
    const entries = await readEntries(db, after)
    yield* entries
    const last = entries.at(-1)
    if (!last) return
    after = last.seq
  }
}

test('a change and its line are kept together, or not at all', async () => {
  await assert.rejects(
    doing(db)(async (w) => {
      await w.record('tests.failed', 'a', {})
      throw new Error('no')
    }),
  )
  await doing(db)((w) => w.record('tests.kept', 'b', { n: 1 }))

  const events = (await readEntries(db, 0n)).map((e) => e.event)
  assert.ok(events.includes('tests.kept'))
  assert.ok(!events.includes('tests.failed'))
})

test('fifty writers at once leave one gapless chain', async () => {
  await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      work(db, 'system', noon, (w) => w.record('tests.raced', String(n), {})),
    ),
  )
  await seal(db)
  const report = await verifyChain(all())
  assert.equal(report.whole, true)
})

test('every altered line is found and named', async () => {
  const entries: Entry[] = []
  for await (const entry of all()) entries.push(entry)
  for (const [index, entry] of entries.entries()) {
    const altered = entries.with(index, { ...entry, body: entry.body.replace('tests', 'text5') })
    const report = await verifyChain(
      (async function* () {
        yield* altered
      })(),
    )
    assert.deepEqual(
      { whole: report.whole, at: 'brokenAt' in report && report.brokenAt },
      { whole: false, at: entry.seq },
    )
  }
})

test('nobody can rewrite a line, the owner included', async () => {
  await assert.rejects(db.run`update journal.entry set body = '{}'`, /permission denied/)
  await assert.rejects(db.run`delete from journal.chain`, /permission denied/)
  await assert.rejects(database.owner.run`update journal.entry set body = '{}'`, /append-only/)
  await assert.rejects(database.owner.run`truncate journal.chain`, /append-only/)
})

test('a follower sees every line once and in order, also those written before it came', async () => {
  const seen: bigint[] = []
  const follower = await followJournal(
    db,
    { after: 0n, onError: assert.ifError },
    async (entries) => {
      seen.push(...entries.map((e) => e.seq))
    },
  )
  await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      work(db, 'system', noon, (w) => w.record('tests.followed', String(n), {})),
    ),
  )
  const last = await seal(db)
  for (let i = 0; i < 2_000 && seen.at(-1) !== last; i++)
    await new Promise((r) => setTimeout(r, 20))
  await follower.stop()

  assert.deepEqual(
    seen,
    Array.from({ length: Number(last) }, (_, i) => BigInt(i + 1)),
  )
})
