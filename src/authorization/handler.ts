/** One request, from the edge to its answer; and every failure, as the reader of that answer can use it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type Provider from 'oidc-provider'
import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import type { Cell } from '#kernel/cell.ts'
import { uuidv7 } from '#kernel/id.ts'
import { Problem } from '#kernel/problem.ts'
import type { bankContract } from '#bank/contract.ts'
import { asAway, isQuestion } from '#platform/away.ts'
import type { Postgres } from '#platform/db.ts'
import { problemOf } from '#platform/http.ts'
import type { Log } from '#platform/log.ts'
import { type Client, peerUnavailable } from '#platform/rpc.ts'
import type { Access, ProvesAccess } from './access.ts'
import type { Clients } from './clients/index.ts'
import { type AnybodyIsReal, consentClosed } from './consents/index.ts'
import { serveConsents } from './consents/routes.ts'
import { serveDashboard } from './dashboard/index.ts'
import { type Abuse, tooManyGuesses, tooManyRequests } from './abuse.ts'
import { admit, type Admission, type Door, pathUnknown, safetyHeaders } from './edge.ts'
import { answerPage, answerProblem, type Exchange, formForeign, languageFor } from './exchange.ts'
import { serveInteraction, wayBackFrom } from './interactions/index.ts'
import { type Means, returnForeign } from './sign-in/index.ts'
import { type RegistrationWorld, serveRegistration } from './registration/index.ts'
import type { RunningIssuer } from './running-issuer.ts'
import { type Asset, errorPage, type House, type TextKey } from './pages/index.ts'

export interface HandlerWorld {
  readonly cell: Cell
  readonly issuer: string
  readonly issuing: Pick<RunningIssuer<Access>, 'serve'>
  readonly provider: Provider
  readonly registration: RegistrationWorld
  readonly postgres: Postgres
  readonly bank: Client<typeof bankContract>
  /** Where customers see and choose what only the vault may know. */
  readonly vault: string
  readonly clients: Clients
  readonly prove: ProvesAccess
  readonly anybodyIsReal: AnybodyIsReal
  /** How customers sign in. */
  readonly means: Means
  readonly abuse: Abuse
  readonly house: House
  readonly assets: ReadonlyMap<string, Asset>
  readonly cookieKey: Uint8Array
  readonly now: () => Temporal.Instant
  readonly log: Log
}

/** RFC 4122 or shorter words: what may stand in a header and a log line. */
const INTERACTION_ID = /^[A-Za-z0-9-]{8,64}$/

const instanceOf = (req: IncomingMessage): string => {
  const given = req.headers['x-fapi-interaction-id']
  return typeof given === 'string' && INTERACTION_ID.test(given) ? given : uuidv7()
}

/** By request, so that the library's error page has the language and the number of the exchange. */
const exchanges = new WeakMap<IncomingMessage, Exchange>()

interface Failure {
  readonly status: number
  readonly key: TextKey
  readonly error: string
  readonly description: string
}

const showFailure = (exchange: Exchange, house: House, failure: Failure): void => {
  const page = { house, language: languageFor(exchange), path: exchange.path }
  const { instance } = exchange
  const wayBack = wayBackFrom(exchange)
  const document = errorPage(page, { ...failure, instance, wayBack })
  answerPage(exchange, failure.status, document, wayBack && [wayBack.leadsTo])
}

/** RFC 6749 §4.1.2.1: what went wrong where no redirect is safe. */
export const renderLibraryError =
  (house: House) =>
  (ctx: KoaContextWithOIDC, { error, description }: { error: string; description: string }) => {
    const exchange = exchanges.get(ctx.req)
    if (!exchange) return
    const page = { house, language: languageFor(exchange), path: undefined }
    const key = ctx.status >= 500 ? 'errorLater' : 'errorStart'
    ctx.type = 'html'
    ctx.body = errorPage(page, { key, error, description, instance: exchange.instance })
  }

