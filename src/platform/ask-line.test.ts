import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { pino } from 'pino'
import { Agent, request } from 'undici'
import { z } from 'zod'
import type { Cell } from '#kernel/cell.ts'
import { problem } from '#kernel/problem.ts'
import { Instant } from '#kernel/time.ts'
import { type Answering, answerAsks, openAskBoard } from './ask-line.ts'
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

/** Of each process of each cell another one. */
const keyOf = (cell: Cell, of: Answering) => createHash('sha256').update(`${cell} ${of}`).digest()

const openControl = async () => {
  const board = openAskBoard(keyOf)
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
const openCell = (cell: Cell, of: Answering = 'courier') =>
  answerAsks(
    { cell, socketPath, key: new Secret('key') },
    contract,
    {
      double: async ({ n, at: when }) => {
        if (n > 100) throw tooLarge('at most 100')
        return { cell, n: of === 'bank' ? n + 1 : n * 2, at: when.add({ hours: 1 }) }
      },
    },
    { log, of, key: new Secret(keyOf(cell, of)) },
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

const provenAs = (cell: Cell, of: Answering) => ({
  'portico-answering': keyOf(cell, of).toString('base64url'),
})

test('an answer of a cell, or of a process, that was not asked is none', async () => {
  const control = await openControl()
  const heard: string[] = []
  const dispatcher = new Agent({ connect: { socketPath } })
  const line = await request('http://control/link/sandbox/asks', {
    dispatcher,
    headers: provenAs('sandbox', 'courier'),
  })
  const asked = control.board.client(contract, 'sandbox').double({ n: 1, at })
  const answer = (cell: Cell, id: string, n: number, of: Answering = 'courier') =>
    request(`http://control/link/${cell}/answers?of=${of}`, {
      method: 'POST',
      dispatcher,
      headers: { 'content-type': 'application/json', ...provenAs(cell, of) },
      body: JSON.stringify({ id, status: 200, body: { cell, n, at: at.toString() } }),
    }).then(({ body }) => body.dump())
  for await (const chunk of line.body as AsyncIterable<Uint8Array>) {
    heard.push(Buffer.from(chunk).toString('utf8'))
    const found = /"id":"([0-9a-f]{32})"/.exec(heard.join(''))
    if (!found?.[1]) continue
    await answer('production', found[1], 666)
    await answer('sandbox', found[1], 667, 'bank')
    await answer('sandbox', found[1], 2)
    break
  }
  assert.deepEqual(await asked.then(({ cell, n }) => [cell, n]), ['sandbox', 2])
  await control.stop()
  await dispatcher.destroy()
})

test('a process of the cell with another one’s key, or none, opens no line, answers nothing, and pushes nobody aside', async () => {
  const control = await openControl()
  const dispatcher = new Agent({ connect: { socketPath } })
  const code = async (path: string, headers: Record<string, string>, body?: object) => {
    const answer = await request(`http://control/link/sandbox/${path}`, {
      dispatcher,
      method: body ? 'POST' : 'GET',
      headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    return z.looseObject({ code: z.string() }).parse(await answer.body.json()).code
  }
  const strangers = [{}, provenAs('sandbox', 'courier'), provenAs('production', 'bank')]
  for (const headers of strangers) {
    assert.equal(await code('asks?of=bank', headers), 'platform/answering-unproven')
    const said = { id: 'x', status: 200, body: {} }
    assert.equal(await code('answers?of=bank', headers, said), 'platform/answering-unproven')
  }
  assert.equal(control.board.hears('sandbox', 'bank'), false)

  const first = openCell('sandbox', 'bank')
  const ask = () => control.board.client(contract, 'sandbox', 'bank').double({ n: 4, at })
  assert.equal((await ask()).n, 5)
  assert.equal(await code('asks?of=bank', provenAs('sandbox', 'bank')), 'platform/line-taken')
  assert.equal((await ask()).n, 5)
  const second = openCell('sandbox', 'bank')
  await first.stop()
  let answered: number | undefined
  // What is asked of a line that is just ending is lost with it.
  for (let tries = 0; tries < 5 && answered === undefined; tries++)
    answered = await ask().then(
      ({ n }) => n,
      () => undefined,
    )
  assert.equal(answered, 5, 'who was refused takes the line when it is free')
  await second.stop()
  await control.stop()
  await dispatcher.destroy()
})
