/** The vault's keys: what the files hold, and the data keys that the database holds wrapped. */
import { randomBytes } from 'node:crypto'
import { importSigningKey, type SigningKey } from '#platform/jose.ts'
import { readJwk, readRandomKey } from '#platform/keys.ts'
import type { CellLayout } from '#platform/layout.ts'
import type { Postgres } from '#platform/db.ts'
import { fileKeyService, type KeyService } from './key-service.ts'
import * as store from './store.ts'

/** The first key of a range that has none. */
const FIRST = 1

export interface RangeKeys {
  readonly version: number
  /** Seals and opens rows. */
  readonly card: Buffer
  /** Makes verification codes. */
  readonly cvc: Buffer
}

export interface Keyring {
  /** HMAC key of the lookup. */
  readonly lookup: Buffer
  /** Signs what is revealed. */
  readonly signing: SigningKey
  readonly service: KeyService
  /** The keys of a range, made and kept at its first card; `version` is the one that a card is sealed under. */
  ofRange(bin: string, now: Temporal.Instant, version?: number): Promise<RangeKeys>
  /** Wipes a key that nothing is sealed under any more. */
  forget(bin: string, version: number): Promise<void>
}

/** Where a wrapped data key stands; it unwraps nowhere else. */
export const placeOfKey = ({ purpose, bin, version }: store.DataKeyId) => ({
  table: 'vault.data_key',
  column: 'wrapped',
  purpose,
  bin,
  version,
})

/**
 * `db` is a pool of the keyring's own: a data key must be kept before anything is sealed with it, stay kept when the
 * command that asked for it fails, and never wait for a connection that a waiting command holds.
 */
export const openKeyring = async (
  files: CellLayout['vault'],
  db: Postgres,
  service: KeyService = fileKeyService(files.kek),
): Promise<Keyring> => {
  const unwrapped = new Map<string, Promise<RangeKeys>>()
  const nameOf = (bin: string, version: number) => `${bin}/${version}`

  const dataKey = async (id: store.DataKeyId, now: Temporal.Instant): Promise<Buffer> => {
    const held = await store.dataKey(db, id)
    if (held) return service.unwrap(held, placeOfKey(id))
    await makeDataKey(db, service, id, now)
    return dataKey(id, now)
  }
  const rangeKeys = async (
    bin: string,
    version: number,
    now: Temporal.Instant,
  ): Promise<RangeKeys> => ({
    version,
    card: await dataKey({ purpose: 'card', bin, version }, now),
    // One for all versions: a new key for sealing must not change the code that is printed on a card.
    cvc: await dataKey({ purpose: 'cvc', bin, version: FIRST }, now),
  })
  return {
    lookup: readRandomKey(files.lookup),
    signing: await importSigningKey(readJwk(files.signing)),
    service,
    ofRange: (bin, now, version = FIRST) => {
      const name = nameOf(bin, version)
      const held = unwrapped.get(name)
      if (held) return held
      const keys = rangeKeys(bin, version, now)
      unwrapped.set(name, keys)
      // A database that was away for a moment must not leave a range closed for ever.
      keys.catch(() => unwrapped.delete(name))
      return keys
    },
    forget: async (bin, version) => {
      const held = unwrapped.get(nameOf(bin, version))
      unwrapped.delete(nameOf(bin, version))
      const keys = await held
      keys?.card.fill(0)
      keys?.cvc.fill(0)
    },
  }
}

/** Of two that are made at once the second is thrown away. Never while old key-encryption keys are being destroyed. */
export const makeDataKey = (
  db: Postgres,
  service: KeyService,
  id: store.DataKeyId,
  now: Temporal.Instant,
): Promise<void> =>
  db.transaction(async (tx) => {
    await store.lockKeys(tx, 'shared')
    const fresh = randomBytes(32)
    const { keyId, bytes } = await service.wrap(fresh, placeOfKey(id))
    fresh.fill(0)
    await store.keepDataKey(tx, id, { keyId, bytes }, now)
  })
