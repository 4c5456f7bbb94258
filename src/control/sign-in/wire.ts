/** What goes over the wire when people prove themselves. */
import { z } from 'zod'
import { Instant } from '#kernel/time.ts'
import type { Factors } from './factors.ts'
import { freshUntil, type Standing } from './freshness.ts'
import type { Session } from './sessions.ts'

export const StandingView = z.object({
  factor: z.enum(['proven', 'asked', 'missing']),
  emailProven: z.boolean(),
  /** Until then nobody asks for the second factor again. */
  freshUntil: Instant.nullable(),
})

export const viewOfStanding = ({ factor, factorAt, emailProven }: Standing) => ({
  factor,
  emailProven,
  freshUntil: freshUntil({ factorAt }),
})

const PasskeyView = z.object({
  id: z.string(),
  name: z.string(),
  synced: z.boolean(),
  addedAt: Instant,
  lastUsedAt: Instant.nullable(),
})
const SessionView = z.object({
  id: z.string(),
  agent: z.string(),
  openedAt: Instant,
  seenAt: Instant,
  current: z.boolean(),
})

export const SecurityView = z.object({
  email: z.string(),
  standing: StandingView,
  totp: z.boolean(),
  recoveryCodes: z.int(),
  passkeys: z.array(PasskeyView),
  sessions: z.array(SessionView),
})

export const viewOfFactors = ({ totp, recoveryCodes, passkeys }: Factors) => ({
  totp,
  recoveryCodes,
  passkeys: passkeys.map(({ id, name, synced, addedAt, lastUsedAt }) => ({
    id,
    name,
    synced,
    addedAt,
    lastUsedAt,
  })),
})

export const viewOfSessions = (sessions: readonly Session[], current: string) =>
  sessions.map(({ id, agent, openedAt, seenAt }) => ({
    id,
    agent,
    openedAt,
    seenAt,
    current: id === current,
  }))

const Base64Url = z
  .string()
  .max(16_384)
  .regex(/^[A-Za-z0-9_-]*$/)
const Extensions = z.looseObject({})

/** `PublicKeyCredential.toJSON()` of WebAuthn Level 3, after a use. */
export const Assertion = z.object({
  id: Base64Url,
  rawId: Base64Url,
  type: z.literal('public-key'),
  authenticatorAttachment: z.enum(['platform', 'cross-platform']).exactOptional(),
  clientExtensionResults: Extensions,
  response: z.object({
    clientDataJSON: Base64Url,
    authenticatorData: Base64Url,
    signature: Base64Url,
    userHandle: Base64Url.exactOptional(),
  }),
})

/** The same, after one was made. */
export const Attestation = z.object({
  id: Base64Url,
  rawId: Base64Url,
  type: z.literal('public-key'),
  authenticatorAttachment: z.enum(['platform', 'cross-platform']).exactOptional(),
  clientExtensionResults: Extensions,
  response: z.object({
    clientDataJSON: Base64Url,
    attestationObject: Base64Url,
    authenticatorData: Base64Url.exactOptional(),
    transports: z
      .array(z.enum(['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb']))
      .exactOptional(),
    publicKeyAlgorithm: z.number().exactOptional(),
    publicKey: Base64Url.exactOptional(),
  }),
})

/** Options for `navigator.credentials`, as the library made them. */
export const PasskeyOptions = z.looseObject({ challenge: z.string() })

export const PasskeyName = z.string().trim().min(1).max(60)
