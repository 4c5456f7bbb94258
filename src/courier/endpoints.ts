/** What people decide about endpoints: each is one command, told to the journal. */
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import type { Work } from '#journal/index.ts'
import type { AddressGuard } from '#platform/address-guard.ts'
import * as deliveries from './delivery-store.ts'
import {
  challengeFailed,
  EndpointId,
  endpointNotActive,
  endpointNotFound,
  ENDPOINTS_MAX,
  endpointsTooMany,
  healthy,
  type Scheme,
} from './endpoint.ts'
import * as store from './endpoint-store.ts'
import type { Endpoint } from './endpoint-store.ts'
import { type Mailbox, openMailbox } from './attempt.ts'
import { checkEventVersion, newestEventVersion } from './event-versions.ts'
import { outsideAddress, type Outside } from './outside.ts'
import { keysTooMany, openKey, RETIRING_MAX, sealKey, SigningKeyId } from './signing-key.ts'
import { newSigningText, signerOf, webhookHeaders } from './webhook-signature.ts'

export interface EndpointRules {
  readonly guard: AddressGuard
  readonly sealingKey: Uint8Array
  /** How long a changed address waits, so that somebody can notice that it changed. */
  readonly coolDownHours: number
}

export interface EndpointWish {
  readonly url: string
  readonly types: readonly string[]
  readonly ordered: boolean
  readonly schemes: readonly Scheme[]
  readonly version: Temporal.PlainDate | null
}

/** A key as its receiver must know it; the secret of `v1` is shown this once. */
export interface ShownKey {
  readonly id: string
  readonly scheme: Scheme
  readonly key: string
}

const makeKey = async (
  w: Work,
  rules: EndpointRules,
  endpointId: string,
  scheme: Scheme,
): Promise<ShownKey> => {
  const id = SigningKeyId.next()
  const made = newSigningText(scheme)
  const sealed = sealKey(made.text, rules.sealingKey, id)
  const { public: shown } = made
  await store.insertKey(w, {
    id,
    endpointId,
    scheme,
    public: shown,
    sealed,
    madeAt: w.now,
    endsAt: null,
    verifiedAt: null,
  })
  return { id, scheme, key: shown ?? made.text }
}

const locked = async (w: Work, id: string, partnerId: string): Promise<Endpoint> => {
  const endpoint = await store.lock(w, id, partnerId)
  if (!endpoint) throw endpointNotFound(`${id} is none of this organisation’s endpoints`)
  return endpoint
}

/** The endpoint is not sent to before it has answered a challenge. */
export const createEndpoint = async (
  w: Work,
  rules: EndpointRules,
  wish: EndpointWish & { readonly partnerId: string; readonly applicationId: string },
): Promise<{ endpoint: Endpoint; keys: ShownKey[] }> => {
  outsideAddress(rules.guard, wish.url)
  checkEventVersion(wish.version, w.now)
  if ((await store.countOf(w, wish.applicationId)) >= ENDPOINTS_MAX)
    throw endpointsTooMany(`an application has at most ${ENDPOINTS_MAX} endpoints`)
  const { partnerId, applicationId, url, ordered } = wish
  const endpoint: Endpoint = {
    id: EndpointId.next(),
    partnerId,
    applicationId,
    url,
    types: [...wish.types],
    ordered,
    schemes: [...new Set(wish.schemes)],
    version: wish.version ?? newestEventVersion,
    status: 'unproven',
    disabledFor: null,
    startsAt: w.now,
    createdAt: w.now,
    ...healthy,
  }
  await store.insert(w, endpoint)
  const keys: ShownKey[] = []
  for (const scheme of endpoint.schemes) keys.push(await makeKey(w, rules, endpoint.id, scheme))
  await w.record('webhooks.endpoint-created', endpoint.id, { partnerId, applicationId, url })
  return { endpoint, keys }
}

/** Another address has to prove itself anew, and waits where the cell wants it to. */
export const changeEndpoint = async (
  w: Work,
  rules: EndpointRules,
  { id, partnerId, wish }: { id: string; partnerId: string; wish: EndpointWish },
): Promise<{ endpoint: Endpoint; keys: ShownKey[] }> => {
  const before = await locked(w, id, partnerId)
  const moved = wish.url !== before.url
  if (moved) outsideAddress(rules.guard, wish.url)
  checkEventVersion(wish.version, w.now)
  const endpoint: Endpoint = {
    ...before,
    url: wish.url,
    types: [...wish.types],
    ordered: wish.ordered,
    schemes: [...new Set(wish.schemes)],
    version: wish.version ?? newestEventVersion,
    ...(moved && {
      status: 'unproven' as const,
      disabledFor: null,
      startsAt: w.now.add({ hours: rules.coolDownHours }),
    }),
  }
  await store.save(w, endpoint)
  const keys: ShownKey[] = []
  for (const scheme of endpoint.schemes)
    if (!before.schemes.includes(scheme)) keys.push(await makeKey(w, rules, id, scheme))
  for (const scheme of before.schemes)
    if (!endpoint.schemes.includes(scheme)) await store.stopKeys(w, id, scheme, w.now)
  await w.record('webhooks.endpoint-changed', id, { partnerId, url: endpoint.url, moved })
  return { endpoint, keys }
}

