/**
 * The bank's own side of cards, over its socket: what its card desk decides, and what its card network or core says.
 * No gateway forwards to it; whoever can open the socket acts for the bank.
 */
import { z } from 'zod'
import { type Actor } from '#journal/index.ts'
import { canonical } from '#kernel/canonical.ts'
import { Money } from '#kernel/money.ts'
import type { Server } from '#platform/http.ts'
import { sha256url } from '#platform/jose.ts'
import { endpoint, serveContract } from '#platform/rpc.ts'
import type { BankWorld } from '../world.ts'
import { type Authorization, AuthorizationId, Merchant } from './authorizations/authorization.ts'
import { authorize, clear, refund, reverse } from './authorizations/index.ts'
import { CardId } from './card.ts'
import { CardholderId } from './cardholders/cardholder.ts'
import { changeCardholderByBank, verifyCardholder } from './cardholders/index.ts'
import { Channel, Controls } from './controls/controls.ts'
import { DisputeId, SchemeWord } from './disputes/dispute.ts'
import { settleDispute } from './disputes/index.ts'
import { moveShipping } from './life.ts'
import { clearPin, openPinPage } from './pin.ts'
import { ShippingRequest } from './plastic.ts'
import { approveProgramme, changeProgrammeByBank } from './programmes/index.ts'
import { ProgrammeId } from './programmes/programme.ts'

/** Who of the bank's people decided: kept in the journal. */
const staff = z.string().regex(/^[a-z0-9_-]{1,64}$/, 'is a person of the bank, by id')
const partnerId = z.string().regex(/^partner_[0-9a-f]{32}$/)
const Changed = z.object({ id: z.string(), status: z.string() })
/** The network's name of what it says: the same reference is said once. */
const reference = z.string().min(8).max(64)
const Answered = z.object({
  id: z.string(),
  status: z.string(),
  approved: z.boolean(),
  declineReason: z.string().nullable(),
  approvedAmount: Money,
})

const ofNetwork = { partnerId, authorizationId: AuthorizationId, reference }

export const cardDeskContract = {
  /** Gives a draft its issuer range; the controls may be lower than what was asked for. */
  approveProgramme: endpoint(
    '/internal/cards/programmes/approval',
    z.strictObject({
      staff,
      programmeId: ProgrammeId,
      bin: z.string().regex(/^\d{6}$/),
      controls: Controls.optional(),
    }),
    Changed,
  ),
  changeProgramme: endpoint(
    '/internal/cards/programmes/status',
    z.strictObject({
      staff,
      programmeId: ProgrammeId,
      action: z.enum(['suspend', 'resume', 'close']),
    }),
    Changed,
  ),
  /** The verification that the cardholder's reference names was looked at. */
  verifyCardholder: endpoint(
    '/internal/cards/cardholders/verification',
    z.strictObject({ staff, cardholderId: CardholderId }),
    Changed,
  ),
  changeCardholder: endpoint(
    '/internal/cards/cardholders/status',
    z.strictObject({
      staff,
      cardholderId: CardholderId,
      action: z.enum(['block', 'unblock', 'close']),
    }),
    Changed,
  ),
  /** From who makes and sends the cards. */
  moveShipping: endpoint(
    '/internal/cards/shipping',
    z.strictObject({ partnerId, cardId: CardId, ...ShippingRequest.shape }),
    Changed,
  ),
  /** From a channel of the bank's own, for the customer whom it signed in: the address is for that browser alone. */
  openPinPage: endpoint(
    '/internal/cards/pin-pages',
    z.strictObject({ partnerId, cardId: CardId, customer: z.string().min(1).max(64) }),
    z.object({ url: z.string(), expiresAt: z.string() }),
  ),
  clearPin: endpoint(
    '/internal/cards/pin-clearing',
    z.strictObject({ staff, partnerId, cardId: CardId }),
    Changed,
  ),
  settleDispute: endpoint(
    '/internal/cards/disputes/outcome',
    z.strictObject({ partnerId, disputeId: DisputeId, outcome: SchemeWord }),
    Changed,
  ),
  /** From the card network, as its processor hears it. */
  authorize: endpoint(
    '/internal/cards/authorizations',
    z.strictObject({
      partnerId,
      cardId: CardId,
      reference,
      amount: Money,
      merchant: Merchant,
      channel: Channel,
      partialApproval: z.boolean(),
    }),
    Answered,
  ),
  clear: endpoint(
    '/internal/cards/authorizations/clearings',
    z.strictObject({ ...ofNetwork, amount: Money, final: z.boolean() }),
    Answered,
  ),
  reverse: endpoint(
    '/internal/cards/authorizations/reversals',
    z.strictObject({ ...ofNetwork, amount: Money.optional() }),
    Answered,
  ),
  refund: endpoint(
    '/internal/cards/authorizations/refunds',
    z.strictObject({ ...ofNetwork, amount: Money }),
    Answered,
  ),
}

