/** The simulator writes the file of a day, the adapter reads it: all of it, or none of it. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import iconv from 'iconv-lite'
import { apply, emptyBooks } from './simulator/books.ts'
import { bytesOf } from './simulator/records.ts'
import { seedEvents } from './simulator/seed.ts'
import { statementOf } from './simulator/statement.ts'
import { statementsIn } from './statement.ts'

const day = new Temporal.PlainDate(2026, 11, 21)
const today = day.add({ days: 1 })
const night = today.toZonedDateTime({ timeZone: 'Asia/Tashkent', plainTime: '00:00:01' })

const books = emptyBooks()
for (const event of seedEvents(1991, today)) apply(books, event)
const add = (event: Parameters<typeof apply>[1]) => apply(books, event)
const account = { account: '9000000101', currency: '000' }
add({
  kind: 'transfer',
  reference: 'STATED1',
  state: '20',
  reason: '0000',
  debtor: '9000000101',
  creditor: { name: 'ДОРИВОР', account: '80208000900000205001', bank: '09998' },
  currency: '000',
  amount: '125000',
  purpose: 'ҚАРЗ'.replace('Қ', 'К'),
  day: day.toString(),
})
add({
  kind: 'blocked',
  reference: 'BLOCK1',
  ...account,
  amount: '9000',
  purpose: 'Korzinka',
  reason: '0000',
  day: day.toString(),
})
add({ kind: 'block-annulled', reference: 'BLOCK1', day: today.toString() })

const lines = statementOf(books, day, night).map((line) => bytesOf(line))
const directory = mkdtempSync(join(tmpdir(), 'portico-statements-'))
const statements = statementsIn(directory, () => today)
let files = 0
const put = (bytes: Buffer) => {
  const name = `VYP${String((files += 1)).padStart(6, '0')}.TXT`
  writeFileSync(join(directory, name), bytes)
  return name
}
const whole = put(Buffer.concat(lines))

test('a sound file is read as it was written: balances, entries with our references, holds that stood that night', async () => {
  const check = await statements.check(whole)
  assert.ok(check.sound)
  assert.deepEqual([check.day.toString(), check.lines], [day.toString(), lines.length])

  const read = await Array.fromAsync(statements.read(whole))
  assert.equal(read.length, lines.length - 2)
  const balances = read.filter(({ is }) => is === 'balance')
  assert.equal(balances.length, books.accounts.size)
  const moved = new Map<string, bigint>()
  for (const one of read)
    if (one.is === 'entry') moved.set(one.account, (moved.get(one.account) ?? 0n) + one.minor)
  for (const one of read)
    if (one.is === 'balance')
      assert.equal(one.closingMinor - one.openingMinor, moved.get(one.account) ?? 0n)
  const ours = read.flatMap((one) =>
    one.is === 'entry' && one.reference === 'STATED1' ? [[one.account, one.minor]] : [],
  )
  assert.deepEqual(ours, [
    ['9000000101', -125_000n],
    ['9000090002', 125_000n],
  ])
  const holds = read.flatMap((one) => (one.is === 'hold' ? [[one.reference, one.minor]] : []))
  assert.deepEqual(holds, [['BLOCK1', 9_000n]])
})

/** Refused, with the line that is wrong. */
const refusedAt = async (bytes: Buffer) => {
  const check = await statements.check(put(bytes))
  assert.ok(!check.sound, 'it was believed')
  assert.doesNotMatch(check.because, /\d{7,}/)
  return check.line
}

test('a byte that is changed anywhere refuses the file, and its line is named', async () => {
  const bytes = Buffer.concat(lines)
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
      const changed = Buffer.from(bytes)
      changed[at] = ((changed[at] ?? 0) + by) % 256
      assert.equal(await refusedAt(changed), Math.floor(at / 252) + 1)
    }),
    { numRuns: 60 },
  )
})

test('a file that is cut, at a line or within one, is refused where it ends', async () => {
  for (const kept of [1, 5, lines.length - 1])
    assert.equal(await refusedAt(Buffer.concat(lines.slice(0, kept))), kept + 1)
  const bytes = Buffer.concat(lines)
  assert.equal(await refusedAt(bytes.subarray(0, 252 * 4 + 100)), 5)
  assert.equal(await refusedAt(bytes.subarray(0, -1)), lines.length)
  assert.equal(await refusedAt(Buffer.alloc(0)), 1)
})

