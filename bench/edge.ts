/**
 * What the edge costs: `node bench/edge.ts [calls]`. Microseconds of CPU for a call that a trivial pipeline answers with
 * 2 KiB, over plain TCP, and for refusals that come before anybody is identified (G20: below 100 µs, no body read).
 */
import { fork } from 'node:child_process'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { pino } from 'pino'
import { attach } from '#gateway/edge/listener.ts'
import { openPace } from '#gateway/edge/pace.ts'
import { operationNotFound, refusal } from '#gateway/pipeline.ts'

const host = 'api.bank.example'

const serveHere = async (): Promise<void> => {
  const server = createServer({ requireHostHeader: false, keepAliveTimeout: 65_000 })
  const body = JSON.stringify({ data: 'x'.repeat(2_048) })
  attach(server, 'connection', {
    doors: [{ origin: `https://${host}`, host, mutual: false }],
    presenting: null,
    refused: () => {},
    limits: { headMs: 10_000, requestMs: 30_000, connections: 1_000, requestsPerConnection: 1e9 },
    pace: openPace({ bodyBytesPerSecond: 1, answerMs: 10_000 }),
    log: pino({ level: 'silent' }),
    now: () => Temporal.Now.instant(),
    environment: 'sandbox',
    draining: () => false,
    serve: async (arrival) =>
      arrival.head.path === '/nowhere'
        ? refusal(operationNotFound('the products have no such address'), arrival)
        : {
            status: 200,
            contentType: 'application/json',
            body,
            headers: [],
            refusal: undefined,
            close: false,
          },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  process.once('disconnect', () => process.exit(0))
  let before = process.cpuUsage()
  process.on('message', () => {
    const used = process.cpuUsage(before)
    before = process.cpuUsage()
    process.send?.({ micros: used.user + used.system })
  })
  process.send?.({ port: (server.address() as AddressInfo).port })
}

const measure = async (calls: number): Promise<void> => {
  const child = fork(import.meta.filename, [], { env: { ...process.env, EDGE_BENCH: 'server' } })
  const told = () =>
    new Promise<Record<string, number>>((resolve) =>
      child.once('message', (said) => resolve(said as Record<string, number>)),
    )
  const { port = 0 } = await told()
  const spent = async (): Promise<number> => {
    const answer = told()
    child.send('spent')
    return (await answer)['micros'] ?? 0
  }
  const headers = `Host: ${host}\r\nAuthorization: Bearer ${'a'.repeat(900)}\r\nAccept: application/json\r\nx-fapi-interaction-id: ${crypto.randomUUID()}\r\n`
  const run = async (request: string, times: number): Promise<number> => {
    await spent()
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        for (let left = times / 16; left > 0;) {
          const socket = connect(port, '127.0.0.1')
          await new Promise<void>((resolve, reject) => {
            socket.on('data', () => {
              left--
              if (left <= 0) socket.destroy()
              else socket.write(request)
            })
            socket.once('error', reject)
            socket.once('close', () => resolve())
            socket.write(request)
          })
        }
      }),
    )
    return Math.round(((await spent()) / times) * 10) / 10
  }
  const call = `GET /accounts/v1/accounts HTTP/1.1\r\n${headers}\r\n`
  await run(call, calls / 4)
  const micros = {
    answered: await run(call, calls),
    notFound: await run(`GET /nowhere HTTP/1.1\r\n${headers}\r\n`, calls),
    // These end their connections: the price of a new one (without TLS) is in them.
    malformed: await run(`GET /a/../b HTTP/1.1\r\n${headers}\r\n`, calls / 8),
    unparsable: await run(`GET /a HTTP/1.1\r\nX y\r\n${headers}\r\n`, calls / 8),
  }
  process.stdout.write(`${JSON.stringify({ calls, micros })}\n`)
  child.disconnect()
}

if (process.env['EDGE_BENCH'] === 'server') await serveHere()
else await measure(Number(process.argv[2] ?? 100_000))
