/** Dynamic registration (RFC 7591) and its management (RFC 7592): the wire here, every decision at control. */
import { setTimeout as sleep } from 'node:timers/promises'
import { errors, type Provider } from 'oidc-provider'
import { canonical } from '#kernel/canonical.ts'
import { Problem } from '#kernel/problem.ts'
import { type Clients, type Served, unfitness } from '../clients/index.ts'
import type { RegistrationAnswer, RegistrationAsk } from '../desk.ts'
import { BODY_BYTES_MAX, bodyTooLarge } from '../edge.ts'
import { answerJson, type Exchange } from '../exchange.ts'
import type { Desk } from './desk-client.ts'
import { askOf, type ClientMetadata, effective, provisional, readMetadata } from './metadata.ts'
import { metadataInvalid, refusalOf, RegistrationRefusal, statusOf } from './refusal.ts'
import type { ReadsStatement } from './software-statement.ts'

export { openDesk } from './desk-client.ts'
export { readAnchors, statementReader } from './software-statement.ts'

export interface RegistrationWorld {
  readonly served: Served
  readonly provider: Provider
  readonly clients: Clients
  readonly desk: Desk
  readonly readStatement: ReadsStatement
  readonly now: () => Temporal.Instant
}

/** How long an answer waits until this server acts by it: a client that is registered is served, a deleted one is not. */
const SERVED_WITHIN_MS = 3_000

export const serveRegistration = async (
  world: RegistrationWorld,
  exchange: Exchange,
): Promise<void> => {
  try {
    await answer(world, exchange)
  } catch (error) {
    const refusal = error instanceof Problem ? refusalOf(error) : error
    if (!(refusal instanceof RegistrationRefusal)) throw error
    answerRefusal(exchange, refusal)
  }
}

const answer = async (world: RegistrationWorld, exchange: Exchange): Promise<void> => {
  const { desk, served } = world
  const token = bearerOf(exchange)
  const id = exchange.path.split('/')[2]
  const shown = (status: number, answered: RegistrationAnswer) =>
    answerJson(exchange, status, effective(answered, served, token))
  if (id === undefined) {
    const ask = await readAsk(world, exchange)
    const answered = await desk.register(token, ask)
    await untilServed(world, answered)
    return shown(201, answered)
  }
  if (exchange.req.method === 'GET') return shown(200, await desk.read(token, id))
  if (exchange.req.method === 'DELETE') {
    await desk.remove(token, id)
    await until(() => !world.clients.find(id, world.now()))
    exchange.res.writeHead(204).end()
    return
  }
  const ask = await readAsk(world, exchange, id)
  const answered = await desk.update(token, id, ask)
  await untilServed(world, answered)
  shown(200, answered)
}

/** RFC 6750 §2.1, and nowhere else. */
const bearerOf = ({ req }: Exchange): string => {
  const [, token] =
    /^Bearer ([A-Za-z0-9._~+/-]{1,256}=*)$/i.exec(req.headers.authorization ?? '') ?? []
  if (token === undefined)
    throw new RegistrationRefusal('invalid_token', 'a token of the portal is needed')
  return token
}

const readAsk = async (
  world: RegistrationWorld,
  exchange: Exchange,
  id?: string,
): Promise<RegistrationAsk> => {
  const metadata = readMetadata(await world.readStatement(await readJson(exchange)))
  assertOurs(metadata, id)
  const ask = askOf(metadata)
  try {
    Reflect.construct(world.provider.Client, [provisional(ask, world.served)])
  } catch (cause) {
    if (!(cause instanceof errors.OIDCProviderError)) throw cause
    const place = cause.error === 'invalid_redirect_uri' ? '/redirect_uris' : ''
    throw metadataInvalid(cause.error_description ?? cause.message, place)
  }
  return ask
}

/** What a client repeats of ours must be its own; what it cannot have yet it cannot say. */
const assertOurs = (metadata: ClientMetadata, id: string | undefined): void => {
  if (metadata.client_id !== id)
    throw metadataInvalid(
      id === undefined ? 'we give the id' : 'it must be the one of the address',
      '/client_id',
    )
  if (id !== undefined && metadata.certificate_request !== undefined)
    throw metadataInvalid('ask for another certificate in the portal', '/certificate_request')
}

const readJson = async ({ req }: Exchange): Promise<Record<string, unknown>> => {
  const refuse = () => metadataInvalid('the body is not a JSON object', '')
  if (!/^application\/json\s*(;|$)/i.test(req.headers['content-type'] ?? '')) throw refuse()
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of req) {
    const part = Buffer.from(chunk)
    bytes += part.length
    if (bytes > BODY_BYTES_MAX) throw bodyTooLarge(`more than ${BODY_BYTES_MAX} bytes`)
    chunks.push(part)
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuse()
    return { ...value }
  } catch {
    throw refuse()
  }
}

/** Control has it; this server serves it when the next registry comes. A client without a certificate is not served yet. */
const untilServed = async (
  { clients, now }: RegistrationWorld,
  { client }: RegistrationAnswer,
): Promise<void> => {
  if (unfitness(client) !== undefined) return
  const wanted = canonical(client)
  await until(() => {
    const held = clients.find(client.applicationId, now())
    return held !== undefined && canonical(held) === wanted
  })
}

const until = async (isSo: () => boolean): Promise<void> => {
  const lastMs = performance.now() + SERVED_WITHIN_MS
  while (!isSo() && performance.now() < lastMs) await sleep(10)
}

const answerRefusal = (exchange: Exchange, refusal: RegistrationRefusal): void => {
  const { word, message, pointer } = refusal
  const { res } = exchange
  if (word === 'invalid_token')
    res.setHeader('www-authenticate', `Bearer realm="registration", error="invalid_token"`)
  answerJson(exchange, statusOf[word], {
    error: word,
    error_description: message,
    ...(pointer !== undefined && { pointer }),
  })
}
