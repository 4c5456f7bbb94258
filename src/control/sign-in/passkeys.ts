/** Passkeys (WebAuthn Level 3): a key in the holder's device, bound to our origin, opened by the holder themselves. */
import { createHash, randomBytes } from 'node:crypto'
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server'
import { z } from 'zod'
import { canonical } from '#kernel/canonical.ts'
import { problem } from '#kernel/problem.ts'
import { isBefore } from '#kernel/time.ts'
import type { Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { lastFactor } from './factors.ts'
import * as store from './store.ts'

export const passkeyRefused = problem(
  'sign-in/passkey-refused',
  403,
  'The passkey was not accepted',
)
export const passkeyNotFound = problem('sign-in/passkey-not-found', 404, 'No such passkey')

/** Who we are to an authenticator: the name of our host, and the one origin whose pages may ask. */
export interface RelyingParty {
  readonly office: 'portal' | 'console'
  readonly id: string
  readonly name: string
  readonly origin: string
}

const LIFE_MINUTES = 5
/** EdDSA, ECDSA with P-256, RSA: what authenticators make. */
const algorithms = [-8, -7, -257]

/** The library is read when the first passkey is used: who signs in otherwise does without its memory. */
const webauthn = () => import('@simplewebauthn/server')

const sha256 = (text: string | Uint8Array) => createHash('sha256').update(text).digest()

const keep = (db: Db, challenge: string, kept: store.Challenge) =>
  store.insertChallenge(db, sha256(challenge), kept)

/** Options for the browser to make a passkey; the ones that the holder has already are left out. */
export const registrationFor = async (
  db: Db,
  rp: RelyingParty,
  holder: { id: string; email: string; name: string },
  now: Temporal.Instant,
): Promise<PublicKeyCredentialCreationOptionsJSON> => {
  const { generateRegistrationOptions } = await webauthn()
  const held = await store.listPasskeys(db, holder.id)
  const options = await generateRegistrationOptions({
    rpName: rp.name,
    rpID: rp.id,
    userName: holder.email,
    userDisplayName: holder.name,
    userID: new Uint8Array(sha256(holder.id)),
    attestationType: 'none',
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    excludeCredentials: held.map(({ id }) => ({ id })),
    supportedAlgorithmIDs: algorithms,
  })
  await keep(db, options.challenge, challenge(rp, 'registration', holder.id, now))
  return options
}

const challenge = (
  rp: RelyingParty,
  purpose: store.Challenge['purpose'],
  holder: string | null,
  now: Temporal.Instant,
): store.Challenge => ({
  purpose,
  office: rp.office,
  holder,
  about: null,
  nonce: null,
  expiresAt: now.add({ minutes: LIFE_MINUTES }),
})

const ClientData = z.object({ challenge: z.string(), crossOrigin: z.boolean().optional() })

/** The challenge that an answer is to, taken so that it is answered once. */
const answered = async (
  db: Db,
  rp: RelyingParty,
  clientDataJSON: string,
  wanted: { purpose: store.Challenge['purpose']; holder: string | null },
  now: Temporal.Instant,
): Promise<{ text: string; kept: store.Challenge }> => {
  const told = ClientData.safeParse(parsed(clientDataJSON))
  if (!told.success) throw passkeyRefused('its answer cannot be read')
  const { challenge: text, crossOrigin } = told.data
  if (crossOrigin) throw passkeyRefused('it was asked from inside another page')
  const kept = await store.takeChallenge(db, sha256(text))
  const fits =
    kept?.purpose === wanted.purpose &&
    kept.office === rp.office &&
    kept.holder === wanted.holder &&
    isBefore(now, kept.expiresAt)
  if (!kept || !fits) throw passkeyRefused('its challenge is not one of ours, or was answered')
  return { text, kept }
}

const parsed = (clientDataJSON: string): unknown => {
  try {
    return JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString('utf8'))
  } catch {
    return null
  }
}

/** Keeps a new passkey of the holder. */
export const addPasskey = async (
  work: Work,
  rp: RelyingParty,
  holder: string,
  { response, name }: { response: RegistrationResponseJSON; name: string },
): Promise<store.Passkey> => {
  const { clientDataJSON } = response.response
  const wanted = { purpose: 'registration', holder } as const
  const { text } = await answered(work, rp, clientDataJSON, wanted, work.now)
  const { verifyRegistrationResponse } = await webauthn()
  const { registrationInfo } = await verifyRegistrationResponse({
    response,
    expectedChallenge: text,
    expectedOrigin: rp.origin,
    expectedRPID: rp.id,
    requireUserVerification: true,
    supportedAlgorithmIDs: algorithms,
  }).catch(refuse)
  if (!registrationInfo) throw passkeyRefused('the device’s answer does not hold')
  const { credential, credentialBackedUp } = registrationInfo
  const passkey: store.Passkey = {
    id: credential.id,
    holder,
    publicKey: credential.publicKey,
    counter: BigInt(credential.counter),
    transports: credential.transports ?? [],
    name,
    synced: credentialBackedUp,
    addedAt: work.now,
    lastUsedAt: null,
  }
  if (!(await store.insertPasskey(work, passkey))) throw passkeyRefused('it is known already')
  await work.record('sign-in.passkey-added', holder, { passkey: passkey.id })
  return passkey
}

const refuse = (cause: unknown): never => {
  throw passkeyRefused('its answer does not hold', { cause })
}

