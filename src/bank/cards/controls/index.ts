/** The controls of a card, in versions. A change is in effect before it is answered (O27). */
import { work } from '#journal/index.ts'
import { canonical } from '#kernel/canonical.ts'
import { actorOf, type Caller, notFound } from '../../partner-call.ts'
import type { BankWorld } from '../../world.ts'
import type { CardId } from '../card.ts'
import { programmeOf } from '../holding.ts'
import * as cards from '../store.ts'
import {
  type Controls,
  controlsJson,
  type ControlsRequest,
  controlsStale,
  controlsWider,
  widerThan,
} from './controls.ts'
import * as store from './store.ts'

/** What a card has without controls of its own: the programme's alone hold. */
const none: Controls = { limits: [] }

export const controlsAnswer = (cardId: string, version: store.ControlVersion | undefined) => ({
  cardId,
  version: version?.version ?? 0,
  ...controlsJson(version?.controls ?? none),
  ...(version && { changeDateTime: version.madeAt.toString() }),
})

export const getControls = async (
  { db }: BankWorld,
  { partnerId }: Caller,
  { cardId, version }: { cardId: CardId; version?: number | undefined },
) => {
  const card = await cards.find(db, partnerId, cardId)
  if (!card) throw notFound()
  const found =
    version === undefined ? await store.latest(db, cardId) : await store.find(db, cardId, version)
  if (version !== undefined && !found) throw notFound()
  return controlsAnswer(cardId, found)
}

/** The card is held meanwhile: an authorization is decided either before the change or by it. */
export const setControls = (
  { db, now }: BankWorld,
  caller: Caller,
  cardId: CardId,
  { replaces, ...controls }: ControlsRequest,
) =>
  work(db, actorOf(caller), now(), async (w) => {
    const { partnerId } = caller
    const card = await cards.lock(w, partnerId, cardId)
    if (!card || card.token === null) throw notFound()
    const before = await store.latest(w, cardId)
    // Asked again after its answer was lost.
    if (
      before?.version === replaces + 1 &&
      canonical(controlsJson(before.controls)) === canonical(controlsJson(controls))
    )
      return controlsAnswer(cardId, before)
    if ((before?.version ?? 0) !== replaces)
      throw controlsStale(`version ${before?.version ?? 0} is in force`, {
        hint: 'Read the controls and change the version that is in force.',
      })
    const errors = widerThan(controls, (await programmeOf(w, card)).controls)
    if (errors.length > 0)
      throw controlsWider(`${errors.length} place(s) allow more than the programme`, { errors })
    const version = { cardId, version: replaces + 1, controls, madeAt: w.now }
    await store.add(w, partnerId, version)
    await w.record('cards.controls-changed', cardId, { partnerId, version: version.version })
    return controlsAnswer(cardId, version)
  })
