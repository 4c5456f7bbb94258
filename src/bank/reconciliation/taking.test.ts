/** The core's files are taken in without loss: whatever dies, comes twice or is damaged on the way. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { openLog } from '#platform/log.ts'
import { freshDatabase } from '#test/world.ts'
import { type Books, apply, emptyBooks } from '../cores/legacy/simulator/books.ts'
import { bytesOf } from '../cores/legacy/simulator/records.ts'
import { seedEvents } from '../cores/legacy/simulator/seed.ts'
import { statementOf } from '../cores/legacy/simulator/statement.ts'
import { statementsIn } from '../cores/legacy/statement.ts'
import { takeStatements } from './taking.ts'

const today = new Temporal.PlainDate(2026, 11, 22)
const night = today.toZonedDateTime({ timeZone: 'Asia/Tashkent', plainTime: '00:06' })
const books = emptyBooks()
for (const event of seedEvents(1991, today)) apply(books, event)

const fileOf = (of: Books, day: Temporal.PlainDate) =>
  Buffer.concat(statementOf(of, day, night).map((line) => bytesOf(line)))
const named = (day: Temporal.PlainDate) => `VYP${day.toString().slice(2).replaceAll('-', '')}.TXT`
const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
const before = (days: number) => today.subtract({ days })

const Row = z.object({
  name: z.string(),
  status: z.string(),
  lines: z.number().nullable(),
  taken: z.number(),
  wrong: z.number().nullable(),
  reason: z.string().nullable(),
})
const Sums = z.object({ entries: z.bigint(), minor: z.string(), print: z.string() })

const open = async () => {
  const database = await freshDatabase('cell')
  const db = database.as('bank')
  const directory = mkdtempSync(join(tmpdir(), 'portico-vypiska-'))
  const now = () => night.toInstant()
  return {
    directory,
    url: database.url('bank'),
    put: (name: string, bytes: Buffer) => writeFileSync(join(directory, name), bytes),
    take: () =>
      takeStatements(
        { db, now, log: openLog({ process: 'taking' }, 'silent'), batch: 100 },
        statementsIn(directory, () => today),
      ),
    statements: () => db.many(Row)`
      select name, status, lines, lines_taken as taken, wrong_line as wrong, reason
        from reconciliation.statement order by found_at, id
    `,
    sums: () => db.one(Sums)`
      select count(*) as entries, coalesce(sum(abs(minor)), 0)::text as minor,
             md5(coalesce(string_agg(line || entry || account_ref || minor || coalesce(reference, ''), ',' order by line), '')) as print
        from reconciliation.statement_entry
    `,
  }
}

test('a file is taken once, and a file of its day that comes again is refused: the same or another', async () => {
  const { put, take, statements, sums } = await open()
  const day = before(1)
  put(named(day), fileOf(books, day))
  assert.equal(await take(), 1)
  assert.equal(await take(), 0)
  const taken = await sums()

  put('VYP999999.TXT', fileOf(books, day))
  const other = emptyBooks()
  for (const event of seedEvents(7, today)) apply(other, event)
  put('VYP999998.TXT', fileOf(other, day))
  assert.equal(await take(), 2)

  const rows = await statements()
  assert.deepEqual(
    rows.toSorted(byName).map(({ name, status, wrong }) => [name, status, wrong]),
    [
      ['VYP261121.TXT', 'taken', null],
      ['VYP999998.TXT', 'refused', 1],
      ['VYP999999.TXT', 'refused', 1],
    ],
  )
  const reasons = rows.flatMap(({ reason }) => reason ?? [])
  assert.match(reasons.join(), /its bytes are those of VYP261121\.TXT/)
  assert.match(reasons.join(), /the day was taken from VYP261121\.TXT, whose bytes are others/)
  assert.deepEqual(await sums(), taken)
})

test('a damaged file is refused whole, its line is told, and the file that replaces it is taken', async () => {
  const { put, take, statements, sums } = await open()
  const day = before(1)
  const bytes = fileOf(books, day)
  const damaged = Buffer.from(bytes)
  damaged[252 * 20 + 60] = 0x37
  for (const spoilt of [damaged, bytes.subarray(0, bytes.length - 252)]) {
    put(named(day), spoilt)
    assert.equal(await take(), 1)
    assert.equal((await sums()).entries, 0n)
  }
  put(named(day), bytes)
  assert.equal(await take(), 1)

  const rows = await statements()
  const lines = bytes.length / 252
  assert.deepEqual(
    rows.map(({ status, wrong }) => [status, wrong]),
    [
      ['refused', 21],
      ['refused', lines],
      ['taken', null],
    ],
  )
  assert.equal(rows.at(-1)?.lines, lines)
})

/** A day of so many lines, that all belong to orders. */
const busyDay = (count: number) => {
  const busy = emptyBooks()
  for (const event of seedEvents(1991, today)) apply(busy, event)
  const [from, to] = ['9000010501', '9000010801']
  for (let n = 0; n < count; n += 1)
    apply(busy, {
      kind: 'transfer',
      reference: `BUSY${n}`,
      state: '10',
      reason: '0000',
      debtor: from,
      creditor: { name: 'X', account: busy.accounts.get(to)?.number ?? '', bank: '09999' },
      currency: '000',
      amount: String(n + 1),
      purpose: 'X',
      day: before(1).toString(),
    })
  return fileOf(busy, before(1))
}

test('kill -9 amid a file, again and again: in the end every line of it is there once', async () => {
  const bytes = busyDay(700)
  const whole = await open()
  whole.put(named(before(1)), bytes)
  assert.equal(await whole.take(), 1)
  const killed = await open()
  killed.put(named(before(1)), bytes)
  const main = join(import.meta.dirname, 'taking.worker.ts')

  const stops = new Set<number>()
  for (let turn = 0; turn < 2; turn += 1) {
    const child = spawn(process.execPath, [main, killed.url, killed.directory], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const at = (await killed.statements())[0]?.taken ?? 0
    while (((await killed.statements())[0]?.taken ?? 0) <= at && child.exitCode === null)
      await pause(2)
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    stops.add((await killed.statements())[0]?.taken ?? 0)
  }
  assert.equal((await killed.statements())[0]?.status, 'taking')
  assert.ok(stops.size >= 2, `it was killed at ${[...stops].join()}`)
  assert.equal(await killed.take(), 1)

  assert.deepEqual(await killed.statements(), await whole.statements())
  assert.deepEqual(await killed.sums(), await whole.sums())
})

test('two that take the same file at once take it once', async () => {
  const { put, take, statements, sums } = await open()
  put(named(before(1)), busyDay(300))
  const other = await open()
  other.put(named(before(1)), busyDay(300))
  await other.take()

  await Promise.all([take(), take(), take()])
  await take()

  assert.deepEqual(await statements(), await other.statements())
  assert.deepEqual(await sums(), await other.sums())
})