/**
 * Options for the browser to use a passkey: of anybody, to sign in; of the holder, to prove that they are there; of the
 * holder over the hash of a text, to sign it.
 */
export const challengeFor = async (
  db: Db,
  rp: RelyingParty,
  asked:
    | { purpose: 'sign-in' }
    | { purpose: 'factor' | 'signature'; holder: string; about?: string },
  now: Temporal.Instant,
): Promise<PublicKeyCredentialRequestOptionsJSON> => {
  const holder = asked.purpose === 'sign-in' ? null : asked.holder
  const about = asked.purpose === 'signature' ? (asked.about ?? null) : null
  const nonce = randomBytes(32).toString('base64url')
  const signs = holder !== null && about !== null
  const bytes = signs ? statementDigest({ about, nonce, signer: holder }) : randomBytes(32)
  const { generateAuthenticationOptions } = await webauthn()
  const held = holder === null ? [] : await store.listPasskeys(db, holder)
  const options = await generateAuthenticationOptions({
    rpID: rp.id,
    challenge: new Uint8Array(bytes),
    userVerification: 'required',
    allowCredentials: held.map(({ id }) => ({ id })),
  })
  await keep(db, options.challenge, {
    ...challenge(rp, asked.purpose, holder, now),
    about,
    nonce: signs ? nonce : null,
  })
  return options
}

/** What a passkey's signature is over: the text's hash, who signs, and a nonce that makes it this one signature. */
const statementDigest = (statement: { about: string; nonce: string; signer: string }): Buffer =>
  sha256(canonical(statement))

/**
 * Takes the answer to a challenge; answers whose passkey it was. Origin, relying party, user verification and the
 * counter hold, or `sign-in/passkey-refused` is thrown.
 */
export const usePasskey = async (
  db: Db,
  rp: RelyingParty,
  response: AuthenticationResponseJSON,
  wanted: { purpose: 'sign-in' } | { purpose: 'factor' | 'signature'; holder: string },
  now: Temporal.Instant,
): Promise<{ passkey: store.Passkey; kept: store.Challenge }> => {
  const holder = wanted.purpose === 'sign-in' ? null : wanted.holder
  const { text, kept } = await answered(
    db,
    rp,
    response.response.clientDataJSON,
    { purpose: wanted.purpose, holder },
    now,
  )
  const passkey = await store.findPasskey(db, response.id)
  if (!passkey || (holder !== null && passkey.holder !== holder))
    throw passkeyRefused('it is not known here')
  const { verifyAuthenticationResponse } = await webauthn()
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    response,
    expectedChallenge: text,
    expectedOrigin: rp.origin,
    expectedRPID: rp.id,
    requireUserVerification: true,
    credential: {
      id: passkey.id,
      publicKey: new Uint8Array(passkey.publicKey),
      counter: Number(passkey.counter),
    },
  }).catch(refuse)
  if (!verified) throw passkeyRefused('its signature does not fit')
  if (!(await store.countPasskey(db, passkey.id, authenticationInfo.newCounter, now)))
    throw passkeyRefused('its counter went back: the key may have been copied')
  return { passkey, kept }
}

/** A signature that anybody can check without us: the statement, the public key, and what the device signed. */
export const SignedStatement = z.object({
  statement: z.object({ about: z.string(), nonce: z.string(), signer: z.string() }),
  passkey: z.object({ id: z.string(), publicKey: z.string() }),
  origin: z.string(),
  relyingParty: z.string(),
  response: z.object({
    authenticatorData: z.string(),
    clientDataJSON: z.string(),
    signature: z.string(),
  }),
})
export type SignedStatement = z.output<typeof SignedStatement>

/** The holder signs the text of this hash by passkey. Throws `sign-in/passkey-refused`, also where it signed another text. */
export const checkSignature = async (
  db: Db,
  rp: RelyingParty,
  response: AuthenticationResponseJSON,
  { holder, about }: { holder: string; about: string },
  now: Temporal.Instant,
): Promise<SignedStatement> => {
  const wanted = { purpose: 'signature', holder } as const
  const { passkey, kept } = await usePasskey(db, rp, response, wanted, now)
  if (kept.about !== about || kept.nonce === null) throw passkeyRefused('it signed another text')
  const { authenticatorData, clientDataJSON, signature } = response.response
  return {
    statement: { about, nonce: kept.nonce, signer: holder },
    passkey: { id: passkey.id, publicKey: Buffer.from(passkey.publicKey).toString('base64url') },
    origin: rp.origin,
    relyingParty: rp.id,
    response: { authenticatorData, clientDataJSON, signature },
  }
}

export const renamePasskey = async (
  work: Work,
  holder: string,
  id: string,
  name: string,
): Promise<void> => {
  if (!(await store.savePasskeyName(work, holder, id, name)))
    throw passkeyNotFound('you have no such passkey')
}

/** Takes a passkey away, where another second factor stays. */
export const removePasskey = async (work: Work, holder: string, id: string): Promise<void> => {
  const held = await store.listPasskeys(work, holder)
  const { totp } = await store.heldBy(work, holder)
  if (!held.some((p) => p.id === id)) throw passkeyNotFound('you have no such passkey')
  if (held.length === 1 && !totp) throw lastFactor('add another passkey or an app first')
  await store.deletePasskey(work, holder, id)
  await work.record('sign-in.passkey-removed', holder, { passkey: id })
}