/** Problems whose sentence a customer can use; all others say to start again. */
const sentences: Readonly<Record<string, TextKey>> = {
  [consentClosed.code]: 'errorAnswered',
  [peerUnavailable.code]: 'errorLater',
  [formForeign.code]: 'errorElsewhere',
  [returnForeign.code]: 'errorElsewhere',
  [tooManyGuesses.code]: 'errorLater',
  [tooManyRequests.code]: 'errorLater',
}

const failureOf = (error: unknown): Failure => {
  if (error instanceof errors.SessionNotFound)
    return {
      status: 400,
      key: 'errorElsewhere',
      error: error.error,
      description: error.error_description ?? '',
    }
  if (error instanceof errors.OIDCProviderError)
    return {
      status: error.statusCode,
      key: 'errorStart',
      error: error.error,
      description: error.error_description ?? '',
    }
  const { code, status, detail } = problemOf(error)
  const usual = status >= 500 ? 'errorLater' : 'errorStart'
  return { status, key: sentences[code] ?? usual, error: code, description: detail }
}

const serveAsset = (world: HandlerWorld, { req, res, path }: Exchange): void => {
  const asset = world.assets.get(path)
  if (!asset) throw pathUnknown('there is nothing at this address')
  const headers = {
    'content-type': asset.type,
    etag: asset.etag,
    'cache-control': 'public, max-age=3600',
  }
  const fresh = req.headers['if-none-match'] === asset.etag
  res.writeHead(fresh ? 304 : 200, headers)
  res.end(fresh ? undefined : asset.body)
}

const dispatch = async (
  world: HandlerWorld,
  exchange: Exchange,
  place: Admission['place'],
): Promise<void> => {
  switch (place) {
    case 'library':
      return world.issuing.serve(exchange.req, exchange.res, exchange.path)
    case 'registration':
      return serveRegistration(world.registration, exchange)
    case 'interaction':
      return serveInteraction(world, exchange)
    case 'dashboard':
      return serveDashboard(world, exchange)
    case 'sign-in':
      return world.means.serveReturn(exchange)
    case 'consents':
      return serveConsents(world, exchange)
    case 'asset':
      return serveAsset(world, exchange)
  }
}

/** Places where a person looks. */
const pages: readonly Admission['place'][] = ['interaction', 'dashboard', 'sign-in']

const answerFailure = (
  world: HandlerWorld,
  exchange: Exchange,
  place: Admission['place'],
  error: unknown,
): void => {
  const { instance, res } = exchange
  const failure = failureOf(asAway(error, isQuestion(exchange.req.method)))
  if (failure.status >= 500)
    world.log.error(
      { interactionId: instance, place, code: failure.error, cause: error },
      'request failed',
    )
  if (res.headersSent) {
    res.destroy()
    return
  }
  if (error instanceof Problem)
    res.setHeaders(new Map(Object.entries(error.particulars.headers ?? {})))
  if (pages.includes(place)) showFailure(exchange, world.house, failure)
  else answerProblem(exchange, problemOf(error))
}

const served = async (
  world: HandlerWorld,
  exchange: Exchange,
  place: Admission['place'],
): Promise<void> => {
  world.abuse.assertAddress(exchange.req, place)
  await dispatch(world, exchange, place)
}

/** The handler of a door. */
export const handlerFor =
  (world: HandlerWorld) =>
  (door: { kind: Door; host: string }) =>
  (req: IncomingMessage, res: ServerResponse): void => {
    const instance = instanceOf(req)
    res.setHeaders(new Map(Object.entries(safetyHeaders)))
    res.setHeader('x-fapi-interaction-id', instance)
    res.setHeader('portico-environment', world.cell)
    const head = {
      method: req.method ?? '',
      url: req.url ?? '',
      hosts: req.headersDistinct['host'] ?? [],
      contentLength: req.headers['content-length'],
    }
    const admission = admit(head, door)
    if (admission instanceof Problem) {
      const refused = { req, res, path: '', query: new URLSearchParams(), instance }
      return answerProblem(refused, admission)
    }
    const exchange = { req, res, path: admission.path, query: admission.query, instance }
    exchanges.set(req, exchange)
    const { place } = admission
    served(world, exchange, place).catch((error: unknown) =>
      answerFailure(world, exchange, place, error),
    )
  }
