import { z } from 'zod'
import { Problem } from '#kernel/problem.ts'
import { work } from '#journal/index.ts'
import { CALLER_HEADER, callerUnproven, type callerVerifier } from '#platform/caller.ts'
import type { Postgres } from '#platform/db.ts'
import { parseRequest, requestInvalid, type Server } from '#platform/http.ts'
import { sha256url } from '#platform/jose.ts'
import { serveContract } from '#platform/rpc.ts'
import { clearPin, openPinPage } from './choosing-pin.ts'
import { type KeyServiceState, keysContract, pinContract, vaultContract } from './contract.ts'
import { issueCard, openRevealPage, revealCard, type Room, setRevealable } from './index.ts'
import type { KeyService } from './key-service.ts'
import type { Rotations } from './rotating.ts'

interface Doors {
  readonly server: Server
  readonly rotations: Rotations
  readonly db: Postgres
  readonly room: Room
  readonly verifyCaller: ReturnType<typeof callerVerifier>
  readonly now: () => Temporal.Instant
}

/** The bank's door: tokens and last four, and pages on which its customers choose PINs. */
export const serveBank = ({ server, db, room, now }: Doors): void => {
  serveContract(server, vaultContract, {
    issue: (ask) => work(db, 'system', now(), (w) => issueCard(w, room, ask)),
    setRevealable: (ask) => work(db, 'system', now(), (w) => setRevealable(w, ask)),
  })
  serveContract(server, pinContract, {
    openPage: ({ cardId }) => work(db, 'system', now(), (w) => openPinPage(w, room, cardId)),
    clear: ({ cardId }) => work(db, 'system', now(), (w) => clearPin(w, cardId)),
  })
}

/** The operator's door: the keys, and nothing of a card. */
export const serveOperator = ({ server, rotations, room }: Doors): void =>
  serveContract(server, keysContract, {
    rotate: () => rotations.begin(),
    state: () => rotations.state(),
    service: () => serviceState(room.keyring.service),
  })

const serviceState = async (service: KeyService): Promise<KeyServiceState> => {
  const { place } = service
  try {
    return { place, answers: true, says: `the newest key is ${await service.current()}` }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return { place, answers: false, says: `${error.title}: ${error.detail}` }
  }
}

const Path = z.object({ cardId: z.string().max(64) })
const Origin = z
  .string()
  .max(300)
  .regex(/^https:\/\/[a-z0-9.-]+(:\d{1,5})?$/, 'is an origin such as https://app.partner.example')
const RevealRequest = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('jwe') }),
  z.strictObject({ mode: z.literal('hosted'), frameOrigin: Origin.optional() }),
])

/** The partner's door, by way of the gateway: the body is read as the bytes that the gateway vouched for. */
export const servePartners = ({ server, db, room, verifyCaller, now }: Doors): void => {
  void server.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
      done(null, body)
    })
    scope.post('/cards/v1/cards/:cardId/reveal', async (request, reply) => {
      const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
      const caller = verifyCaller(request.headers[CALLER_HEADER], now())
      if (caller.operation !== 'revealCard') throw callerUnproven('it is for another operation')
      if (caller.bodySha256 !== sha256url(bytes)) throw callerUnproven('it is for another body')
      const asked = parseRequest(RevealRequest, jsonOf(bytes))
      const { cardId } = parseRequest(Path, request.params)
      const answer = await work<object>(db, `application:${caller.applicationId}`, now(), (w) =>
        asked.mode === 'jwe'
          ? revealCard(w, room, caller, cardId)
          : openRevealPage(w, room, caller, { cardId, frameOrigin: asked.frameOrigin }),
      )
      return reply
        .header('cache-control', 'no-store')
        .type('application/json')
        .serializer(String)
        .send(JSON.stringify(answer))
    })
  })
}

const jsonOf = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    throw requestInvalid('the body is not JSON')
  }
}
