/** A search that finds nothing is worth what it would have found: in each place and each spelling a number is planted. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { freshDatabase } from '#test/world.ts'
import { searchDatabase, searchFiles, searchMemory, spellingsOf } from './search.ts'

const number = '9999091234567890'
const wanted = { spellings: spellingsOf(number), control: 'portico' }
const folder = () => mkdtempSync(join(tmpdir(), 'scope-'))
const spelt = (hits: readonly { spelling: string }[]) => [
  ...new Set(hits.map(({ spelling }) => spelling)),
]

const database = await freshDatabase('cell')
const search = () => searchDatabase(database.ownerUrl, { ...wanted, control: '"' })

test('a database without the number is clean, and was read', async () => {
  const { hits, seen, bytes } = await search()
  assert.deepEqual([hits, seen], [[], true])
  assert.ok(bytes > 1_000)
})

test('in a row it is found as text, in a job of a queue, as bytes, in a list, and where the row is kept compressed', async () => {
  const { owner: db } = database
  await db.run`create schema planted`
  const long = `${'x'.repeat(20_000)}${number}`
  const text = Buffer.from(number).toString('base64')
  const plants = {
    note: () => db.run`create table planted.note as select ${number}::text as said`,
    job: () =>
      db.run`create table planted.job as select jsonb_build_object('data', jsonb_build_object('pan', ${number}::text)) as body`,
    bytes: () => db.run`create table planted.bytes as select convert_to(${number}, 'UTF8') as kept`,
    list: () => db.run`create table planted.list as select array['a', ${number}] as many`,
    long: () => db.run`create table planted.long as select ${long}::text as said`,
    grouped: () =>
      db.run`create table planted.grouped as select ${number.replace(/(.{4})(?!$)/g, '$1 ')}::text as said`,
    encoded: () => db.run`create table planted.encoded as select ${text}::text as said`,
    count: () => db.run`create table planted.count as select ${number}::bigint as said`,
  }
  for (const plant of Object.values(plants)) await plant()
  const found = new Set((await search()).hits.map(({ where }) => where))
  for (const name of Object.keys(plants)) assert.ok(found.has(`planted.${name}`), name)
  assert.equal(found.size, Object.keys(plants).length)
  await db.run`drop schema planted cascade`
  assert.deepEqual((await search()).hits, [])
})

test('in a file it is found in every spelling, in a packed one, and across the border of two pieces', () => {
  const base64 = (before: string) => Buffer.from(`${before}${number}more`).toString('base64')
  const files: Record<string, [content: string | Buffer, spelling: string]> = {
    'gateway.log': [`{"msg":"portico","pan":"${number}"}\n`, 'digits'],
    'grouped.log': [`card ${number.replace(/(.{4})(?!$)/g, '$1 ')}\n`, 'digits in groups'],
    'wide.dump': [Buffer.from(`..${number}`, 'utf16le'), 'UTF-16'],
    'table.sql': [`\\\\x${Buffer.from(number).toString('hex')}\n`, 'hex'],
    'packed.spool': [Buffer.from(`0f${number}ff`, 'hex'), 'packed digits'],
    'a.json': [base64(''), 'base64'],
    'b.json': [base64('.'), 'base64'],
    'c.json': [base64('..'), 'base64'],
    'old.log.gz': [gzipSync(`portico ${number}`), 'digits'],
  }
  for (const [name, [content, spelling]] of Object.entries(files)) {
    const place = folder()
    writeFileSync(join(place, name), content)
    assert.deepEqual(spelt(searchFiles(place, wanted).hits), [spelling], name)
  }

  const place = folder()
  const large = join(place, 'core.dump')
  writeFileSync(large, 'portico')
  truncateSync(large, (64 << 20) - 7)
  appendFileSync(large, `${number}${'.'.repeat(100)}`)
  const { hits, seen } = searchFiles(place, wanted)
  assert.deepEqual([spelt(hits), seen], [['digits'], true])
})

test('a place in which not even what must be there is seen was not searched', () => {
  const place = folder()
  writeFileSync(join(place, 'empty.log'), '{}')
  assert.equal(searchFiles(place, wanted).seen, false)
  assert.equal(searchMemory(2 ** 22 - 3, wanted), undefined)
})

const skip = process.platform === 'linux' ? false : 'SKIPPED: only Linux shows memory'
const children: ReturnType<typeof spawn>[] = []
after(() => {
  for (const child of children) child.kill('SIGKILL')
})

/** A program that holds the number in one way, puts down its heap where that is wanted, and says that it is ready. */
const holder = async (holds: string, puts = false): Promise<{ pid: number; heap: string }> => {
  const heap = folder()
  const script = `
    // On the command line stands another number: what is found was made here.
    const text = () => [...process.argv[1]].map((digit) => (9 - digit).toString()).join('')
    globalThis.portico = ${holds}
    if (process.argv[2]) require('node:v8').writeHeapSnapshot(process.argv[2])
    process.stdout.write('ready')
    setInterval(() => globalThis.portico, 1000)`
  const inverse = number.replaceAll(/\d/g, (digit) => String(9 - Number(digit)))
  const words = ['-e', script, inverse, ...(puts ? [join(heap, 'main.heapsnapshot')] : [])]
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'ignore'] })
  children.push(child)
  await once(child.stdout, 'data')
  return { pid: child.pid ?? 0, heap }
}

test(
  'in memory it is found as a string, as bytes and as a wide string; in a heap snapshot as a string',
  { skip },
  async () => {
    const asString = await holder('JSON.parse(JSON.stringify({ pan: text() }))', true)
    const asBytes = await holder('Buffer.from(text())')
    const asWide = await holder("Buffer.from('ў' + text(), 'utf16le')")
    const clean = await holder('1', true)
    const inMemory = (pid: number) => spelt(searchMemory(pid, wanted)?.hits ?? [])
    assert.ok(inMemory(asString.pid).includes('digits'))
    assert.ok(inMemory(asBytes.pid).includes('digits'))
    assert.ok(inMemory(asWide.pid).includes('UTF-16'))
    assert.deepEqual(inMemory(clean.pid), [])
    assert.equal(searchMemory(clean.pid, wanted)?.seen, true)

    assert.deepEqual(spelt(searchFiles(asString.heap, wanted).hits), ['digits'])
    const untouched = searchFiles(clean.heap, wanted)
    assert.deepEqual([untouched.hits, untouched.seen], [[], true])
  },
)
