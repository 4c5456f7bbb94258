/** Control outside the house: signed registries and revocations over the real link. */
import { createServer, type ServerResponse } from 'node:http'
import type { Registry } from '#authorization/registry.ts'
import { claimSocket } from '#platform/http.ts'
import type { JWK } from '#platform/jose.ts'
import type { LinkLine } from '#platform/link.ts'
import { type Revocation, sealEnvelope } from '#platform/publication.ts'

export const openControl = async (socket: string, key: JWK) => {
  let envelope: object | undefined
  let epoch = 0
  const listeners = new Set<ServerResponse>()
  const revocations: Revocation[] = []
  const tell = (line: LinkLine) => {
    for (const res of listeners) res.write(`${JSON.stringify(line)}\n`)
  }
  const server = createServer((req, res) => {
    if (req.url?.includes('/stream')) {
      res.writeHead(200, { 'content-type': 'application/x-ndjson' })
      listeners.add(res)
      res.on('close', () => listeners.delete(res))
      tell({ type: 'heartbeat', at: '2026-11-22T12:00:00Z' })
      for (const revocation of revocations)
        res.write(`${JSON.stringify({ type: 'revocation', revocation })}\n`)
      return
    }
    res.writeHead(envelope ? 200 : 404, { 'content-type': 'application/json' })
    res.end(JSON.stringify(envelope ?? {}))
  })
  const pulse = setInterval(() => tell({ type: 'heartbeat', at: '2026-11-22T12:00:00Z' }), 500)
  await claimSocket(socket)
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  return {
    publish: (registry: Registry): number => {
      epoch += 1
      const head = { cell: registry.cell, audience: 'authorization' as const, epoch }
      envelope = sealEnvelope(
        { ...head, compiledAt: '2026-11-22T12:00:00Z', content: registry },
        key,
      )
      tell({ type: 'epoch', epoch })
      return epoch
    },
    revoke: (kind: Revocation['kind'], id: string) => {
      const revocation: Revocation = {
        source: 'control',
        seq: revocations.length + 1,
        kind,
        id,
        at: Temporal.Now.instant().toString(),
        expiresAt: Temporal.Now.instant().add({ minutes: 11 }).toString(),
      }
      revocations.push(revocation)
      tell({ type: 'revocation', revocation })
    },
    close: async () => {
      clearInterval(pulse)
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
