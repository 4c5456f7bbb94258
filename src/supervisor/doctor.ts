/** `portico doctor`: looks at everything that can be wrong on this machine and says what to do about it. */
import { X509Certificate } from 'node:crypto'
import { existsSync, readFileSync, statfsSync } from 'node:fs'
import { connect } from 'node:net'
import { type Cell, cells } from '#kernel/cell.ts'
import { databases } from '#platform/databases.ts'
import { openPostgres } from '#platform/db.ts'
import type { ProcessWorld } from '#platform/process.ts'
import { Agent, request } from 'undici'
import { z } from 'zod'
import { newestSnapshots, type SnapshotTaken } from '#control/publication/index.ts'
import { makeRolePasswords } from './installation.ts'
import { newestReport } from './isolation/kept.ts'
import { networkWall, sharedNetwork } from './namespaces/index.ts'
import { checkDataDirectory, earlierSupervisor, isOurs, namedPorts } from './preflight.ts'
import { probeOnce } from './probe.ts'
import { keyServiceOf } from './vault-keys.ts'

interface Finding {
  readonly about: string
  readonly state: 'good' | 'warn' | 'bad'
  readonly says: string
  readonly todo?: string
}

const CERTIFICATE_WARN_MS = 30 * 86_400_000
const SPACE_WARN = 2 * 1024 ** 3
const CLOCK_WARN_SECONDS = 1

const good = (about: string, says: string): Finding => ({ about, state: 'good', says })
const bad = (about: string, says: string, todo: string): Finding => ({
  about,
  state: 'bad',
  says,
  todo,
})

const answersAt = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.setTimeout(1_000, () => socket.destroy())
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(false))
  })

const runtime = (): Finding =>
  good(
    'runtime',
    `Node ${process.versions.node}, OpenSSL ${process.versions.openssl}${process.release.lts ? '' : ', not an LTS release: production runs one'}`,
  )

const disk = ({ layout }: ProcessWorld): Finding => {
  try {
    checkDataDirectory(layout)
  } catch (error) {
    return bad('data', (error as Error).message, 'see above')
  }
  const { bavail, bsize } = statfsSync(layout.data)
  const free = `${Math.floor((bavail * bsize) / 1_048_576)} MiB free under ${layout.data}`
  return bavail * bsize < SPACE_WARN
    ? {
        about: 'disk',
        state: 'warn',
        says: free,
        todo: 'free some space: the spool refuses billable calls when the disk is full',
      }
    : good('disk', free)
}

const certificates = ({ layout, now }: ProcessWorld): Finding[] =>
  [
    ['server authority', layout.serverCa.certificate],
    ...cells.flatMap((cell) => [
      [`${cell} partner authority`, layout.cell(cell).partnerCa.certificate],
      [`${cell} gateway certificate`, layout.cell(cell).tls('gateway').certificate],
      [`${cell} authorization certificate`, layout.cell(cell).tls('authorization').certificate],
    ]),
  ].map(([about = '', path = '']) => {
    if (!existsSync(path)) return bad(about, 'is not there', 'run npm start, which makes it')
    const until = new X509Certificate(readFileSync(path)).validToDate
    const leftMs = until.getTime() - now().epochMilliseconds
    const says = `ends ${until.toISOString().slice(0, 10)}`
    if (leftMs < 0) return bad(about, says, `remove ${path} and run npm start`)
    return leftMs < CERTIFICATE_WARN_MS
      ? { about, state: 'warn', says, todo: 'the next npm start renews it' }
      : good(about, says)
  })

const Clock = z.object({ now: z.instanceof(Temporal.Instant) })

const database = async ({ layout, ports, now }: ProcessWorld): Promise<Finding[]> => {
  if (!existsSync(layout.databaseRoles))
    return [bad('database', 'has not been made yet', 'run npm start')]
  if (!(await answersAt(ports.postgres)))
    return [
      bad(
        'database',
        `nothing answers on port ${ports.postgres}`,
        'run npm start; it adopts or starts PostgreSQL',
      ),
    ]
  const { superuser } = makeRolePasswords(layout)
  return Promise.all(
    databases.map(async ({ database: name }) => {
      const db = openPostgres(
        `postgres://portico:${superuser}@127.0.0.1:${ports.postgres}/${name}`,
        { name: 'doctor', max: 1 },
      )
      try {
        const { now: theirs } = await db.one(Clock)`select now() as now`
        const apart = Math.abs(theirs.since(now()).total('seconds'))
        return apart > CLOCK_WARN_SECONDS
          ? ({
              about: `database ${name}`,
              state: 'warn',
              says: `its clock is ${apart.toFixed(1)} s from ours`,
              todo: 'synchronise the clocks (NTP)',
            } as const)
          : good(`database ${name}`, 'answers, clocks agree')
      } catch (error) {
        return bad(`database ${name}`, (error as Error).message, `see ${layout.logs}/postgres.log`)
      } finally {
        await db.close()
      }
    }),
  )
}