test('a line that is left out, said twice, or put behind the end is refused', async () => {
  const without = lines.toSpliced(6, 1)
  assert.equal(await refusedAt(Buffer.concat(without)), 7)
  const twice = lines.toSpliced(6, 0, lines[6] ?? Buffer.alloc(0))
  assert.equal(await refusedAt(Buffer.concat(twice)), 8)
  const behind = [...lines, lines[1] ?? Buffer.alloc(0)]
  assert.equal(await refusedAt(Buffer.concat(behind)), lines.length + 1)
})

/** The line with the control sum of what stands in it. */
const controlled = (line: Buffer) => {
  const control = line.subarray(0, 245).reduce((sum, byte, i) => (sum + byte * (i + 1)) % 99_991, 0)
  line.write(String(control).padStart(5, '0'), 245, 'latin1')
  return line
}

/** The line with another text at a place, and the control sum of that. */
const forged = (line: Buffer, at: number, text: string) => {
  const changed = Buffer.from(line)
  changed.write(text, at, 'latin1')
  return controlled(changed)
}
const numberOf = (kind: string) => lines.findIndex((line) => line.toString('latin1', 0, 1) === kind)

test('what was changed together with its control sum is found by what it no longer agrees with', async () => {
  const stated1 = lines.findIndex((line) => line.includes('STATED1'))
  const other = '00000000000125001-'
  const changes = [
    { at: stated1, from: 44, text: other, named: stated1 },
    { at: stated1, from: 32, text: '221126', named: stated1 },
    { at: stated1, from: 19, text: '0000000000', named: stated1 },
    { at: numberOf('S'), from: 22, text: other, named: numberOf('S') },
    { at: numberOf('B'), from: 42, text: '00000000000009001+', named: lines.length - 1 },
    { at: lines.length - 1, from: 33, text: '00000000000125001+', named: lines.length - 1 },
    { at: lines.length - 1, from: 17, text: '00000001', named: lines.length - 1 },
  ]
  for (const { at, from, text, named } of changes) {
    const line = forged(lines[at] ?? Buffer.alloc(0), from, text)
    assert.equal(await refusedAt(Buffer.concat(lines.with(at, line))), named + 1, text)
  }
})

test('two lines that changed places are refused, also where each was given the number of its new place', async () => {
  const [at, last] = [numberOf('P'), numberOf('P') + 1]
  const [first, second] = lines.slice(at, last + 1)
  assert.ok(first && second)
  assert.equal(await refusedAt(Buffer.concat(lines.toSpliced(at, 2, second, first))), at + 1)
  const numbered = (line: Buffer, place: number) =>
    forged(line, 1, String(place + 1).padStart(8, '0'))
  const renumbered = lines.toSpliced(at, 2, numbered(second, at), numbered(first, last))
  assert.equal(await refusedAt(Buffer.concat(renumbered)), at + 1)
})

test('a line that is a byte too short or too long is refused at its place', async () => {
  const at = 4
  const line = lines[at] ?? Buffer.alloc(0)
  const short = Buffer.concat([line.subarray(0, 120), line.subarray(121)])
  const long = Buffer.concat([line.subarray(0, 120), Buffer.from(' '), line.subarray(120)])
  for (const changed of [short, long])
    assert.equal(await refusedAt(Buffer.concat(lines.with(at, changed))), at + 1)
})

test('a file in another code page is refused at its first word, even where its control sums are right', async () => {
  const words = lines.findIndex((line) => /[^\r\n -~]/.test(line.toString('latin1')))
  assert.ok(words > 0, 'there are words in Cyrillic letters')
  const windows = lines.map((line) =>
    controlled(iconv.encode(iconv.decode(line, 'cp866'), 'windows-1251')),
  )
  assert.equal(await refusedAt(Buffer.concat(windows)), words + 1)
  const utf8 = lines.map((line) => Buffer.from(iconv.decode(line, 'cp866')))
  assert.equal(await refusedAt(Buffer.concat(utf8)), words + 1)
})

test('what is written is the bytes of code page 866, 250 in a line', () => {
  for (const line of lines) assert.equal(line.length, 252)
  assert.match(readFileSync(join(directory, whole), 'latin1'), /^H00000001/)
})
