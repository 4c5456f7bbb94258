import assert from 'node:assert/strict'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type TestContext, test } from 'node:test'
import iconv from 'iconv-lite'
import { type Event, apply, emptyBooks, inBalance } from './books.ts'
import { openClock } from './clock.ts'
import { openFaults } from './faults.ts'
import { openLedger } from './ledger-file.ts'
import { startNights } from './night.ts'
import { chance } from './random.ts'
import * as record from './records.ts'
import { seedEvents } from './seed.ts'
import { type House, serve } from './server.ts'
import { settingsOf, zone } from './settings.ts'
import { openWindow } from './window.ts'

const today = new Temporal.PlainDate(2026, 11, 22)
const seeded = () => seedEvents(1991, today)
const directory = () => mkdtempSync(join(tmpdir(), 'abs-'))

test('the seeded books are in balance, and nobody in them can be real', () => {
  const books = emptyBooks()
  for (const event of seeded()) apply(books, event)

  assert.ok(inBalance(books))
  const customers = [...books.customers.values()]
  assert.ok(customers.filter(({ type }) => type === '1').length >= 12)
  assert.ok(customers.filter(({ type }) => type === '2').length >= 6)
  for (const { type, pinfl, inn } of customers)
    assert.match(type === '1' ? pinfl : inn, type === '1' ? /^9\d{13}$/ : /^9\d{8}$/)
  for (const { number } of books.accounts.values()) assert.match(number, /^8\d{19}$/)
  assert.equal(
    new Set([...books.accounts.values()].map(({ number }) => number)).size,
    books.accounts.size,
  )
})

test('the seeded texts are what code page 866 can carry', () => {
  const text = JSON.stringify(seeded())
  assert.equal(iconv.decode(iconv.encode(text, 'cp866'), 'cp866'), text)
  assert.match(text, /КОДИРОВ РУСТАМ ШАВКАТ ЎГЛИ/)
})

test('the same seed and day make the same books, another seed makes others', () => {
  assert.deepEqual(seeded(), seeded())
  assert.notDeepEqual(seedEvents(7, today), seeded())
})

test('the books are read back as they were written', () => {
  const data = directory()
  const first = openLedger(data, seeded)
  const event: Event = {
    kind: 'posting',
    debit: '9000000101',
    credit: '9000000102',
    amount: '12345',
    day: '2026-11-22',
    purpose: 'X',
  }
  first.append(event)
  first.close()

  const second = openLedger(data, () => assert.fail('seeded twice'))

  assert.deepEqual(second.books, first.books)
  second.close()
})

test('a line cut short by a crash is dropped, and the next one stands where it stood', () => {
  const data = directory()
  const first = openLedger(data, seeded)
  first.close()
  appendFileSync(join(data, 'journal.dat'), 'deadbeef {"kind":"posting","debit":"9000000101","cre')

  const second = openLedger(data, () => [])
  second.append({
    kind: 'posting',
    debit: '9000000101',
    credit: '9000000102',
    amount: '1',
    day: '2026-11-22',
    purpose: 'X',
  })
  second.close()

  const third = openLedger(data, () => [])
  assert.equal(third.books.postings, first.books.postings + 1)
  assert.ok(inBalance(third.books))
  third.close()
})

test('a first start cut short begins again', () => {
  const data = directory()
  const first = openLedger(data, seeded)
  first.close()
  const path = join(data, 'journal.dat')
  const lines = readFileSync(path, 'utf8').split('\n')
  writeFileSync(path, lines.slice(0, 300).join('\n').concat('\n'))

  const second = openLedger(data, seeded)

  assert.deepEqual(second.books, first.books)
  second.close()
})

test('a damaged line refuses the start, and says which it is', () => {
  const data = directory()
  openLedger(data, seeded).close()
  const path = join(data, 'journal.dat')
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace('"amount":"940000000"', '"amount":"940000001"'),
  )

  assert.throws(() => openLedger(data, seeded), /line \d+ is damaged/)
})

const at = (time: string) => Temporal.ZonedDateTime.from(`2026-11-22T${time}[${zone}]`)
const opening = (timetable: string, time: string) =>
  openWindow(timetable).opensAt(at(time))?.toPlainDateTime().toString()

test('the window goes over midnight, and says when it ends', () => {
  const night = '23:55-00:05'
  assert.equal(opening(night, '23:54:59'), undefined)
  assert.equal(opening(night, '23:55'), '2026-11-23T00:05:00')
  assert.equal(opening(night, '00:04:59'), '2026-11-22T00:05:00')
  assert.equal(opening(night, '00:05'), undefined)
  assert.equal(opening(night, '12:00'), undefined)
  assert.equal(opening('12:00-13:00', '12:30'), '2026-11-22T13:00:00')
  assert.equal(opening('12:00-13:00', '13:00'), undefined)
  assert.equal(opening('12:00-13:00', '23:59'), undefined)
  assert.equal(opening('never', '23:58'), undefined)
})

test('the operator can hold the window shut for a while, or open through the night', () => {
  const window = openWindow('23:55-00:05')
  window.shut(at('12:00'), 60)
  assert.equal(window.opensAt(at('12:00:30'))?.toPlainTime().toString(), '12:01:00')
  assert.equal(window.opensAt(at('12:01')), undefined)
  window.open()
  assert.equal(window.opensAt(at('23:58')), undefined)
  window.automatic()
  assert.ok(window.opensAt(at('23:58')))
})

