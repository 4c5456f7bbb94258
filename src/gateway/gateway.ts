/** The gateway process: the data plane of one cell, every partner call. It holds a snapshot and a spool, no business. */
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { assert } from '#kernel/assert.ts'
import { uuidv7 } from '#kernel/id.ts'
import { callerSigner } from '#platform/caller.ts'
import { addressesOf } from '#platform/config.ts'
import { linkTo } from '#platform/control-doors.ts'
import { openPostgres } from '#platform/db.ts'
import { makeRandomKey, pairwise, readJwk, readRandomKey } from '#platform/keys.ts'
import { followPublications, usageOver, usageSender } from '#platform/link.ts'
import { openLines } from '#platform/log.ts'
import { natsFamilies, openNats } from '#platform/nats.ts'
import { pooling } from '#platform/pooling.ts'
import type { CellWorld, Running } from '#platform/process.ts'
import { publicationRefused, type Revocation } from '#platform/publication.ts'
import { upstreamGuardOf } from '#platform/upstream-guard.ts'
import { claimSocket } from '#platform/socket.ts'
import { answerScrape, type Metrics, startTelemetry } from '#platform/telemetry.ts'
import { openTokens } from './callers/access-token.ts'
import { disagreement, openDecisions } from './snapshots/agreement.ts'
import type { Gateway, Step } from './call.ts'
import { openClaimsKeys } from './edge/claims-keys.ts'
import { openCache } from './cache/cache.ts'
import { cacheFamilies } from './cache/cache-families.ts'
import { openClaims } from './once/claims.ts'
import { openDenials } from './callers/denials.ts'
import { openHearing } from './callers/hearing.ts'
import { openKeptDenials } from './callers/kept-denials.ts'
import { type Doors, openDoors } from './edge/doors.ts'
import { openFields } from './release/fields.ts'
import { openSightings } from './facts/sightings.ts'
import { openFrequency } from './limits/frequency.ts'
import { openHealth } from './seeing/health.ts'
import { startLimits } from './limits/index.ts'
import { order, serve } from './pipeline.ts'
import { outcomeOf } from './policies/once.ts'
import { openProofs } from './callers/proof.ts'
import { followRevocations } from './callers/revocations.ts'
import { tellReasons } from './seeing/reasons.ts'
import { familiesOf } from './seeing/families.ts'
import { openSeeing } from './seeing/index.ts'
import { openShedding } from './edge/shedding.ts'
import { gatewayIdIn, startShipping } from './records/shipping.ts'
import { openReader } from './snapshots/reader.ts'
import { openSigner } from './signatures.ts'
import { openSpool } from './records/spool.ts'
import { openStrangers } from './callers/strangers.ts'
import { compileTable, type Table } from './snapshots/table.ts'
import { calendarOf, windowsOf } from './upstream/calendar.ts'
import { waysTo } from './upstream/way.ts'
import { openUpstreams } from './upstream/upstream.ts'

/** Longer than a call waits for its claim. */
const STATEMENT_MS = 5_000
const LAST_SHIPMENT_MS = 2_000
const LAST_LEASES_MS = 2_000
const SWEEP_MS = 60_000

