/** Try it: a reader's call to the sandbox, made by the portal with a key that it keeps for them. */
import { uuidv7 } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import { work } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'
import type { ProcessWorld } from '#platform/process.ts'
import type { OperationModel } from '#control/reference/index.ts'
import type { Persona } from '#control/http/context.ts'
import type { PartnerId } from '#control/partners/index.ts'
import { heldClient, type Keeping, makeClient, type TryItClient } from './client.ts'
import { refusalIn } from './refusal.ts'
import { callOf, detailOf, type Filled, tryRefused } from './request.ts'
import {
  type Answer,
  type Call,
  type ConsentType,
  openSandbox,
  type Program,
  type Token,
} from './sandbox.ts'

export { tryRefused } from './request.ts'

const sandboxAway = problem('try-it/sandbox-away', 503, 'The sandbox does not answer')

export type Decision = 'APPROVE' | 'DENY' | 'LEAVE'

export interface Wish {
  readonly partnerId: PartnerId
  readonly operation: OperationModel
  readonly filled: Filled
  readonly persona?: Persona | undefined
  /** What they decide; to allow it is what most tries want. */
  readonly decision?: Decision | undefined
  /** What the customer is asked (RFC 9396); made of the call where it is not said. */
  readonly detail?: Readonly<Record<string, unknown>> | undefined
}

/** How far it came: the token, the customer, the call. */
export interface Tried {
  readonly stage: 'token' | 'consent' | 'call'
  readonly call: Call
  readonly answer: Answer
  readonly consentId: string | null
  readonly applicationId: string
  readonly detail: Readonly<Record<string, unknown>> | null
  readonly ms: { readonly token: number; readonly consent: number; readonly call: number }
}

export interface TryIt {
  try(wish: Wish): Promise<Tried>
  /** What a customer would be asked for this operation, to be looked at and changed before. */
  detail(operation: OperationModel): Promise<Readonly<Record<string, unknown>> | null>
  close(): Promise<void>
}

interface Session {
  readonly client: TryItClient
  readonly program: Program
  readonly madeAtMs: number
  readonly tokens: Map<string, Token>
}

const SESSIONS_MAX = 500
const TYPES_MS = 300_000
/** A new application is known to the sandbox a moment after it is made. */
const KNOWN_AFTER_MS = 45_000
const LOOK_AGAIN_MS = 250

export interface TryItWorld {
  readonly db: Postgres
  readonly world: ProcessWorld
  readonly keeping: () => Promise<Keeping>
}

