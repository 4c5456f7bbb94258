/** For tests: a key service that speaks the transit API over mutual TLS, and can be slow, broken, sealed, or forget who signed in. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { z } from 'zod'
import {
  issueClientCertificate,
  makeAuthority,
  makeServerCertificate,
  newClientRequest,
} from '#platform/certificates.ts'

const NONCE = 12
const TAG = 16

const Asked = z.object({
  plaintext: z.base64().optional(),
  ciphertext: z.string().optional(),
  associated_data: z.base64().optional(),
  name: z.string().optional(),
  min_decryption_version: z.number().optional(),
  min_encryption_version: z.number().optional(),
  min_available_version: z.number().optional(),
})
type Asked = z.output<typeof Asked>

/** Certificates as a bank would give them: of the server, and of a vault as a client. */
export const transitCertificates = async (folder: string) => {
  const file = (name: string) => join(folder, name)
  const authority = await makeAuthority(
    { certificate: file('ca.pem'), key: file('ca.key') },
    'keys of the bank',
  )
  const server = { certificate: file('server.pem'), key: file('server.key') }
  await makeServerCertificate(authority, server, 'key service')
  const client = async (name: string) => {
    const { key, csr } = await newClientRequest(name)
    const holder = { cell: 'sandbox', partnerId: 'vault', applicationId: name, days: 1 }
    const { pem } = await issueClientCertificate(authority, csr, holder)
    const files = { certificate: file(`${name}.pem`), key: file(`${name}.key`) }
    writeFileSync(files.certificate, pem)
    writeFileSync(files.key, key, { mode: 0o600 })
    return files
  }
  return { ca: file('ca.pem'), server, client }
}

export interface TransitEngine {
  readonly url: string
  /** How it behaves from now on. */
  mood: 'well' | 'silent' | 'broken' | 'sealed'
  /** Everything that was asked, as `POST transit/encrypt/portico-sandbox`. */
  readonly asked: string[]
  /** Tokens that were given stop being good. */
  forgetTokens(): void
  readonly stop: () => Promise<void>
}

/** One key, named as the role that may use it. */
export const startTransitEngine = async (
  certificates: Awaited<ReturnType<typeof transitCertificates>>,
  role: string,
): Promise<TransitEngine> => {
  const versions = new Map<number, Buffer>([[1, randomBytes(32)]])
  const floor = { encryption: 0, decryption: 1, available: 0 }
  const tokens = new Set<string>()
  const latest = () => Math.max(...versions.keys())

  const encrypt = ({ plaintext = '', associated_data = '' }: Asked) => {
    const nonce = randomBytes(NONCE)
    const cipher = createCipheriv('aes-256-gcm', versions.get(latest()) ?? '', nonce)
    cipher.setAAD(Buffer.from(associated_data, 'base64'))
    const body = [nonce, cipher.update(plaintext, 'base64'), cipher.final(), cipher.getAuthTag()]
    return {
      ciphertext: `vault:v${latest()}:${Buffer.concat(body).toString('base64')}`,
      key_version: latest(),
    }
  }
  const decrypt = ({ ciphertext = '', associated_data = '' }: Asked) => {
    const [, version = '', text = ''] = /^vault:v(\d+):(.+)$/.exec(ciphertext) ?? []
    const key = versions.get(Number(version))
    if (!key || Number(version) < floor.decryption) return undefined
    const bytes = Buffer.from(text, 'base64')
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE), {
      authTagLength: TAG,
    })
    decipher.setAAD(Buffer.from(associated_data, 'base64'))
    decipher.setAuthTag(bytes.subarray(-TAG))
    try {
      const plain = [decipher.update(bytes.subarray(NONCE, -TAG)), decipher.final()]
      return { plaintext: Buffer.concat(plain).toString('base64') }
    } catch {
      return undefined
    }
  }
  const configure = ({ min_decryption_version: d = 0, min_encryption_version: e = 0 }: Asked) => {
    if (Math.max(d, e) > latest()) return undefined
    Object.assign(floor, { decryption: d, encryption: e })
    return {}
  }
  const trim = ({ min_available_version: least = 0 }: Asked) => {
    // As the engine documents it: never above what the two others allow, and never while one of them is not set.
    if (least > Math.min(floor.decryption, floor.encryption)) return undefined
    for (const version of versions.keys()) if (version < least) versions.delete(version)
    floor.available = least
    return {}
  }
  const read = () => ({
    name: role,
    type: 'aes256-gcm96',
    exportable: false,
    latest_version: latest(),
    min_available_version: floor.available,
  })
  const rotate = () => {
    versions.set(latest() + 1, randomBytes(32))
    return read()
  }
  const operations: Readonly<Record<string, (asked: Asked) => object | undefined>> = {
    [`POST transit/encrypt/${role}`]: encrypt,
    [`POST transit/decrypt/${role}`]: decrypt,
    [`GET transit/keys/${role}`]: read,
    [`POST transit/keys/${role}/rotate`]: rotate,
    [`POST transit/keys/${role}/config`]: configure,
    [`POST transit/keys/${role}/trim`]: trim,
  }

  const answerTo = async (request: IncomingMessage): Promise<[number, object]> => {
    const operation = `${request.method} ${request.url?.replace('/v1/', '')}`
    engine.asked.push(operation)
    const text = Buffer.concat(await request.toArray()).toString('utf8')
    if (engine.mood === 'broken') return [500, { errors: ['internal error'] }]
    if (engine.mood === 'sealed') return [503, { errors: ['Vault is sealed'] }]
    const asked = Asked.parse(text === '' ? {} : JSON.parse(text))
    if (operation === 'POST auth/cert/login') {
      const socket = request.socket as TLSSocket
      const { subject } = socket.getPeerCertificate()
      if (!socket.authorized || subject?.CN !== role || asked.name !== role)
        return [400, { errors: ['invalid certificate or no client certificate supplied'] }]
      const token = randomBytes(16).toString('hex')
      tokens.add(token)
      return [200, { auth: { client_token: token, lease_duration: 3_600 } }]
    }
    if (!tokens.has(String(request.headers['x-vault-token'])))
      return [403, { errors: ['permission denied'] }]
    const answer = operations[operation]
    if (!answer) return [403, { errors: ['permission denied'] }]
    const data = answer(asked)
    return data ? [200, { data }] : [400, { errors: ['cipher: message authentication failed'] }]
  }

  const server = createServer(
    {
      ca: readFileSync(certificates.ca),
      cert: readFileSync(certificates.server.certificate),
      key: readFileSync(certificates.server.key),
      requestCert: true,
      rejectUnauthorized: true,
    },
    (request, response) => {
      void answerTo(request).then(([status, body]) => {
        // Of a silent one nothing ever comes, and nothing is hung up.
        if (engine.mood === 'silent') return
        response.writeHead(status, { 'content-type': 'application/json' })
        response.end(JSON.stringify(body))
      })
    },
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const engine: TransitEngine = {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    mood: 'well',
    asked: [],
    forgetTokens: () => tokens.clear(),
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return engine
}
