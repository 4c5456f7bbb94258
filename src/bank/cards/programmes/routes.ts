import { z } from 'zod'
import { parseRequest, type Server } from '#platform/http.ts'
import { callerOf } from '../../partner-call.ts'
import type { BankWorld } from '../../world.ts'
import {
  CardholderId,
  cardholderJson,
  CardholderRequest,
  CardholderStatusRequest,
} from '../cardholders/cardholder.ts'
import {
  changeCardholderStatus,
  createCardholder,
  getCardholder,
  listCardholders,
} from '../cardholders/index.ts'
import { PageQuery } from '../paging.ts'
import {
  applyForProgramme,
  changeProgrammeStatus,
  getProgramme,
  listProgrammes,
  setDecisionUrl,
} from './index.ts'
import {
  DecisionEndpointRequest,
  ProgrammeId,
  programmeJson,
  ProgrammeRequest,
  ProgrammeStatusRequest,
} from './programme.ts'

const ProgrammePath = z.object({ programmeId: ProgrammeId })
const HolderPath = z.object({ cardholderId: CardholderId })

export const programmeRoutes = (server: Server, bank: BankWorld): void => {
  const at = (operation: string) => ({ config: { operation } })
  const programmes = '/cards/v1/card-programmes'
  const holders = '/cards/v1/cardholders'

  server.post(programmes, at('applyForProgramme'), async (request, reply) => {
    const body = parseRequest(ProgrammeRequest, request.body)
    const programme = await applyForProgramme(bank, callerOf(request), body)
    return reply.code(201).send(programmeJson(programme))
  })
  server.get(programmes, at('listProgrammes'), (request) =>
    listProgrammes(bank, callerOf(request), parseRequest(PageQuery, request.query)),
  )
  server.get(`${programmes}/:programmeId`, at('getProgramme'), async (request) => {
    const { programmeId } = parseRequest(ProgrammePath, request.params)
    return programmeJson(await getProgramme(bank, callerOf(request), programmeId))
  })
  server.post(`${programmes}/:programmeId/status`, at('changeProgrammeStatus'), async (request) => {
    const { programmeId: id } = parseRequest(ProgrammePath, request.params)
    const { action } = parseRequest(ProgrammeStatusRequest, request.body)
    return programmeJson(await changeProgrammeStatus(bank, callerOf(request), { id, action }))
  })
  server.post(
    `${programmes}/:programmeId/decision-endpoint`,
    at('setDecisionEndpoint'),
    async (request) => {
      const { programmeId: id } = parseRequest(ProgrammePath, request.params)
      const { url } = parseRequest(DecisionEndpointRequest, request.body)
      return setDecisionUrl(bank, callerOf(request), { id, url })
    },
  )

  server.post(holders, at('createCardholder'), async (request, reply) => {
    const body = parseRequest(CardholderRequest, request.body)
    return reply
      .code(201)
      .send(cardholderJson(await createCardholder(bank, callerOf(request), body)))
  })
  server.get(holders, at('listCardholders'), (request) =>
    listCardholders(bank, callerOf(request), parseRequest(PageQuery, request.query)),
  )
  server.get(`${holders}/:cardholderId`, at('getCardholder'), async (request) => {
    const { cardholderId } = parseRequest(HolderPath, request.params)
    return cardholderJson(await getCardholder(bank, callerOf(request), cardholderId))
  })
  server.post(`${holders}/:cardholderId/status`, at('changeCardholderStatus'), async (request) => {
    const { cardholderId: id } = parseRequest(HolderPath, request.params)
    const { action } = parseRequest(CardholderStatusRequest, request.body)
    return cardholderJson(await changeCardholderStatus(bank, callerOf(request), { id, action }))
  })
}
