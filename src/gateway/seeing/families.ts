/** Every figure of the gateway by the name that dashboards and alerts know it by; read when somebody scrapes (G72, G74). */
import type { Family, Sample } from '#platform/telemetry.ts'
import type { Connections } from '../edge/connections.ts'
import type { HealthDocument } from './health.ts'
import type { Held } from '../limits/leases.ts'
import type { LimitsState } from '../limits/limits.ts'
import type { Shedding } from '../edge/shedding.ts'
import type { SpoolState } from '../records/spool.ts'
import type { Strangers } from '../callers/strangers.ts'
import type { Upstreams } from '../upstream/upstream.ts'
import { answeredFamilies, callFamilies, partnerFamilies, truth } from './call-families.ts'
import type { Seeing } from './index.ts'

/** What is looked at; each answers without waiting. */
export interface Watched {
  readonly seeing: Seeing
  readonly upstreams: Pick<Upstreams, 'state'>
  readonly shedding: Pick<Shedding, 'state'>
  readonly strangers: Pick<Strangers, 'state'>
  readonly connections: () => ReturnType<Connections['state']>
  readonly limits: () => LimitsState
  readonly held: () => ReadonlyMap<string, Held>
  readonly spool: () => SpoolState
  readonly health: () => HealthDocument
  readonly unheardMs: () => number
  readonly snapshot: () => {
    readonly epoch: number
    readonly offered: number
    readonly sha256: string
    readonly ageSeconds: number
  }
}

const plain = (
  type: 'counter' | 'gauge',
  name: string,
  help: string,
  read: () => number,
): Family => ({ type, name, help, read })

export const familiesOf = (watched: Watched): Family[] => [
  ...callFamilies(watched.seeing),
  ...answeredFamilies(watched.seeing),
  ...partnerFamilies(watched.seeing),
  ...limitFamilies(watched),
  ...upstreamFamilies(watched),
  ...snapshotFamilies(watched),
  ...spoolFamilies(watched),
  ...edgeFamilies(watched),
]

const limitFamilies = ({ limits, held, seeing }: Watched): Family[] => [
  {
    type: 'counter',
    name: 'portico_limit_admitted_total',
    help: 'Calls that a limit admitted, by its name in the contracts',
    labels: ['limit'],
    read: () => [...seeing.tally.admitted].map(([limit, { calls }]) => [{ limit }, calls]),
  },
  {
    type: 'gauge',
    name: 'portico_limit_keys',
    help: 'Partners, applications, customers … that a limit is counted for here now',
    labels: ['limit'],
    read: () => [...held()].map(([limit, { keys }]) => [{ limit }, keys]),
  },
  {
    type: 'gauge',
    name: 'portico_limit_leased_permits',
    help: 'Permits that this gateway holds on lease and has not spent',
    labels: ['limit'],
    read: () => [...held()].map(([limit, { leased }]) => [{ limit }, leased]),
  },
  {
    type: 'gauge',
    name: 'portico_limit_in_flight',
    help: 'Calls under way that count against a limit of calls at once',
    labels: ['limit'],
    read: () => [...held()].map(([limit, { inFlight }]) => [{ limit }, inFlight]),
  },
  plain('gauge', 'portico_limits_partners', 'Partners with live limits', () => limits().partners),
  plain('gauge', 'portico_limits_keys', 'Live keys of all limits', () => limits().keys),
  plain('gauge', 'portico_limits_waiting', 'Calls that wait for a lease', () => limits().waiting),
  plain('gauge', 'portico_limits_rates_away', 'Whether rates cannot be leased now', () =>
    truth(limits().ratesAway),
  ),
  plain('gauge', 'portico_limits_quotas_away', 'Whether quotas cannot be leased now', () =>
    truth(limits().windowsAway),
  ),
  plain(
    'counter',
    'portico_limits_refusals_unrecorded_total',
    'Refusals of partners far above their limits that were answered and not written down',
    () => limits().refusalsUnrecorded,
  ),
]

const breakers = ['closed', 'half-open', 'open'] as const

