/** What an answer means, and how it is kept: deliveries, their log, the endpoints' health and what is told of it. */
import { work } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'
import type { Said } from './attempt.ts'
import * as deliveries from './delivery-store.ts'
import { failed, type Health, healthy } from './endpoint.ts'
import * as endpoints from './endpoint-store.ts'
import { nextAttemptAt, type Schedule, type Verdict, verdictOn } from './retry.ts'

export interface Settled {
  readonly delivery: deliveries.Due
  readonly endpoint: endpoints.Endpoint
  readonly said: Said
  /** When the attempt began. */
  readonly at: Temporal.Instant
  readonly verdict: Verdict
  /** Undefined: there is no further attempt. */
  readonly nextAt: Temporal.Instant | undefined
  readonly health: Health
  readonly tells: boolean
  readonly givenUp: boolean
}

/** Pure: `endpoint` is as it is known when the answer comes. */
export const outcomeOf = (
  heard: {
    delivery: deliveries.Due
    endpoint: endpoints.Endpoint
    said: Said
    at: Temporal.Instant
    now: Temporal.Instant
    chance: number
  },
  schedule: Schedule,
): Settled => {
  const { delivery, endpoint, said, at, now, chance } = heard
  const verdict = verdictOn(said, now)
  const about = { delivery, endpoint, said, at, verdict }
  if (verdict.means === 'delivered')
    return { ...about, nextAt: undefined, health: healthy, tells: false, givenUp: false }
  if (verdict.means === 'gone')
    // What it refused is owed to it still, should it come back.
    return { ...about, nextAt: now, health: healthOf(endpoint), tells: false, givenUp: false }
  const { health, tells, givenUp } = failed(healthOf(endpoint), now, verdict)
  const nextAt = nextAttemptAt(schedule, delivery.attempts + 1, {
    now,
    waitSeconds: verdict.waitSeconds,
    chance,
  })
  return { ...about, nextAt, health, tells, givenUp }
}

export const healthOf = ({ failures, openings, openUntil, failingSince }: Health): Health => ({
  failures,
  openings,
  openUntil,
  failingSince,
})

const same = (a: Temporal.Instant | null, b: Temporal.Instant | null) =>
  a === b || (a !== null && b !== null && a.equals(b))
const isSame = (a: Health, b: Health) =>
  a.failures === b.failures &&
  a.openings === b.openings &&
  same(a.openUntil, b.openUntil) &&
  same(a.failingSince, b.failingSince)

/** Keeps a batch under the sender's term; nothing of it where another has begun since. */
export const keepOutcomes = async (
  { db, now }: { db: Postgres; now: () => Temporal.Instant },
  term: bigint,
  batch: readonly Settled[],
): Promise<void> => {
  await work(db, 'system', now(), async (w) => {
    if (!(await endpoints.holdTerm(w, term))) return
    if (batch.some(({ delivery }) => delivery.lane !== null)) await deliveries.lockLanes(w)
    await deliveries.settle(w, batch.map(rowOf))
    // The last one of each endpoint knows what became of it.
    for (const [id, ofOne] of Map.groupBy(batch, ({ endpoint }) => endpoint.id)) {
      const [first] = ofOne
      const last = ofOne.at(-1)
      if (first && last && !isSame(healthOf(first.endpoint), last.health))
        await endpoints.saveHealth(w, id, last.health)
    }
    for (const settled of batch) {
      const { endpoint } = settled
      const { id: endpointId, partnerId, applicationId } = endpoint
      const notice = { endpointId, partnerId, at: w.now }
      if (settled.tells) {
        await endpoints.insertNotice(w, { ...notice, kind: 'failing' })
        await w.record('webhooks.endpoint-failing', endpointId, { partnerId, applicationId })
      }
      const reason = settled.verdict.means === 'gone' ? 'gone' : settled.givenUp ? 'failing' : null
      if (reason !== null && (await endpoints.disable(w, endpointId, reason))) {
        await endpoints.insertNotice(w, { ...notice, kind: 'disabled' })
        await w.record('webhooks.endpoint-disabled', endpointId, {
          partnerId,
          applicationId,
          reason,
        })
      }
    }
    const verified = batch.flatMap(({ endpoint, said }) =>
      said.verifiedWith === null ? [] : [{ endpointId: endpoint.id, keyId: said.verifiedWith }],
    )
    if (verified.length > 0) await endpoints.markVerified(w, verified, w.now)
  })
}

const rowOf = ({ delivery, said, at, verdict, nextAt }: Settled): deliveries.Outcome => ({
  deliveryId: delivery.deliveryId,
  endpointId: delivery.endpointId,
  lane: delivery.lane,
  status: verdict.means === 'delivered' ? 'delivered' : nextAt === undefined ? 'dead' : 'due',
  attempts: delivery.attempts + 1,
  dueAt: nextAt ?? at,
  replay: delivery.replay,
  at,
  ms: said.ms,
  answerStatus: said.status,
  failure: said.failure,
  address: said.address,
  tls: said.tls,
  answer: said.answer,
})