const answered = (a: Authorization) => ({
  id: a.id,
  status: a.status,
  approved: a.approved === true,
  declineReason: a.declineReason,
  approvedAmount: { minor: a.approvedMinor, currency: a.currency },
})

/** What a network says is the same when every word of it is. */
const changeOf = (
  said: { partnerId: string; authorizationId: AuthorizationId; reference: string },
  words: object,
) => ({
  partnerId: said.partnerId,
  id: said.authorizationId,
  reference: said.reference,
  bodySha256: sha256url(canonical(words)),
})

export const serveCardDesk = (server: Server, bank: BankWorld): void => {
  const by = (person: string): Actor => `staff:${person}`
  serveContract(server, cardDeskContract, {
    approveProgramme: ({ staff: person, programmeId: id, bin, controls }) =>
      approveProgramme(bank, by(person), { id, bin, ...(controls && { controls }) }),
    changeProgramme: ({ staff: person, programmeId: id, action }) =>
      changeProgrammeByBank(bank, by(person), { id, action }),
    verifyCardholder: ({ staff: person, cardholderId: id }) =>
      verifyCardholder(bank, by(person), { id }),
    changeCardholder: ({ staff: person, cardholderId: id, action }) =>
      changeCardholderByBank(bank, by(person), { id, action }),
    moveShipping: ({ cardId: id, ...said }) => moveShipping(bank, 'system', { id, ...said }),
    openPinPage: ({ cardId: id, ...said }) => openPinPage(bank, { id, ...said }),
    clearPin: ({ staff: person, cardId: id, partnerId: whose }) =>
      clearPin(bank, by(person), { id, partnerId: whose }),
    settleDispute: async ({ disputeId: id, ...said }) => {
      const { disputeId, status } = await settleDispute(bank, 'system', { id, ...said })
      return { id: disputeId, status }
    },
    authorize: async (said) => {
      const { reference: networkReference, ...use } = said
      const bodySha256 = sha256url(canonical(z.encode(cardDeskContract.authorize.input, said)))
      const asked = { ...use, networkReference, bodySha256 }
      return answered(await authorize(bank, 'system', asked))
    },
    clear: async ({ amount, final, ...said }) => {
      const words = { minor: amount.minor.toString(), currency: amount.currency, final }
      const change = { ...changeOf(said, words), amount, final }
      return answered(await clear(bank, 'system', change))
    },
    reverse: async ({ amount, ...said }) => {
      const words = amount ? { minor: amount.minor.toString(), currency: amount.currency } : {}
      const change = { ...changeOf(said, words), ...(amount && { amount }) }
      return answered(await reverse(bank, 'system', change))
    },
    refund: async ({ amount, ...said }) => {
      const words = { minor: amount.minor.toString(), currency: amount.currency }
      return answered(await refund(bank, 'system', { ...changeOf(said, words), amount }))
    },
  })
}
