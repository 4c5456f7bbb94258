/** What goes between control and the couriers without anybody asking: events told, notices heard, letters sent. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type Entry, readEntries, work } from '#journal/index.ts'
import { type Cell, cells } from '#kernel/cell.ts'
import type { Postgres } from '#platform/db.ts'
import type { Log } from '#platform/log.ts'
import type { Mail } from '#platform/mail.ts'
import type { Running } from '#platform/process.ts'
import type { Client } from '#platform/rpc.ts'
import { deskContract, toldByControl } from '#courier/desk-contract.ts'
import { findPerson, PersonId } from '#control/partners/index.ts'
import { announce } from './announce.ts'
import * as store from './store.ts'

/** The couriers of both cells, as far as they can be asked now. */
export interface Couriers {
  of(cell: Cell): Client<typeof deskContract>
  hears(cell: Cell): boolean
}

interface Telling {
  readonly db: Postgres
  readonly couriers: Couriers
  readonly mail: Mail
  readonly now: () => Temporal.Instant
  readonly log: Log
}

const ROUND_MS = 1_000
const BATCH = 500
const LETTER_WAITS_MINUTES = [1, 5, 30, 120, 720]

export const startTelling = (world: Telling): Running => {
  let stopped = false
  const told = new Map<Cell, bigint>()
  const run = async () => {
    while (!stopped) {
      for (const cell of cells)
        if (world.couriers.hears(cell))
          try {
            told.set(cell, await tellEvents(world, cell, told.get(cell)))
            await hearNotices(world, cell)
          } catch (cause) {
            if (!stopped) world.log.warn({ cause, cell }, 'the courier was not told; it will be')
          }
      try {
        while ((await sendLetters(world)) > 0);
      } catch (cause) {
        if (!stopped) world.log.warn({ cause }, 'letters wait for the next round')
      }
      await Promise.race([sleep(ROUND_MS), stopping.promise])
    }
  }
  const stopping = Promise.withResolvers<void>()
  const running = run()
  return {
    stop: async () => {
      stopped = true
      stopping.resolve()
      await running
    },
  }
}

const About = z.object({ partnerId: z.string().optional(), applicationId: z.string().optional() })

/** The event that a line of control's journal is; undefined for a line that is no partner's. */
const eventOf = (entry: Entry) => {
  const about = About.safeParse(entry.data)
  if (!toldByControl.has(entry.event) || !about.success) return undefined
  const partnerId =
    about.data.partnerId ?? (entry.subject.startsWith('partner_') ? entry.subject : undefined)
  if (partnerId === undefined) return undefined
  return {
    id: `event_${createHash('sha256').update(entry.hash).digest('hex').slice(0, 32)}`,
    seq: entry.seq.toString(),
    type: entry.event,
    subject: entry.subject,
    partnerId,
    applicationId:
      about.data.applicationId ?? (entry.subject.startsWith('application_') ? entry.subject : null),
    happenedAt: Temporal.Instant.from(entry.at),
    data: entry.data,
  }
}

/** Lines after which nothing is sent to their subject any more, or again. */
const standingAfter: Readonly<Record<string, boolean>> = {
  'partners.suspended': true,
  'partners.reinstated': false,
  'partners.application-revoked': true,
}

/**
 * Tells a courier what it has not heard, in order; answers how far it is. The courier keeps the place with the events, so
 * whatever is told twice counts once, and what was never told is behind its place.
 */
export const tellEvents = async (
  { db, couriers }: Pick<Telling, 'db' | 'couriers'>,
  cell: Cell,
  known?: bigint,
): Promise<bigint> => {
  const courier = couriers.of(cell)
  // Nothing is told with place 0: the answer says where the courier is.
  let place = known ?? BigInt((await courier.tell({ upTo: '0', events: [], standings: [] })).upTo)
  for (;;) {
    const entries = await readEntries(db, place, BATCH)
    const last = entries.at(-1)
    if (!last) return place
    const events = entries.flatMap((entry) => eventOf(entry) ?? [])
    const standings = entries.flatMap(({ event, subject }) => {
      const stopped = standingAfter[event]
      return stopped === undefined ? [] : [{ name: subject, stopped }]
    })
    place = BigInt((await courier.tell({ upTo: last.seq.toString(), events, standings })).upTo)
  }
}

const said = {
  failing: (url: string) => ({
    title: 'A webhook endpoint does not answer',
    body: `${url} failed several times in a row. Events wait for it and are sent again; nothing is lost. Look at its deliveries in the portal. If it fails for five days it is disabled.`,
  }),
  disabled: (url: string) => ({
    title: 'A webhook endpoint was disabled',
    body: `${url} answered 410 or failed for five days, and nothing is sent there any more. When it works again, let it answer a challenge in the portal, and replay what it missed.`,
  }),
} as const

/** What a courier has to say to people becomes a notice, once: the place moves in the same transaction. */
export const hearNotices = async (
  { db, couriers, now }: Pick<Telling, 'db' | 'couriers' | 'now'>,
  cell: Cell,
): Promise<void> =>
  work(db, 'system', now(), async (w) => {
    const after = await store.lockHeard(w, cell)
    const { data } = await couriers.of(cell).notices({ after: after.toString() })
    for (const notice of data)
      await announce(w, {
        partnerId: notice.partnerId,
        kind: `endpoint-${notice.kind}`,
        subject: notice.endpointId,
        key: `${cell} ${notice.id}`,
        ...said[notice.kind](notice.url),
        happensAt: null,
        acknowledge: false,
      })
    const last = data.at(-1)
    if (last) await store.moveHeard(w, cell, BigInt(last.id))
  })

/** Sends letters that wait; answers how many it looked at. One that the server does not take waits longer each time. */
export const sendLetters = async ({
  db,
  mail,
  now,
  log,
}: Pick<Telling, 'db' | 'mail' | 'now' | 'log'>): Promise<number> =>
  db.transaction(async (tx) => {
    const at = now()
    const letters = await store.lockWaiting(tx, at)
    for (const letter of letters) {
      const person = await findPerson(tx, PersonId.parse(letter.personId))
      // Who has left meanwhile is told nothing.
      if (person?.status === 'active')
        try {
          await mail.send({ to: person.email, subject: letter.title, text: letter.body }, at)
        } catch (cause) {
          const minutes = LETTER_WAITS_MINUTES[letter.tries] ?? 1_440
          log.warn({ cause, notice: letter.noticeId }, 'a letter was not taken; it is sent again')
          await store.postpone(tx, letter, at.add({ minutes }))
          continue
        }
      await store.markSent(tx, letter, at)
    }
    return letters.length
  })
