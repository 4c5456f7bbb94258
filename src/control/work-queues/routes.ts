import { z } from 'zod'
import { Instant } from '#kernel/time.ts'
import { asWork, type ControlContext, type Server, staffOf } from '#control/http/context.ts'
import { listPartners } from '#control/partners/index.ts'
import { listStaff, StaffId } from '#control/staff/index.ts'
import type { Couriers } from '#control/webhooks/index.ts'
import {
  type AskedBanks,
  claimItem,
  countWork,
  findFact,
  handOver,
  isFor,
  type Item,
  ItemId,
  itemOf,
  listWork,
  mayDo,
  openDesk,
  Queue,
  QueueCount,
  snoozeItem,
  WorkKind,
} from './index.ts'

const tags = ['work-queues']

export const ItemView = z.object({
  id: ItemId,
  kind: WorkKind,
  subject: z.string(),
  queues: z.array(Queue),
  partnerId: z.string().nullable(),
  organisation: z.string().nullable(),
  about: z.string(),
  since: Instant,
  dueAt: Instant,
  late: z.boolean(),
  doneAt: z.string().nullable().describe('The thing whose page it is done on, where not its own'),
  owner: StaffId.nullable(),
  ownerName: z.string().nullable(),
  snoozedUntil: Instant.nullable(),
  reason: z.string().nullable().describe('Why it was put aside or handed over'),
  mine: z.boolean().describe('Whether it waits for one of your teams'),
  may: z.boolean().describe('Whether you may be the one who does it'),
})
export type ItemView = z.output<typeof ItemView>

const CountView = QueueCount.extend({ oldestSince: Instant.nullable() })
const Reason = z.string().trim().min(3).max(1_000)
const One = z.object({ item: ItemId })
/** Everybody but who only audits. */
const workers = { roles: ['head-of-platform' as const, ...Queue.options] }

export const consoleRoutes =
  (couriers: Couriers, banks: AskedBanks) =>
  (server: Server, context: ControlContext): void => {
    const { db, world } = context
    const desk = openDesk()
    const facts = () => ({
      db,
      couriers,
      banks,
      now: world.now(),
      zone: world.settings.PORTICO_BANK_ZONE,
    })
    /** Items as this person reads them. */
    const viewer = async (request: Parameters<typeof staffOf>[0]) => {
      const { staffId, roles } = staffOf(request)
      const person = { id: staffId, roles }
      const partners = new Map(
        (await listPartners(db)).map((p): [string, string] => [p.id, p.organisation]),
      )
      const staff = new Map((await listStaff(db)).map((s): [string, string] => [s.id, s.name]))
      return ({ barred, ...item }: Item): ItemView => ({
        ...item,
        id: itemOf(item),
        queues: [...item.queues],
        organisation: (item.partnerId && partners.get(item.partnerId)) ?? null,
        ownerName: (item.owner && staff.get(item.owner)) ?? null,
        mine: isFor(item, person),
        may: mayDo({ ...item, barred }, person),
      })
    }

    server.get(
      '/api/work-queues',
      {
        schema: {
          tags,
          operationId: 'listWork',
          summary: 'What waits for the bank’s people, the soonest due first, with counts by team',
          querystring: z.object({
            queue: Queue.optional(),
            owner: z.enum(['me', 'nobody']).optional(),
            snoozed: z.stringbool().default(false).describe('What was put aside, and nothing else'),
          }),
          response: {
            200: z.object({
              data: z.array(ItemView),
              queues: z.array(CountView),
              unasked: z
                .array(z.enum(['sandbox', 'production']))
                .describe(
                  'Cells whose courier or bank could not be asked: what they know is missing',
                ),
              next: z.null(),
            }),
          },
        },
      },
      async (request) => {
        const { queue, owner, snoozed } = request.query
        const { staffId } = staffOf(request)
        const items = await listWork(desk, facts())
        const view = await viewer(request)
        const shown = items.filter(
          (item) =>
            (item.snoozedUntil !== null) === snoozed &&
            (!queue || item.queues.includes(queue)) &&
            (!owner || (owner === 'me' ? item.owner === staffId : item.owner === null)),
        )
        return {
          data: shown.slice(0, 1_000).map(view),
          queues: countWork(items),
          unasked: (['sandbox', 'production'] as const).filter(
            (cell) => !couriers.hears(cell) || !banks.hears(cell),
          ),
          next: null,
        }
      },
    )

    server.post(
      '/api/work-queues/items/:item/claim',
      {
        config: workers,
        schema: {
          tags,
          operationId: 'claimWork',
          summary: 'Take an item for yourself',
          params: One,
          response: { 200: z.object({ item: ItemView }) },
        },
      },
      async (request) => {
        const found = await findFact(desk, facts(), request.params.item)
        const item = await asWork(context, request, (work) => claimItem(work, found))
        return { item: (await viewer(request))(item) }
      },
    )

    server.post(
      '/api/work-queues/items/:item/handover',
      {
        config: workers,
        schema: {
          tags,
          operationId: 'handOverWork',
          summary: 'Give an item of yours to another person of its teams, or back to the queue',
          params: One,
          body: z.strictObject({ to: StaffId.nullable(), reason: Reason }),
          response: { 200: z.object({ item: ItemView }) },
        },
      },
      async (request) => {
        const found = await findFact(desk, facts(), request.params.item)
        const item = await asWork(context, request, (work) => handOver(work, found, request.body))
        return { item: (await viewer(request))(item) }
      },
    )

    server.post(
      '/api/work-queues/items/:item/snooze',
      {
        config: workers,
        schema: {
          tags,
          operationId: 'snoozeWork',
          summary: 'Put an item aside for at most fourteen days; it comes back when it is due',
          params: One,
          body: z.strictObject({ until: Instant, reason: Reason }),
          response: { 200: z.object({ item: ItemView }) },
        },
      },
      async (request) => {
        const found = await findFact(desk, facts(), request.params.item)
        const item = await asWork(context, request, (work) => snoozeItem(work, found, request.body))
        return { item: (await viewer(request))(item) }
      },
    )
  }
