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

/** A copy for one command, which wipes it: `using keys = await keyring.ofRange(…)`. */
export interface RangeKeys extends Disposable {
  readonly version: number
  /** Seals and opens rows. */
  readonly card: Buffer
  /** Makes verification codes. */
  readonly cvc: Buffer
  /** Enciphers PIN blocks. */
  readonly pin: Buffer
}

export interface Keyring {
  /** HMAC key of the lookup. */
  readonly lookup: Buffer
  /** Signs what is revealed. */
  readonly signing: SigningKey
  readonly service: KeyService
  /**
   * The keys of a range, made and kept at its first card; `version` is the one that a card is sealed under. Throws where
   * the key service is away and what it unwrapped before is older than its life here.
   */
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

/** How long a data key stays in memory: after it, whoever holds the key-encryption keys is asked again. */
const LIFE_MS = 300_000

/**
 * `db` is a pool of the keyring's own: a data key must be kept before anything is sealed with it, stay kept when the
 * command that asked for it fails, and never wait for a connection that a waiting command holds.
 */
export const openKeyring = async (
  files: CellLayout['vault'],
  db: Postgres,
  {
    service = fileKeyService(files.kek),
    lifeMs = LIFE_MS,
  }: { service?: KeyService; lifeMs?: number } = {},
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
  ): Promise<RangeKeys> =>
    keysOf({
      version,
      card: await dataKey({ purpose: 'card', bin, version }, now),
      // One for all versions: a new key for sealing must not change the code that is printed on a card.
      cvc: await dataKey({ purpose: 'cvc', bin, version: FIRST }, now),
      pin: await dataKey({ purpose: 'pin', bin, version: FIRST }, now),
    })
  /** From the map and from memory. Whoever works with the keys has a copy. */
  const forget = async (name: string, held: Promise<RangeKeys> | undefined): Promise<void> => {
    if (unwrapped.get(name) === held) unwrapped.delete(name)
    const keys = await held
    keys?.[Symbol.dispose]()
  }
  const hold = (name: string, keys: Promise<RangeKeys>): Promise<RangeKeys> => {
    unwrapped.set(name, keys)
    keys.then(
      () => setTimeout(() => void forget(name, keys), lifeMs).unref(),
      // A database that was away for a moment must not leave a range closed for ever.
      () => unwrapped.delete(name),
    )
    return keys
  }
  return {
    lookup: readRandomKey(files.lookup),
    signing: await importSigningKey(readJwk(files.signing)),
    service,
    ofRange: async (bin, now, version = FIRST) => {
      const name = nameOf(bin, version)
      const { card, cvc, pin } = await (unwrapped.get(name) ??
        hold(name, rangeKeys(bin, version, now)))
      // Nothing may come between the wait and the copy: what is held is wiped when its life is over.
      return keysOf({
        version,
        card: Buffer.from(card),
        cvc: Buffer.from(cvc),
        pin: Buffer.from(pin),
      })
    },
    forget: (bin, version) => forget(nameOf(bin, version), unwrapped.get(nameOf(bin, version))),
  }
}

const keysOf = (keys: Omit<RangeKeys, typeof Symbol.dispose>): RangeKeys => ({
  ...keys,
  [Symbol.dispose]: () => {
    for (const key of [keys.card, keys.cvc, keys.pin]) key.fill(0)
  },
})

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
