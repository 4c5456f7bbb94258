/** The authenticator app (RFC 6238) and the ten codes for the day it is lost. */
import { createHmac, randomBytes } from 'node:crypto'
import { assert } from '#kernel/assert.ts'
import { problem } from '#kernel/problem.ts'
import type { Work } from '#journal/index.ts'
import type { Db, Postgres } from '#platform/db.ts'
import { base32, inBase32, stepOfCode } from '#platform/one-time-code.ts'
import { openText, sealText } from '#platform/sealed.ts'
import { sql } from '#platform/sql.ts'
import { attemptKey, countTry, forgiveAll, forgiveOne } from './attempts.ts'
import { ofDigits, overAllAccounts } from './patience.ts'
import type { From } from './sessions.ts'
import * as store from './store.ts'

export const factorRefused = problem('sign-in/factor-refused', 403, 'This proved no second factor')
export const totpHeld = problem('sign-in/totp-held', 409, 'An authenticator app is set up already')
export const lastFactor = problem('sign-in/last-factor', 409, 'One second factor stays')

const attempts = sql`sign_in.attempt`
const SECRET_BYTES = 20
const RECOVERY_CODES = 10
/** 50 bits each: ten of them are out of reach for a guesser who is made to wait. */
const RECOVERY_LETTERS = 10

/** What a holder can prove themselves with beside their password. */
export interface Factors {
  readonly totp: boolean
  readonly recoveryCodes: number
  readonly passkeys: readonly store.Passkey[]
}

export const factorsOf = async (db: Db, holder: string): Promise<Factors> => ({
  ...(await store.heldBy(db, holder)),
  passkeys: await store.listPasskeys(db, holder),
})

const context = (holder: string) => ({ holder, of: 'totp' })

/** Begins an authenticator app: its secret, to be typed or shown as a picture. Nothing counts before its first code. */
export const startTotp = async (db: Db, key: Uint8Array, holder: string): Promise<string> => {
  const secret = inBase32(randomBytes(SECRET_BYTES))
  if (!(await store.insertTotp(db, holder, sealText(key, context(holder), secret))))
    throw totpHeld('remove it before you set up another')
  return secret
}

/** The first code of a new app: from now on it counts. */
export const confirmTotp = async (
  db: Postgres,
  key: Uint8Array,
  holder: string,
  code: string,
  from: From,
): Promise<void> => {
  await counted(db, holder, from, async (tx) => {
    const totp = await store.lockTotp(tx, holder)
    if (!totp || totp.confirmed) return false
    return usesStep(tx, key, holder, totp, code, from.now)
  })
}

/** Sets up a known app without its first code: the demonstration bank's people, whose secret is published. */
export const seedTotp = async (
  work: Work,
  key: Uint8Array,
  holder: string,
  secret: string,
): Promise<void> => {
  if (!(await store.insertTotp(work, holder, sealText(key, context(holder), secret)))) return
  await store.confirmTotp(work, holder, work.now)
}

/**
 * Takes a code of the app or one of the ten, whichever it is in shape; each works once. Counts the try for the holder
 * and for the address before it is looked at, and keeps the count whatever comes. Throws `sign-in/factor-refused`.
 */
export const useCode = async (
  db: Postgres,
  key: Uint8Array,
  holder: string,
  code: string,
  from: From,
): Promise<'totp' | 'recovery-code'> => {
  const digits = code.replaceAll(' ', '')
  const kind = /^\d{6}$/.test(digits) ? 'totp' : 'recovery-code'
  await counted(db, holder, from, async (tx) => {
    if (kind === 'recovery-code')
      return store.useRecoveryCode(tx, holder, recoveryDigest(key, holder, code), from.now)
    const totp = await store.lockTotp(tx, holder)
    return totp?.confirmed === true && usesStep(tx, key, holder, totp, digits, from.now)
  })
  return kind
}

const counted = async (
  db: Postgres,
  holder: string,
  { address, now }: From,
  fits: (tx: Db) => Promise<boolean>,
) => {
  const near = attemptKey('factor', holder)
  const wide = attemptKey('factor-address', address)
  await db.transaction(async (tx) => {
    await countTry(tx, attempts, wide, overAllAccounts, now)
    await countTry(tx, attempts, near, ofDigits, now)
  })
  if (!(await db.transaction(fits)))
    throw factorRefused('the code is wrong or was used before', {
      hint: 'A code of the app works once; the next one comes within half a minute.',
    })
  await forgiveAll(db, attempts, near)
  await forgiveOne(db, attempts, wide)
}

interface HeldTotp {
  readonly sealed: Uint8Array
  readonly lastStep: bigint | null
}

const usesStep = async (
  tx: Db,
  key: Uint8Array,
  holder: string,
  { sealed, lastStep }: HeldTotp,
  code: string,
  now: Temporal.Instant,
): Promise<boolean> => {
  const secret = openText(key, context(holder), sealed)
  assert(secret !== undefined, 'the secret of an authenticator app was sealed with another key')
  const step = stepOfCode(code, base32(secret), now, lastStep)
  if (step === undefined) return false
  await store.saveStep(tx, holder, step, now)
  return true
}

/** Ten new codes, shown this once; the ones before are void. */
export const drawRecoveryCodes = async (
  work: Work,
  key: Uint8Array,
  holder: string,
): Promise<string[]> => {
  const codes = Array.from({ length: RECOVERY_CODES }, () => {
    const letters = inBase32(randomBytes(RECOVERY_LETTERS)).slice(0, RECOVERY_LETTERS).toLowerCase()
    return `${letters.slice(0, 5)}-${letters.slice(5)}`
  })
  const digests = codes.map((code) => recoveryDigest(key, holder, code))
  await store.replaceRecoveryCodes(work, holder, digests)
  await work.record('sign-in.recovery-codes-drawn', holder, {})
  return codes
}

/** However it is typed: with or without its hyphen, in capitals or not. */
const recoveryDigest = (key: Uint8Array, holder: string, code: string): Buffer =>
  createHmac('sha256', key)
    .update(`recovery ${holder} ${code.toLowerCase().replaceAll(/[^a-z2-7]/g, '')}`)
    .digest()

/** Takes the authenticator app away, where another second factor stays. */
export const removeTotp = async (work: Work, holder: string): Promise<void> => {
  const { passkeys } = await factorsOf(work, holder)
  if (passkeys.length === 0) throw lastFactor('add a passkey first')
  if (await store.deleteTotp(work, holder)) await work.record('sign-in.totp-removed', holder, {})
}

/** All second factors of a holder are void: two people of the bank decided that they start again. */
export const resetFactors = async (work: Work, holder: string): Promise<void> => {
  await store.deleteAll(work, holder)
  await work.record('sign-in.factors-reset', holder, {})
}
