import { z } from 'zod'
import { problem } from '#kernel/problem.ts'
import { isBefore } from '#kernel/time.ts'

/**
 * A key that the issuer signs with. `published`: in the JWKS and in every gateway's snapshot, and not used yet.
 * `active`: signs. `retiring`: signs no more; what it signed still lives. `removed`: nowhere.
 */
export const SigningKey = z.object({
  kid: z.string(),
  /** The public half. */
  jwk: z.looseObject({ kty: z.string() }),
  state: z.enum(['published', 'active', 'retiring', 'removed']),
  publishedAt: z.instanceof(Temporal.Instant),
  activatedAt: z.instanceof(Temporal.Instant).nullable(),
  retiredAt: z.instanceof(Temporal.Instant).nullable(),
  removedAt: z.instanceof(Temporal.Instant).nullable(),
  /** In an emergency: whatever it signed is refused. */
  denied: z.boolean(),
})
export type SigningKey = z.output<typeof SigningKey>

export const signingKeyNotFound = problem(
  'authorization/signing-key-not-found',
  404,
  'No such signing key',
)
export const signingKeyNotReady = problem(
  'authorization/signing-key-not-ready',
  409,
  'The signing key cannot do that now',
)

/** Whoever keeps our keys for a day has the next one before it is used. */
const NOTICE = Temporal.Duration.from({ hours: 24 })
/** The longest token lives five minutes (`provider/index.ts`); the rest is for clocks and for keepers of ID tokens. */
const LAST_TOKENS = Temporal.Duration.from({ hours: 1 })

const isOver = (from: Temporal.Instant | null, life: Temporal.Duration, now: Temporal.Instant) =>
  from !== null && !isBefore(now, from.add(life))

export const newKey = (kid: string, jwk: SigningKey['jwk'], now: Temporal.Instant): SigningKey => ({
  kid,
  jwk,
  state: 'published',
  publishedAt: now,
  activatedAt: null,
  retiredAt: null,
  removedAt: null,
  denied: false,
})

/** Without notice only where there is nothing else to sign with. */
export const activated = (
  key: SigningKey,
  now: Temporal.Instant,
  { notice = true } = {},
): SigningKey => {
  if (key.state !== 'published') throw signingKeyNotReady(`${key.kid} is ${key.state}`)
  if (notice && !isOver(key.publishedAt, NOTICE, now))
    throw signingKeyNotReady(`${key.kid} has been published for less than a day`, {
      hint: 'Wait until it has, or use portico keys emergency if the active key is lost.',
    })
  return { ...key, state: 'active', activatedAt: now }
}

export const retired = (key: SigningKey, now: Temporal.Instant): SigningKey => {
  if (key.state !== 'active') throw signingKeyNotReady(`${key.kid} is ${key.state}`)
  return { ...key, state: 'retiring', retiredAt: now }
}

export const removed = (key: SigningKey, now: Temporal.Instant): SigningKey => {
  if (key.state === 'active' || key.state === 'removed')
    throw signingKeyNotReady(`${key.kid} is ${key.state}`)
  if (key.state === 'retiring' && !isOver(key.retiredAt, LAST_TOKENS, now))
    throw signingKeyNotReady(`tokens that ${key.kid} signed may still live`)
  return { ...key, state: 'removed', removedAt: now }
}

export const denied = (key: SigningKey, now: Temporal.Instant): SigningKey => ({
  ...key,
  state: 'removed',
  removedAt: key.removedAt ?? now,
  denied: true,
})

export type Step =
  | { readonly do: 'publish' }
  | { readonly do: 'activate' | 'remove'; readonly kid: string }

/** What the calendar asks for now: one step at a time, so that each is a line of the journal. */
export const dueStep = (
  keys: readonly SigningKey[],
  days: number,
  now: Temporal.Instant,
): Step | undefined => {
  const active = keys.find((key) => key.state === 'active')
  const next = keys.find((key) => key.state === 'published')
  const life = Temporal.Duration.from({ hours: 24 * days })
  const almost = life.subtract(NOTICE)
  if (!next && active && isOver(active.activatedAt, almost, now)) return { do: 'publish' }
  if (
    next &&
    isOver(next.publishedAt, NOTICE, now) &&
    (!active || isOver(active.activatedAt, life, now))
  )
    return { do: 'activate', kid: next.kid }
  const last = keys.find(
    (key) => key.state === 'retiring' && isOver(key.retiredAt, LAST_TOKENS, now),
  )
  return last && { do: 'remove', kid: last.kid }
}

/** In the JWKS, newest first. */
export const isShown = (key: SigningKey): boolean => key.state !== 'removed'

/** The key to sign with: the active one, once the gateways know it; until then the one before it, if that still may. */
export const signer = (
  keys: readonly SigningKey[],
  known: readonly string[] | undefined,
): SigningKey | undefined => {
  const rank = (key: SigningKey) => key.activatedAt?.epochMilliseconds ?? 0
  return keys
    .filter((key) => key.state === 'active' || key.state === 'retiring')
    .filter((key) => known?.includes(key.kid) ?? true)
    .toSorted((a, b) => rank(b) - rank(a))[0]
}
