import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { z } from 'zod'
import { openLog } from './log.ts'
import { openPostgres } from './db.ts'
import { openServer } from './http.ts'

const closedPort = async (): Promise<number> => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  assert.ok(address !== null && typeof address !== 'string')
  await new Promise((resolve) => server.close(resolve))
  return address.port
}

test('while the database is away a question is answered 503 and may be asked again, and so is a command that was not begun', async () => {
  const url = `postgres://nobody:nothing@127.0.0.1:${await closedPort()}/none`
  const db = openPostgres(url, { name: 'away' })
  const server = openServer(openLog({ process: 'test' }, 'silent'))
  const ask = () => db.one(z.object({ one: z.number() }))`select 1 as one`
  server.get('/things', ask)
  server.post('/things', ask)
  server.addHook('onRequest', async (request) => {
    if (request.headers['cookie']) await ask()
  })
  server.get('/broken', async () => {
    throw new Error('a bug')
  })

  const [read, written, unknown, broken] = [
    await server.inject({ method: 'GET', url: '/things' }),
    await server.inject({ method: 'POST', url: '/things' }),
    await server.inject({ method: 'POST', url: '/things', headers: { cookie: 'session' } }),
    await server.inject({ method: 'GET', url: '/broken' }),
  ]
  await server.close()
  await db.close()

  assert.equal(read.statusCode, 503)
  assert.equal(read.json().code, 'platform/peer-unavailable')
  assert.equal(read.headers['retry-after'], '2')
  assert.equal(unknown.statusCode, 503, 'nobody looked who it is: nothing was begun')
  assert.equal(written.json().code, 'platform/bug')
  assert.equal(broken.json().code, 'platform/bug')
})
