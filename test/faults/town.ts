/** A whole house with a Valkey and, where asked for, NATS of its own, the processes that can be killed in it, and what its databases say afterwards. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { portsOf, readSettings } from '#platform/config.ts'
import { openPostgres } from '#platform/db.ts'
import { layoutOf } from '#platform/layout.ts'
import { makeRolePasswords } from '../../src/supervisor/installation.ts'
import { freshData, startedHouse } from '../house.ts'
import { hasNats, startNats } from '../nodes/nats-servers.ts'

export const until = async (
  what: string,
  withinMs: number,
  holds: () => Promise<boolean> | boolean,
): Promise<number> => {
  const fromMs = performance.now()
  const asked = async () => holds()
  for (;;) {
    if (await asked().catch(() => false)) return performance.now() - fromMs
    if (performance.now() - fromMs > withinMs) throw new Error(`not within ${withinMs} ms: ${what}`)
    await sleep(50)
  }
}

const isThere = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const Supervised = z.object({ pid: z.number(), children: z.array(z.number()) })
const Count = z.object({ n: z.bigint() })
const Led = z.object({ port: z.number() })
const Enforced = z.object({
  epoch: z.bigint(),
  compiledAt: z.instanceof(Temporal.Instant),
  enforcedAt: z.instanceof(Temporal.Instant),
})
const Counted = z.object({
  id: z.string(),
  rows: z.bigint(),
  billable: z.bigint(),
  calls: z.bigint(),
})

/** Redis 7 speaks what Valkey speaks; where neither is installed limits are leased from PostgreSQL. */
const startValkey = (port: number): ChildProcess | undefined => {
  const program = ['valkey-server', 'redis-server'].find(
    (name) => spawnSync(name, ['--version']).status === 0,
  )
  if (!program) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'valkey-'))
  const words = ['--port', String(port), '--save', '', '--appendonly', 'no', '--dir', folder]
  return spawn(program, words, { stdio: 'ignore' })
}

/** The one that listens at this port, whoever started it. */
const valkeyAt = (port: number): number | undefined =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => {
      try {
        return new RegExp(`(?:redis|valkey)-server .*:${port}\\b`).test(
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '),
        )
      } catch {
        return false
      }
    })

export interface TownOptions {
  readonly portBase: number
  /** The data of a house that runs already at this port base; started and stopped by somebody else. */
  readonly running?: string
  readonly environment?: Readonly<Record<string, string>>
  /** Three NATS servers carry what control says, where they are installed. */
  readonly carried?: boolean
}

