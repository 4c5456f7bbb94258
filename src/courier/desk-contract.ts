/** What control asks of a cell's courier, for the people of partners and of the bank, along the line that it opened. */
import { z } from 'zod'
import { Instant, PlainDate } from '#kernel/time.ts'
import { endpoint } from '#platform/rpc.ts'
import { EndpointId, EndpointStatus, Scheme, Subscription } from './endpoint.ts'

export { EndpointId, Scheme, Subscription } from './endpoint.ts'

const whose = { partnerId: z.string().max(80) }
const one = { ...whose, endpointId: EndpointId }
export const Place = z
  .string()
  .regex(/^\d{1,18}$/)
  .describe('A place in a list')

export const Wish = z.strictObject({
  url: z.string().max(2_000),
  types: z.array(Subscription).min(1).max(100).describe('`payments.settled`, `payments.*` or `*`'),
  ordered: z.boolean().describe('Whether the events of one subject arrive one after another'),
  schemes: z.array(Scheme).min(1).max(2).describe('What events are signed with'),
  version: PlainDate.nullable().describe(
    'The version that events are written in; null: the newest that there is now, and it stays so',
  ),
})

export const EndpointView = z.object({
  id: EndpointId,
  applicationId: z.string(),
  ...Wish.shape,
  types: z.array(z.string()),
  status: EndpointStatus,
  disabledFor: z.string().nullable().describe('`gone`, `failing` or `partner`'),
  startsAt: Instant.describe('Nothing is sent before: an address that was changed waits'),
  failures: z.int().describe('In a row'),
  openUntil: Instant.nullable().describe('Until then nothing is sent'),
  failingSince: Instant.nullable(),
  createdAt: Instant,
})
export type EndpointView = z.output<typeof EndpointView>

/** How an endpoint stands, for those who look after all partners. */
export const StandingView = z.object({
  endpointId: z.string(),
  partnerId: z.string(),
  url: z.string(),
  status: z.enum(['active', 'disabled']),
  failingSince: Instant.nullable(),
  dead: z.int().describe('Deliveries that were given up and neither sent again nor skipped'),
  deadSince: Instant.nullable().describe('When the oldest of them was given up'),
})
export type StandingView = z.output<typeof StandingView>

export const ShownKey = z.object({
  id: z.string(),
  scheme: Scheme,
  key: z.string().describe('`whpk_…`, or for v1 the secret `whsec_…`, shown this once'),
})

export const KeyView = z.object({
  id: z.string(),
  scheme: Scheme,
  public: z.string().nullable(),
  state: z.enum(['current', 'retiring', 'gone']),
  madeAt: Instant,
  endsAt: Instant.nullable(),
  verifiedAt: Instant.nullable().describe('When the receiver last said that it verified with it'),
})

export const TriedView = z.object({
  trial: z
    .enum(['genuine', 'foreign-key', 'altered', 'stale'])
    .describe('What was sent: ours; signed by another key; ours and changed; ours and an hour old'),
  status: z.int().nullable(),
  failure: z.string().nullable().describe('Why no answer came, one word'),
  right: z.boolean().describe('2xx to what is ours, 4xx to what is not'),
})

export const DeliveryView = z.object({
  id: z.string(),
  eventId: z.string(),
  type: z.string(),
  subject: z.string(),
  sequence: z.int(),
  status: z.enum(['due', 'waiting', 'delivered', 'dead', 'skipped']),
  dueAt: Instant,
  attempts: z.int(),
  replay: z.boolean(),
  happenedAt: Instant,
  settledAt: Instant.nullable(),
})

export const AttemptView = z.object({
  number: z.int(),
  replay: z.boolean(),
  at: Instant,
  ms: z.int(),
  status: z.int().nullable(),
  failure: z.string().nullable().describe('Why no answer came, one word'),
  address: z.string().nullable(),
  tls: z.string().nullable(),
  answer: z.string().nullable().describe('Its first 4 kB'),
})

export const Replay = z.discriminatedUnion('what', [
  z.strictObject({ what: z.literal('one'), deliveryId: Place }),
  z.strictObject({ what: z.literal('range'), from: Instant, to: Instant }),
  z.strictObject({ what: z.literal('failed'), since: Instant }),
])

export const EventView = z.object({
  id: z.string(),
  type: z.string(),
  timestamp: z.string(),
  data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
})

/** A page of what happened, as webhooks would have told it. */
export const FeedAsk = z.strictObject({
  ...whose,
  applicationId: z.string().max(80).nullable(),
  after: Place.nullable(),
  limit: z.int().min(1).max(500),
  types: z.array(Subscription).max(100),
  /** The version that they are written in; the newest without it. */
  version: PlainDate.optional(),
})
export const Feed = z.object({
  data: z.array(EventView),
  /** Where the next page begins; never null: what has not happened yet comes after it. */
  next: Place,
})

/** What became of a consent, as the cell's journal has it: no person, no account. */
export const ConsentLine = z.object({
  seq: Place,
  at: z.string(),
  consentId: z.string(),
  move: z.string().describe('`authorised`, `revoked`, …'),
  by: z.string().describe('Who did it, as a kind: customer, application, staff, system'),
  channel: z.string(),
  applicationId: z.string(),
  type: z.string(),
})
export type ConsentLine = z.output<typeof ConsentLine>

