import { z } from 'zod'
import { work } from '#journal/index.ts'
import { CALLER_HEADER, callerUnproven, type callerVerifier } from '#platform/caller.ts'
import type { Postgres } from '#platform/db.ts'
import { parseRequest, requestInvalid, type Server } from '#platform/http.ts'
import { sha256url } from '#platform/jose.ts'
import { serveContract } from '#platform/rpc.ts'
import { vaultContract } from './contract.ts'
import { issueCard, revealCard, type Room, setRevealable } from './index.ts'
import type { Rotations } from './rotating.ts'

interface Doors {
  readonly server: Server
  readonly rotations: Rotations
  readonly db: Postgres
  readonly room: Room
  readonly verifyCaller: ReturnType<typeof callerVerifier>
  readonly now: () => Temporal.Instant
}

/** The bank's door: tokens and last four; and the operator's, who has the keys replaced. */
export const serveBank = ({ server, db, room, rotations, now }: Doors): void =>
  serveContract(server, vaultContract, {
    issue: (ask) => work(db, 'system', now(), (w) => issueCard(w, room, ask)),
    setRevealable: (ask) => work(db, 'system', now(), (w) => setRevealable(w, ask)),
    rotateKeys: () => rotations.begin(),
    keys: () => rotations.state(),
  })

const Path = z.object({ cardId: z.string().max(64) })
const RevealRequest = z.strictObject({ mode: z.literal('jwe') })

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
      parseRequest(RevealRequest, jsonOf(bytes))
      const { cardId } = parseRequest(Path, request.params)
      const answer = await work(db, `application:${caller.applicationId}`, now(), (w) =>
        revealCard(w, room, caller, cardId),
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
