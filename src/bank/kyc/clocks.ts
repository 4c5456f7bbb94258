/**
 * What time does to verifications: they are looked at when they were submitted, again while people at the bank look at
 * them by hand, they end when nobody completes them, and they are erased when the law lets them go.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Problem } from '#kernel/problem.ts'
import { isBefore } from '#kernel/time.ts'
import { type Work, work } from '#journal/index.ts'
import type { Running } from '#platform/process.ts'
import type { Examination } from '../cores/identity.ts'
import type { BankWorld } from '../world.ts'
import { eraseNow } from './erasure.ts'
import * as store from './store.ts'
import { examine } from './subject.ts'
import {
  expiresAt,
  isOver,
  moved,
  type Status,
  stillOpen,
  type Verification,
} from './verification.ts'

export type Clocks = Pick<BankWorld, 'db' | 'coreFor' | 'keys' | 'now' | 'whose' | 'log'>

const EVERY_MS = 1_000
const BATCH = 20

/** Does what is due now; answers how many verifications that was. Several processes may: each is taken by one. */
export const lookAfter = async (bank: Clocks): Promise<number> => {
  const due = await store.takeDue(bank.db, { now: bank.now(), whose: bank.whose }, BATCH)
  for (const id of due) {
    try {
      await lookAt(bank, id)
    } catch (error) {
      // It is taken up again in a minute.
      bank.log.error({ err: error, verificationId: id }, 'a verification could not be looked at')
    }
  }
  return due.length
}

const lookAt = async (bank: Clocks, id: string): Promise<void> => {
  const seen = await work(bank.db, 'system', bank.now(), (w) => store.lock(w, id))
  if (!seen) return
  const found = isUnderCheck(seen) ? await examinationOf(bank, seen) : undefined
  await work(bank.db, 'system', bank.now(), async (w) => {
    const before = await store.lock(w, id)
    if (before) await follow(w, before, found)
  })
}

const isUnderCheck = ({ status }: Verification) =>
  status === 'processing' || status === 'manual_review'

/** A core that is away is asked again; what is under check stays so meanwhile. */
const examinationOf = async (bank: Clocks, v: Verification): Promise<Examination | undefined> => {
  try {
    return await examine(bank, v, 'examination')
  } catch (error) {
    if (error instanceof Problem && error.code.startsWith('core/')) return undefined
    throw error
  }
}

/** What follows from the time and from what the registers said. */
const follow = async (
  w: Work,
  before: Verification,
  found: Examination | undefined,
): Promise<void> => {
  if (isOver(before.status)) {
    if (before.erasedAt === null && before.eraseAt && !isBefore(w.now, before.eraseAt))
      await eraseNow(w, before)
    return
  }
  const status = nextOf(before, found, w.now)
  await store.save(w, status ? moved(before, status, w.now) : stillOpen(before, w.now))
  const { id, partnerId, applicationId } = before
  const about = { partnerId, applicationId }
  if (status === 'verified') await w.record('kyc.verification-verified', id, about)
  if (status === 'rejected') await w.record('kyc.verification-rejected', id, about)
  if (status === 'expired') await w.record('kyc.verification-expired', id, about)
  if (status === 'manual_review') await w.record('kyc.manual-review-begun', id, about)
}

const nextOf = (
  before: Verification,
  found: Examination | undefined,
  now: Temporal.Instant,
): Status | undefined => {
  const late = !isBefore(now, expiresAt(before))
  if (!isUnderCheck(before)) return late ? 'expired' : undefined
  switch (found?.identity) {
    case 'confirmed':
      // Whoever may be on a list is looked at by people, and the partner is not told why.
      return found.screening === 'clear' ? 'verified' : lookByHand(before, late)
    case 'contradicted':
      return 'rejected'
    case 'unclear':
      return lookByHand(before, late)
    case undefined:
      return before.status === 'manual_review' && late ? 'expired' : undefined
  }
}

const lookByHand = ({ status }: Verification, late: boolean): Status | undefined => {
  if (status === 'processing') return 'manual_review'
  return late ? 'expired' : undefined
}

/** Looks once more, now, at a verification of the partner’s; undefined where there is none. */
export const lookAnew = async (
  bank: Clocks,
  { partnerId, id }: { partnerId: string; id: string },
): Promise<Verification | undefined> => {
  if (!(await store.find(bank.db, partnerId, id))) return undefined
  await lookAt(bank, id)
  return store.find(bank.db, partnerId, id)
}

/** Keeps the clocks for as long as the bank runs. */
export const keepClocks = (bank: Clocks): Running => {
  const stopping = new AbortController()
  const run = async () => {
    while (!stopping.signal.aborted) {
      try {
        await lookAfter(bank)
      } catch (error) {
        bank.log.error({ err: error }, 'the clocks of verifications could not be looked at')
      }
      await sleep(EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }
  const running = run()
  return {
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}
