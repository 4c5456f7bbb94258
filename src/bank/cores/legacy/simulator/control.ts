/**
 * The operator's desk, on a port of its own: one command a line, one line of answer.
 *
 *     clock 2026-11-23T23:56 | clock real
 *     window shut SECONDS | window open | window auto
 *     fault KIND OPERATION|any TIMES | faults clear
 *     latency LOW HIGH | drop-rate PROBABILITY
 *     sessions | balanced
 */
import { type Server, createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { inBalance } from './books.ts'
import { faultKinds } from './faults.ts'
import type { House } from './server.ts'

export const serveControl = (house: House): Server =>
  createServer((socket) => {
    socket.on('error', () => {})
    createInterface({ input: socket }).on('line', (line) =>
      socket.write(`${obey(house, line.trim().split(/\s+/))}\n`),
    )
  })

const obey = (house: House, [command, ...words]: readonly string[]): string => {
  const [first = '', second = '', third = ''] = words
  switch (command) {
    case 'clock':
      return turnClock(house, first)
    case 'window':
      return turnWindow(house, first, Number(second))
    case 'fault': {
      const kind = faultKinds.find((known) => known === first)
      if (!kind || !/^(\d{4}|any)$/.test(second) || !/^[1-9]\d*$/.test(third))
        return `no: fault ${faultKinds.join('|')} OPERATION|any TIMES`
      house.faults.arm(kind, second, Number(third))
      return 'ok'
    }
    case 'faults':
      house.faults.clear()
      return 'ok'
    case 'latency':
      house.latency = [Number(first), Number(second)]
      return 'ok'
    case 'drop-rate':
      house.dropRate = Number(first)
      return 'ok'
    case 'sessions':
      return `ok ${house.sessions.size}`
    case 'balanced':
      return inBalance(house.ledger.books) ? 'ok' : 'no: debits and credits differ'
    case undefined:
    default:
      return `no: unknown command ${command}`
  }
}

const turnWindow = ({ window, clock }: House, how: string, seconds: number): string => {
  if (how === 'shut' && seconds > 0) window.shut(clock(), seconds)
  else if (how === 'open') window.open()
  else if (how === 'auto') window.automatic()
  else return 'no: window shut SECONDS | open | auto'
  return 'ok'
}

const turnClock = ({ turnClock: turn }: House, to: string): string => {
  if (to !== 'real' && !/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(to))
    return 'no: clock 2026-11-23T23:56 | clock real'
  turn(to === 'real' ? undefined : Temporal.PlainDateTime.from(to))
  return 'ok'
}