export const openTryIt = ({ db, world, keeping }: TryItWorld): TryIt => {
  const sandbox = openSandbox(world)
  const sessions = new Map<PartnerId, Session>()
  let types: { readonly at: number; readonly list: Promise<readonly ConsentType[]> } | undefined

  const typesNow = () => {
    if (!types || performance.now() - types.at > TYPES_MS)
      types = { at: performance.now(), list: sandbox.types() }
    return types.list
  }

  const sessionOf = async (partnerId: PartnerId): Promise<Session> => {
    const given = await keeping()
    const held = await heldClient(db, partnerId, given)
    const known = sessions.get(partnerId)
    if (held && known?.client.id === held.id) return known
    const client =
      held ?? (await work(db, 'system', world.now(), (w) => makeClient(w, partnerId, given)))
    const session = {
      client,
      program: await sandbox.program(client),
      madeAtMs: performance.now(),
      tokens: new Map<string, Token>(),
    }
    const [oldest] = sessions.keys()
    if (sessions.size >= SESSIONS_MAX && oldest) sessions.delete(oldest)
    sessions.set(partnerId, session)
    return session
  }

  /** Asks again while the application is so new that the sandbox may not have heard of it. */
  const patiently = async <T>(
    { madeAtMs }: Session,
    ask: () => Promise<T>,
    isUnknown: (answer: T) => boolean,
  ): Promise<T> => {
    for (;;) {
      const answer = await ask()
      if (!isUnknown(answer) || performance.now() - madeAtMs > KNOWN_AFTER_MS) return answer
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
    }
  }

  const tokenOf = async (session: Session, scope: string): Promise<Token | Answer> => {
    const held = session.tokens.get(scope)
    if (held && held.endsAtMs > world.now().epochMilliseconds) return held
    const token = await patiently(
      session,
      () => refusalIn(() => session.program.token(scope)),
      (answer) => 'status' in answer && answer.status === 401,
    )
    if (!('status' in token)) session.tokens.set(scope, token)
    return token
  }

  const calls = (session: Session, token: Token, call: Call) =>
    patiently(
      session,
      () => session.program.call(token, call),
      ({ status, body }) => status === 401 && body.includes('"gateway/token-invalid"'),
    )

  /** The customer decides on the bank's own pages, by the sandbox's simulator. */
  const consented = async (
    session: Session,
    {
      scope,
      detail,
      persona,
      decision,
    }: {
      scope: string
      detail: Record<string, unknown>
      persona: Persona
      decision: Decision
    },
  ): Promise<Token | Answer> => {
    const key = JSON.stringify([scope, persona.login, detail])
    const held = session.tokens.get(key)
    // A no is heard although there was a yes before.
    if (decision === 'APPROVE' && held && held.endsAtMs > world.now().epochMilliseconds) return held
    const own = await tokenOf(session, 'sandbox')
    if ('status' in own) return own
    const asked = await refusalIn(() => session.program.ask(scope, detail))
    if ('status' in asked) return asked
    const decided = await calls(session, own, {
      method: 'POST',
      path: '/sandbox/v1/simulations/consent-decisions',
      headers: { 'content-type': 'application/json', 'idempotency-key': uuidv7() },
      body: JSON.stringify({
        requestUri: asked.requestUri,
        login: persona.login,
        password: persona.password,
        decision,
        accounts: 'permissions' in detail ? 'ALL' : 'FIRST',
      }),
    })
    const back = redirectIn(decided)
    if (back === undefined) return decided
    const token = await refusalIn(() => asked.redeem(back))
    // What a customer allows once is asked for again at the next try.
    if (!('status' in token) && 'permissions' in detail) session.tokens.set(key, token)
    return token
  }

  const typeOf = async ({ needs }: OperationModel) =>
    needs?.consent && (await typesNow()).find(({ type }) => type === needs.consent?.type)

  return {
    detail: async (operation) => {
      const type = await typeOf(operation)
      return type ? detailOf(type, operation.body?.example) : null
    },
    try: async ({ partnerId, operation, filled, persona, decision = 'APPROVE', detail: given }) => {
      const { needs } = operation
      if (!needs) throw tryRefused(`${operation.id} is told, not called`)
      const call = callOf(operation, filled, uuidv7())
      const type = await typeOf(operation)
      if (type && !persona)
        throw tryRefused('a customer has to be asked', {
          errors: [{ pointer: '/persona', code: 'required', detail: 'say who decides' }],
        })
      const session = await sessionOf(partnerId).catch((cause: unknown) => {
        if (cause instanceof Error && cause.name === 'Problem') throw cause
        throw sandboxAway('its authorization server does not answer', { cause })
      })
      const detail = type ? { ...(given ?? detailOf(type, filled.body)), type: type.type } : null
      const fromMs = performance.now()
      const token =
        detail && persona
          ? await consented(session, { scope: needs.scope, detail, persona, decision })
          : await tokenOf(session, needs.scope)
      const tokenMs = performance.now()
      const about = { call, applicationId: session.client.id, detail }
      const spent = Math.round(tokenMs - fromMs)
      if ('status' in token)
        return {
          ...about,
          stage: detail ? 'consent' : 'token',
          answer: token,
          consentId: null,
          ms: { token: detail ? 0 : spent, consent: detail ? spent : 0, call: 0 },
        }
      const answer = await calls(session, token, call)
      return {
        ...about,
        stage: 'call',
        answer,
        consentId: token.consentId,
        ms: {
          token: detail ? 0 : spent,
          consent: detail ? spent : 0,
          call: Math.round(performance.now() - tokenMs),
        },
      }
    },
    close: () => sandbox.close(),
  }
}

const redirectIn = ({ status, body }: Answer): string | undefined => {
  if (status !== 201) return undefined
  const decided: unknown = JSON.parse(body)
  return typeof decided === 'object' &&
    decided !== null &&
    'redirectTo' in decided &&
    typeof decided.redirectTo === 'string'
    ? decided.redirectTo
    : undefined
}