const upstreamFamilies = ({ upstreams }: Watched): Family[] => {
  const each = (
    name: string,
    help: string,
    value: (lane: ReturnType<Upstreams['state']>[number]) => number,
  ): Family => ({
    type: 'gauge',
    name,
    help,
    labels: ['upstream', 'product'],
    read: () =>
      upstreams
        .state()
        .map((lane) => [{ upstream: lane.upstream, product: lane.product }, value(lane)]),
  })
  return [
    each('portico_upstream_limit', 'Calls at once that it takes well now', (l) => l.limit),
    each('portico_upstream_ceiling', 'Calls at once that it may be given', (l) => l.ceiling),
    each('portico_upstream_in_flight', 'Calls that it works on', (l) => l.underWay),
    each('portico_upstream_quiet', 'Whether the bank’s day leaves less room now', (l) =>
      truth(l.quietUntilMs !== null),
    ),
    {
      type: 'gauge',
      name: 'portico_upstream_waiting',
      help: 'Calls that wait for their turn, by class; class 0 is served first',
      labels: ['upstream', 'product', 'class'],
      read: () =>
        upstreams
          .state()
          .flatMap(({ upstream, product, waiting }) =>
            waiting.map((n, i): Sample<number> => [{ upstream, product, class: String(i) }, n]),
          ),
    },
    {
      type: 'gauge',
      name: 'portico_upstream_breaker',
      help: '1 for the state that its circuit breaker is in',
      labels: ['upstream', 'product', 'state'],
      read: () =>
        upstreams
          .state()
          .flatMap(({ upstream, product, breaker }) =>
            breakers.map((state): Sample<number> => [
              { upstream, product, state },
              truth(state === breaker),
            ]),
          ),
    },
  ]
}

const snapshotFamilies = ({ snapshot, unheardMs, health }: Watched): Family[] => [
  plain(
    'gauge',
    'portico_snapshot_epoch',
    'Epoch that calls are decided by',
    () => snapshot().epoch,
  ),
  plain(
    'gauge',
    'portico_snapshot_lag_epochs',
    'Epochs that control has announced above the one that is held',
    () => Math.max(0, snapshot().offered - snapshot().epoch),
  ),
  plain(
    'gauge',
    'portico_snapshot_age_seconds',
    'Time since the snapshot was compiled',
    () => snapshot().ageSeconds,
  ),
  {
    type: 'gauge',
    name: 'portico_snapshot_info',
    help: 'Begin of the digest of the snapshot that is held: gateways of one epoch agree',
    labels: ['digest'],
    read: () => [[{ digest: snapshot().sha256.slice(0, 12) }, 1]],
  },
  plain(
    'gauge',
    'portico_revocations_unheard_seconds',
    'Time since both streams of revocations were heard: the older of the two',
    () => unheardMs() / 1000,
  ),
  plain('gauge', 'portico_ready', 'Whether a balancer should send calls here', () =>
    truth(health().ready),
  ),
  {
    type: 'gauge',
    name: 'portico_health_reasons',
    help: 'What is wrong now, by code',
    labels: ['reason'],
    read: () =>
      [...new Set(health().reasons.map(({ code }) => code))].map((r) => [{ reason: r }, 1]),
  },
]

const spoolFamilies = ({ spool }: Watched): Family[] => [
  plain(
    'gauge',
    'portico_spool_bytes',
    'Records that control has not taken yet',
    () => spool().bytes,
  ),
  plain(
    'gauge',
    'portico_spool_bytes_limit',
    'From here on calls are refused',
    () => spool().bytesMax,
  ),
  plain(
    'gauge',
    'portico_spool_unsynced_records',
    'Records that wait for the disk',
    () => spool().unsynced,
  ),
  {
    type: 'histogram',
    name: 'portico_spool_sync_seconds',
    help: 'Time that the disk took to make records durable',
    read: () => [[{}, spool().syncs]],
  },
]

const edgeFamilies = ({ connections, shedding, strangers }: Watched): Family[] => [
  plain(
    'gauge',
    'portico_connections',
    'Connections that are open',
    () => connections().connections,
  ),
  plain(
    'gauge',
    'portico_connection_addresses',
    'Addresses that are known now',
    () => connections().addresses,
  ),
  plain('gauge', 'portico_handshakes', 'TLS handshakes under way', () => connections().handshakes),
  plain(
    'gauge',
    'portico_handshakes_waiting',
    'Connections that wait for their handshake',
    () => connections().waiting,
  ),
  plain(
    'gauge',
    'portico_verifications',
    'Tokens and proofs being verified',
    () => strangers.state().verifying,
  ),
  plain('gauge', 'portico_calls_in_flight', 'Calls under way', () => shedding.state().inFlight),
  plain(
    'gauge',
    'portico_shedding_level',
    'Classes of calls that are refused, the lowest first',
    () => shedding.state().level,
  ),
  plain(
    'gauge',
    'portico_loop_delay_seconds',
    'p99 of how late the event loop was just now',
    () => shedding.state().delayMs / 1000,
  ),
  plain(
    'gauge',
    'portico_loop_utilisation',
    'Part of the last moment in which it was busy',
    () => shedding.state().utilisation,
  ),
]
