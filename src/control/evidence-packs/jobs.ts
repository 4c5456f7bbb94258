/** Packs are made one after another, apart from whoever asked for them: they are left, and found again. */
import { type Work, work } from '#journal/index.ts'
import { Problem } from '#kernel/problem.ts'
import { isBefore } from '#kernel/time.ts'
import type { Postgres } from '#platform/db.ts'
import type { Job } from '#platform/jobs.ts'
import type { Log } from '#platform/log.ts'
import { findPartner, partnerNotFound } from '#control/partners/index.ts'
import { makePack, type Making, recordPack } from './making.ts'
import { sha256Of } from './manifest.ts'
import {
  checkPeriod,
  keptSince,
  OPEN_MAX,
  type OrderedPack,
  PackId,
  packSteps,
  packsWaiting,
  pausedUntil,
  TRIES_MAX,
} from './ordered.ts'
import * as store from './store.ts'

export const PACKS_JOB = 'evidence-packs'

/** Asks for a pack. It is made soon, by whichever process does the scheduled work. */
export const orderPack = async (
  work: Work,
  asked: Pick<OrderedPack, 'partnerId' | 'from' | 'to' | 'reader' | 'askedBy'>,
): Promise<OrderedPack> => {
  checkPeriod(asked, work.now)
  if (!(await findPartner(work, asked.partnerId)))
    throw partnerNotFound('there is no partner with this id')
  if ((await store.countOpen(work, asked)) >= OPEN_MAX)
    throw packsWaiting(`${OPEN_MAX} are waiting or being made`, {
      hint: 'Ask again when one of them is made.',
    })
  const pack: OrderedPack = {
    ...asked,
    id: PackId.next(),
    askedAt: work.now,
    state: 'waiting',
    stepsDone: 0,
    tries: 0,
    endedAt: null,
    bytes: null,
    sha256: null,
    fault: null,
  }
  await store.insert(work, pack)
  const { id, partnerId, from, to } = pack
  await work.record('evidence-packs.asked', partnerId, {
    id,
    from: from.toString(),
    to: to.toString(),
  })
  return pack
}

interface Maker {
  readonly now: () => Temporal.Instant
  readonly log: Log
  readonly bank: { readonly name: string; readonly zone: string }
  /** What every pack is made with, asked for when one is. */
  readonly making: () => Promise<Omit<Making, 'now' | 'progress'>>
}

/** A run ends before the queue of jobs would take it for dead; the next one goes on. */
const RUN_MINUTES = 30
/** Far more often than a hold ends. */
const RENEW_MS = 60_000

/** Makes what waits, for a while; partners take turns. Answers how many were made. */
export const makeWaiting = async (db: Postgres, maker: Maker): Promise<number> => {
  const end = maker.now().add({ minutes: RUN_MINUTES })
  let made = 0
  while (isBefore(maker.now(), end)) {
    const pack = await store.takeNext(db, maker.now())
    if (!pack) break
    if (await makeOne(db, maker, pack)) made++
  }
  await store.forgetArchives(db, keptSince(maker.now()))
  return made
}

const makeOne = async (db: Postgres, maker: Maker, pack: OrderedPack): Promise<boolean> => {
  const { id, askedBy } = pack
  if (pack.tries > TRIES_MAX) {
    await store.saveFailed(db, pack, 'evidence-packs/given-up', maker.now())
    return false
  }
  const renewing = setInterval(() => {
    store.hold(db, pack, maker.now()).catch((cause: unknown) => {
      maker.log.warn({ cause, pack: id }, 'a pack that is being made could not be held')
    })
  }, RENEW_MS)
  try {
    const asked = { ...pack, bank: maker.bank }
    const archive = await makePack(db, asked, {
      ...(await maker.making()),
      now: maker.now(),
      progress: (step) => store.saveStep(db, pack, packSteps.indexOf(step) + 1),
    })
    const endedAt = maker.now()
    return await work(db, askedBy, endedAt, async (w) => {
      const isOurs = await store.saveMade(w, pack, { archive, sha256: sha256Of(archive), endedAt })
      if (isOurs) await recordPack(w, asked, archive)
      return isOurs
    })
  } catch (cause) {
    await failed(db, maker, pack, cause)
    return false
  } finally {
    clearInterval(renewing)
  }
}

/** What is wrong with the question stays wrong. Anything else may be well in a while, and those behind do not wait for it. */
const failed = async (db: Postgres, { now, log }: Maker, pack: OrderedPack, cause: unknown) => {
  const isLast = cause instanceof Problem || pack.tries >= TRIES_MAX
  log.error({ cause, pack: pack.id, isLast }, 'an evidence pack could not be made')
  const fault = cause instanceof Problem ? cause.code : 'evidence-packs/failed'
  await (isLast
    ? store.saveFailed(db, pack, fault, now())
    : store.savePaused(db, pack, pausedUntil(now(), pack)))
}

/** Every minute, and at once when somebody asks. */
export const packsJob = (db: Postgres, maker: Maker): Job => ({
  name: PACKS_JOB,
  cron: '* * * * *',
  zone: 'UTC',
  run: async () => {
    const made = await makeWaiting(db, maker)
    if (made > 0) maker.log.info({ made }, 'evidence packs were made')
  },
})
