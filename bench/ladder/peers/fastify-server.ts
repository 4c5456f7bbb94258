/** The floor that a good engineer writes in a day: Fastify, a verifier with a cache, a limit, a filter of fields. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import proxy from '@fastify/http-proxy'
import rateLimit from '@fastify/rate-limit'
import Fastify, { type FastifyRequest } from 'fastify'
import { createLocalJWKSet, jwtVerify, type JWTPayload } from 'jose'
import { text } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import { z } from 'zod'
import { releasedAccountFields } from '../answer.ts'

const Options = z.object({
  rung: z.enum(['T1', 'T2', 'T3', 'T4']),
  port: z.number(),
  certificate: z.string(),
  key: z.string(),
  clientAuthority: z.string(),
  upstream: z.number(),
  jwks: z.string(),
  issuer: z.string(),
  audience: z.string(),
})
const options = Options.parse(JSON.parse(process.argv[2] ?? '{}'))
const reaches = (rung: string) => options.rung >= rung

const jwks = createLocalJWKSet(JSON.parse(readFileSync(options.jwks, 'utf8')))
const verified = new Map<string, JWTPayload>()
const claimsOf = async (request: FastifyRequest): Promise<JWTPayload> => {
  const token = request.headers.authorization?.replace(/^Bearer /i, '') ?? ''
  const name = createHash('sha256').update(token).digest('base64url')
  const held = verified.get(name)
  if (held && (held.exp ?? 0) * 1000 > Date.now()) return held
  const { payload } = await jwtVerify(token, jwks, {
    issuer: options.issuer,
    audience: options.audience,
    algorithms: ['PS256'],
  })
  verified.set(name, payload)
  return payload
}

const Account = z.object({ data: z.array(z.record(z.string(), z.unknown())), next: z.unknown() })
const filtered = (body: string): string => {
  const { data, next } = Account.parse(JSON.parse(body))
  const released = data.map((account) =>
    Object.fromEntries(releasedAccountFields.map((field) => [field, account[field]])),
  )
  return JSON.stringify({ data: released, next })
}

const server = Fastify({
  https: {
    cert: readFileSync(options.certificate),
    key: readFileSync(options.key),
    ca: readFileSync(options.clientAuthority),
    requestCert: true,
    rejectUnauthorized: true,
  },
  maxRequestsPerSocket: 1000,
  keepAliveTimeout: 65_000,
})
const claims = new WeakMap<FastifyRequest, JWTPayload>()
if (reaches('T2'))
  server.addHook('onRequest', async (request, reply) => {
    try {
      claims.set(request, await claimsOf(request))
    } catch {
      return reply.code(401).send()
    }
  })
if (reaches('T3'))
  await server.register(rateLimit, {
    max: 1_000_000,
    timeWindow: 1_000,
    keyGenerator: (request) => String(claims.get(request)?.['client_id']),
  })
await server.register(proxy, {
  upstream: `http://127.0.0.1:${options.upstream}`,
  undici: { connections: 64, pipelining: 1 },
  ...(reaches('T4') && {
    replyOptions: {
      onResponse: (_request, reply, response) => {
        const { stream } = z.object({ stream: z.custom<Readable>() }).parse(response)
        reply.removeHeader('content-length')
        void text(stream).then(
          (body) => reply.send(filtered(body)),
          () => reply.code(502).send(),
        )
      },
    },
  }),
})
await server.listen({ port: options.port, host: '127.0.0.1' })
