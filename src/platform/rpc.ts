/** Typed talk between processes over a Unix socket. A contract is data; it lives with the server side. */
import { Agent, request } from 'undici'
import { z } from 'zod'
import { Problem, problem, problemKinds } from '#kernel/problem.ts'
import type { Server } from './http.ts'
import { parseRequest } from './request.ts'

export const peerUnavailable = problem(
  'platform/peer-unavailable',
  503,
  'A part of the bank’s platform is not answering',
)

export interface Endpoint<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly path: string
  readonly input: I
  readonly output: O
}

/** One question and its answer. Both go over the wire as JSON through their schemas (codecs welcome). */
export const endpoint = <I extends z.ZodType, O extends z.ZodType>(
  path: `/internal/${string}`,
  input: I,
  output: O,
): Endpoint<I, O> => ({
  path,
  input,
  output,
})

type Contract = Readonly<Record<string, Endpoint>>

export type Client<C extends Contract> = {
  readonly [K in keyof C]: (input: z.output<C[K]['input']>) => Promise<z.output<C[K]['output']>>
}

/** Serves a contract: every handler gets parsed input, and its answer is checked against the schema. */
export const serveContract = <C extends Contract>(
  server: Server,
  contract: C,
  handlers: Client<C>,
): void => {
  for (const [name, { path, input, output }] of Object.entries(contract)) {
    const handle = handlers[name as keyof C] as (input: unknown) => Promise<unknown>
    server.post(path, async (request, reply) => {
      const answer = await handle(parseRequest(input, request.body))
      return reply
        .type('application/json')
        .serializer(String)
        .send(JSON.stringify(z.encode(output, answer ?? null)))
    })
  }
}

const ProblemAnswer = z.looseObject({
  code: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string(),
  reasonCode: z.string().optional(),
  hint: z.string().optional(),
  errors: z
    .array(z.object({ pointer: z.string(), code: z.string(), detail: z.string() }))
    .optional(),
})

/** A failure that another process answered, as the same `Problem` here. */
export const problemFromAnswer = (
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): Problem => {
  const parsed = ProblemAnswer.safeParse(body)
  if (!parsed.success) return peerUnavailable(`it answered ${status}`)
  const { code, title, detail, reasonCode, hint, errors } = parsed.data
  const kind = problemKinds.get(code) ?? { code, title, status }
  return new Problem(kind, detail, {
    headers,
    ...(reasonCode && { reasonCode }),
    ...(hint && { hint }),
    ...(errors && { errors }),
  })
}

/** The client of a contract over a socket. Throws the server's own problems; `platform/peer-unavailable` when it is away. */
export const rpcClient = <C extends Contract>(
  contract: C,
  socketPath: string,
  timeoutMs = 10_000,
): Client<C> & { close(): Promise<void> } => {
  const dispatcher = new Agent({
    connect: { socketPath },
    connections: 8,
    bodyTimeout: timeoutMs,
    headersTimeout: timeoutMs,
  })
  const ask = async ({ path, input, output }: Endpoint, value: unknown) => {
    const answer = await request(`http://peer${path}`, {
      method: 'POST',
      dispatcher,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(z.encode(input, value)),
    }).catch((cause: unknown) => {
      throw peerUnavailable('no connection; it may be starting', { cause })
    })
    const body: unknown = await answer.body.json()
    if (answer.statusCode !== 200) throw problemFromAnswer(answer.statusCode, body)
    return output.parse(body)
  }
  const calls = Object.entries(contract).map(([name, e]) => [
    name,
    (value: unknown) => ask(e, value),
  ])
  return { ...Object.fromEntries(calls), close: () => dispatcher.close() } as Client<C> & {
    close(): Promise<void>
  }
}
