/**
 * How an order is sent once. An answer that was lost is found out by inquiry. Only when the core does not know
 * the reference is the order sent a second time, and that is safe because the core takes a reference once: if
 * the first sending arrives late after all, one of the two is refused as a duplicate, and the inquiry tells.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { Problem } from '#kernel/problem.ts'
import { type TransferOutcome, coreClosed, coreRefused, coreUnclear } from '../core.ts'

/** What one sending came to. Whatever was surely not taken is thrown instead. */
export type Sent =
  | TransferOutcome
  /** The core has this reference already, from this order or from an earlier sending of it. */
  | { readonly status: 'duplicate' }
  /** It may have been taken, or may still be. */
  | { readonly status: 'lost'; readonly cause: unknown }

export interface Sender {
  readonly send: () => Promise<Sent>
  /** `different`: the reference stands for another order. */
  readonly inquire: () => Promise<TransferOutcome | { readonly status: 'different' }>
  /** Milliseconds between inquiries that failed; after the last one it stays unclear. */
  readonly pausesMs: readonly number[]
}

export const sendOnce = async ({ send, inquire, pausesMs }: Sender): Promise<TransferOutcome> => {
  const first = await send()
  if (first.status !== 'lost' && first.status !== 'duplicate') return first

  const found = await inquired(inquire, pausesMs)
  if (found.status !== 'unknown') return found
  // A core that refused the reference as used, and then does not know it, cannot be reasoned with.
  if (first.status === 'duplicate')
    throw unclear(new Error('refused as a duplicate, and unknown to inquiry'))

  const second = await sentAgain(send)
  if (second.status !== 'lost' && second.status !== 'duplicate') return second
  const outcome = await inquired(inquire, pausesMs)
  if (outcome.status !== 'unknown') return outcome
  throw unclear(second.status === 'lost' ? second.cause : undefined)
}

/** The first sending is still in doubt, so even a second one that surely failed leaves the order unclear. */
const sentAgain = async (send: Sender['send']): Promise<Sent> => {
  try {
    return await send()
  } catch (cause) {
    throw unclear(cause)
  }
}

const inquired = async (
  inquire: Sender['inquire'],
  pausesMs: readonly number[],
): Promise<TransferOutcome> => {
  const found = await inquiredPatiently(inquire, pausesMs)
  if (found.status === 'different') throw coreRefused('This reference stands for another order')
  return found
}

const inquiredPatiently = async (
  inquire: Sender['inquire'],
  [pauseMs, ...later]: readonly number[],
): ReturnType<Sender['inquire']> => {
  try {
    return await inquire()
  } catch (cause) {
    const mayPass = cause instanceof Problem && cause.code !== coreClosed.code
    if (pauseMs === undefined || !mayPass) throw unclear(cause)
    await pause(pauseMs)
    return inquiredPatiently(inquire, later)
  }
}

const unclear = (cause: unknown) => {
  const headers = (cause instanceof Problem && cause.particulars.headers) || { 'Retry-After': '5' }
  return coreUnclear('Ask for this payment again before you send another', {
    headers,
    ...(cause !== undefined && { cause }),
  })
}
