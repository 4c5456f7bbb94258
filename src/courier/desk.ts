/** Answers what control asks for people: each question is one command or query, of one partner's endpoints. */
import { z } from 'zod'
import { type Actor, type Work, work } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'
import type { Client } from '#platform/rpc.ts'
import { catalogue, factsOf } from './catalogue.ts'
import { consentLines } from './consent-lines.ts'
import * as deliveries from './delivery-store.ts'
import type { deskContract, EndpointView } from './desk-contract.ts'
import { certifyReceiver } from './certifying.ts'
import { EndpointId, endpointNotActive, endpointNotFound } from './endpoint.ts'
import {
  challenge,
  changeEndpoint,
  createEndpoint,
  disableEndpoint,
  type EndpointRules,
  removeEndpoint,
  rotateKey,
  takeIntoUse,
} from './endpoints.ts'
import * as store from './endpoint-store.ts'
import type { Endpoint } from './endpoint-store.ts'
import { payloadFor } from './event-versions.ts'
import type { Outside } from './outside.ts'
import { keyState, type SigningKey } from './signing-key.ts'
import * as events from './store.ts'

interface DeskWorld {
  readonly db: Postgres
  readonly outside: Outside
  readonly rules: EndpointRules
  readonly now: () => Temporal.Instant
  /** Something is due, or an endpoint changed: the sender looks. */
  readonly changed: () => void
}

const By = z.templateLiteral([z.enum(['person', 'staff']), ':', z.string()])

