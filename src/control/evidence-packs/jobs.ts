/** Packs are made one after another, apart from whoever asked for them: they are left, and found again. */
import { type Work, work } from '#journal/index.ts'
import { Problem } from '#kernel/problem.ts'
import type { Postgres } from '#platform/db.ts'
import type { Job } from '#platform/jobs.ts'
import type { Log } from '#platform/log.ts'
import { findPartner, partnerNotFound } from '#control/partners/index.ts'
import { makePack, type Making, recordPack } from './making.ts'
import { sha256Of } from './manifest.ts'
import {
  checkPeriod,
  keptSince,
  type OrderedPack,
  PackId,
  packSteps,
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

/** Makes what waits, the oldest first; answers how many were made. */
export const makeWaiting = async (db: Postgres, maker: Maker): Promise<number> => {
  let made = 0
  for (;;) {
    const pack = await store.takeNext(db)
    if (!pack) break
    if (await makeOne(db, maker, pack)) made++
  }
  await store.forgetArchives(db, keptSince(maker.now()))
  return made
}

const makeOne = async (db: Postgres, maker: Maker, pack: OrderedPack): Promise<boolean> => {
  const { id, askedBy } = pack
  if (pack.tries > TRIES_MAX) {
    await store.saveFailed(db, id, 'evidence-packs/given-up', maker.now())
    return false
  }
  try {
    const asked = { ...pack, bank: maker.bank }
    const archive = await makePack(db, asked, {
      ...(await maker.making()),
      now: maker.now(),
      progress: (step) => store.saveStep(db, id, packSteps.indexOf(step) + 1),
    })
    const endedAt = maker.now()
    await work(db, askedBy, endedAt, async (w) => {
      await store.saveMade(w, { id, sha256: sha256Of(archive), endedAt }, archive)
      await recordPack(w, asked, archive)
    })
    return true
  } catch (cause) {
    // Whoever asked reads that it failed; the ones behind it do not wait for it.
    maker.log.error({ cause, pack: id }, 'an evidence pack could not be made')
    const fault = cause instanceof Problem ? cause.code : 'evidence-packs/failed'
    await store.saveFailed(db, id, fault, maker.now())
    return false
  }
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
