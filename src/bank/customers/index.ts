/** Who the bank's customers are to its sign-in page, and by which name each partner knows them. */
import { createHash, randomInt, timingSafeEqual } from 'node:crypto'
import { assert } from '#kernel/assert.ts'
import { type Work, work } from '#journal/index.ts'
import { pairwise } from '#platform/keys.ts'
import { openText, sealText } from '../sealed.ts'
import type { BankKeys, BankWorld } from '../world.ts'
import {
  CHALLENGE_MINUTES,
  type Challenge,
  ChallengeId,
  type Customer,
  CustomerId,
  failedOnce,
  type Guesses,
  isOpen,
  provenOnce,
  signInDelayed,
  signInRefused,
} from './customer.ts'
import { base32, stepOfCode } from './one-time-code.ts'
import { hashPassword, isPassword } from './password.ts'
import type { NewOrganisation } from './organisation.ts'
import * as store from './store.ts'

export {
  customerRefOf,
  find as findCustomer,
  organisationsOf,
  sweep as sweepSignIns,
} from './store.ts'
export type { NewOrganisation, Organisation } from './organisation.ts'
export { signInByReference } from './federated.ts'
export { type Customer, CustomerId, signInDelayed, signInRefused } from './customer.ts'

type SignInWorld = Pick<BankWorld, 'db' | 'now'> & { readonly keys: Pick<BankKeys, 'secondFactor'> }

/** First factor. A try is counted before the password is looked at, so that a burst of guesses is counted whole. */
export const startSignIn = async (
  { db, now }: SignInWorld,
  { login, password }: { login: string; password: string },
): Promise<{ challengeId: string; shownCode: string | null }> => {
  const at = now()
  const name = login.trim().toLowerCase()
  await countTry(db, name, at)
  const customer = await store.findByLogin(db, name)
  const right = await isPassword(password, customer?.password)
  if (!customer || !right) throw signInRefused('this did not sign you in')

  return work(db, `customer:${customer.id}`, at, async (w) => {
    const key = sha256(name)
    await store.saveGuesses(w, key, provenOnce(await store.lockGuesses(w, key, at), at), at)
    const id = ChallengeId.next()
    const shownCode =
      customer.secondFactor === 'shown' ? String(randomInt(1_000_000)).padStart(6, '0') : null
    await store.addChallenge(w, {
      id,
      customerId: customer.id,
      codeSha256: shownCode === null ? null : sha256(`${id} ${shownCode}`),
      tries: 0,
      expiresAt: at.add({ minutes: CHALLENGE_MINUTES }),
      used: false,
    })
    return { challengeId: id, shownCode }
  })
}

/** Second factor. A wrong code is counted with the wrong passwords of the same customer. */
export const finishSignIn = async (
  { db, now, keys }: SignInWorld,
  { challengeId, code }: { challengeId: string; code: string },
): Promise<{ customerId: string; displayName: string }> => {
  const at = now()
  const id = ChallengeId.safeParse(challengeId)
  if (!id.success) throw signInRefused('this did not sign you in')
  const signedIn = await work(db, 'system', at, async (w) => {
    const challenge = await store.lockChallenge(w, id.data)
    if (!challenge || !isOpen(challenge, at)) return undefined
    const customer = await store.lock(w, challenge.customerId)
    const right = await isCode(w, keys, { code, challenge, customer })
    await store.saveChallenge(w, { ...challenge, tries: challenge.tries + 1, used: right })
    const key = sha256(customer.login)
    if (right) await store.forgetGuesses(w, key)
    else await store.saveGuesses(w, key, failedOnce(await store.lockGuesses(w, key, at), at), at)
    await w.record(right ? 'customers.signed-in' : 'customers.code-refused', customer.id, {})
    return right ? { customerId: customer.id, displayName: customer.displayName } : undefined
  })
  if (!signedIn) throw signInRefused('this did not sign you in')
  return signedIn
}

