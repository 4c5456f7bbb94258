/** The keys that the issuer signs with: who they are, which one signs, and when the next one does. */
import { assert } from '#kernel/assert.ts'
import type { Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { type JWK, publicJwk } from '#platform/jose.ts'
import { deny } from '../revocations/index.ts'
import { forgetKeys, type KeyFiles, makeKey, privateKeys, tellPublicKeys } from './provider.ts'
import {
  activated,
  denied,
  dueStep,
  isShown,
  newKey,
  removed,
  retired,
  type SigningKey,
  signingKeyNotFound,
  signingKeyNotReady,
} from './signing-key.ts'
import * as store from './store.ts'

export { type SigningKey, signer } from './signing-key.ts'
export { list as listSigningKeys } from './store.ts'

/** Every key, held: what follows is decided by one at a time. */
const held = async (work: Work): Promise<SigningKey[]> => {
  await store.lock(work)
  return store.list(work)
}

const named = (keys: readonly SigningKey[], kid: string): SigningKey => {
  const key = keys.find((k) => k.kid === kid)
  if (!key) throw signingKeyNotFound(`there is no key ${kid}`)
  return key
}

const keep = async (work: Work, event: string, key: SigningKey): Promise<SigningKey> => {
  await store.save(work, key)
  await work.record(`keys.${event}`, key.kid, {})
  return key
}

const insert = async (work: Work, jwk: JWK): Promise<SigningKey> => {
  const { kid, kty } = jwk
  assert(kid !== undefined && kty !== undefined, 'a key that we made has a kid')
  const key = newKey(kid, { ...jwk, kty }, work.now)
  await store.insert(work, key)
  await work.record('keys.published', kid, {})
  return key
}

/** Takes keys that are in the key provider and not known yet: those of the installation, or of a provider restored. */
export const adoptKeys = async (work: Work, files: KeyFiles): Promise<void> => {
  const known = await held(work)
  const ours = privateKeys(files)
  const isHeld = (key: SigningKey) => ours.some((jwk) => jwk.kid === key.kid)
  let active = known.find((key) => key.state === 'active')
  if (active && !isHeld(active)) {
    await keep(work, 'retired', retired(active, work.now))
    active = undefined
  }
  for (const jwk of ours.filter((one) => !known.some((key) => key.kid === one.kid))) {
    const key = await insert(work, publicJwk(jwk))
    active ??= await keep(work, 'activated', activated(key, work.now, { notice: false }))
  }
}

export const publishKey = async (work: Work, files: KeyFiles): Promise<SigningKey> => {
  const waiting = (await held(work)).find((key) => key.state === 'published')
  if (waiting)
    throw signingKeyNotReady(`${waiting.kid} is published already and waits for its turn`)
  return insert(work, await makeKey(files))
}

/** The published key signs from now on; the one before it retires. */
export const activateKey = async (
  work: Work,
  kid: string,
  options: { notice?: boolean } = {},
): Promise<SigningKey> => {
  const keys = await held(work)
  const next = activated(named(keys, kid), work.now, options)
  const before = keys.find((key) => key.state === 'active')
  if (before) await keep(work, 'retired', retired(before, work.now))
  return keep(work, 'activated', next)
}

/** The active key hands over to the one that is published. */
export const retireKey = async (work: Work, kid: string): Promise<SigningKey> => {
  const keys = await held(work)
  retired(named(keys, kid), work.now)
  const next = keys.find((key) => key.state === 'published')
  if (!next) throw signingKeyNotReady('no other key is published; publish one a day before')
  return activateKey(work, next.kid)
}

export const removeKey = async (work: Work, kid: string): Promise<SigningKey> =>
  keep(work, 'removed', removed(named(await held(work), kid), work.now))

/** Longer than any gateway lives on a snapshot that still has the key: who holds it can sign tokens of any age. */
const DENIED_FOR = Temporal.Duration.from({ hours: 30 * 24 })

/**
 * The keys are in other hands: every one of them is denied at the gateways, in this transaction, and a new one signs as
 * soon as control has told the gateways of it. Whoever read the provider read them all, the published one too.
 */
export const replaceKeys = async (work: Work, files: KeyFiles): Promise<SigningKey> => {
  const lost = (await held(work)).filter(isShown)
  const jwk = await makeKey(files)
  for (const key of lost) {
    await deny(work, 'key', key.kid, DENIED_FOR)
    await keep(work, 'denied', denied(key, work.now))
  }
  const key = await insert(work, jwk)
  return keep(work, 'activated', activated(key, work.now, { notice: false }))
}

/** Does what the calendar asks for; answers whether it did anything. */
export const rotateWhenDue = async (
  work: Work,
  files: KeyFiles,
  days: number,
): Promise<boolean> => {
  const step = dueStep(await held(work), days, work.now)
  switch (step?.do) {
    case undefined:
      return false
    case 'publish':
      await publishKey(work, files)
      return true
    case 'activate':
      await activateKey(work, step.kid)
      return true
    case 'remove':
      await removeKey(work, step.kid)
      return true
  }
}

/** After every change, once it is committed: control reads what is shown, and what is removed has no private half left. */
export const tellKeys = async (db: Db, files: KeyFiles): Promise<void> => {
  const keys = await store.list(db)
  const shown = keys.filter(isShown)
  forgetKeys(
    files,
    keys.filter((key) => !isShown(key)).map(({ kid }) => kid),
  )
  tellPublicKeys(
    files,
    shown.map(({ jwk }): JWK => jwk),
  )
}
