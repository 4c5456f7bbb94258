/**
 * An authenticator in software (WebAuthn Level 3 §6): makes a passkey and uses it, honestly or with whatever a test
 * bends. What a browser would refuse to do, such as to answer for another origin, it does when told to.
 */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'

export interface Bent {
  readonly origin?: string
  readonly rpId?: string
  readonly challenge?: string
  /** The holder did not show who they are. */
  readonly unverified?: boolean
  readonly counter?: number
  readonly crossOrigin?: boolean
}

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest()
const json = (value: object) => Buffer.from(JSON.stringify(value))

/** CBOR (RFC 8949) of the few shapes that an attestation has. */
const head = (major: number, value: number) => {
  if (value < 24) return Buffer.from([(major << 5) | value])
  if (value < 256) return Buffer.from([(major << 5) | 24, value])
  return Buffer.from([(major << 5) | 25, value >> 8, value & 255])
}
const int = (value: number) => (value < 0 ? head(1, -1 - value) : head(0, value))
const bytes = (value: Uint8Array) => Buffer.concat([head(2, value.length), value])
const text = (value: string) => Buffer.concat([head(3, value.length), Buffer.from(value)])
const map = (...pairs: readonly (readonly [Buffer, Buffer])[]) =>
  Buffer.concat([head(5, pairs.length), ...pairs.flat()])

const PRESENT = 0x01
const VERIFIED = 0x04
const ATTESTED = 0x40

export const softwareAuthenticator = (origin: string, rpId = 'localhost') => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  const id = randomBytes(32)
  let uses = 0

  const authData = (flags: number, bent: Bent, attested: Uint8Array = Buffer.alloc(0)) => {
    const counter = Buffer.alloc(4)
    counter.writeUInt32BE(bent.counter ?? ++uses)
    const seen = PRESENT | (bent.unverified ? 0 : VERIFIED) | flags
    return Buffer.concat([sha256(bent.rpId ?? rpId), Buffer.from([seen]), counter, attested])
  }
  const clientData = (type: string, challenge: string, bent: Bent) =>
    json({
      type,
      challenge: bent.challenge ?? challenge,
      origin: bent.origin ?? origin,
      crossOrigin: bent.crossOrigin ?? false,
    })
  const named = {
    id: id.toString('base64url'),
    rawId: id.toString('base64url'),
    type: 'public-key' as const,
    clientExtensionResults: {},
  }

  return {
    id: named.id,
    /** Answers `navigator.credentials.create`. */
    make: (challenge: string, bent: Bent = {}) => {
      const cose = map(
        [int(1), int(2)],
        [int(3), int(-7)],
        [int(-1), int(1)],
        [int(-2), bytes(Buffer.from(x, 'base64url'))],
        [int(-3), bytes(Buffer.from(y, 'base64url'))],
      )
      const length = Buffer.from([0, id.length])
      const attested = Buffer.concat([Buffer.alloc(16), length, id, cose])
      const attestation = map(
        [text('fmt'), text('none')],
        [text('attStmt'), map()],
        [text('authData'), bytes(authData(ATTESTED, bent, attested))],
      )
      return {
        ...named,
        response: {
          clientDataJSON: clientData('webauthn.create', challenge, bent).toString('base64url'),
          attestationObject: attestation.toString('base64url'),
          transports: ['internal' as const],
        },
      }
    },
    /** Answers `navigator.credentials.get`. */
    use: (challenge: string, bent: Bent = {}) => {
      const told = clientData('webauthn.get', challenge, bent)
      const data = authData(0, bent)
      const signature = sign('sha256', Buffer.concat([data, sha256(told)]), privateKey)
      return {
        ...named,
        response: {
          clientDataJSON: told.toString('base64url'),
          authenticatorData: data.toString('base64url'),
          signature: signature.toString('base64url'),
        },
      }
    },
  }
}
export type SoftwareAuthenticator = ReturnType<typeof softwareAuthenticator>
