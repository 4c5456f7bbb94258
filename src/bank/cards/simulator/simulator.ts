/** What happens outside of the bank, made to happen: only where the core says that nobody stands behind it. */
import { z } from 'zod'
import { Money } from '#kernel/money.ts'
import { coreNotSupported } from '../../cores/core.ts'
import { actorOf, type Caller, idempotencyOf } from '../../partner-call.ts'
import type { BankWorld } from '../../world.ts'
import { AuthorizationId, authorizationJson, Merchant } from '../authorizations/authorization.ts'
import { authorize, clear, refund, reverse } from '../authorizations/index.ts'
import { CardId, cardJson } from '../card.ts'
import { CardholderId, cardholderJson } from '../cardholders/cardholder.ts'
import { verifyCardholder } from '../cardholders/index.ts'
import { Channel } from '../controls/controls.ts'
import { type DisputeId, SchemeWord } from '../disputes/dispute.ts'
import { settleDispute } from '../disputes/index.ts'
import { moveShipping } from '../life.ts'
import type { Shipping } from '../plastic.ts'
import { approveProgramme } from '../programmes/index.ts'
import { type ProgrammeId, programmeJson } from '../programmes/programme.ts'

const Amount = Money.refine(({ minor }) => minor > 0n, 'is not above zero')

export const SimulatedAuthorization = z.strictObject({
  cardId: CardId,
  amount: Amount,
  merchant: Merchant,
  channel: Channel,
  partialApproval: z.boolean().default(false),
})
export const SimulatedClearing = z.strictObject({
  amount: Amount,
  final: z.boolean().default(true),
})
export const SimulatedReversal = z.strictObject({ amount: Amount.optional() })
export const SimulatedRefund = z.strictObject({ amount: Amount })
export const SimulatedOutcome = z.strictObject({ outcome: SchemeWord })

/** Who plays the outside, by the core's own word. */
const player = (bank: BankWorld, caller: Caller) => {
  if (bank.coreFor(caller.partnerId).imagined !== true)
    throw coreNotSupported('there are simulators in the sandbox only: here a real network speaks', {
      hint: 'Use the sandbox.',
    })
  return actorOf(caller)
}

const changeBy = (caller: Caller, id: AuthorizationId) => {
  const { idempotencyKey: reference, bodySha256 } = idempotencyOf(caller)
  return { partnerId: caller.partnerId, id, reference, bodySha256 }
}

export const simulateAuthorization = async (
  bank: BankWorld,
  caller: Caller,
  asked: z.output<typeof SimulatedAuthorization>,
) => {
  const { idempotencyKey: networkReference, bodySha256 } = idempotencyOf(caller)
  const { partnerId } = caller
  const presentment = { ...asked, partnerId, networkReference, bodySha256 }
  return authorizationJson(await authorize(bank, player(bank, caller), presentment))
}

export const simulateClearing = async (
  bank: BankWorld,
  caller: Caller,
  { id, amount, final }: { id: AuthorizationId } & z.output<typeof SimulatedClearing>,
) => {
  const change = { ...changeBy(caller, id), amount, final }
  return authorizationJson(await clear(bank, player(bank, caller), change))
}

export const simulateReversal = async (
  bank: BankWorld,
  caller: Caller,
  { id, amount }: { id: AuthorizationId } & z.output<typeof SimulatedReversal>,
) => {
  const change = { ...changeBy(caller, id), ...(amount && { amount }) }
  return authorizationJson(await reverse(bank, player(bank, caller), change))
}

export const simulateRefund = async (
  bank: BankWorld,
  caller: Caller,
  { id, amount }: { id: AuthorizationId } & z.output<typeof SimulatedRefund>,
) =>
  authorizationJson(await refund(bank, player(bank, caller), { ...changeBy(caller, id), amount }))

export const simulateShipping = async (
  bank: BankWorld,
  caller: Caller,
  { id, status }: { id: CardId; status: Shipping },
) => {
  const { partnerId } = caller
  const card = await moveShipping(bank, player(bank, caller), { id, partnerId, status })
  return cardJson(card, { now: bank.now(), zone: bank.zone })
}

export const simulateDisputeOutcome = (
  bank: BankWorld,
  caller: Caller,
  { id, outcome }: { id: DisputeId; outcome: SchemeWord },
) => settleDispute(bank, player(bank, caller), { id, partnerId: caller.partnerId, outcome })

/** A range of a programme of its own, beside the standard one's; as that one, it can be nobody's. */
const simulatedRange = '999919'

export const simulateProgrammeApproval = async (
  bank: BankWorld,
  caller: Caller,
  id: ProgrammeId,
) => {
  const given = { id, bin: simulatedRange, partnerId: caller.partnerId }
  return programmeJson(await approveProgramme(bank, player(bank, caller), given))
}

export const simulateVerification = async (bank: BankWorld, caller: Caller, id: CardholderId) =>
  cardholderJson(
    await verifyCardholder(bank, player(bank, caller), { id, partnerId: caller.partnerId }),
  )
