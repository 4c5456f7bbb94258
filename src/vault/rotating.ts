/**
 * Rotates the vault's keys, online and step by step. Each step is a transaction, and each finds out for itself what is
 * left to do: a vault that was killed in the middle goes on where it was.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Work, work } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'
import type { Log } from '#platform/log.ts'
import { placesOf, type Card } from './card.ts'
import type { KeyRotation } from './contract.ts'
import { open, seal } from './envelope.ts'
import { type Keyring, makeDataKey, placeOfKey } from './keyring.ts'
import * as store from './rotation-store.ts'
import type { Rotation } from './rotation.ts'

export interface RotationRoom {
  readonly db: Postgres
  readonly keyring: Keyring
  readonly now: () => Temporal.Instant
  /** Asked between two steps: whether to leave the rest to the next start. */
  readonly stopped: () => boolean
}

/** Cards in one transaction: each is held for a few milliseconds, and a reveal waits for no longer than that. */
const CARDS_AT_ONCE = 50
const HELD_BY_OTHERS_MS = 50

/** How the newest rotation stands. */
export const rotationState = async (db: Postgres): Promise<KeyRotation> => {
  const newest = await store.newest(db)
  return {
    begunAt: newest?.begunAt ?? null,
    finishedAt: newest?.finishedAt ?? null,
    dataKeys: await store.countKeys(db),
    cardsBehind: await store.countBehind(db),
  }
}

/** Begins a rotation; where one is under way, that one is meant. */
export const beginRotation = (room: RotationRoom): Promise<void> =>
  work(room.db, 'system', room.now(), async (w) => {
    if ((await store.begin(w, w.now)) === 1) await w.record('vault.rotation-begun', 'vault', {})
  })

/** Takes the rotation that is under way to its end; does nothing where there is none. */
export const finishRotation = async (room: RotationRoom): Promise<void> => {
  const { db, keyring, now, stopped } = room
  const step = <T>(body: (w: Work) => Promise<T>) => work(db, 'system', now(), body)
  const rotation = await step((w) => nameKey(w, keyring))
  if (!rotation?.keyId) return
  const { keyId } = rotation

  while (!stopped() && (await step((w) => rewrapSome(w, keyring, keyId))) > 0);
  for (const { bin, version } of await store.rangesOlderThan(db, rotation.begunAt))
    await makeDataKey(db, keyring.service, { purpose: 'card', bin, version: version + 1 }, now())
  while (!stopped() && (await store.countBehind(db)) > 0)
    if ((await step((w) => resealSome(w, keyring))) === 0) await sleep(HELD_BY_OTHERS_MS)
  if (stopped()) return
  await retireDataKeys(room)
  await step((w) => finish(w, keyring, rotation))
}

export interface Rotations {
  begin(): Promise<KeyRotation>
  state(): Promise<KeyRotation>
  stop(): Promise<void>
}

const AGAIN_MS = 5_000

/** Rotations in the background of a running vault: one that an earlier process left open is taken to its end. */
export const openRotations = (room: Omit<RotationRoom, 'stopped'>, log: Log): Rotations => {
  const stopping = new AbortController()
  const { signal } = stopping
  const whole: RotationRoom = { ...room, stopped: () => signal.aborted }
  let wanted = true
  let running: Promise<void> | undefined
  const run = async () => {
    while (wanted && !signal.aborted) {
      wanted = false
      try {
        await finishRotation(whole)
      } catch (cause) {
        wanted = true
        log.error({ cause }, 'a rotation of keys stands still; it goes on in a moment')
        await sleep(AGAIN_MS, undefined, { signal }).catch(() => {})
      }
    }
  }
  const wake = () => {
    wanted = true
    running ??= run().finally(() => {
      running = undefined
      if (wanted && !signal.aborted) wake()
    })
  }
  wake()
  return {
    begin: async () => {
      await beginRotation(whole)
      wake()
      return rotationState(room.db)
    },
    state: () => rotationState(room.db),
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}

/** The key-encryption key that this rotation leads to. One that was made just before a kill is used, not made twice. */
const nameKey = async (w: Work, keyring: Keyring): Promise<Rotation | undefined> => {
  const rotation = await store.openOne(w)
  if (!rotation || rotation.keyId !== null) return rotation
  const newest = await keyring.service.current()
  const inUse = await store.namesInUse(w)
  const isNew = inUse.length > 0 && !inUse.includes(newest)
  const keyId = isNew ? newest : await keyring.service.renew()
  await store.nameKey(w, rotation.id, keyId)
  return { ...rotation, keyId }
}

const rewrapSome = async (w: Work, { service }: Keyring, keyId: string): Promise<number> => {
  const keys = await store.wrappedElsewhere(w, keyId)
  for (const key of keys) {
    const place = placeOfKey(key)
    const plain = await service.unwrap(key, place)
    await store.rewrap(w, key, await service.wrap(plain, place)).finally(() => plain.fill(0))
  }
  if (keys.length > 0) await w.record('vault.keys-rewrapped', keyId, { keys: keys.length })
  return keys.length
}

const resealSome = async (w: Work, keyring: Keyring): Promise<number> => {
  const cards = await store.cardsBehind(w, CARDS_AT_ONCE)
  for (const card of cards) await reseal(w, keyring, card)
  return cards.length
}

const reseal = async (w: Work, keyring: Keyring, card: Card): Promise<void> => {
  const newest = await store.newestOf(w, card.bin)
  using before = await keyring.ofRange(card.bin, w.now, card.keyVersion)
  using after = await keyring.ofRange(card.bin, w.now, newest)
  const [from, to] = [placesOf(card), placesOf({ ...card, keyVersion: newest })]
  const number = open(card.sealedNumber, before.card, from.number)
  const cardholder = open(card.sealedCardholder, before.card, from.cardholder)
  try {
    await store.reseal(w, {
      cardId: card.cardId,
      keyVersion: newest,
      sealedNumber: seal(number, after.card, to.number),
      sealedCardholder: seal(cardholder, after.card, to.cardholder),
    })
  } finally {
    number.fill(0)
    cardholder.fill(0)
  }
}

/** A data key goes when no card needs it: wiped from the database, and from memory. */
const retireDataKeys = async ({ db, keyring, now }: RotationRoom): Promise<void> => {
  for (const { bin, version } of await store.unused(db)) {
    await work(db, 'system', now(), async (w) => {
      await store.drop(w, bin, version)
      await w.record('vault.key-retired', bin, { version })
    })
    await keyring.forget(bin, version)
  }
}

/** Old key-encryption keys end here, while nobody makes a data key. */
const finish = async (w: Work, keyring: Keyring, { id, keyId }: Rotation): Promise<void> => {
  await store.lockKeys(w, 'alone')
  const needed = new Set(await store.namesInUse(w))
  const destroyed = await keyring.service.retire(needed)
  await store.finish(w, id, w.now)
  await w.record('vault.rotation-finished', keyId ?? 'vault', { destroyed })
}