/** Lines of control's journal that become events. */
export const toldByControl: ReadonlySet<string> = new Set([
  'billing.issued',
  'billing.collection-told',
  'budgets.threshold-reached',
  'contracts.activated',
  'contracts.ended',
  'contracts.frozen',
  'licences.granted',
  'licences.suspended',
  'licences.downgraded',
  'licences.evidence-expiring',
  'licences.recertification-opened',
  'licences.recertification-due',
  'licences.recertification-lapsed',
  'licences.recertified',
  'licences.recertification-revoked',
  'partners.application-activated',
  'partners.application-revoked',
  'announcements.published',
])

const By = z
  .string()
  .regex(/^(person|staff):[a-z]+_[0-9a-f]{32}$/)
  .describe('Who decides it')

export const deskContract = {
  endpoints: endpoint(
    '/internal/webhooks/endpoints',
    z.strictObject(whose),
    z.object({ data: z.array(EndpointView) }),
  ),
  /** Endpoints of all partners that are, or were, sent to. */
  standings: endpoint(
    '/internal/webhooks/standings',
    z.strictObject({ partnerId: z.string().max(80).nullable() }),
    z.object({ data: z.array(StandingView) }),
  ),
  create: endpoint(
    '/internal/webhooks/create',
    z.strictObject({ ...whose, applicationId: z.string().max(80), by: By, wish: Wish }),
    z.object({ endpoint: EndpointView, keys: z.array(ShownKey) }),
  ),
  change: endpoint(
    '/internal/webhooks/change',
    z.strictObject({ ...one, by: By, wish: Wish }),
    z.object({ endpoint: EndpointView, keys: z.array(ShownKey) }),
  ),
  /** Asks it to prove that it is the partner's, and takes it into use. */
  prove: endpoint(
    '/internal/webhooks/prove',
    z.strictObject({ ...one, by: By }),
    z.object({ endpoint: EndpointView }),
  ),
  /** Sends it what is ours and what is not, and tells what it took. */
  certify: endpoint(
    '/internal/webhooks/certify',
    z.strictObject(one),
    z.object({ applicationId: z.string(), data: z.array(TriedView) }),
  ),
  disable: endpoint(
    '/internal/webhooks/disable',
    z.strictObject({ ...one, by: By }),
    z.object({ endpoint: EndpointView }),
  ),
  remove: endpoint('/internal/webhooks/remove', z.strictObject({ ...one, by: By }), z.object({})),
  keys: endpoint(
    '/internal/webhooks/keys',
    z.strictObject(one),
    z.object({ data: z.array(KeyView) }),
  ),
  /** Anybody may ask for these, as long as they know the endpoint. */
  publicKeys: endpoint(
    '/internal/webhooks/public-keys',
    z.strictObject({ endpointId: EndpointId }),
    z.object({ data: z.array(KeyView) }),
  ),
  rotate: endpoint(
    '/internal/webhooks/rotate',
    z.strictObject({
      ...one,
      by: By,
      scheme: Scheme,
      overlapHours: z.int().min(1).max(168),
      compromised: z.boolean(),
    }),
    z.object({ key: ShownKey }),
  ),
  deliveries: endpoint(
    '/internal/webhooks/deliveries',
    z.strictObject({
      ...one,
      before: Place.nullable(),
      status: DeliveryView.shape.status.nullable(),
      limit: z.int().min(1).max(200),
    }),
    z.object({ data: z.array(DeliveryView), next: Place.nullable() }),
  ),
  attempts: endpoint(
    '/internal/webhooks/attempts',
    z.strictObject({ ...one, deliveryId: Place }),
    z.object({ data: z.array(AttemptView) }),
  ),
  replay: endpoint(
    '/internal/webhooks/replay',
    z.strictObject({ ...one, by: By, replay: Replay }),
    z.object({ deliveries: z.int() }),
  ),
  skip: endpoint(
    '/internal/webhooks/skip',
    z.strictObject({ ...one, by: By, deliveryId: Place }),
    z.object({}),
  ),
  feed: endpoint('/internal/webhooks/feed', FeedAsk, Feed),
  /** What happened in control, in the order of its journal; answers up to where it is kept. Once told, it is told once. */
  /** What became of a partner's consents in a time, the latest first, before a place. */
  consents: endpoint(
    '/internal/consents/lines',
    z.strictObject({
      ...whose,
      from: Instant,
      to: Instant,
      before: Place,
      limit: z.int().min(1).max(500),
    }),
    z.object({ data: z.array(ConsentLine) }),
  ),
  tell: endpoint(
    '/internal/webhooks/tell',
    z.strictObject({
      /** The last place that this batch covers. */
      upTo: Place,
      events: z.array(
        z.strictObject({
          id: z.string().regex(/^event_[0-9a-f]{32}$/),
          seq: Place,
          type: z.string().max(80),
          subject: z.string().max(200),
          ...whose,
          applicationId: z.string().max(80).nullable(),
          happenedAt: Instant,
          data: z.record(z.string(), z.unknown()),
        }),
      ),
      /** Partners and applications that are sent nothing any more, or again; the last word on each counts. */
      standings: z.array(z.strictObject({ name: z.string().max(80), stopped: z.boolean() })),
    }),
    z.object({ upTo: Place }),
  ),
  /** What people have to be told about endpoints, after a place. */
  notices: endpoint(
    '/internal/webhooks/notices',
    z.strictObject({ after: Place }),
    z.object({
      data: z.array(
        z.object({
          id: Place,
          endpointId: z.string(),
          url: z.string(),
          partnerId: z.string(),
          kind: z.enum(['failing', 'disabled']),
          at: Instant,
        }),
      ),
    }),
  ),
}
