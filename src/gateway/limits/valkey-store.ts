/** Leases of rates from Valkey (or Redis 7): one script, the store's own time, one slot for all that a call of it touches. */
import { createHash } from 'node:crypto'
import { Cluster, Redis } from 'iovalkey'
import type { RateAsk, RateStore } from './store.ts'

/**
 * In a cluster, and behind sentinels, another server may answer from one command to the next: it says itself who it is.
 */
const SAYS_WHO = `
local who = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') .. ':' ..
  string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)')
`
const TOLD_WHO = `
local who = ARGV[1]
`

/**
 * KEYS: the epoch of the slot group, the bucket. ARGV: the primary's identity, rate in micro-permits a second, capacity,
 * debt, least, want. A primary that another identity has served before starts every bucket empty (G27): what a replica
 * never heard of was granted all the same.
 */
const SCRIPT = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local epoch = redis.call('HMGET', KEYS[1], 'id', 'us')
local since = tonumber(epoch[2])
if epoch[1] ~= who then
  since = now
  redis.call('HSET', KEYS[1], 'id', who, 'us', string.format('%.0f', now))
end
if KEYS[2] == nil then return {0, 0} end
local rate, capacity, debt = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local least, want = tonumber(ARGV[5]), tonumber(ARGV[6])
local held = redis.call('HMGET', KEYS[2], 'level', 'us')
local level, at = tonumber(held[1]) or capacity, tonumber(held[2]) or now
if at > now then now = at end
level = math.min(capacity, level + math.floor((now - at) * rate / 1000000))
local most = math.min(capacity, math.floor(math.max(0, now - since) * rate / 1000000))
level = math.min(most, math.max(math.min(most, level) - debt, -capacity))
local granted = 0
if level >= least * 1000000 then granted = math.min(want, math.floor(level / 1000000)) end
level = level - granted * 1000000
redis.call('HSET', KEYS[2], 'level', string.format('%.0f', level), 'us', string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[2], math.ceil((capacity - level) * 1000 / rate) + 60000)
return {granted, string.format('%.0f', level)}
`

/** Buckets of a group share a slot with their epoch, so that a cluster can hold groups apart. */
const GROUPS = 64
const CONNECT_WITHIN_MS = 1_000
const RECONNECT_MAX_MS = 500
const SLOTS_EVERY_MS = 2_000

export interface ValkeyStore extends RateStore {
  close(): void
}

type OnState = (state: 'connected' | 'lost', cause?: unknown) => void

/** Where rates are leased: one server, whoever of several the sentinels name, or a cluster. */
export interface ValkeyPlace {
  readonly url: string
  readonly mode: 'single' | 'sentinel' | 'cluster'
  /** What the sentinels call it. */
  readonly master: string
}

export const openValkeyAt = (place: ValkeyPlace, cell: string, onState: OnState): ValkeyStore =>
  place.mode === 'single' ? openValkey(place.url, cell, onState) : openMoving(place, cell, onState)

/** `cell` keeps the keys of two cells apart that share a server by mistake or to save one. */
export const openValkey = (url: string, cell: string, onState: OnState): ValkeyStore => {
  const client = new Redis(url, {
    // Commands without a connection fail at once: the desk's breaker decides what then.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_WITHIN_MS,
    retryStrategy: (times) => Math.min(RECONNECT_MAX_MS, 50 * times),
  })
  const script = TOLD_WHO + SCRIPT
  const sha = shaOf(script)
  let identity: string | undefined

  const meet = async () => {
    identity = undefined
    const met = identityIn(`${await client.info('server')}\n${await client.info('replication')}`)
    await client.script('LOAD', script)
    // Every group's epoch begins now, not when its first key is asked for.
    const pipeline = client.pipeline()
    for (let group = 0; group < GROUPS; group++)
      pipeline.evalsha(sha, 1, epochKey(cell, group), met)
    await pipeline.exec()
    identity = met
    onState('connected')
  }
  client.on('ready', () => {
    meet().catch((cause: unknown) => {
      onState('lost', cause)
      client.disconnect(true)
    })
  })
  client.on('close', () => {
    if (identity !== undefined) onState('lost')
    identity = undefined
  })
  client.on('error', () => {})

  return {
    lease: async (asks) => {
      const met = identity
      if (met === undefined) throw new Error('Valkey is not connected')
      const pipeline = client.pipeline()
      for (const ask of asks) {
        const group = groupOf(ask.key)
        const bucket = `portico:{${cell}:${group}}:limit:${ask.key}`
        pipeline.evalsha(sha, 2, epochKey(cell, group), bucket, met, ...terms(ask))
      }
      const answers = (await pipeline.exec()) ?? []
      return answers.map(([error, answer]) => {
        if (error) {
          // A demoted primary, or one that forgot the script: the next connection asks again whose it is (G27).
          if (/^(READONLY|NOSCRIPT)/.test(error.message)) client.disconnect(true)
          throw error
        }
        return grantIn(answer)
      })
    },
    close: () => client.disconnect(),
  }
}

const shaOf = (script: string) => createHash('sha1').update(script).digest('hex')

/** Servers that take each other's place: every answer comes with the one that gives it knowing who it is. */
const openMoving = ({ url, mode, master }: ValkeyPlace, cell: string, onState: OnState) => {
  const nodes = url.split(',').map((address) => new URL(address))
  const [first] = nodes
  const at = nodes.map(({ hostname, port }) => ({ host: hostname, port: Number(port || 6379) }))
  const common = {
    ...(first?.username && { username: decodeURIComponent(first.username) }),
    ...(first?.password && { password: decodeURIComponent(first.password) }),
    ...(/^(rediss|valkeys):/.test(url) && { tls: {} }),
    connectTimeout: CONNECT_WITHIN_MS,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  }
  const retry = (times: number) => Math.min(RECONNECT_MAX_MS, 50 * times)
  const client =
    mode === 'cluster'
      ? new Cluster(at, {
          redisOptions: common,
          enableOfflineQueue: false,
          clusterRetryStrategy: retry,
          slotsRefreshInterval: SLOTS_EVERY_MS,
          scaleReads: 'master',
        })
      : new Redis({
          ...common,
          sentinels: at,
          name: master,
          role: 'master',
          enableOfflineQueue: false,
          retryStrategy: retry,
          sentinelRetryStrategy: retry,
        })
  const script = SAYS_WHO + SCRIPT
  const sha = shaOf(script)
  let up = false
  const run = async (keys: readonly string[], rest: readonly (string | number)[]) => {
    const told = [...keys, ...rest]
    try {
      return await client.evalsha(sha, keys.length, ...told)
    } catch (cause) {
      // A server that has just taken its place was never given it.
      if (!(cause as Error).message.startsWith('NOSCRIPT')) throw cause
      return client.eval(script, keys.length, ...told)
    }
  }
  const meet = async () => {
    const groups = Array.from({ length: GROUPS }, (_, group) => [epochKey(cell, group)])
    await Promise.all(groups.map((keys) => run(keys, [''])))
    up = true
    onState('connected')
  }
  const lost = (cause?: unknown) => {
    if (up) onState('lost', cause)
    up = false
  }
  client.on('ready', () => void meet().catch(lost))
  client.on('close', () => lost())
  client.on('error', () => {})
  return {
    lease: (asks: readonly RateAsk[]) =>
      Promise.all(
        asks.map(async (ask) => {
          const group = groupOf(ask.key)
          const bucket = `portico:{${cell}:${group}}:limit:${ask.key}`
          return grantIn(await run([epochKey(cell, group), bucket], ['', ...terms(ask)]))
        }),
      ),
    close: () => client.disconnect(),
  }
}

const grantIn = (answer: unknown) => {
  const [granted, level] = Array.isArray(answer) ? answer.map(Number) : []
  if (granted === undefined || level === undefined) throw new Error('Valkey answered oddly')
  return { granted, level }
}

const epochKey = (cell: string, group: number) => `portico:{${cell}:${group}}:epoch`

const terms = ({ terms: { microPerSecond, capacity }, owed, least, want }: RateAsk) => [
  microPerSecond,
  capacity,
  Math.ceil(owed),
  least,
  want,
]

/** FNV-1a: which group a key is of, the same in every gateway. */
const groupOf = (key: string): number => {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193) >>> 0
  return hash % GROUPS
}

/** A process that serves as primary of a history: another one of either may have forgotten grants. */
const identityIn = (info: string): string => {
  const said = (name: string) => new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1]
  const run = said('run_id')
  const history = said('master_replid')
  if (!run || !history) throw new Error('Valkey does not say who it is')
  if (said('role') !== 'master') throw new Error('READONLY: this Valkey is a replica')
  return `${run}:${history}`
}
