/** Carries written transfers to the core and their outcomes back: at once, and again until the outcome is known. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Problem } from '#kernel/problem.ts'
import { work } from '#journal/index.ts'
import { coreClosed, type TransferOutcome } from '../cores/core.ts'
import type { BankWorld } from '../world.ts'
import { keepOutcome, keepWaiting } from './outcome.ts'
import { isTooOldToSend, notSent, orderOf, type Transfer } from './transfer.ts'
import * as transfers from './transfer-store.ts'

type CarrierWorld = Pick<BankWorld, 'db' | 'coreFor' | 'now' | 'whose' | 'log'>

export interface Carrier {
  /**
   * Sends what was written and keeps the outcomes, with what follows from them. Resolves when every one of them has an
   * outcome or has to wait for it, at the latest after `patienceMs`; what is not done by then goes on by itself.
   */
  carry(references: readonly string[], patienceMs?: number): Promise<void>
  /** Asks after every open transfer whose time has come; answers how many there were. */
  lookAfter(): Promise<number>
  /** Waits for what is on its way. */
  stop(): Promise<void>
}

const PATIENCE_MS = 6_000
const BATCH = 20

export const openCarrier = (world: CarrierWorld): Carrier => {
  const { db, now, whose, log } = world
  const underWay = new Set<Promise<void>>()

  const track = (run: Promise<void>): Promise<void> => {
    const tracked = run
      .catch((error: unknown) => {
        log.error({ err: error }, 'a transfer could not be carried; it stays open')
      })
      .finally(() => underWay.delete(tracked))
    underWay.add(tracked)
    return tracked
  }

  /** One transfer and whatever follows from its outcome. */
  const follow = async (transfer: Transfer, ask: Ask): Promise<void> => {
    const answer = await answerOf(() => ask(world, transfer))
    if (answer.status === 'waiting') {
      await work(db, 'system', now(), (w) =>
        keepWaiting(w, transfer.reference, answer.opensInSeconds),
      )
      return
    }
    const next = await work(db, 'system', now(), (w) => keepOutcome(w, transfer.reference, answer))
    await Promise.all(next.map((reference) => carryOne(reference)))
  }
  const carryOne = async (reference: string): Promise<void> =>
    follow(await transfers.find(db, reference), send)

  return {
    carry: async (references, patienceMs = PATIENCE_MS) => {
      const all = Promise.all(references.map((reference) => track(carryOne(reference))))
      const patience = new AbortController()
      await Promise.race([
        all.finally(() => patience.abort()),
        sleep(patienceMs, undefined, { signal: patience.signal }).catch(() => undefined),
      ])
    },
    lookAfter: async () => {
      const due = await transfers.takeDue(db, { now: now(), whose }, BATCH)
      await Promise.all(due.map((transfer) => track(follow(transfer, askAfter))))
      return due.length
    },
    stop: async () => {
      while (underWay.size > 0) await Promise.all(underWay)
    },
  }
}

type Ask = (world: CarrierWorld, transfer: Transfer) => Promise<TransferOutcome>

const send: Ask = ({ coreFor }, transfer) => coreFor(transfer.partnerId).transfer(orderOf(transfer))

/** Nothing is sent before the core was asked whether it has it already. */
const askAfter: Ask = async (world, transfer) => {
  const outcome = await world.coreFor(transfer.partnerId).transferByReference(transfer.reference)
  if (outcome.status !== 'unknown') return outcome
  // The core took it once and does not know it now: that is for people to look at, not for us to send again.
  if (transfer.status === 'accepted') return outcome
  return isTooOldToSend(transfer, world.now()) ? notSent : send(world, transfer)
}

type Answer =
  | Exclude<TransferOutcome, { status: 'unknown' }>
  | { readonly status: 'waiting'; readonly opensInSeconds: number }

/** A core that does not say what became of an order leaves it open; anything else that goes wrong is a bug. */
const answerOf = async (ask: () => Promise<TransferOutcome>): Promise<Answer> => {
  try {
    const outcome = await ask()
    return outcome.status === 'unknown' ? { status: 'waiting', opensInSeconds: 0 } : outcome
  } catch (error) {
    if (!(error instanceof Problem) || !error.code.startsWith('core/')) throw error
    const seconds = Number(error.particulars.headers?.['Retry-After'] ?? 0)
    const closed = error.code === coreClosed.code && Number.isFinite(seconds)
    return { status: 'waiting', opensInSeconds: closed ? seconds : 0 }
  }
}