const processes = async (world: ProcessWorld): Promise<Finding[]> => {
  const supervisor = earlierSupervisor(world.layout)
  const lives = supervisor !== undefined && isOurs(supervisor.pid)
  const ports = await Promise.all(
    namedPorts(world.ports, world.settings.PORTICO_DEMO === 'on').map(
      async ([name, port]): Promise<Finding | undefined> => {
        const answers = await answersAt(port)
        if (lives)
          return answers
            ? good(name, `answers on ${port}`)
            : bad(name, `nothing answers on ${port}`, `see ${world.layout.logs}`)
        return answers
          ? bad(
              name,
              `port ${port} is taken by another program`,
              'stop it, or set PORTICO_PORT_BASE',
            )
          : undefined
      },
    ),
  )
  return [
    lives
      ? good('supervisor', `runs as process ${supervisor.pid}`)
      : { about: 'supervisor', state: 'warn', says: 'does not run', todo: 'npm start' },
    ...ports.filter((finding) => finding !== undefined),
    ...(lives ? await Promise.all(cells.map((cell) => businessCall(world, cell))) : []),
    ...(lives ? (await Promise.all(cells.map((cell) => gatewayHealth(world, cell)))).flat() : []),
    ...(lives ? await Promise.all(cells.map((cell) => coreBehind(world, cell))) : []),
    ...(lives ? await Promise.all(cells.map((cell) => keyService(world, cell))) : []),
    ...(lives ? [networks(world), isolation(world)] : []),
    ...(lives ? [await statusPage(world)] : []),
    ...(lives ? await receipts(world) : []),
  ]
}

const businessCall = async (
  world: ProcessWorld,
  cell: (typeof cells)[number],
): Promise<Finding> => {
  try {
    return good(`${cell} business call`, `answered ${await probeOnce(world, cell)}`)
  } catch (error) {
    return bad(
      `${cell} business call`,
      (error as Error).message,
      `see ${world.layout.logs}/gateway-${cell}.log`,
    )
  }
}

const Health = z.object({
  ready: z.boolean(),
  reasons: z.array(z.object({ code: z.string(), detail: z.string() })),
})

/** What the gateway says of itself, in its own words. */
const gatewayHealth = async (
  { layout, log }: ProcessWorld,
  cell: (typeof cells)[number],
): Promise<Finding[]> => {
  const about = `${cell} gateway`
  const dispatcher = new Agent({ connect: { socketPath: layout.cell(cell).socket('gateway') } })
  try {
    const answer = await request('http://gateway/internal/health', { dispatcher })
    const { ready, reasons } = Health.parse(await answer.body.json())
    const todo = 'docs/operate/seeing.md says what each reason means'
    if (reasons.length === 0) return [good(about, 'is ready, and nothing is wrong with it')]
    return reasons.map(({ code, detail }) => {
      const says = `${detail} (${code})`
      return ready ? { about, state: 'warn', says, todo } : bad(about, says, todo)
    })
  } catch (cause) {
    log.debug({ cause }, 'the gateway does not say how it is')
    return [bad(about, 'does not say how it is', `see ${layout.logs}/gateway-${cell}.log`)]
  } finally {
    await dispatcher.close()
  }
}

const Bank = z.object({ core: z.string() })

/** Whether the core answers its bank; its night is no fault of anybody's. */
const coreBehind = async ({ layout }: ProcessWorld, cell: Cell): Promise<Finding> => {
  const about = `${cell} core`
  const todo = `docs/operate/connect-your-core.md; see ${layout.logs}/bank-${cell}.log`
  const dispatcher = new Agent({ connect: { socketPath: layout.cell(cell).socket('bank') } })
  try {
    const answer = await request('http://bank/internal/ready', { dispatcher })
    const { core } = Bank.parse(await answer.body.json())
    if (core === 'open') return good(about, 'answers')
    return core === 'core/closed'
      ? good(about, 'is closed for its end of day')
      : bad(about, `does not answer (${core})`, todo)
  } catch (error) {
    return bad(about, `the bank does not say: ${(error as Error).message}`, todo)
  } finally {
    await dispatcher.close()
  }
}

const networks = (world: ProcessWorld): Finding => {
  const about = 'networks of the cells'
  const tried = networkWall(world)
  if (tried === undefined)
    return world.settings.PORTICO_NETWORK_NAMESPACES === 'on'
      ? bad(about, sharedNetwork, 'stop and start: npm start makes them')
      : good(about, `${sharedNetwork} (PORTICO_NETWORK_NAMESPACES=on parts them)`)
  return tried.open.length === 0
    ? good(about, `apart: ${tried.tried} addresses tried from inside, none answers`)
    : bad(about, tried.open.join('; '), 'docs/operate/isolation.md, “A network for each cell”')
}

