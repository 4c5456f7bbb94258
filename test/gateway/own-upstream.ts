/** A part behind the gateway that does as a test says, the gateway's own way to it, and callers. */
import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { Problem } from '#kernel/problem.ts'
import { CALL_HEADER } from '#platform/caller.ts'
import type { Quiet } from '#gateway/upstream/calendar.ts'
import {
  ExchangeFailed,
  openUpstreams,
  type Seat,
  type Upstreams,
} from '#gateway/upstream/upstream.ts'

export type Play = (response: ServerResponse, request: IncomingMessage) => void

/** An upstream of its own for each test: whatever happens to it happens to nobody else. */
export const open = async (
  play: Play,
  more: { ceiling?: number; quiet?: Quiet; now?: () => Temporal.Instant } = {},
) => {
  const folder = mkdtempSync(join(tmpdir(), 'up-'))
  const sockets = { bank: join(folder, 'bank.sock'), vault: join(folder, 'vault.sock') }
  const told: string[] = []
  const world = { play, asked: 0, connections: 0 }
  const server = createServer((request, response) => {
    world.asked++
    response.setHeader(CALL_HEADER, String(request.headers[CALL_HEADER]))
    request.resume().on('end', () => world.play(response, request))
  })
  server.on('connection', () => world.connections++)
  const listen = () => new Promise<void>((resolve) => server.listen(sockets.bank, resolve))
  const closed = () =>
    new Promise((resolve) => {
      server.close(resolve)
      server.closeAllConnections()
    })
  await listen()
  const upstreams = openUpstreams({
    sockets,
    ceiling: more.ceiling ?? 64,
    calendar: () => more.quiet ?? null,
    now: more.now ?? (() => Temporal.Now.instant()),
    log: pino({ level: 'warn' }, { write: (line: string) => void told.push(line) }),
  })
  after(async () => {
    await closed()
    await upstreams.close()
  })
  return { upstreams, world, told, sockets, listen, closed }
}

export interface Wanted {
  readonly product?: string
  readonly operation?: string
  readonly upstream?: 'bank' | 'vault'
  readonly partner?: string
  readonly priority?: number
  readonly withinMs?: number
  readonly method?: 'GET' | 'POST'
  readonly played?: boolean
  readonly wire?: { gone: boolean; whenGone: (() => void) | undefined }
}

let calls = 0
export const admit = (upstreams: Upstreams, wanted: Wanted = {}) => {
  const { product = 'accounts', upstream = 'bank', operation = `${product}-read` } = wanted
  return upstreams.admit(
    {
      operation: { id: operation, product, upstream, units: 1 },
      partnerId: wanted.partner ?? 'partner_a',
      priority: wanted.priority ?? 2,
      untilMs: performance.now() + (wanted.withinMs ?? 5_000),
      played: wanted.played ?? false,
    },
    wanted.wire,
  )
}
export const ask = async (upstreams: Upstreams, wanted: Wanted = {}) => {
  const seat = await admit(upstreams, wanted)
  return askFrom(upstreams, seat, wanted)
}
export const askFrom = async (upstreams: Upstreams, seat: Seat, wanted: Wanted = {}) => {
  const { method = 'GET' } = wanted
  try {
    return await upstreams.ask(
      seat,
      {
        method,
        path: '/x',
        headers: { [CALL_HEADER]: `call-${++calls}` },
        body: method === 'POST' ? Buffer.from('{}') : null,
        echoed: true,
      },
      method === 'GET',
      wanted.wire,
    )
  } finally {
    upstreams.leave(seat)
  }
}
export const failureOf = async (asking: Promise<unknown>) => {
  const error = await asking.then(
    () => assert.fail('it was answered'),
    (e: unknown) => e,
  )
  if (error instanceof ExchangeFailed) return { why: error.why, sent: error.sent }
  assert.ok(error instanceof Problem, String(error))
  return { code: error.code, retryAfter: Number(error.particulars.headers?.['retry-after']) }
}
export const stateOf = (upstreams: Upstreams, product = 'accounts') => {
  const found = upstreams.state().find((lane) => lane.product === product)
  assert.ok(found)
  return found
}
export const hangUp = (wire: NonNullable<Wanted['wire']>) => wire.whenGone?.()
export const json = (response: ServerResponse, status = 200) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end('{"a":1}')
export const closedFor = (response: ServerResponse, seconds: number, code = 'core/closed') =>
  response.writeHead(503, { 'retry-after': String(seconds) }).end(JSON.stringify({ code }))
export const until = async (condition: () => boolean) => {
  for (let tries = 0; tries < 12_000 && !condition(); tries++) await sleep(5)
  assert.ok(condition())
}
export const newWire = (): NonNullable<Wanted['wire']> => ({ gone: false, whenGone: undefined })
