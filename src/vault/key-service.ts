/** Where the key-encryption keys are: a file of the vault's own, or whatever else the bank keeps its keys in. */
import { createHmac, randomBytes } from 'node:crypto'
import { readRandomKeys, writeWhole } from '#platform/keys.ts'
import { open, type Place, seal, sealBroken } from './envelope.ts'

export interface Wrapped {
  /** Null: wrapped before keys had names. */
  readonly keyId: string | null
  readonly bytes: Uint8Array
}

/**
 * Whoever holds the key-encryption keys. Data keys go in and come out; the keys themselves never do. An HSM or a key
 * service of the bank's is put here by these five questions.
 */
export interface KeyService {
  /** Where the keys are, for whoever runs the vault. */
  readonly place: string
  /** The name of the newest key. */
  current(): Promise<string>
  /** Under the newest key. */
  wrap(plain: Uint8Array, place: Place): Promise<Wrapped & { readonly keyId: string }>
  /** The caller wipes the answer. Throws `vault/seal-broken`. */
  unwrap(wrapped: Wrapped, place: Place): Promise<Buffer>
  /** Makes a new newest key; the ones before it still unwrap. Answers its name. */
  renew(): Promise<string>
  /** Destroys every key but the newest and those that are named. Answers how many went. */
  retire(needed: ReadonlySet<string>): Promise<number>
}

const nameOf = (key: Uint8Array): string =>
  `file-${createHmac('sha256', key).update('name of a key-encryption key').digest('hex').slice(0, 16)}`

/** Keys in a file, one a line, the newest first. It is read at every question, so that all processes see one state. */
export const fileKeyService = (path: string): KeyService => {
  const held = () => readRandomKeys(path).map((key) => ({ name: nameOf(key), key }))
  const newest = () => {
    const [first] = held()
    if (!first) throw sealBroken('the file of the key-encryption keys is empty')
    return first
  }
  const keep = (keys: readonly { key: Buffer }[]) =>
    writeWhole(path, keys.map(({ key }) => key.toString('base64url')).join('\n'))
  return {
    place: `the file ${path}`,
    current: async () => newest().name,
    wrap: async (plain, place) => {
      const { name, key } = newest()
      return { keyId: name, bytes: seal(plain, key, place) }
    },
    unwrap: async ({ keyId, bytes }, place) => {
      // What has no name is from before the first rotation: of that time is the oldest key.
      const found = keyId === null ? held().at(-1) : held().find(({ name }) => name === keyId)
      if (!found) throw sealBroken(`the key-encryption key ${keyId} is not in its file`)
      return open(bytes, found.key, place)
    },
    renew: async () => {
      const key = randomBytes(32)
      keep([{ key }, ...held()])
      return nameOf(key)
    },
    retire: async (needed) => {
      const all = held()
      const kept = all.filter(({ name }, at) => at === 0 || needed.has(name))
      if (kept.length < all.length) keep(kept)
      return all.length - kept.length
    },
  }
}

/**
 * Keys move to another service while the vault works: what an earlier one wrapped still opens there, and everything new
 * is wrapped by the present one. The next rotation wraps the rest anew; the keys of before are then the operator's to destroy.
 */
export const movedKeyService = (
  present: KeyService & { owns(keyId: string | null): boolean },
  earlier: KeyService,
): KeyService => ({
  ...present,
  unwrap: (wrapped, place) =>
    present.owns(wrapped.keyId) ? present.unwrap(wrapped, place) : earlier.unwrap(wrapped, place),
})
