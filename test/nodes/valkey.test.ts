/** Leases from a real cluster of three: one meaning, whichever server has the slot; and one that forgot starts empty. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'iovalkey'
import { rateTerms } from '#gateway/limits/plan.ts'
import { openValkeyAt } from '#gateway/limits/valkey-store.ts'
import { freePorts } from './nats-servers.ts'

const hasRedis = spawnSync('redis-server', ['--version']).status === 0
const skip = hasRedis ? false : 'NO redis-server: leases from a cluster were NOT tested'
if (!hasRedis) console.warn(skip)

const folder = mkdtempSync(join(tmpdir(), 'portico-cluster-'))
const running = new Map<number, ChildProcess>()
after(() => {
  for (const child of running.values()) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

const serve = async (port: number, bus: number) => {
  const child = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'].concat([
      '--cluster-enabled',
      'yes',
      '--cluster-port',
      String(bus),
      '--cluster-config-file',
      join(folder, `${port}.conf`),
      '--dir',
      folder,
    ]),
    { stdio: ['ignore', 'pipe', 'ignore'] },
  )
  running.set(port, child)
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false }))
    if (String(chunk).includes('eady to accept')) return void child.stdout.resume()
  throw new Error('redis-server does not serve')
}
const told = async (port: number, ...words: [string, ...string[]]): Promise<unknown> => {
  const client = new Redis({ port, host: '127.0.0.1' })
  try {
    return await client.call(...words)
  } finally {
    client.disconnect()
  }
}
const eventually = async (look: () => Promise<boolean>, what: string) => {
  for (let tries = 0; tries < 1_200; tries++) {
    if (await look().catch(() => false)) return
    await sleep(50)
  }
  assert.fail(`${what} did not come`)
}

const terms = rateTerms({ perSecond: 50, burst: 100 })
const full = terms.capacity / 1e6
const ask = (key: string, want: number) => ({ key, terms, least: 1, want, owed: 0 })

test(
  'a cluster grants what one server would, and a master that forgot starts empty',
  { skip },
  async () => {
    const free = await freePorts(6)
    const ports = free.slice(0, 3)
    const bus = free.slice(3)
    await Promise.all(ports.map((port, i) => serve(port, bus[i] ?? 0)))
    const [first = 0] = ports
    for (const [i, port] of ports.entries()) {
      const from = Math.floor((16_384 * i) / 3)
      const to = Math.floor((16_384 * (i + 1)) / 3) - 1
      await told(port, 'CLUSTER', 'ADDSLOTSRANGE', String(from), String(to))
      if (i > 0) await told(first, 'CLUSTER', 'MEET', '127.0.0.1', String(port), String(bus[i]))
    }
    const whole = async () =>
      (await Promise.all(ports.map((port) => told(port, 'CLUSTER', 'INFO')))).every((info) =>
        String(info).includes('cluster_state:ok'),
      )
    await eventually(whole, 'a whole cluster')

    const url = ports.map((port) => `redis://127.0.0.1:${port}`).join(',')
    const states: string[] = []
    const open = () =>
      openValkeyAt({ url, mode: 'cluster', master: '' }, 'production', (s) => states.push(s))
    const one = open()
    const two = open()
    after(() => [one, two].forEach((store) => store.close()))
    await eventually(async () => states.length >= 2, 'both gateways')
    // So many keys lie on all three; epochs of a new cluster are of no age, and fill in two seconds.
    await sleep(2_200)
    const keys = Array.from({ length: 12 }, (_, i) => `partner-${i}`)
    const beganMs = performance.now()
    const rounds = Array.from({ length: 40 }, (_, i) =>
      [one, two][i % 2]!.lease(keys.map((key) => ask(key, 5))),
    )
    const grants = await Promise.all(rounds)
    const most = full + (50 * (performance.now() - beganMs)) / 1_000
    for (const [k, key] of keys.entries()) {
      const granted = grants.reduce((sum, round) => sum + (round[k]?.granted ?? 0), 0)
      assert.ok(granted >= Math.floor(full) && granted <= most, `${key}: ${granted} of ${most}`)
    }
    const usedBy = await Promise.all(ports.map((port) => told(port, 'DBSIZE')))
    assert.ok(
      usedBy.every((size) => Number(size) > 0),
      `all three hold buckets: ${usedBy.join(' ')}`,
    )

    const victim = running.get(first)
    assert.ok(victim)
    const gone = once(victim, 'close')
    victim.kill('SIGKILL')
    await gone
    await serve(first, bus[0] ?? 0)
    await eventually(whole, 'the cluster again')
    const fresh = Array.from({ length: 30 }, (_, i) => `fresh-${i}`)
    let again: readonly { granted: number }[] = []
    await eventually(async () => {
      again = await one.lease(fresh.map((key) => ask(key, 100)))
      return true
    }, 'a lease')
    // What lies on the two that lived is full; what lies on the third is nearly empty.
    const brim = again.filter(({ granted }) => granted === Math.floor(full)).length
    const empty = again.filter(({ granted }) => granted < 50).length
    assert.ok(brim > 0 && empty > 0 && brim + empty === fresh.length, JSON.stringify(again))
  },
)
