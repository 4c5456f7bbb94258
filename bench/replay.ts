/**
 * One code, one request_uri and one `jti`, each used 200 times at once by two processes on one database:
 * `node bench/replay.ts [rounds]`. In every tenth round one process is killed in the middle. Fails unless each was used
 * once: by the answers, or, where an answer died with its process, by what the database says afterwards.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { claimFirstUse, consumeArtefact, keepArtefact } from '#authorization/oauth/index.ts'
import { openPostgres, type Postgres } from '#platform/db.ts'
import { endWorld, freshDatabase } from '#test/world.ts'

const EACH = 100
const Order = z.object({ id: z.string() })
const Told = z.object({ code: z.int(), push: z.int(), jti: z.int() })
type Told = z.output<typeof Told>

const expiresAt = () => Temporal.Now.instant().add({ minutes: 1 })

const uses = {
  code: async (db: Postgres, id: string) =>
    (await consumeArtefact(db, 'AuthorizationCode', id)).first,
  push: async (db: Postgres, id: string) =>
    (await consumeArtefact(db, 'PushedAuthorizationRequest', id)).first,
  jti: (db: Postgres, jti: string) =>
    claimFirstUse(db, {
      issuer: 'application',
      jti,
      expiresAt: expiresAt(),
      now: Temporal.Now.instant(),
    }),
} as const

const successes = async (use: () => Promise<boolean>, times: number): Promise<number> =>
  (await Promise.all(Array.from({ length: times }, use))).filter(Boolean).length

const serve = (url: string) => {
  const db = openPostgres(url, { name: 'replay', max: 4 })
  const tell = async (id: string) => {
    const [code, push, jti] = await Promise.all([
      successes(() => uses.code(db, id), EACH),
      successes(() => uses.push(db, id), EACH),
      successes(() => uses.jti(db, id), EACH),
    ])
    process.send?.({ code, push, jti } satisfies Told)
  }
  process.on('message', (message) => void tell(Order.parse(message).id))
}

/** What a process told, or nothing where it died before. */
const toldBy = (child: ChildProcess) =>
  new Promise<Told | undefined>((resolve) => {
    const ended = () => resolve(undefined)
    child.once('exit', ended)
    child.once('message', (message) => {
      child.off('exit', ended)
      resolve(Told.parse(message))
    })
  })

const drive = async (rounds: number) => {
  const url = (await freshDatabase('cell')).url('authorization')
  const db = openPostgres(url, { name: 'replay', max: 2 })
  const start = () => fork(import.meta.filename, ['serve', url], { execArgv: process.execArgv })
  const children = [start(), start()]
  let killed = 0
  for (let round = 0; round < rounds; round++) {
    const id = randomUUID()
    for (const model of ['AuthorizationCode', 'PushedAuthorizationRequest'] as const)
      await keepArtefact(db, model, id, { payload: {}, grantId: undefined, expiresAt: expiresAt() })
    const telling = children.map(toldBy)
    for (const child of children) child.send({ id })
    const [, victim] = children
    if (round % 10 === 9 && victim) {
      setTimeout(() => victim.kill('SIGKILL'), Math.random() * 30)
      await new Promise((resolve) => victim.once('exit', resolve))
      children[1] = start()
      killed++
    }
    const told = (await Promise.all(telling)).filter((t) => t !== undefined)
    for (const kind of ['code', 'push', 'jti'] as const) {
      const sum = told.reduce((all, t) => all + t[kind], 0)
      // An answer may have died with its process; a second success may not exist, and no later one either.
      const least = told.length === 2 ? 1 : 0
      assert.ok(sum >= least && sum <= 1, `${kind} was used ${sum} times in round ${round}`)
      assert.equal(await uses[kind](db, id), false, `${kind} can be used again in round ${round}`)
    }
  }
  await Promise.all(
    children.map((child) => {
      child.kill('SIGKILL')
      return new Promise((resolve) => child.once('exit', resolve))
    }),
  )
  await db.close()
  await endWorld()
  const line = { rounds, usesEach: 2 * EACH, killed, usedTwice: 0, usableAfterwards: 0 }
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

const [first = '1000', url = ''] = process.argv.slice(2)
if (first === 'serve') serve(url)
else {
  await drive(Number(first))
  process.exit(0)
}
