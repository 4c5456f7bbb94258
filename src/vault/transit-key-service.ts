/** Key-encryption keys in the transit engine of HashiCorp Vault or OpenBao: data keys travel there, the keys never leave it. */
import { z } from 'zod'
import { canonical } from '#kernel/canonical.ts'
import { type Place, sealBroken } from './envelope.ts'
import type { KeyService } from './key-service.ts'
import { keysRefused, openTransit, type TransitSettings } from './transit-client.ts'

const Nothing = z.looseObject({})
const Encrypted = z.object({ ciphertext: z.string().max(4_096) })
const Decrypted = z.object({ plaintext: z.base64() })
const Key = z.object({
  type: z.string(),
  latest_version: z.number().int().min(1),
  min_available_version: z.number().int().min(0),
  exportable: z.boolean(),
})

/** `vault:v3:…`: what the engine puts before its ciphertext says by which version. */
const versionOf = /^vault:v([1-9]\d{0,8}):/
const named = /^transit-v([1-9]\d{0,8})$/

export interface TransitKeyService extends KeyService {
  /** Whether a wrapped key was wrapped here. */
  owns(keyId: string | null): boolean
  readonly close: () => Promise<void>
}

export const transitKeyService = (settings: TransitSettings): TransitKeyService => {
  const client = openTransit(settings)
  const { mount, name } = settings
  const nameOf = (version: number) => `transit-v${version}`
  const boundTo = (place: Place) => Buffer.from(canonical(place)).toString('base64')

  const key = async () => {
    const held = await client.ask('GET', `${mount}/keys/${name}`, undefined, Key)
    if (!held) throw keysRefused(`it has no key ${name}`)
    // A key that can be taken out protects nothing; of other types the place would not be bound.
    if (held.exportable) throw keysRefused(`its key ${name} is exportable`)
    if (held.type !== 'aes256-gcm96') throw keysRefused(`its key ${name} is of type ${held.type}`)
    return held
  }

  return {
    place: `${settings.url}, key ${mount}/${name}`,
    owns: (keyId) => keyId !== null && named.test(keyId),
    current: async () => nameOf((await key()).latest_version),
    wrap: async (plain, place) => {
      const ask = {
        plaintext: Buffer.from(plain).toString('base64'),
        associated_data: boundTo(place),
      }
      const answer = await client.ask('POST', `${mount}/encrypt/${name}`, ask, Encrypted)
      const version = versionOf.exec(answer?.ciphertext ?? '')?.[1]
      if (!answer || version === undefined) throw keysRefused('it does not wrap a data key')
      return { keyId: nameOf(Number(version)), bytes: Buffer.from(answer.ciphertext) }
    },
    unwrap: async ({ keyId, bytes }, place) => {
      const ciphertext = Buffer.from(bytes).toString('latin1')
      if (nameOf(Number(versionOf.exec(ciphertext)?.[1])) !== keyId)
        throw sealBroken('it was wrapped under another key than it says')
      const ask = { ciphertext, associated_data: boundTo(place) }
      const answer = await client.ask('POST', `${mount}/decrypt/${name}`, ask, Decrypted)
      if (!answer) throw sealBroken('the key service does not open it')
      return Buffer.from(answer.plaintext, 'base64')
    },
    renew: async () => {
      await client.ask('POST', `${mount}/keys/${name}/rotate`, {}, Nothing)
      return nameOf((await key()).latest_version)
    },
    retire: async (needed) => {
      const { latest_version: latest, min_available_version: available } = await key()
      const versions = [...needed].flatMap((keyId) => named.exec(keyId)?.[1] ?? []).map(Number)
      const least = Math.min(latest, ...versions)
      // Of a key that was never trimmed the service says 0, and means 1.
      const gone = least - Math.max(1, available)
      if (gone <= 0) return 0
      const floor = { min_decryption_version: least, min_encryption_version: least }
      for (const [path, body] of [
        [`${mount}/keys/${name}/config`, floor],
        [`${mount}/keys/${name}/trim`, { min_available_version: least }],
      ] as const)
        if (!(await client.ask('POST', path, body, Nothing)))
          throw keysRefused(`it does not destroy the versions before ${least}`)
      return gone
    },
    close: client.close,
  }
}
