/** A whole house: the page measures it, goes on while control is killed, and starts from its disk where there is no house. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { freshData, portico, startedHouse } from '../house.ts'

/** The data of a house that runs already at this port base, on a machine too slow to start one in five minutes. */
const running = process.env['PORTICO_RUNNING']
const data = running ?? freshData()
const portBase = Number(process.env['PORTICO_PORT_BASE'] ?? 26_400)

/** Ctrl-C for a house that somebody else started. */
const stopRunning = async (): Promise<number> => {
  const { pid } = z
    .object({ pid: z.number() })
    .parse(JSON.parse(readFileSync(join(data, 'run', 'supervisor.json'), 'utf8')))
  process.kill(pid, 'SIGINT')
  while (existsSync(`/proc/${pid}`)) await sleep(250)
  return 0
}
const house = running
  ? { portal: `http://localhost:${portBase}`, stop: stopRunning }
  : await startedHouse({ data, portBase })
let isUp = true
after(async () => {
  if (isUp) await house.stop()
})
const page = `http://localhost:${portBase + 2}`

const Summary = z.object({
  status: z.object({ indicator: z.string() }),
  components: z.array(z.object({ id: z.string(), status: z.string() })).default([]),
  portico: z.object({ age_seconds: z.number(), stale: z.boolean() }).optional(),
})
const summary = async () => {
  const answer = await fetch(`${page}/api/v2/summary.json`)
  return { code: answer.status, ...Summary.parse(await answer.json()) }
}
const until = async (what: string, look: () => Promise<boolean>) => {
  const deadline = performance.now() + 180_000
  while (!(await look().catch(() => false))) {
    assert.ok(performance.now() < deadline, what)
    await sleep(250)
  }
}

/** The process of this house that was started with these words. */
const processOf = (words: string): number => {
  const Supervised = z.object({ children: z.array(z.number()) })
  const { children } = Supervised.parse(
    JSON.parse(readFileSync(join(data, 'run', 'supervisor.json'), 'utf8')),
  )
  const found = children.find((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').includes(words),
  )
  assert.ok(found, `${words} runs`)
  return found
}

test('within minutes it knows the doors, sign-in and accounts of both cells by its own looks', async () => {
  const wanted = ['gateway', 'authorization', 'accounts', 'webhooks']
  await until('all of them are known and work', async () => {
    const { components } = await summary()
    return ['production', 'sandbox'].every((cell) =>
      wanted.every((part) =>
        components.some(({ id, status }) => id === `${cell}-${part}` && status === 'operational'),
      ),
    )
  })
  assert.equal((await summary()).status.indicator, 'none')
  const { components } = await summary()
  assert.ok(!components.some(({ id }) => id === 'production-lending'), 'nobody called lending')
})

test('the portal sends people and monitors on to it', async () => {
  const answer = await fetch(`${house.portal}/status/api/v2/status.json`, { redirect: 'manual' })
  assert.equal(answer.status, 307)
  assert.equal(answer.headers.get('location'), `${page}/api/v2/status.json`)
  assert.equal((await fetch(`${house.portal}/status`)).url, `${page}/`)
})

test('kill -9 of control is not seen on the page, which asks the next one', async () => {
  const killed = processOf('start control')
  process.kill(killed, 'SIGKILL')
  let answered = 0
  let asked = 0
  await until('another control', async () => {
    asked += 1
    if ((await summary()).code === 200) answered += 1
    const isBack = await fetch(`${house.portal}/api/bank`).then(({ ok }) => ok)
    return isBack && processOf('start control') !== killed
  })
  assert.equal(answered, asked, 'every question was answered meanwhile')
  await until('facts of the next one', async () => {
    const { code, portico: beyond } = await summary()
    return code === 200 && (beyond?.age_seconds ?? 99) < 30
  })
})

test('kill -9 of the page itself loses nothing: the next one speaks from the disk', async () => {
  process.kill(processOf('start status'), 'SIGKILL')
  await until('the next one', async () => (await summary()).code === 200)
})

test('doctor says how old its facts are', async () => {
  const { stdout } = await portico({ data, portBase }, 'doctor')
  assert.match(stdout, /ok {4}status page facts: they are \d+ s old/)
})

test('without a house it starts from the disk, and once its facts are too old it knows nothing', async () => {
  assert.equal(await house.stop(), 0)
  isUp = false
  const root = resolve(import.meta.dirname, '../..')
  const child = spawn(process.execPath, [join(root, 'bin', 'portico.js'), 'start', 'status'], {
    env: {
      PATH: process.env['PATH'] ?? '',
      PORTICO_DATA: data,
      PORTICO_PORT_BASE: String(portBase),
      PORTICO_STATUS_STALE_MINUTES: '1',
      PORTICO_LOG_LEVEL: 'warn',
    },
    stdio: 'ignore',
  })
  try {
    await until('the page', async () => [200, 503].includes((await summary()).code))
    await until('that it does not know', async () => {
      const { code, status, components } = await summary()
      return code === 503 && status.indicator === 'unknown' && components.length === 0
    })
    assert.match(await (await fetch(`${page}/?lang=en`)).text(), /We do not know how things stand/)
  } finally {
    child.kill('SIGTERM')
    await new Promise((done) => child.once('exit', done))
  }
  assert.deepEqual(
    readdirSync(join(data, 'status')).filter((name) => name.endsWith('.new')),
    [],
  )
})