/** `steps` are the whole policy; only the bench shortens them. */
export const startGateway = async (
  world: CellWorld,
  steps: readonly Step[] = order,
): Promise<Running> => {
  const { cell, log, now, settings } = world
  const files = world.layout.cell(cell)
  const addresses = addressesOf(world.ports, cell)
  const databaseUrl = world.settings.PORTICO_DATABASE_URL_GATEWAY
  assert(databaseUrl, 'a gateway is started with PORTICO_DATABASE_URL_GATEWAY')

  const snapshots = holdSnapshots()
  const health = openHealth()
  let draining = false
  /** Nobody has shown a certificate before the doors are open. */
  let cut: Doors['cut'] = () => {}
  const pooled = pooling(settings, 'GATEWAY')
  const db = openPostgres(databaseUrl, {
    name: 'gateway',
    max: 3,
    statementMs: STATEMENT_MS,
    ...pooled,
  })
  const onceKey = makeRandomKey(files.onceKey)
  const wallMs = () => now().epochMilliseconds
  const kept = openKeptDenials({ folder: files.snapshots, cell, key: onceKey, nowMs: wallMs, log })
  const denials = openDenials((revocation) => {
    kept.add(revocation)
    if (revocation.kind === 'certificate') cut(revocation.id)
  })
  for (const revocation of kept.revocations) denials.add(revocation)
  const shedding = openShedding({
    calls: settings.PORTICO_EDGE_CALLS,
    delayMs: settings.PORTICO_EDGE_LOOP_DELAY_MS,
  })
  const gatewayId = gatewayIdIn(files.spool)
  /** Apart from `db`, where a claim may wait for another one: leases are waited for by calls that are in a hurry. */
  const leases = openPostgres(databaseUrl, { name: 'gateway-limits', max: 1, ...pooled })
  const limits = await startLimits({
    db: leases,
    name: gatewayId,
    cell,
    valkeyUrl: settings.PORTICO_VALKEY_URL,
    valkeyMode: settings.PORTICO_VALKEY_MODE,
    valkeyMaster: settings.PORTICO_VALKEY_MASTER,
    gatewaysMax: settings.PORTICO_GATEWAYS_MAX,
    patienceMs: settings.PORTICO_LIMITS_PATIENCE_MS,
    log,
  })
  const frequency = openFrequency({ db, clock: () => performance.now(), log })
  const claims = openClaims(db, onceKey)
  const cache = openCache(settings.PORTICO_CACHE_MIB * 1_048_576)
  const upstreams = openUpstreams({
    sockets: { bank: files.socket('bank'), vault: files.socket('vault') },
    ceiling: settings.PORTICO_CORE_CALLS,
    calendar: calendarOf(windowsOf(settings.PORTICO_CORE_QUIET), settings.PORTICO_BANK_ZONE),
    now,
    log,
  })
  const spool = await openSpool(files.spool, (cause) => {
    log.fatal({ cause }, 'the spool cannot be synced, so no call can be recorded; the process ends')
    process.exit(1)
  })

  const decisions = openDecisions()
  const signer = await openSigner(files.answerKey, addresses.audience, now)
  const onRevocation = (revocation: Revocation) => denials.add(revocation)
  const link = linkTo(world)
  const nats = openNats(settings, `gateway ${cell}`, log)
  const reader = openReader({ cell, key: readJwk(world.layout.control.snapshotPublicKey) })
  const guard = { ...upstreamGuardOf(world, cell), cell }
  const publication = await followPublications({
    link,
    audience: 'gateway',
    folder: files.snapshots,
    reader: gatewayId,
    log,
    nats,
    take: async (offered, above) => {
      const { reading, bytes } = await reader.read(offered, above)
      const held = snapshots.table()
      const next = await compileTable(reading, held)
      const against =
        held && disagreement(decisions.recent(), held, next, denials, now().epochMilliseconds)
      if (against !== undefined) throw publicationRefused(against)
      upstreams.follow(waysTo(next.upstreams.values(), guard))
      cache.follow(next)
      snapshots.swap(next)
      return { ...next, bytes }
    },
    onRevocation,
  })
  const cellRevocations = followRevocations({
    url: settings.PORTICO_DATABASE_DIRECT_URL_GATEWAY ?? databaseUrl,
    log,
    onRevocation,
  })
  const hearing = openHearing({ control: publication, cell: cellRevocations }, kept.heard, wallMs)
  kept.follow(() => hearing.heard())
  const sender = usageSender(link)
  const shipping = startShipping({
    spool,
    gateway: gatewayId,
    send: usageOver(nats, link, gatewayId, sender.send),
    outcomeOf: (intent) => outcomeOf(claims, intent),
    log,
  })

  const fields = openFields({
    gateway: gatewayId,
    boot: uuidv7(),
    send: sender.sendFields,
    log,
  })
  const releaseKey = makeRandomKey(files.releaseKey)
  const strangers = openStrangers({
    failuresPerAddress: settings.PORTICO_EDGE_UNPROVEN_PER_ADDRESS,
    verifications: settings.PORTICO_EDGE_VERIFICATIONS,
  })
  const telemetry = await startTelemetry(world, 'gateway', { socket: false })
  const seeing = await openSeeing({
    cell,
    gateway: gatewayId,
    otlpUrl: settings.PORTICO_OTLP_URL,
    health: () => health.document(),
    now,
    send: sender.sendLive,
    log,
  })

  const calls = openLines(log)
  const gateway: Gateway = {
    log,
    calls,
    now,
    denials,
    tokens: openTokens(),
    proofs: openProofs(),
    strangers,
    shedding,
    limits,
    frequency,
    claims,
    cache,
    upstreams,
    spool,
    decisions,
    seeing,
    signer,
    claimsKeys: openClaimsKeys(files.claimsKeys.publicKeys, () => now().epochMilliseconds),
    sign: {
      bank: callerSigner(readRandomKey(files.callerKey('bank'))),
      vault: callerSigner(readRandomKey(files.callerKey('vault'))),
    },
    pseudonym: (prefix, partnerId, value) => pairwise(releaseKey, prefix, partnerId, value),
    fields,
    sightings: openSightings(),
    tableWith: snapshots.tableWith,
    unheardMs: () => hearing.unheardMs(),
    knowsRevocations: () => hearing.knowsRevocations(),
  }
  const sweeping = setInterval(() => {
    const atMs = now().epochMilliseconds
    denials.sweep(atMs)
    gateway.tokens.sweep(atMs)
    Promise.all([claims.purge(), limits.sweep(), frequency.sweep()]).catch((cause: unknown) =>
      log.warn({ cause }, 'what is old stays until the next sweep'),
    )
  }, SWEEP_MS)

  await heard(gateway)
  const timed = seeing.timed(steps)
  const doors = await openDoors({
    world,
    health,
    serve: (arrival) => serve(gateway, snapshots.table(), arrival, timed),
    refused: (code) => seeing.refused(code),
    registered: (certificate) => snapshots.table()?.certificates.get(certificate) !== undefined,
    draining: () => draining,
  })
  cut = (certificate) => doors.cut(certificate)
  tellReasons(health, {
    holdsSnapshot: () => snapshots.table() !== undefined,
    draining: () => draining,
    spool: () => spool.state(),
    limits: () => limits.state(),
    shedding: () => shedding.state(),
    upstreams: () => upstreams.state(),
    unheardMs: () => gateway.unheardMs(),
    behind: () => publication.offered() - publication.epoch(),
    natsAway: () => nats !== undefined && nats.connection() === undefined,
  })
  telemetry.metrics.add(
    ...cacheFamilies(cache),
    ...natsFamilies(nats),
    ...familiesOf({
      seeing,
      upstreams,
      shedding,
      strangers,
      connections: () => doors.connections(),
      limits: () => limits.state(),
      held: () => limits.held(),
      spool: () => spool.state(),
      health: () => health.document(),
      unheardMs: () => gateway.unheardMs(),
      snapshot: () => {
        const { epoch = 0, sha256 = '', compiledAtMs } = snapshots.table() ?? {}
        const ageMs = compiledAtMs === undefined ? 0 : now().epochMilliseconds - compiledAtMs
        return { epoch, sha256, offered: publication.offered(), ageSeconds: ageMs / 1000 }
      },
    }),
  )
  const readiness = await openReadiness(files.socket('gateway'), telemetry.metrics, () => ({
    ...health.document(),
    epoch: snapshots.table()?.epoch ?? 0,
    snapshotSha256: snapshots.table()?.sha256 ?? null,
    unheardMs: Math.round(gateway.unheardMs()),
  }))
  log.info(
    { gateway: addresses.gateway, mtls: addresses.gatewayMtls, epoch: publication.epoch() },
    'the gateway listens',
  )

  return {
    stop: async () => {
      draining = true
      await doors.close()
      shedding.stop()
      calls.close()
      clearInterval(sweeping)
      await Promise.all([readiness.stop(), telemetry.stop()])
      await kept.stop()
      await publication.stop()
      await reader.close()
      await cellRevocations.stop()
      await Promise.race([Promise.all([limits.close(), frequency.close()]), sleep(LAST_LEASES_MS)])
      await spool.close()
      await shipping.stop(LAST_SHIPMENT_MS)
      await Promise.race([Promise.all([fields.stop(), seeing.stop()]), sleep(LAST_SHIPMENT_MS)])
      await Promise.all([sender.close(), nats?.close(), upstreams.close()])
      await Promise.all([db.close(), leases.close()])
    },
  }
}

