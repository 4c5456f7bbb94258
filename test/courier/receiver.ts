/** A partner's server for tests: it answers what it is told to, keeps what it heard, and can verify it. */
import { createPublicKey, verify } from 'node:crypto'
import { mkdtempSync, readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { makeAuthority, makeServerCertificate } from '#platform/certificates.ts'

const Body = z.object({
  type: z.string(),
  timestamp: z.string(),
  data: z.record(z.string(), z.unknown()),
})

export interface Message {
  /** The path that it was sent to: each endpoint has its own. */
  readonly path: string
  readonly id: string
  readonly timestamp: string
  readonly signature: string
  readonly replay: boolean
  readonly raw: string
  readonly body: z.output<typeof Body>
}

/** What a server answers; undefined: nothing, ever. */
export type Behaviour = (
  message: Message,
) => { status: number; body?: string; headers?: Record<string, string> } | undefined

export interface Receiver {
  readonly port: number
  readonly ca: string
  /** What a path answers; a challenge is answered by itself unless `mute`. */
  behave(path: string, behaviour: Behaviour): void
  onMessage(path: string, hear: (message: Message) => void): void
  stop(): void
}

export const openReceiver = async (): Promise<Receiver> => {
  const at = mkdtempSync(join(tmpdir(), 'portico-receiver-'))
  const file = (name: string) => join(at, name)
  const ca = await makeAuthority({ certificate: file('ca.pem'), key: file('ca.key') }, 'Test CA')
  const tls = { certificate: file('tls.pem'), key: file('tls.key') }
  await makeServerCertificate(ca, tls, 'localhost')
  const behaviours = new Map<string, Behaviour>()
  const listeners = new Map<string, (message: Message) => void>()
  const server = createServer(
    { cert: readFileSync(tls.certificate), key: readFileSync(tls.key) },
    (request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        const raw = Buffer.concat(parts).toString('utf8')
        const header = (name: string) => String(request.headers[name] ?? '')
        const message: Message = {
          path: request.url ?? '',
          id: header('webhook-id'),
          timestamp: header('webhook-timestamp'),
          signature: header('webhook-signature'),
          replay: header('webhook-replay') === '1',
          raw,
          body: Body.parse(JSON.parse(raw)),
        }
        const isChallenge = message.body.type === 'webhooks.challenge'
        if (!isChallenge) listeners.get(message.path)?.(message)
        const behaviour = behaviours.get(message.path)
        const answer = isChallenge
          ? { status: 200, body: JSON.stringify({ challenge: message.body.data['challenge'] }) }
          : behaviour
            ? behaviour(message)
            : { status: 204 }
        if (!answer) return
        response.writeHead(answer.status, answer.headers ?? {})
        response.end(answer.body)
      })
    },
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = z.object({ port: z.number() }).parse(server.address())
  return {
    port,
    ca: ca.certificatePem,
    behave: (path, behaviour) => behaviours.set(path, behaviour),
    onMessage: (path, hear) => listeners.set(path, hear),
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Whether a message is signed (`v1a`) by the key that the partner pinned, `whpk_…`. */
export const isSignedBy = (message: Message, pinned: string): boolean => {
  const x = Buffer.from(pinned.replace(/^whpk_/, ''), 'base64').toString('base64url')
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  const content = Buffer.from(`${message.id}.${message.timestamp}.${message.raw}`)
  return message.signature
    .split(' ')
    .filter((part) => part.startsWith('v1a,'))
    .some((part) => verify(null, content, key, Buffer.from(part.slice(4), 'base64')))
}
