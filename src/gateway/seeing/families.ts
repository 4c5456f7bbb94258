/** Every figure of the gateway by the name that dashboards and alerts know it by; read when somebody scrapes (G72, G74). */
import type { Family, Histogram, Sample } from '#platform/telemetry.ts'
import type { Connections } from '../connections.ts'
import type { HealthDocument } from '../health.ts'
import type { Held } from '../limits/leases.ts'
import type { LimitsState } from '../limits/limits.ts'
import type { Shedding } from '../shedding.ts'
import type { SpoolState } from '../spool.ts'
import type { Strangers } from '../strangers.ts'
import type { Upstreams } from '../upstream.ts'
import type { Seeing } from './index.ts'

/** Partners that have a line of their own; all others share one. */
const PARTNERS_MAX = 20

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

const truth = (is: boolean): number => (is ? 1 : 0)

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

const callFamilies = ({ tally, traces }: Seeing): Family[] => [
  {
    type: 'counter',
    name: 'portico_calls_total',
    help: 'Calls of known operations, by how they ended; reason is the code of a refusal',
    labels: ['product', 'operation', 'status', 'reason'],
    read: () =>
      [...tally.operations.values()].flatMap(({ product, operation, outcomes }) =>
        [...outcomes].flatMap(([reason, byStatus]) =>
          [...byStatus].map(([status, { calls }]): Sample<number> => [
            { product, operation, status: String(status), reason },
            calls,
          ]),
        ),
      ),
  },
  {
    type: 'histogram',
    name: 'portico_gateway_seconds',
    help: 'Time of a call that was the gateway’s own, with its wait for a turn at the bank',
    labels: ['product', 'operation'],
    read: () =>
      [...tally.operations.values()].map(({ product, operation, gateway }): Sample<Histogram> => [
        { product, operation },
        gateway,
      ]),
  },
  {
    type: 'histogram',
    name: 'portico_upstream_seconds',
    help: 'Time of a call in which the bank or the vault was asked',
    labels: ['product', 'operation'],
    read: () =>
      [...tally.operations.values()].map(({ product, operation, upstream }): Sample<Histogram> => [
        { product, operation },
        upstream,
      ]),
  },
  {
    type: 'counter',
    name: 'portico_refused_requests_total',
    help: 'Requests that were no call of any operation, by code: refused by the edge, or unknown',
    labels: ['reason'],
    read: () => [...tally.unrouted].map(([reason, { calls }]) => [{ reason }, calls]),
  },
  {
    type: 'counter',
    name: 'portico_withheld_answers_total',
    help: 'Answers that were not let out, by what was found: card-number, secret, undeclared',
    labels: ['finding'],
    read: () => Object.entries(tally.withheld).map(([finding, n]) => [{ finding }, n]),
  },
  {
    type: 'counter',
    name: 'portico_traces_total',
    help: 'Traces that were given to the exporter, or left out because there were too many',
    labels: ['outcome'],
    read: () => Object.entries(traces?.state() ?? {}).map(([outcome, n]) => [{ outcome }, n]),
  },
]

const answeredFamilies = ({ tally }: Seeing): Family[] => {
  const each = (
    name: string,
    help: string,
    type: 'counter' | 'gauge',
    value: (state: ReturnType<ReturnType<typeof statesOf>[number][1]['state']>) => number,
  ): Family => ({
    type,
    name,
    help,
    labels: ['product'],
    read: () => {
      const nowMs = performance.now()
      return statesOf(tally).map(([product, one]) => [{ product }, value(one.state(nowMs))])
    },
  })
  return [
    each(
      'portico_availability_requests_total',
      'Requests that availability is computed from (RTS Art. 32(4))',
      'counter',
      ({ requests }) => requests,
    ),
    each(
      'portico_availability_unanswered_total',
      'Of these, the ones that the gateway had no answer for',
      'counter',
      ({ missed }) => missed,
    ),
    each(
      'portico_unanswered_run',
      'Unanswered requests one after the other, now',
      'gauge',
      ({ run }) => run,
    ),
    each(
      'portico_unanswered_run_longest',
      'The longest such run since the start (RTS Art. 33)',
      'gauge',
      ({ longest }) => longest,
    ),
    each(
      'portico_presumed_down',
      'Whether five requests within 30 seconds went unanswered and none was answered since',
      'gauge',
      ({ down }) => truth(down),
    ),
    each(
      'portico_presumed_down_seconds_total',
      'Seconds for which that was so',
      'counter',
      ({ downSeconds }) => downSeconds,
    ),
  ]
}
const statesOf = (tally: Seeing['tally']) => [...tally.products]

const partnerFamilies = ({ live }: Seeing): Family[] => [
  {
    type: 'gauge',
    name: 'portico_partner_calls_per_second',
    help: `Calls a second in the last ten, of the ${PARTNERS_MAX} busiest partners; the rest is “other”`,
    labels: ['partner'],
    read: () => partnerLines(live.busiest()),
  },
]

/** However many there are: a line each for the busiest, and one for all others. */
export const partnerLines = (
  all: readonly { partnerId: string; perSecond: number }[],
): Sample<number>[] => [
  ...all
    .slice(0, PARTNERS_MAX)
    .map(({ partnerId, perSecond }): Sample<number> => [{ partner: partnerId }, perSecond]),
  [
    { partner: 'other' },
    all.slice(PARTNERS_MAX).reduce((sum, { perSecond }) => sum + perSecond, 0),
  ],
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
