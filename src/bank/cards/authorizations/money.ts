/** What card money does at the core: held at once, everything else written first and carried until the core has it. */
import { assert } from '#kernel/assert.ts'
import { Currency } from '#kernel/money.ts'
import { Problem } from '#kernel/problem.ts'
import { type CoreHolds, coreNotSupported } from '../../cores/core.ts'
import { type BankWorld, everybody } from '../../world.ts'
import type { Authorization, Decision, DeclineReason } from './authorization.ts'
import * as store from './store.ts'

/** The core's holds; a core without them authorizes nothing. */
export const holdsOf = (bank: Pick<BankWorld, 'coreFor'>, partnerId: string): CoreHolds => {
  const { holds } = bank.coreFor(partnerId)
  if (!holds)
    throw coreNotSupported('it holds no money for cards, so it authorizes none', { gate: 'bank' })
  return holds
}

const becauseOf = (reasonCode: string): DeclineReason =>
  reasonCode === 'AM04' ? 'INSUFFICIENT_FUNDS' : 'ACCOUNT_REFUSED'

/** Holds what was decided. A core that does not say whether it holds is told to forget it (`unclear`). */
export const held = async (
  bank: BankWorld,
  authorization: Authorization,
  fundingRef: string,
  decision: Decision & { readonly approved: true },
): Promise<{ decision: Decision; unclear: boolean }> => {
  const { partnerId, holdReference: reference, currency, merchant } = authorization
  const declined = (why: DeclineReason): Decision => ({ approved: false, why, by: 'core' })
  try {
    const outcome = await holdsOf(bank, partnerId).place({
      reference,
      account: fundingRef,
      amount: { minor: decision.minor, currency },
      text: merchant.name,
    })
    return outcome.status === 'held'
      ? { decision, unclear: false }
      : { decision: declined(becauseOf(outcome.reasonCode)), unclear: false }
  } catch (error) {
    if (!(error instanceof Problem) || !error.code.startsWith('core/')) throw error
    return { decision: declined('CORE_UNAVAILABLE'), unclear: true }
  }
}

/** Tells the core what was written for it; what it does not take now stays written. Answers how many it took. */
export const carryOrders = async (
  bank: BankWorld,
  authorizationId: string | null = null,
): Promise<number> => {
  let taken = 0
  for (const order of await store.ordersToCarry(
    bank.db,
    authorizationId,
    authorizationId === null ? bank.whose : everybody,
  )) {
    try {
      await tell(bank, order)
    } catch (error) {
      if (!(error instanceof Problem) || !error.code.startsWith('core/')) throw error
      bank.log.warn(
        { reference: order.reference, code: error.code },
        'a card order waits for the core',
      )
      continue
    }
    await store.carried(bank.db, order.reference, bank.now())
    taken++
  }
  return taken
}

const tell = async (bank: BankWorld, order: store.CoreOrder): Promise<void> => {
  const holds = holdsOf(bank, order.partnerId)
  const { reference, holdReference: hold, amountMinor: minor } = order
  const amount = { minor, currency: Currency.parse(order.currency) }
  switch (order.kind) {
    case 'capture':
      return holds.capture({ reference, hold, amount })
    case 'release':
      return holds.release({ reference, hold, amount })
    case 'cancel':
      return holds.cancel(hold)
    case 'credit':
      assert(order.fundingRef, 'what is credited was once held on an account')
      return holds.credit({
        reference,
        account: order.fundingRef,
        amount,
        text: order.merchant.name,
      })
  }
}
