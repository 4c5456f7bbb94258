/** Figures of calls, of answers that failed to come, and of the partners that call most. */
import type { Family, Histogram, Sample } from '#platform/telemetry.ts'
import type { Seeing } from './index.ts'

/** Partners that have a line of their own; all others share one. */
const PARTNERS_MAX = 20

export const truth = (is: boolean): number => (is ? 1 : 0)

export const callFamilies = ({ tally, traces }: Seeing): Family[] => [
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
    help: 'Answers that were not let out, by what was found: card-number, secret, undeclared, caller-unproven',
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

export const answeredFamilies = ({ tally }: Seeing): Family[] => {
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

export const partnerFamilies = ({ live }: Seeing): Family[] => [
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