/** A gateway that starts while control or its database is away serves all the same, but for what is of high risk. */
const HEAR_PATIENCE_MS = 3_000
const HEAR_LOOK_MS = 20

/** Until both streams of revocations were read once: the doors do not open upon a deny-set that is empty by accident. */
const heard = async (gateway: Pick<Gateway, 'knowsRevocations' | 'log'>): Promise<void> => {
  const untilMs = performance.now() + HEAR_PATIENCE_MS
  while (!gateway.knowsRevocations()) {
    if (performance.now() > untilMs) {
      gateway.log.warn('it starts without having heard what was revoked: high-risk calls wait')
      return
    }
    await sleep(HEAR_LOOK_MS)
  }
}

/** Publication takes well under a second from its commit. */
const WAIT_MS = 4_000
const WAITING_MAX = 256

/** The table of now, swapped whole; and a short wait for one that knows more, for few at a time. */
const holdSnapshots = () => {
  let table: Table | undefined
  let next = Promise.withResolvers<void>()
  let waiting = 0
  return {
    table: () => table,
    swap: (newer: Table) => {
      table = newer
      next.resolve()
      next = Promise.withResolvers()
    },
    tableWith: async (applicationId: string): Promise<Table | undefined> => {
      const untilMs = performance.now() + WAIT_MS
      if (waiting >= WAITING_MAX) return table
      waiting++
      try {
        while (!table?.applications.has(applicationId) && performance.now() < untilMs)
          await Promise.race([next.promise, sleep(untilMs - performance.now())])
        return table
      } finally {
        waiting--
      }
    },
  }
}

/** Health and figures on a socket of its own, never where partners are (G75): `ready` and `live` by status, `health` in words. */
const openReadiness = async (
  path: string,
  metrics: Metrics,
  state: () => { ready: boolean },
): Promise<Running> => {
  await claimSocket(path)
  const server = createServer((request, response) => {
    if (request.url === '/internal/metrics') return answerScrape(metrics, request, response)
    const now = state()
    const status = statusOf(request.url, now.ready)
    if (status === undefined) return void response.writeHead(404).end()
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(now))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  return {
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const statusOf = (path: string | undefined, ready: boolean): number | undefined => {
  if (path === '/internal/ready') return ready ? 200 : 503
  return path === '/internal/live' || path === '/internal/health' ? 200 : undefined
}
