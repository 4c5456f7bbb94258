import { z } from 'zod'
import { parseRequest, type Server } from '#platform/http.ts'
import { callerOf } from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import { authorizationRoutes } from './authorizations/routes.ts'
import { CardId, cardJson, CardRequest, CardsQuery, CardStatusRequest } from './card.ts'
import { ControlsQuery, ControlsRequest } from './controls/controls.ts'
import { getControls, setControls } from './controls/index.ts'
import { serveCardDesk } from './desk.ts'
import { changeCardStatus, getCard, issueCard, listCards } from './index.ts'
import { activateCard, replaceCard } from './life.ts'
import { ActivationRequest, ReplacementRequest } from './plastic.ts'
import { programmeRoutes } from './programmes/routes.ts'
import { simulatorRoutes } from './simulator/routes.ts'

const Path = z.object({ cardId: CardId })

export const cardRoutes = (server: Server, bank: BankWorld): void => {
  const at = (operation: string) => ({ config: { operation } })
  const shown = (card: Parameters<typeof cardJson>[0]) =>
    cardJson(card, { now: bank.now(), zone: bank.zone })

  server.post('/cards/v1/cards', at('issueCard'), async (request, reply) => {
    const body = parseRequest(CardRequest, request.body)
    return reply.code(201).send(shown(await issueCard(bank, callerOf(request), body)))
  })
  server.get('/cards/v1/cards', at('listCards'), (request) =>
    listCards(bank, callerOf(request), parseRequest(CardsQuery, request.query)),
  )
  server.get('/cards/v1/cards/:cardId', at('getCard'), async (request) => {
    const { cardId } = parseRequest(Path, request.params)
    return shown(await getCard(bank, callerOf(request), cardId))
  })
  server.post('/cards/v1/cards/:cardId/status', at('changeCardStatus'), async (request) => {
    const { cardId: id } = parseRequest(Path, request.params)
    const { action, reason } = parseRequest(CardStatusRequest, request.body)
    const asked = { id, action, ...(reason !== undefined && { reason }) }
    return shown(await changeCardStatus(bank, callerOf(request), asked))
  })
  server.post('/cards/v1/cards/:cardId/activation', at('activateCard'), async (request) => {
    const { cardId: id } = parseRequest(Path, request.params)
    const { lastFour } = parseRequest(ActivationRequest, request.body)
    return shown(await activateCard(bank, callerOf(request), { id, lastFour }))
  })
  server.post('/cards/v1/cards/:cardId/replacement', at('replaceCard'), async (request, reply) => {
    const { cardId: id } = parseRequest(Path, request.params)
    const asked = { id, request: parseRequest(ReplacementRequest, request.body) }
    return reply.code(201).send(shown(await replaceCard(bank, callerOf(request), asked)))
  })
  server.get('/cards/v1/cards/:cardId/controls', at('getControls'), (request) => {
    const { cardId } = parseRequest(Path, request.params)
    const { version } = parseRequest(ControlsQuery, request.query)
    return getControls(bank, callerOf(request), { cardId, version })
  })
  server.post('/cards/v1/cards/:cardId/controls', at('setControls'), (request) => {
    const { cardId } = parseRequest(Path, request.params)
    return setControls(bank, callerOf(request), cardId, parseRequest(ControlsRequest, request.body))
  })

  programmeRoutes(server, bank)
  authorizationRoutes(server, bank)
  simulatorRoutes(server, bank)
  serveCardDesk(server, bank)
}
