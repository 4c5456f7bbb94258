/** Calls of one partner through one gateway; every answer is taken note of. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, request } from 'undici'
import type { Cell } from '#kernel/cell.ts'
import { uuidv7 } from '#kernel/id.ts'
import { eventually } from '../journeys/walker.ts'
import type { WellKnown } from '../journeys/web.ts'
import { operations } from '#bank/documents.ts'
import { type Answer, type Coverage, idOf, type Operation } from './heard.ts'
import type { Walking } from './partner.ts'

export interface Given {
  readonly path?: string
  readonly query?: string
  readonly body?: object
  /** What the customer consented to; nobody stands behind a call without. */
  readonly details?: readonly object[]
  readonly consentId?: string
  readonly subject?: string
}

/** How one call differs from a proper one. */
export interface Bent extends Given {
  readonly scope?: string
  /** Null sends none. */
  readonly token?: string | null
  readonly key?: string | null
  /** The bytes of the body, as they are. */
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Take a 429 for an answer; else it is asked again when the limit lets it through. */
  readonly hurried?: boolean
}

export interface Wire {
  readonly cell: Cell
  readonly call: (operation: Operation, bent: Bent) => Promise<Answer>
  /** As the bank's own rooms are heard (src/bank/<room>/heard.ts), over the wire. */
  readonly expect: (
    status: number,
    operationId: string,
    given: Given,
  ) => Promise<Record<string, unknown>>
}

export const operationCalled = (operationId: string): Operation => {
  const found = operations.find((one) => idOf(one) === operationId)
  assert.ok(found, `${operationId} is in no document`)
  return found
}

/** What the bank's rooms refuse, each in its own words, the gateway has refused before where it reads the consent too. */
const atTheGate = /^(consents\/(missing|exceeded)|payments\/differs-from-consent)$/

const TRIES_MAX = 5

/** A limit that is used up or cannot be counted, or a platform that is not sure of its news, at the moment: not what was asked about. */
const isBusy = ({ status, json }: Answer): boolean =>
  status === 429 ||
  /^gateway\/(limits-unavailable|overloaded|revocations-unheard)$/.test(String(json['code']))

const jsonOf = (text: string): Record<string, unknown> => {
  const value: unknown = JSON.parse(text)
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

export const openWire = (wellKnown: WellKnown, walking: Walking, coverage: Coverage): Wire => {
  const { cell, identity } = walking
  const origin = wellKnown.cells[cell].gatewayMtls
  const dispatcher = agentOf(wellKnown, identity)

  const call = async (operation: Operation, bent: Bent): Promise<Answer> => {
    for (let tries = 0; ; tries++) {
      const answer = await ask(operation, bent)
      if (!isBusy(answer) || bent.hurried || tries === TRIES_MAX) return answer
      await sleep(Number(answer.headers['retry-after'] ?? 1) * 1_000)
    }
  }

  const ask = async (operation: Operation, bent: Bent): Promise<Answer> => {
    const { method } = operation
    const scope = bent.scope ?? operation.operation['x-scope']
    const token =
      bent.token === undefined
        ? await walking.tokenFor({
            scope,
            ...(bent.details?.length && { details: bent.details }),
            ...(bent.consentId !== undefined && { consentId: bent.consentId }),
            ...(bent.subject !== undefined && { subject: bent.subject }),
          })
        : bent.token
    const text = bent.text ?? (bent.body === undefined ? undefined : JSON.stringify(bent.body))
    const key = method === 'POST' && bent.key === undefined ? uuidv7() : bent.key
    const { statusCode, headers, body } = await request(
      `${origin}${bent.path ?? operation.path}${bent.query ?? ''}`,
      {
        method: method === 'POST' ? 'POST' : 'GET',
        dispatcher,
        headers: {
          ...(token !== null && { authorization: `Bearer ${token}` }),
          ...(text !== undefined && { 'content-type': 'application/json' }),
          ...(typeof key === 'string' && { 'idempotency-key': key }),
          ...bent.headers,
        },
        ...(text !== undefined && { body: text }),
      },
    ).catch((cause: unknown) => {
      throw new Error(`${idOf(operation)} in ${cell} was not answered`, { cause })
    })
    const contentType = String(headers['content-type'] ?? '')
    const said = await body.text()
    const answer: Answer = {
      status: statusCode,
      contentType,
      headers,
      json: /json/.test(contentType) && said !== '' ? jsonOf(said) : {},
    }
    coverage.hear(cell, operation, answer)
    return answer
  }

  return {
    cell,
    call,
    expect: async (status, operationId, given) => {
      const { status: came, json } = await call(operationCalled(operationId), given)
      const refusedEarlier = status >= 400 && atTheGate.test(String(json['code']))
      if (!refusedEarlier)
        assert.equal(came, status, `${operationId} in ${cell}: ${JSON.stringify(json)}`)
      return json
    },
  }
}

/** The news of a new application is on its way to the gateway for a moment. */
export const untilKnown = async ({ call, cell }: Wire): Promise<void> => {
  const { status } = await eventually(
    60_000,
    () => call(operationCalled('listFxRates'), {}),
    (answer) => answer.status !== 401,
  )
  assert.notEqual(status, 401, `the application is known in ${cell}`)
}

const agents: Agent[] = []
const agentOf = ({ ca }: WellKnown, { key, certificate: cert }: Walking['identity']): Agent => {
  const agent = new Agent({ connect: { ca, key, cert }, connections: 64 })
  agents.push(agent)
  return agent
}
/** Lets go of every connection. */
export const hangUp = async (): Promise<void> => {
  await Promise.all(agents.splice(0).map((agent) => agent.destroy()))
}
