import { z } from 'zod'
import { parseRequest, type Server } from '#platform/http.ts'
import { callerOf } from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import { CardId, cardJson, CardRequest, CardsQuery, CardStatusRequest } from './card.ts'
import { changeCardStatus, getCard, issueCard, listCards } from './index.ts'

const Path = z.object({ cardId: CardId })

export const cardRoutes = (server: Server, bank: BankWorld): void => {
  const at = (operation: string) => ({ config: { operation } })

  server.post('/cards/v1/cards', at('issueCard'), async (request, reply) => {
    const body = parseRequest(CardRequest, request.body)
    return reply.code(201).send(cardJson(await issueCard(bank, callerOf(request), body)))
  })
  server.get('/cards/v1/cards', at('listCards'), (request) =>
    listCards(bank, callerOf(request), parseRequest(CardsQuery, request.query)),
  )
  server.get('/cards/v1/cards/:cardId', at('getCard'), async (request) => {
    const { cardId } = parseRequest(Path, request.params)
    return cardJson(await getCard(bank, callerOf(request), cardId))
  })
  server.post('/cards/v1/cards/:cardId/status', at('changeCardStatus'), async (request) => {
    const { cardId: id } = parseRequest(Path, request.params)
    const { action, reason } = parseRequest(CardStatusRequest, request.body)
    const asked = { id, action, ...(reason !== undefined && { reason }) }
    return cardJson(await changeCardStatus(bank, callerOf(request), asked))
  })
}
