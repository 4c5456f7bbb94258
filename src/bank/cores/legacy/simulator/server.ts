/** The sessions: who may come in, what each says, and how the answers leave. */
import { type Server, type Socket, createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { FaultKind, Faults } from './faults.ts'
import type { Ledger } from './ledger-file.ts'
import { operations } from './operations.ts'
import type { Chance } from './random.ts'
import * as record from './records.ts'
import { type Reply, refusal } from './reply.ts'
import type { Settings } from './settings.ts'
import type { Window } from './window.ts'

/** What all sessions share. `latency` and `dropRate` can be turned while it runs. */
export interface House {
  readonly settings: Settings
  readonly ledger: Ledger
  readonly window: Window
  readonly faults: Faults
  readonly chance: Chance
  readonly clock: () => Temporal.ZonedDateTime
  readonly turnClock: (to: Temporal.PlainDateTime | undefined) => void
  latency: readonly [number, number]
  dropRate: number
  /** Session numbers in use. */
  readonly sessions: Set<number>
}

export const serve = (house: House): Server =>
  createServer({ noDelay: true }, (socket) => {
    // A terminal that goes away without a word is no event here; its session ends with the socket.
    socket.on('error', () => {})
    socket.setTimeout(idleMs, () => socket.destroy())
    const number = freeSession(house)
    if (number === undefined) {
      // What it says is read and thrown away: unread bytes would reset the line before the refusal arrives.
      socket.resume().end(lines('0000', '00000000', refusal('0901')))
      return
    }
    house.sessions.add(number)
    session(house, socket, number)
      .catch(() => {})
      .finally(() => {
        house.sessions.delete(number)
        socket.destroy()
      })
  })

const idleMs = 600_000
const lineMax = 512

const freeSession = ({ sessions, settings }: House) => {
  for (let number = 1; number <= settings.sessions; number += 1)
    if (!sessions.has(number)) return number
  return undefined
}

interface Request {
  readonly operation: string
  readonly number: string
  readonly line: string
}

const session = async (house: House, socket: Socket, number: number) => {
  let signedOn = false
  for await (const request of requests(socket)) {
    if (request === 'unreadable') {
      socket.end(lines('0000', '00000000', refusal('0910')))
      return
    }
    const fault = house.faults.take(request.operation) ?? chanceFault(house)
    if (fault === 'hang-before') continue
    if (fault === 'drop-before' || socket.destroyed) return
    await pause(fault === 'late' ? 2000 : house.chance.between(...house.latency))

    const reply = answer(house, request, signedOn, number)
    if (request.operation === '0100' && reply.status === '0000') signedOn = true
    if (fault === 'drop-after') return
    if (fault === 'hang-after') continue
    if (!socket.destroyed) socket.write(spoiled(fault, request, reply))
    if (request.operation === '0100' && !signedOn) return void socket.end()
  }
}

const answer = (
  house: House,
  { operation, line }: Request,
  signedOn: boolean,
  number: number,
): Reply => {
  const now = house.clock()
  if (operation === '0100') return signOn(house, line, number, now)
  if (!signedOn) return refusal('0903')
  const opensAt = house.window.opensAt(now)
  if (opensAt) return refusal('0801', opensAt)
  return operations[operation]?.(house.ledger, line, now) ?? refusal('0911')
}

const signOn = (
  { settings }: House,
  line: string,
  number: number,
  now: Temporal.ZonedDateTime,
): Reply => {
  const request = record.read(record.VHOD, line)
  if (!request) return refusal('0910')
  if (request.OPER !== settings.operator || request.PAROL !== settings.password)
    return refusal('0902')
  const DATADN = record.ddmmyy(now.toPlainDate().toString())
  const signedOn = record.write(record.VHODOK, { MFO: '09999', SEANS: String(number), DATADN })
  return { status: '0000', records: [signedOn], more: false }
}

const chanceFault = ({ chance, dropRate }: House): FaultKind | undefined => {
  if (chance.next() >= dropRate) return undefined
  return chance.next() < 0.5 ? 'drop-before' : 'drop-after'
}

/** A request is a header line and one record line. */
async function* requests(socket: Socket): AsyncGenerator<Request | 'unreadable'> {
  let header: record.Values<typeof record.ZAPROS> | undefined
  for await (const line of linesOf(socket)) {
    if (header) {
      yield { operation: header.OP, number: header.NOM, line }
      header = undefined
      continue
    }
    header = record.read(record.ZAPROS, line)
    if (!header || header.VID !== 'Z' || header.KOL !== '001') return yield 'unreadable'
  }
}

async function* linesOf(socket: Socket): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of socket) {
    if (!Buffer.isBuffer(chunk)) continue
    rest = Buffer.concat([rest, chunk])
    for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
      yield record.lineOf(rest.subarray(0, end))
      rest = rest.subarray(end + 2)
    }
    if (rest.length > lineMax) yield ''
  }
}

const headerOf = (operation: string, number: string, { status, records, more }: Reply) =>
  record.write(record.OTVET, {
    VID: 'O',
    OP: operation,
    NOM: number,
    KOL: String(records.length),
    SOST: status,
    EST: more ? '1' : '0',
    REZERV: '',
  })

const lines = (operation: string, number: string, reply: Reply) =>
  Buffer.concat(
    [headerOf(operation, number, reply), ...reply.records].map((line) => record.bytesOf(line)),
  )

/** The answer's bytes, as the fault left them. */
const spoiled = (
  fault: FaultKind | undefined,
  { operation, number }: Request,
  reply: Reply,
): Buffer => {
  const whole = lines(operation, number, reply)
  switch (fault) {
    case 'truncate':
      return Buffer.concat([whole.subarray(0, -9), Buffer.from('\r\n')])
    case 'code-page':
      return Buffer.concat(
        [headerOf(operation, number, reply), ...reply.records].map((line) =>
          record.bytesOf(line, 'windows-1251'),
        ),
      )
    case 'garbage':
      return noise(whole)
    case 'status':
      return lines(operation, number, { ...reply, status: '7777' })
    case 'number':
      return lines(operation, String(Number(number) + 1), reply)
    case 'drop-before':
    case 'drop-after':
    case 'hang-before':
    case 'hang-after':
    case 'late':
    case undefined:
      return whole
  }
}

/** Everything behind the header line becomes bytes that no record holds; the line ends stay. */
const noise = (whole: Buffer): Buffer => {
  const spoilt = Buffer.from(whole)
  for (let at = whole.indexOf('\n') + 1; at < whole.length; at += 1)
    if (whole[at] !== 0x0d && whole[at] !== 0x0a) spoilt[at] = 0xb0 + (at % 0x30)
  return spoilt
}