/** What is owed to it is left out; its log stays until it is forgotten. */
export const removeEndpoint = async (w: Work, id: string, partnerId: string): Promise<void> => {
  const before = await locked(w, id, partnerId)
  await store.save(w, { ...before, status: 'removed', disabledFor: null })
  for (const scheme of before.schemes) await store.stopKeys(w, id, scheme, w.now)
  await deliveries.skipAll(w, id, w.now)
  await w.record('webhooks.endpoint-removed', id, { partnerId })
}

export const disableEndpoint = async (
  w: Work,
  id: string,
  partnerId: string,
): Promise<Endpoint> => {
  const before = await locked(w, id, partnerId)
  if (before.status !== 'active') throw endpointNotActive(`the endpoint is ${before.status}`)
  const after: Endpoint = { ...before, status: 'disabled', disabledFor: 'partner' }
  await store.save(w, after)
  await w.record('webhooks.endpoint-disabled', id, { partnerId, reason: 'partner' })
  return after
}

const Echo = z.object({ challenge: z.string() })

/**
 * Asks the endpoint to prove that it is the partner's: it answers a signed question with what stands in it. Outside of
 * any transaction, because it waits for somebody else.
 */
export const challenge = async (
  outside: Outside,
  endpoint: Endpoint,
  keys: readonly { readonly id: string; readonly sealed: Uint8Array }[],
  { sealingKey, at }: { sealingKey: Uint8Array; at: Temporal.Instant },
): Promise<void> => {
  const word = randomBytes(24).toString('base64url')
  const body = JSON.stringify({
    type: 'webhooks.challenge',
    timestamp: at.toString(),
    data: { endpointId: endpoint.id, challenge: word },
  })
  const signers = keys.map(({ id, sealed }) => {
    const text = openKey(sealed, sealingKey, id)
    assert(text !== undefined, 'a key opens with what it was sealed with')
    return signerOf(text)
  })
  const mailbox: Mailbox = openMailbox(outside, endpoint.url, 1)
  const headers = webhookHeaders(signers, { id: `challenge_${word}`, at, body })
  const said = await mailbox.post(headers, body)
  await mailbox.close()
  if (said.status !== 200)
    throw challengeFailed(
      said.status === null
        ? `it gave no answer (${said.failure})`
        : `it answered ${said.status}, and 200 is expected`,
    )
  if (echoOf(said.answer ?? '') !== word)
    throw challengeFailed(
      'its answer does not hold the challenge: { "challenge": "…" } is expected',
    )
}

const echoOf = (text: string): string | undefined => {
  try {
    return Echo.safeParse(JSON.parse(text)).data?.challenge
  } catch {
    return undefined
  }
}

/** It has answered for this address: from now on, or from when its address has waited, it is sent to. */
export const takeIntoUse = async (
  w: Work,
  proven: Pick<Endpoint, 'id' | 'partnerId' | 'url'>,
): Promise<Endpoint> => {
  const before = await locked(w, proven.id, proven.partnerId)
  if (before.url !== proven.url) throw challengeFailed('its address changed meanwhile')
  const after: Endpoint = { ...before, status: 'active', disabledFor: null }
  await store.save(w, after)
  await store.saveHealth(w, after.id, healthy)
  await w.record('webhooks.endpoint-activated', after.id, { partnerId: after.partnerId })
  return { ...after, ...healthy }
}

/** A new key is current at once; the one that it replaces signs too for a while, or stops at once where it is known to others. */
export const rotateKey = async (
  w: Work,
  rules: EndpointRules,
  asked: {
    id: string
    partnerId: string
    scheme: Scheme
    overlapHours: number
    compromised: boolean
  },
): Promise<ShownKey> => {
  const endpoint = await locked(w, asked.id, asked.partnerId)
  if (!endpoint.schemes.includes(asked.scheme))
    throw endpointNotFound(`the endpoint is not signed to with ${asked.scheme}`)
  if (asked.compromised) await store.stopKeys(w, asked.id, asked.scheme, w.now)
  else {
    const signing = await store.signingKeys(w, [asked.id], w.now)
    const retiring = signing.filter((k) => k.scheme === asked.scheme && k.endsAt !== null)
    if (retiring.length >= RETIRING_MAX)
      throw keysTooMany(`at most ${RETIRING_MAX} earlier keys sign at a time`)
    await store.retireKey(w, asked.id, asked.scheme, w.now.add({ hours: asked.overlapHours }))
  }
  const key = await makeKey(w, rules, asked.id, asked.scheme)
  await w.record('webhooks.key-rotated', asked.id, {
    partnerId: asked.partnerId,
    keyId: key.id,
    scheme: asked.scheme,
    compromised: asked.compromised,
  })
  return key
}