export const openDesk = (world: DeskWorld): Client<typeof deskContract> => {
  const { db, rules, now } = world
  const as = async <T>(by: string, body: (w: Work) => Promise<T>): Promise<T> => {
    const actor: Actor = By.parse(by)
    const done = await work(db, actor, now(), body)
    world.changed()
    return done
  }
  const held = async (id: string, partnerId: string | null): Promise<Endpoint> => {
    const endpoint = await store.find(db, id, partnerId)
    if (!endpoint) throw endpointNotFound(`${id} is none of this organisation’s endpoints`)
    return endpoint
  }
  const keysOf = async (endpointId: string) =>
    (await store.keysOf(db, endpointId)).map((key) => keyView(key, now()))

  return {
    endpoints: async ({ partnerId }) => ({
      data: (await store.listOf(db, partnerId)).map(endpointView),
    }),
    standings: async ({ partnerId }) => ({ data: await store.standings(db, partnerId) }),
    create: async ({ partnerId, applicationId, by, wish }) => {
      const made = await as(by, (w) =>
        createEndpoint(w, rules, { ...wish, partnerId, applicationId }),
      )
      return { endpoint: endpointView(made.endpoint), keys: made.keys }
    },
    change: async ({ partnerId, endpointId, by, wish }) => {
      const made = await as(by, (w) =>
        changeEndpoint(w, rules, { id: endpointId, partnerId, wish }),
      )
      return { endpoint: endpointView(made.endpoint), keys: made.keys }
    },
    prove: async ({ partnerId, endpointId, by }) => {
      const endpoint = await held(endpointId, partnerId)
      const keys = await store.signingKeys(db, [endpointId], now())
      await challenge(world.outside, endpoint, keys, { sealingKey: rules.sealingKey, at: now() })
      return { endpoint: endpointView(await as(by, (w) => takeIntoUse(w, endpoint))) }
    },
    certify: async ({ partnerId, endpointId }) => {
      const endpoint = await held(endpointId, partnerId)
      if (endpoint.status !== 'active')
        throw endpointNotActive(`the endpoint is ${endpoint.status}`)
      const keys = await store.signingKeys(db, [endpointId], now())
      const { sealingKey } = rules
      const data = await certifyReceiver(world.outside, endpoint, keys, { sealingKey, at: now() })
      return { applicationId: endpoint.applicationId, data }
    },
    disable: async ({ partnerId, endpointId, by }) => ({
      endpoint: endpointView(await as(by, (w) => disableEndpoint(w, endpointId, partnerId))),
    }),
    remove: async ({ partnerId, endpointId, by }) => {
      await as(by, (w) => removeEndpoint(w, endpointId, partnerId))
      return {}
    },
    keys: async ({ partnerId, endpointId }) => {
      await held(endpointId, partnerId)
      return { data: await keysOf(endpointId) }
    },
    publicKeys: async ({ endpointId }) => {
      await held(endpointId, null)
      return { data: (await keysOf(endpointId)).filter((key) => key.public !== null) }
    },
    rotate: async ({ partnerId, endpointId, by, ...asked }) => ({
      key: await as(by, (w) => rotateKey(w, rules, { id: endpointId, partnerId, ...asked })),
    }),
    deliveries: async ({ partnerId, endpointId, before, status, limit }) => {
      await held(endpointId, partnerId)
      const page = await deliveries.list(db, endpointId, {
        before: before === null ? null : BigInt(before),
        status,
        limit,
      })
      const last = page.length === limit ? page.at(-1) : undefined
      return {
        data: page.map((d) => ({ ...d, id: d.id.toString(), sequence: Number(d.sequence) })),
        next: last ? last.id.toString() : null,
      }
    },
    attempts: async ({ partnerId, endpointId, deliveryId }) => {
      await held(endpointId, partnerId)
      return { data: await deliveries.attempts(db, endpointId, BigInt(deliveryId)) }
    },
    replay: async ({ partnerId, endpointId, by, replay: what }) => {
      await held(endpointId, partnerId)
      const count = await as(by, async (w) => {
        await deliveries.lockLanes(w)
        const meant = what.what === 'one' ? { ...what, deliveryId: BigInt(what.deliveryId) } : what
        const again = await deliveries.replay(w, endpointId, meant, w.now)
        const missed =
          what.what === 'range' ? await deliveries.oweMissed(w, endpointId, what, w.now) : 0
        await w.record('webhooks.replayed', endpointId, { partnerId, deliveries: again + missed })
        return again + missed
      })
      return { deliveries: count }
    },
    skip: async ({ partnerId, endpointId, by, deliveryId }) => {
      await held(endpointId, partnerId)
      await as(by, async (w) => {
        await deliveries.lockLanes(w)
        if (!(await deliveries.skip(w, endpointId, BigInt(deliveryId), w.now)))
          throw endpointNotFound('no such delivery is still to be made')
        await w.record('webhooks.delivery-skipped', endpointId, { partnerId, deliveryId })
      })
      return {}
    },
    feed: async ({ partnerId, applicationId, after, limit, types, version = null }) => {
      const place = BigInt(after ?? '0')
      const page = await events.feed(db, {
        partnerId,
        applicationId,
        after: place,
        limit,
        types: types.length === 0 ? ['*'] : types,
      })
      return {
        data: page.map((event) => ({ id: event.id, ...payloadFor(event, version) })),
        next: (page.at(-1)?.place ?? place).toString(),
      }
    },
    consents: consentLines(db),
    tell: async ({ upTo, events: told, standings }) => {
      const reached = await db.transaction(async (tx) => {
        const { controlSeq: before } = await events.lockCursor(tx)
        const last = BigInt(upTo)
        if (last <= before) return before
        await deliveries.lockLanes(tx)
        const fresh = told.filter(({ seq, type }) => BigInt(seq) > before && catalogue.has(type))
        const ids = await events.add(
          tx,
          fresh.map(({ data, applicationId, ...event }) => ({
            ...event,
            seq: BigInt(event.seq),
            source: 'control',
            applicationId: applicationId ?? undefined,
            facts: factsOf(event.type, data),
          })),
        )
        await deliveries.owe(tx, ids, now())
        for (const { name, stopped } of standings)
          await (stopped ? store.stop(tx, name) : store.letGoOn(tx, name))
        await events.moveControlCursor(tx, last)
        return last
      })
      world.changed()
      return { upTo: reached.toString() }
    },
    notices: async ({ after }) => ({
      data: (await store.noticesAfter(db, BigInt(after))).map((n) => ({
        ...n,
        id: n.id.toString(),
      })),
    }),
  }
}

const endpointView = (endpoint: Endpoint): EndpointView => ({
  ...endpoint,
  id: EndpointId.parse(endpoint.id),
})

const keyView = (key: SigningKey, now: Temporal.Instant) => ({
  id: key.id,
  scheme: key.scheme,
  public: key.public,
  state: keyState(key, now),
  madeAt: key.madeAt,
  endsAt: key.endsAt,
  verifiedAt: key.verifiedAt,
})
