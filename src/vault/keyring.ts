/** The vault's keys: what the files hold, and the data keys that the database holds wrapped. */
import { randomBytes } from 'node:crypto'
import { importSigningKey, type SigningKey } from '#platform/jose.ts'
import { readJwk, readRandomKey } from '#platform/keys.ts'
import type { CellLayout } from '#platform/layout.ts'
import type { Db } from '#platform/db.ts'
import { open, seal } from './envelope.ts'
import * as store from './store.ts'

/** New cards of a range are sealed under this version of its key. */
const CURRENT = 1

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
  /** The keys of a range, made and kept at its first card; `version` is the one that a card was sealed under. */
  ofRange(bin: string, now: Temporal.Instant, version?: number): Promise<RangeKeys>
}

/**
 * `db` is a pool of the keyring's own: a data key must be kept before anything is sealed with it, stay kept when the
 * command that asked for it fails, and never wait for a connection that a waiting command holds.
 */
export const openKeyring = async (files: CellLayout['vault'], db: Db): Promise<Keyring> => {
  const kek = readRandomKey(files.kek)
  const unwrapped = new Map<string, Promise<RangeKeys>>()

  const dataKey = async (
    purpose: 'card' | 'cvc',
    bin: string,
    version: number,
    now: Temporal.Instant,
  ) => {
    const place = { table: 'vault.data_key', column: 'wrapped', purpose, bin, version }
    const fresh = randomBytes(32)
    await store.keepDataKey(db, { purpose, bin, version, wrapped: seal(fresh, kek, place) }, now)
    fresh.fill(0)
    return open(await store.dataKey(db, purpose, bin, version), kek, place)
  }
  const rangeKeys = async (
    bin: string,
    version: number,
    now: Temporal.Instant,
  ): Promise<RangeKeys> => ({
    version,
    card: await dataKey('card', bin, version, now),
    // One for all versions: a new key for sealing must not change the code that is printed on a card.
    cvc: await dataKey('cvc', bin, 1, now),
  })
  return {
    lookup: readRandomKey(files.lookup),
    signing: await importSigningKey(readJwk(files.signing)),
    ofRange: (bin, now, version = CURRENT) => {
      const name = `${bin}/${version}`
      const held = unwrapped.get(name)
      if (held) return held
      const keys = rangeKeys(bin, version, now)
      unwrapped.set(name, keys)
      // A database that was away for a moment must not leave a range closed for ever.
      keys.catch(() => unwrapped.delete(name))
      return keys
    },
  }
}