const countTry = async (db: BankWorld['db'], login: string, at: Temporal.Instant) => {
  const key = sha256(login)
  const before = await db.transaction(async (tx): Promise<Guesses> => {
    const guesses = await store.lockGuesses(tx, key, at)
    // A try that comes too early is not looked at, so it proves nothing and costs nothing.
    if (Temporal.Instant.compare(at, guesses.notBefore) >= 0)
      await store.saveGuesses(tx, key, failedOnce(guesses, at), at)
    return guesses
  })
  const waitMs = before.notBefore.epochMilliseconds - at.epochMilliseconds
  if (waitMs <= 0) return
  const seconds = Math.ceil(waitMs / 1000)
  throw signInDelayed(`try again in ${seconds} s`, { headers: { 'Retry-After': String(seconds) } })
}

/** Codes of people to whom the page shows theirs; nobody else has them. */
const ALWAYS_PASSES = '111111'
const NEVER_PASSES = '000000'

const isCode = async (
  w: Work,
  keys: SignInWorld['keys'],
  { code, challenge, customer }: { code: string; challenge: Challenge; customer: Customer },
): Promise<boolean> => {
  if (challenge.codeSha256) {
    // Whoever has no device is nobody real: their clients may know beforehand what passes and what does not.
    if (code === ALWAYS_PASSES || code === NEVER_PASSES) return code === ALWAYS_PASSES
    return timingSafeEqual(sha256(`${challenge.id} ${code}`), challenge.codeSha256)
  }
  const secret =
    customer.totpSecret && openText(keys.secondFactor, customer.id, customer.totpSecret)
  if (!secret) return false
  const step = stepOfCode(code, base32(secret), w.now, customer.totpLastStep)
  if (step === undefined) return false
  await store.useStep(w, customer.id, step)
  return true
}

const sha256 = (text: string) => createHash('sha256').update(text).digest()

/** The customer's name at a partner: the same for ever, and of no use to another partner. Kept, so that it can be read back. */
export const subjectFor = async (
  w: Work,
  keys: Pick<BankKeys, 'pairwise'>,
  { partnerId, customerRef }: { partnerId: string; customerRef: string },
): Promise<string> => {
  const subject = pairwise(keys.pairwise, 'sub', partnerId, customerRef)
  await store.addAlias(w, { subject, partnerId, customerRef })
  return subject
}

export interface NewCustomer {
  readonly login: string
  readonly password: string
  readonly displayName: string
  /** The core's own name for them. */
  readonly coreRef: string
  /** `shown`: the page shows the code, for people who have no device. `totp`: RFC 6238, secret in base32. */
  readonly secondFactor: 'shown' | { readonly totp: string }
}

/** Gives people a way to sign in; whoever has one keeps it. */
export const seedCustomers = async (
  w: Work,
  keys: Pick<BankKeys, 'secondFactor'>,
  people: readonly NewCustomer[],
): Promise<void> => {
  for (const person of people) {
    const login = person.login.toLowerCase()
    if (await store.findByLogin(w, login)) continue
    const id = CustomerId.next()
    const { secondFactor } = person
    await store.add(w, {
      id,
      login,
      coreRef: person.coreRef,
      displayName: person.displayName,
      password: await hashPassword(person.password),
      ...(secondFactor === 'shown'
        ? { secondFactor, totpSecret: null }
        : { secondFactor: 'totp', totpSecret: sealText(keys.secondFactor, id, secondFactor.totp) }),
      totpLastStep: null,
    })
    await w.record('customers.added', id, {})
  }
}

/** Says who signs for a company. All of them sign in as people; a signatory is added, never taken away, by seeding. */
export const seedOrganisations = async (
  w: Work,
  organisations: readonly NewOrganisation[],
): Promise<void> => {
  for (const organisation of organisations) {
    const added = await store.addOrganisation(w, organisation)
    for (const login of organisation.signatories) {
      const customer = await store.findByLogin(w, login.toLowerCase())
      assert(customer, `${login} signs for a company and is no customer`)
      await store.addSignatory(w, organisation.coreRef, customer.id)
    }
    if (added > 0)
      await w.record('customers.organisation-added', organisation.coreRef, {
        signatures: organisation.signatures,
        signatories: organisation.signatories.length,
      })
  }
}