/** One night may be missed: the machine was off. */
const PROVEN_WITHIN_HOURS = 50

/** Whether the last report on the cells' isolation is a good one, and of these days. */
const isolation = (world: ProcessWorld): Finding => {
  const about = 'isolation of the cells'
  const again = 'npx portico isolation report --keep; docs/operate/isolation.md'
  const report = newestReport(world)
  if (report === undefined)
    return good(about, 'is proven at the first 02:30, or by npx portico isolation report --keep')
  if (report === 'broken') return bad(about, 'the newest report is not what was signed here', again)
  const says = `reported ${report.at}`
  if (!report.ok) return bad(about, `${says}: NOT ISOLATED`, again)
  const hours = Temporal.Instant.from(report.at).until(world.now()).total('hours')
  return hours > PROVEN_WITHIN_HOURS
    ? { about, state: 'warn', says: `${says}, and not since`, todo: again }
    : good(about, `${says}: proven, signed and in the journal`)
}

const PageHealth = z.object({ stale: z.boolean(), ageSeconds: z.number().nullable() })

/** It serves whatever happens; whether what it says is of now is another matter. */
const statusPage = async ({ ports, layout, log }: ProcessWorld): Promise<Finding> => {
  const about = 'status page facts'
  const todo = `the page says “not known” meanwhile; see ${layout.logs}/status.log and control.log`
  try {
    const answer = await request(`http://localhost:${ports.status}/health`)
    const { stale, ageSeconds } = PageHealth.parse(await answer.body.json())
    const age = ageSeconds === null ? 'there are none yet' : `they are ${ageSeconds} s old`
    return stale ? { about, state: 'warn', says: age, todo } : good(about, age)
  } catch (cause) {
    log.debug({ cause }, 'the status page does not say how old its facts are')
    return bad(about, 'it does not say how old they are', `see ${layout.logs}/status.log`)
  }
}

/** Without its key service a vault reads cards for a few minutes more, and then none. */
const keyService = async (world: ProcessWorld, cell: Cell): Promise<Finding> => {
  const about = `${cell} vault keys`
  try {
    const { place, answers, says } = await keyServiceOf(world, cell)
    return answers
      ? good(about, `${place}: ${says}`)
      : bad(about, `${place}: ${says}`, 'docs/operate/vault.md, “A key service of the bank’s”')
  } catch (error) {
    return bad(about, (error as Error).message, `see ${world.layout.logs}/vault-${cell}.log`)
  }
}

/** A gateway that has not said within this that it took a snapshot has not. */
const TAKEN_WITHIN_SECONDS = 15

/**
 * By which snapshot gateways say that they serve, on this machine or another one. Only what was said of the newest is told:
 * who said nothing of it may be gone for good.
 */
const receipts = async ({ layout, ports, now }: ProcessWorld): Promise<Finding[]> => {
  const { superuser } = makeRolePasswords(layout)
  const db = openPostgres(`postgres://portico:${superuser}@127.0.0.1:${ports.postgres}/control`, {
    name: 'doctor',
    max: 1,
  })
  try {
    return (await newestSnapshots(db, now())).map(snapshotFinding)
  } catch (error) {
    return [bad('snapshots', (error as Error).message, `see ${layout.logs}/postgres.log`)]
  } finally {
    await db.close()
  }
}

const snapshotFinding = (snapshot: SnapshotTaken): Finding => {
  const { cell, epoch, ageSeconds, takers, refusers, reason } = snapshot
  const about = `${cell} snapshot`
  if (refusers > 0n)
    return bad(
      about,
      `${refusers} gateway(s) refused epoch ${epoch}, and serve by an older one: ${reason}`,
      'mend what it names; the console’s page of gateways says which they are',
    )
  if (takers === 0n && ageSeconds > TAKEN_WITHIN_SECONDS)
    return {
      about,
      state: 'warn',
      says: `no gateway has said that it took epoch ${epoch}`,
      todo: 'see what the gateways say of themselves above',
    }
  return good(about, `epoch ${epoch} is the newest, and ${takers} gateway(s) serve by it`)
}

const signs = { good: 'ok  ', warn: 'look', bad: 'BAD ' } as const

/** Prints what it found; 1 when anything is bad. */
export const doctor = async (world: ProcessWorld, json: boolean): Promise<number> => {
  const findings = [
    runtime(),
    disk(world),
    ...certificates(world),
    ...(await database(world)),
    ...(await processes(world)),
  ]
  process.stdout.write(
    json
      ? `${JSON.stringify(findings, null, 2)}\n`
      : `${findings.map((f) => `${signs[f.state]}  ${f.about}: ${f.says}${f.todo ? `\n        → ${f.todo}` : ''}`).join('\n')}\n`,
  )
  return findings.some((f) => f.state === 'bad') ? 1 : 0
}
