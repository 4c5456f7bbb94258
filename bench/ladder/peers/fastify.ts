import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { z } from 'zod'
import { startLoaded } from '../machine.ts'
import { type Peer, stopping, untilListening } from './peer.ts'

const require = createRequire(import.meta.url)

export const fastify: Peer = {
  name: 'fastify-http-proxy',
  compiled: false,
  rungs: {
    T1: { weaker: 'no edge policy beyond Node’s parser' },
    T2: { weaker: 'no sender constraint, no revocation' },
    T3: { weaker: 'limit of one process, no sender constraint, no revocation' },
    T4: { weaker: 'fields named by hand, no consent, limit of one process' },
  },
  prepare: async () => void require.resolve('@fastify/http-proxy'),
  version: () =>
    z
      .object({ version: z.string() })
      .parse(
        JSON.parse(
          readFileSync(
            join(import.meta.dirname, '../../../node_modules/@fastify/http-proxy/package.json'),
            'utf8',
          ),
        ),
      ).version,
  start: async (rung, { port, certificate, key, clientAuthority, upstream, issuer }) => {
    const options = {
      rung,
      port,
      certificate,
      key,
      clientAuthority,
      upstream: upstream.port,
      jwks: issuer.jwks,
      issuer: issuer.issuer,
      audience: issuer.audience,
    }
    const child = startLoaded(
      process.execPath,
      [join(import.meta.dirname, 'fastify-server.ts'), JSON.stringify(options)],
      { stdio: 'inherit' },
    )
    await untilListening(port, child)
    return stopping(child)
  },
}
