/** Cards to try things with: issued by a partner of their own, on the payer's current account. */
import { uuidv7 } from '#kernel/id.ts'
import { sha256url } from '#platform/jose.ts'
import { callBy, enrol, newPartner, refs, type Trial, uzs } from '../trial.ts'
import type { BankWorld } from '../world.ts'
import type { Authorization, Presentment } from './authorizations/authorization.ts'
import { authorize } from './authorizations/index.ts'
import type { Card } from './card.ts'
import { issueCard } from './issue.ts'

const wanted = { cardType: 'virtual', currency: 'UZS' } as const
const shop = { name: 'Korzinka', mcc: '5411', country: 'UZ' }

export const cardTrial = (trial: Trial) => {
  const asking = (card: Card, minor: bigint, more: Partial<Presentment> = {}): Presentment => ({
    partnerId: card.partnerId,
    cardId: card.id,
    amount: uzs(minor),
    merchant: shop,
    channel: 'chip',
    partialApproval: false,
    networkReference: uuidv7(),
    bodySha256: sha256url(''),
    ...more,
  })
  return {
    shop,
    asking,
    /** A card of a partner of its own; of the payer where nobody else is named. */
    newCard: async (partnerId = newPartner(), holder: keyof typeof holders = 'payer') => {
      const { owner, current } = holders[holder]
      const { subject, id } = await enrol(trial, partnerId, owner)
      const caller = callBy(partnerId, 'issueCard', {
        subject,
        consentId: `consent_${uuidv7()}`,
        details: [{ type: 'urn:bank:card-issue:v1', ...wanted, accounts: [id(current)] }],
      })
      return { caller, card: await issueCard(trial.bank, caller, wanted) }
    },
    ask: (card: Card, minor: bigint, more: Partial<Presentment> = {}, at: BankWorld = trial.bank) =>
      authorize(at, 'system', asking(card, minor, more)),
    /** A change of the network, with a reference of its own. */
    by: ({ id, partnerId }: Authorization) => ({
      id,
      partnerId,
      reference: uuidv7(),
      bodySha256: sha256url(''),
    }),
  }
}

const holders = { payer: refs.payer, other: refs.other }