test('nights that it slept through are made up for, each file whole under its name, and none is written twice', () => {
  const data = directory()
  const books = emptyBooks()
  for (const event of seeded()) apply(books, event)
  const files = () => readdirSync(data).toSorted()
  const wake = (day: number) => startNights(books, data, () => at('12:00').add({ days: day }))()

  wake(0)
  assert.deepEqual(files(), ['VYP261121.TXT'])
  const first = readFileSync(join(data, 'VYP261121.TXT'))
  wake(3)
  assert.deepEqual(
    files(),
    [21, 22, 23, 24].map((day) => `VYP2611${day}.TXT`),
  )
  assert.deepEqual(readFileSync(join(data, 'VYP261121.TXT')), first)
})

test('the clock goes on from where it was turned to, and back to the machine’s', () => {
  let real = at('12:00')
  const { clock, turn } = openClock(() => real)
  turn(Temporal.PlainDateTime.from('2026-11-22T23:56'))
  real = real.add({ minutes: 3 })
  assert.equal(clock().toPlainDateTime().toString(), '2026-11-22T23:59:00')
  turn(undefined)
  assert.equal(clock().toPlainTime().toString(), '12:03:00')
})

/** A server in this process, spoken to in its own records by hand. */
const house = (): House => ({
  settings: settingsOf(['--data', directory(), '--port', '0', '--control-port', '0'], {}),
  ledger: openLedger(directory(), seeded),
  window: openWindow('never'),
  faults: openFaults(),
  chance: chance(1),
  clock: () => at('12:00'),
  turnClock: () => assert.fail('nobody turns this clock'),
  latency: [0, 0],
  dropRate: 0,
  sessions: new Set(),
})

const listening = async (context: TestContext): Promise<number> => {
  const server = serve(house()).listen(0, '127.0.0.1')
  context.after(() => void server.close())
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address && typeof address === 'object')
  return address.port
}

const terminal = async (port: number) => {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  const lines = createInterface({ input: socket, crlfDelay: Infinity })[Symbol.asyncIterator]()
  const heard = async (): Promise<string> => {
    const next = await lines.next()
    return next.done ? '' : next.value
  }
  let number = 0
  return {
    socket,
    heard,
    /** Sends a record behind a header; gives back the status and the first record. */
    say: async (operation: string, line: string) => {
      number += 1
      const header = record.write(record.ZAPROS, {
        VID: 'Z',
        OP: operation,
        NOM: String(number),
        KOL: '1',
        REZERV: '',
      })
      socket.write(Buffer.concat([record.bytesOf(header), record.bytesOf(line)]))
      const answer = record.read(record.OTVET, await heard())
      return { status: answer?.SOST, number: answer?.NOM, record: await heard() }
    },
  }
}

const signOn = record.write(record.VHOD, { OPER: 'PORTICO', PAROL: 'NAMUNA-09999', DATA: '221126' })

test('eight sessions are let in, the ninth is refused with a record, and a freed one is given again', async (context) => {
  const port = await listening(context)
  const eight = await Promise.all(Array.from({ length: 8 }, () => terminal(port)))
  for (const one of eight) assert.equal((await one.say('0100', signOn)).status, '0000')

  const ninth = await terminal(port)
  assert.equal(record.read(record.OTVET, await ninth.heard())?.SOST, '0901')
  assert.match(await ninth.heard(), /^.{72}$/)
  assert.equal(await ninth.heard(), '')

  eight[0]?.socket.end()
  const next = await freed(port)
  for (const one of [...eight, next]) one.socket.destroy()
})

test('it refuses by number: no sign-on, no such operation, a record that it cannot read, a used reference', async (context) => {
  const port = await listening(context)
  const desk = await terminal(port)
  const echo = record.write(record.EHO, { TEKST: 'SALOM' })

  assert.equal((await desk.say('0900', echo)).status, '0903')
  assert.equal((await desk.say('0100', signOn)).status, '0000')
  const echoed = await desk.say('0900', echo)
  assert.deepEqual(
    [echoed.status, echoed.number, echoed.record],
    ['0000', '00000003', 'SALOM'.padEnd(16)],
  )
  assert.equal((await desk.say('0999', echo)).status, '0911')
  assert.equal((await desk.say('0210', 'NOT A NUMBER')).status, '0910')

  const order = record.write(record.PEREVOD, {
    REFER: 'BYHAND1',
    IDDEB: '9000000101',
    SCHKR: '80206000790000005001',
    MFOKR: '09999',
    NAIMKR: 'ЮСУПОВА',
    VAL: '000',
    SUMMA: record.signed(100n),
    NAZN: 'ҚАРЗ',
    DATADOK: '221126',
  })
  assert.equal((await desk.say('0410', order)).status, '0000')
  assert.equal((await desk.say('0410', order)).status, '0409')
  desk.socket.destroy()
})

/** A terminal that tries until a session is free: the server hears of an end when the network tells it. */
const freed = async (port: number) => {
  for (let tries = 0; tries < 1_200; tries += 1) {
    const one = await terminal(port)
    if ((await one.say('0100', signOn)).status === '0000') return one
    one.socket.destroy()
  }
  throw new Error('no session was freed')
}
