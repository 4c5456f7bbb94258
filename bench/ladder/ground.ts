/** What every measurement stands on: a cell, an upstream that answers at once, and those who call. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createPublicKey } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openCell } from '#test/gateway/cell.ts'
import { publicJwk } from '#platform/jose.ts'
import { type Clients, newClients } from './clients.ts'
import type { Rung, Surroundings } from './peers/peer.ts'

export type BenchCell = Awaited<ReturnType<typeof openCell>>

export interface Ground {
  readonly cell: BenchCell
  readonly clients: Clients
  /** The upstream of all. */
  readonly stub: ChildProcess
  readonly surroundings: Surroundings & { readonly upstream: { readonly tlsPort: number } }
  /** Where our own gateway is called at a rung. */
  portOf(rung: Rung): number
  close(): Promise<void>
}

export const openGround = async (): Promise<Ground> => {
  const cell = await openCell()
  await cell.endUpstreams()
  const port = cell.world.ports.portal + 45
  const upstream = { port: port + 1, tlsPort: port + 2, socket: cell.files.socket('bank') }
  const stub = await startStub(cell, upstream)
  const { gateway, gatewayMtls } = cell.world.ports.production
  return {
    cell,
    clients: await newClients(cell),
    stub,
    surroundings: surroundingsOf(cell, port, upstream),
    portOf: (rung) => (rung === 'T6' ? gateway : gatewayMtls),
    close: async () => {
      stub.kill()
      await cell.close()
    },
  }
}

const startStub = async (
  cell: BenchCell,
  { port, tlsPort, socket }: { port: number; tlsPort: number; socket: string },
) => {
  const tls = cell.files.tls('gateway')
  const options = { sockets: [socket], port, tlsPort, certificate: tls.certificate, key: tls.key }
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'stub.ts'), JSON.stringify(options)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  await once(child.stdout, 'data')
  return child
}

const surroundingsOf = (
  cell: BenchCell,
  port: number,
  upstream: Ground['surroundings']['upstream'],
): Ground['surroundings'] => {
  const folder = join(cell.data, 'peers')
  mkdirSync(folder, { recursive: true })
  const jwk = publicJwk(cell.issuerJwk)
  const publicKey = join(folder, 'issuer.pem')
  const jwks = join(folder, 'issuer.json')
  writeFileSync(
    publicKey,
    createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }),
  )
  writeFileSync(jwks, JSON.stringify({ keys: [jwk] }))
  const tls = cell.files.tls('gateway')
  return {
    folder,
    port,
    certificate: tls.certificate,
    key: tls.key,
    clientAuthority: cell.files.partnerCa.certificate,
    upstream,
    issuer: {
      issuer: cell.addresses.issuer,
      audience: cell.addresses.audience,
      publicKey,
      jwks,
      kid: String(jwk.kid ?? ''),
    },
  }
}
