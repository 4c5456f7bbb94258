/** HTTP of the control plane and of the servers behind the gateway: Fastify with zod, problems in one place. */
import Fastify, { type FastifyInstance, LogController, type RawServerDefault } from 'fastify'
import {
  hasZodFastifySchemaValidationErrors,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { uuidv7 } from '#kernel/id.ts'
import { Problem, problem, problemBody } from '#kernel/problem.ts'
import { asAway, isQuestion } from './away.ts'
import { CALL_HEADER } from './caller.ts'
import type { Log } from './log.ts'
import { requestInvalid } from './request.ts'
import { claimSocket } from './socket.ts'

export { fieldErrors, parseRequest, pointerOf, requestInvalid } from './request.ts'
export { claimSocket } from './socket.ts'

export type Server = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  Log,
  ZodTypeProvider
>

export const routeNotFound = problem('platform/not-found', 404, 'No such resource')
export const bug = problem('platform/bug', 500, 'Something went wrong on our side')

/** Any failure as the problem that the caller may see: what is not a `Problem` is a bug, and says nothing. */
export const problemOf = (error: unknown): Problem => {
  if (error instanceof Problem) return error
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.map((v) => ({
      // RFC 6901: the whole document is the empty pointer.
      pointer: v.instancePath === '/' ? '' : v.instancePath,
      code: v.keyword,
      detail: v.message ?? 'is wrong',
    }))
    return requestInvalid(`${errors.length} field(s) are wrong`, { errors })
  }
  const status = (error as { statusCode?: number } | null)?.statusCode
  if (status === 413) return requestInvalid('the body is larger than this operation takes')
  if (status !== undefined && status >= 400 && status < 500)
    return requestInvalid((error as Error).message)
  return bug('the request could not be completed; the log has the cause under this instance', {
    cause: error,
  })
}

/** A Fastify server whose failures are RFC 9457 and whose every answer carries its interaction id. */
export const openServer = (
  log: Log,
  options: { bodyLimit?: number; trustInteractionId?: boolean } = {},
): Server => {
  const server = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: options.bodyLimit ?? 1_048_576,
    genReqId: (request) => {
      const given = request.headers['x-fapi-interaction-id']
      return options.trustInteractionId && typeof given === 'string' ? given : uuidv7()
    },
  }).withTypeProvider<ZodTypeProvider>()
  server.setValidatorCompiler(validatorCompiler)
  server.setSerializerCompiler(serializerCompiler)
  /** Past the hooks that only look who asks. */
  const begun = new WeakSet<object>()
  server.addHook('preParsing', async (request) => void begun.add(request))
  let closing = false
  server.addHook('preClose', async () => {
    closing = true
  })
  server.addHook('onSend', async (request, reply) => {
    void reply.header('x-fapi-interaction-id', request.id)
    // A caller that keeps its connection would keep the server from ending for as long as that lives.
    if (closing) void reply.header('connection', 'close')
    const call = request.headers[CALL_HEADER]
    if (options.trustInteractionId && call !== undefined) void reply.header(CALL_HEADER, call)
  })
  server.setNotFoundHandler((request) => {
    throw routeNotFound(`${request.method} ${request.url.split('?')[0]} does not exist`)
  })
  server.setErrorHandler(async (error, request, reply) => {
    // Behind the gateway it is the gateway that says what an upstream's failure means.
    const failure = problemOf(
      options.trustInteractionId
        ? error
        : asAway(error, isQuestion(request.method) || !begun.has(request)),
    )
    if (failure.status >= 500)
      request.log.error(
        { interactionId: request.id, code: failure.code, cause: failure.cause ?? error },
        'request failed',
      )
    return reply
      .code(failure.status)
      .headers(failure.particulars.headers ?? {})
      .type('application/problem+json')
      .serializer((value: unknown) => JSON.stringify(value))
      .send(problemBody(failure, request.id))
  })
  return server as unknown as Server
}

/** Listens on a Unix socket (a named pipe on Windows). */
export const listenOnSocket = async (server: Server, path: string): Promise<void> => {
  await claimSocket(path)
  await server.listen({ path })
}
