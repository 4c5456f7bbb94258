/** What a card stands under: its programme, its holder, its own controls. Each is held as it is until the work ends. */
import type { Work } from '#journal/index.ts'
import type { Card } from './card.ts'
import type { Cardholder } from './cardholders/cardholder.ts'
import * as cardholders from './cardholders/store.ts'
import * as controls from './controls/store.ts'
import { programmeNamed } from './programmes/index.ts'
import type { Programme } from './programmes/programme.ts'

/** A card of before programmes stands in the standard one. */
export const programmeOf = (w: Work, { partnerId, programmeId }: Card): Promise<Programme> =>
  programmeNamed(w, partnerId, programmeId)

export const cardholderOf = async (
  w: Work,
  { cardholderId }: Card,
): Promise<Cardholder | undefined> =>
  cardholderId === null ? undefined : cardholders.share(w, cardholderId)

/** Changed only by who holds the card. */
export const controlsOf = (w: Work, cardId: string) => controls.latest(w, cardId)