export const openTown = async (options: TownOptions) => {
  const { portBase, running, environment = {}, carried = false } = options
  const data = running ?? freshData()
  const nats = carried && hasNats && running === undefined ? await startNats(3) : undefined
  const valkeyPort = portBase + 90
  let valkey = running === undefined ? startValkey(valkeyPort) : undefined
  const valkeyPid = () => valkey?.pid ?? valkeyAt(valkeyPort)
  const house =
    running === undefined
      ? await startedHouse({
          data,
          portBase,
          environment: {
            ...(valkey && { PORTICO_VALKEY_URL: `redis://127.0.0.1:${valkeyPort}` }),
            ...(nats && { PORTICO_NATS_URL: nats.url }),
            ...environment,
          },
        })
      : undefined
  const settings = readSettings({ PORTICO_DATA: data, PORTICO_PORT_BASE: String(portBase) })
  const layout = layoutOf(data)
  const ports = portsOf(settings)
  const { superuser } = makeRolePasswords(layout)
  const control = openPostgres(
    `postgres://portico:${superuser}@127.0.0.1:${ports.postgres}/control`,
    { name: 'faults', max: 2 },
  )

  const supervised = () =>
    Supervised.parse(JSON.parse(readFileSync(join(data, 'run', 'supervisor.json'), 'utf8')))
  /** The process of this house that was started with these words, where it runs now. */
  const processOf = (words: string): number | undefined =>
    supervised().children.find((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').includes(words)
      } catch {
        return false
      }
    })
  const postmaster = () =>
    Number(readFileSync(join(data, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0])
  const childrenOf = (parent: number): number[] =>
    readdirSync('/proc').flatMap((name) => {
      if (!/^\d+$/.test(name)) return []
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent
          ? [Number(name)]
          : []
      } catch {
        return []
      }
    })
  /** The process at the other end of a connection from this port. */
  const processAt = (port: number): number | undefined => {
    const hex = port.toString(16).toUpperCase().padStart(4, '0')
    const line = readFileSync('/proc/net/tcp', 'utf8')
      .split('\n')
      .find((row) => row.trim().split(/\s+/)[1]?.endsWith(`:${hex}`))
    const socket = `socket:[${line?.trim().split(/\s+/)[9]}]`
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .find((pid) => {
        try {
          const folder = `/proc/${pid}/fd`
          return readdirSync(folder).some((fd) => readlinkSync(join(folder, fd)) === socket)
        } catch {
          return false
        }
      })
  }
  const signal = (pids: readonly number[], how: NodeJS.Signals) => {
    for (const pid of pids) if (isThere(pid)) process.kill(pid, how)
  }

  return {
    portal: `http://localhost:${portBase}`,
    data,
    layout,
    ports,
    world: {
      settings,
      layout,
      ports,
    },
    processOf,
    nats,
    /** Resident memory of every process of the house, MiB, by its words. */
    memory: (): ReadonlyMap<string, { pid: number; mib: number }> => {
      const found = new Map<string, { pid: number; mib: number }>()
      for (const pid of supervised().children)
        try {
          const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
          const at = words.indexOf('start')
          const status = readFileSync(`/proc/${pid}/status`, 'utf8')
          const kib = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0)
          const name =
            at < 0
              ? 'core simulator'
              : words
                  .slice(at + 1)
                  .join(' ')
                  .trim()
          found.set(name, { pid, mib: kib / 1_024 })
        } catch {
          // It is just being started again.
        }
      return found
    },
    /** `kill -9`; answers when it is gone. */
    kill: async (words: string) => {
      const pid = processOf(words)
      if (pid === undefined) throw new Error(`${words} does not run`)
      process.kill(pid, 'SIGKILL')
      await until(`${words} is gone`, 30_000, () => processOf(words) !== pid)
      return pid
    },
    killPostgres: async () => {
      const pid = postmaster()
      process.kill(pid, 'SIGKILL')
      await until('PostgreSQL is gone', 30_000, () => !isThere(pid))
      return pid
    },
    postmaster,
    /** The process of control that leads publication: whoever holds the place in the database. */
    leader: async (): Promise<number | undefined> => {
      const held = await control.maybe(Led)`
        select a.client_port as port
          from pg_stat_activity a
          join pg_locks l on l.pid = a.pid and l.locktype = 'advisory' and l.granted
         where a.application_name = 'leader publication'
         limit 1
      `
      return held && processAt(held.port)
    },
    /** Nothing of PostgreSQL moves: connections stay, and nothing answers. */
    freezePostgres: () => {
      const pid = postmaster()
      const all = () => [pid, ...childrenOf(pid)]
      signal(all(), 'SIGSTOP')
      // Those that were born meanwhile, too.
      signal(all(), 'SIGSTOP')
      return () => signal(all(), 'SIGCONT')
    },
    freeze: (words: string) => {
      const pid = processOf(words)
      if (pid === undefined) throw new Error(`${words} does not run`)
      process.kill(pid, 'SIGSTOP')
      return () => signal([pid], 'SIGCONT')
    },
    hasValkey: () => valkeyPid() !== undefined,
    freezeValkey: () => {
      const pid = valkeyPid()
      signal(pid === undefined ? [] : [pid], 'SIGSTOP')
      return () => signal(pid === undefined ? [] : [pid], 'SIGCONT')
    },
    killValkey: async () => {
      const pid = valkeyPid()
      if (pid === undefined) return
      process.kill(pid, 'SIGKILL')
      await until('Valkey is gone', 30_000, () => valkeyAt(valkeyPort) !== pid)
      valkey = startValkey(valkeyPort)
    },
    /** One command of the core simulator's operator. */
    core: async (command: string): Promise<string> => {
      const socket = connect(ports.coreControl, '127.0.0.1')
      await once(socket, 'connect')
      socket.write(`${command}\n`)
      const [line] = await once(createInterface({ input: socket }), 'line')
      socket.destroy()
      return String(line)
    },
    /** What control counted of applications, by their ids. */
    countedOf: async (applicationIds: readonly string[]) => {
      const counted = await control.many(Counted)`
        select application_id as id, count(*) as rows, count(distinct call_id) as calls,
               count(*) filter (where billable) as billable
          from usage.event
         where application_id = any(${applicationIds}::text[])
         group by application_id
         limit 10000
      `
      return new Map(
        counted.map(({ id, rows, billable, calls }) => [
          id,
          { rows: Number(rows), billable: Number(billable), calls: Number(calls) },
        ]),
      )
    },
    /** Documents of the sandbox’s gateways since an instant: when each was compiled, and since when all serve by it or a newer. */
    enforced: async (since: Temporal.Instant) =>
      control.many(Enforced)`
        select d.epoch, d.compiled_at as "compiledAt", max(first.at) as "enforcedAt"
          from publication.document d
         cross join lateral (
               select e.reader, min(e.at) as at
                 from publication.enforcement e
                where e.cell = d.cell and e.audience = d.audience and e.epoch >= d.epoch
                group by e.reader
               ) first
         where d.audience = 'gateway' and d.cell = 'sandbox' and d.compiled_at >= ${since}
         group by d.epoch, d.compiled_at
         order by d.epoch
         limit 100000
      `,
    /** Numbers of gateways that have not arrived: calls that were made and not counted. */
    missing: async () => {
      const { n } = await control.one(Count)`
        select coalesce(sum((select count(*) - 1 from unnest(received))), 0)::bigint as n from usage.cursor
      `
      return Number(n)
    },
    close: async () => {
      await control.close()
      await house?.stop()
      valkey?.kill('SIGKILL')
      await nats?.stop()
      if (running === undefined) rmSync(data, { recursive: true, force: true })
    },
  }
}
export type Town = Awaited<ReturnType<typeof openTown>>
