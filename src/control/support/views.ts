/** What people of partners and of the bank read of the support desk. */
import { z } from 'zod'
import { Instant } from '#kernel/time.ts'
import type { Db } from '#platform/db.ts'
import { findPartner, findPerson, maskedName, PersonId } from '#control/partners/index.ts'
import { findStaff, StaffId } from '#control/staff/index.ts'
import { answerBy, isOverdue, keptOf, Message, Request } from './request.ts'
import * as store from './store.ts'

export const RequestView = Request.omit({
  partnerId: true,
  openedBy: true,
  firstAnsweredBy: true,
  releasedAt: true,
  contractId: true,
}).extend({
  openedAt: Instant,
  dueAt: Instant.nullable().describe('The last instant at which a first answer keeps the promise'),
  waitsSince: Instant,
  firstAnsweredAt: Instant.nullable(),
  closedAt: Instant.nullable(),
  overdue: z.boolean().describe('The promised first answer is missing although its time is over'),
  kept: z
    .enum(['kept', 'missed', 'open'])
    .nullable()
    .describe('How the promise ended, or `open`; null: nothing is promised'),
})
export type RequestView = z.output<typeof RequestView>

export const DeskView = RequestView.extend({
  partnerId: z.string(),
  organisation: z.string(),
  answerBy: Instant.describe(
    'By when the bank is to speak next: by the contract, or by its own wish',
  ),
})
export type DeskView = z.output<typeof DeskView>

export const MessageView = Message.omit({ by: true }).extend({
  at: Instant,
  name: z.string().nullable().describe('Who wrote it; null where that is not yours to know'),
})

export const requestView = (request: Request, now: Temporal.Instant): RequestView => ({
  ...request,
  overdue: isOverdue(request, now),
  kept: keptOf(request, now),
})

export const deskView = (
  request: Request,
  now: Temporal.Instant,
  organisation: string,
): DeskView => ({
  ...requestView(request, now),
  partnerId: request.partnerId,
  organisation,
  answerBy: answerBy(request),
})

export const organisationOf = async (db: Db, { partnerId }: Request): Promise<string> =>
  (await findPartner(db, partnerId))?.organisation ?? ''

const personNamed = async (db: Db, actor: string): Promise<string | null> => {
  const id = PersonId.safeParse(actor.replace(/^person:/, ''))
  return id.success ? ((await findPerson(db, id.data))?.name ?? null) : null
}
const staffNamed = async (db: Db, actor: string): Promise<string | null> => {
  const id = StaffId.safeParse(actor.replace(/^staff:/, ''))
  return id.success ? ((await findStaff(db, id.data))?.name ?? null) : null
}

/**
 * The conversation as one side reads it. A partner knows its own people, and the bank as the bank; staff who have said no
 * purpose read a partner's people masked.
 */
export const conversation = async (
  db: Db,
  { id }: Pick<Request, 'id'>,
  reader: 'partner' | 'bank',
): Promise<z.output<typeof MessageView>[]> => {
  const names = new Map<string, string | null>()
  const views = []
  for (const { by, ...message } of await store.messages(db, id)) {
    if (!names.has(by))
      names.set(by, await (message.side === 'bank' ? staffNamed(db, by) : personNamed(db, by)))
    const name = names.get(by) ?? null
    views.push({
      ...message,
      name:
        message.side === reader
          ? name
          : reader === 'bank' && name !== null
            ? maskedName(name)
            : null,
    })
  }
  return views
}
