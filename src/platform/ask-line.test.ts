import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { pino } from 'pino'
import { z } from 'zod'
import type { Cell } from '#kernel/cell.ts'
import { problem } from '#kernel/problem.ts'
import { Instant } from '#kernel/time.ts'
import { answerAsks, openAskBoard } from './ask-line.ts'
import { listenOnSocket, openServer } from './http.ts'
import { endpoint } from './rpc.ts'
import { Secret } from './secret.ts'

const log = pino({ level: 'silent' })
const contract = {
  double: endpoint(
    '/internal/double',
    z.strictObject({ n: z.int(), at: Instant }),
    z.object({ cell: z.string(), n: z.int(), at: Instant }),
  ),
}
const tooLarge = problem('tests/too-large', 422, 'It is too large')
const socketPath = join(mkdtempSync(join(tmpdir(), 'ask-line-')), 'control.sock')
const at = Temporal.Instant.from('2026-11-22T12:00:00Z')

const openControl = async () => {
  const board = openAskBoard()
  const server = openServer(log)
  board.routes(server)
  await listenOnSocket(server, socketPath)
  return {
    board,
    stop: async () => {
      board.stop()
      await server.close()
    },
  }
}
const openCell = (cell: Cell, of: 'courier' | 'bank' = 'courier') =>
  answerAsks(
    { cell, socketPath, key: new Secret('key') },
    contract,
    {
      double: async ({ n, at: when }) => {
        if (n > 100) throw tooLarge('at most 100')
        return { cell, n: of === 'bank' ? n + 1 : n * 2, at: when.add({ hours: 1 }) }
      },
    },
    { log, of },
  )

test('each cell answers what it was asked, in the types of the contract, and refuses with its own words', async () => {
  const control = await openControl()
  const cells = [openCell('sandbox'), openCell('production')]
  after(async () => Promise.all(cells.map((cell) => cell.stop())))
  for (const cell of ['sandbox', 'production'] as const) {
    const client = control.board.client(contract, cell)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => client.double({ n, at })),
    )
    assert.deepEqual(
      answers.map((answer) => [answer.cell, answer.n]),
      Array.from({ length: 20 }, (_, n) => [cell, n * 2]),
    )
    assert.equal(String(answers[0]?.at), '2026-11-22T13:00:00Z')
    await assert.rejects(client.double({ n: 101, at }), { code: 'tests/too-large', status: 422 })
  }
  await control.stop()

  // The line comes back by itself, to a control that was started anew.
  const again = await openControl()
  assert.equal((await again.board.client(contract, 'sandbox').double({ n: 4, at })).n, 8)
  await again.stop()
})

test('whoever of a cell is asked answers, and nobody of the cell in their place', async () => {
  const control = await openControl()
  const courier = openCell('sandbox')
  const { board } = control
  assert.equal((await board.client(contract, 'sandbox').double({ n: 4, at })).n, 8)
  assert.equal(board.hears('sandbox', 'bank'), false)
  const bank = openCell('sandbox', 'bank')
  assert.equal((await board.client(contract, 'sandbox', 'bank').double({ n: 4, at })).n, 5)
  assert.equal((await board.client(contract, 'sandbox').double({ n: 4, at })).n, 8)
  await Promise.all([courier.stop(), bank.stop()])
  await control.stop()
})

test('an answer of a cell that was not asked is none', async () => {
  const control = await openControl()
  const heard: string[] = []
  const { Agent, request } = await import('undici')
  const dispatcher = new Agent({ connect: { socketPath } })
  const line = await request('http://control/link/sandbox/asks', { dispatcher })
  const asked = control.board.client(contract, 'sandbox').double({ n: 1, at })
  const answer = (cell: Cell, id: string, n: number) =>
    request(`http://control/link/${cell}/answers`, {
      method: 'POST',
      dispatcher,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id, status: 200, body: { cell, n, at: at.toString() } }),
    }).then(({ body }) => body.dump())
  for await (const chunk of line.body as AsyncIterable<Uint8Array>) {
    heard.push(Buffer.from(chunk).toString('utf8'))
    const found = /"id":"([0-9a-f]{32})"/.exec(heard.join(''))
    if (!found?.[1]) continue
    await answer('production', found[1], 666)
    await answer('sandbox', found[1], 2)
    break
  }
  assert.deepEqual(await asked.then(({ cell, n }) => [cell, n]), ['sandbox', 2])
  await control.stop()
  await dispatcher.destroy()
})
