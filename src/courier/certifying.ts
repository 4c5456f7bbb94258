/** Whether a receiver tells our messages from others': it is sent both, and what it answers is the proof. */
import { randomBytes, randomInt } from 'node:crypto'
import { assert } from '#kernel/assert.ts'
import { openMailbox } from './attempt.ts'
import type { Endpoint } from './endpoint-store.ts'
import type { Outside } from './outside.ts'
import { openKey, type SigningKey } from './signing-key.ts'
import { newSigningText, type Signer, signerOf, webhookHeaders } from './webhook-signature.ts'

/** What a receiver was sent: only the first is to be taken. */
export const trials = ['genuine', 'foreign-key', 'altered', 'stale'] as const
export type Trial = (typeof trials)[number]

export interface Tried {
  readonly trial: Trial
  readonly status: number | null
  readonly failure: string | null
  /** 2xx to what is ours, 4xx to what is not. */
  readonly right: boolean
}

/** Standard Webhooks: what is older than five minutes may have been kept by somebody. */
const STALE_MINUTES = 60

/** In no order that a receiver could know, alike in everything but what makes them genuine or not. */
export const certifyReceiver = async (
  outside: Outside,
  endpoint: Pick<Endpoint, 'id' | 'url' | 'schemes' | 'applicationId'>,
  keys: readonly Pick<SigningKey, 'id' | 'sealed'>[],
  { sealingKey, at }: { sealingKey: Uint8Array; at: Temporal.Instant },
): Promise<Tried[]> => {
  const own = keys.map(({ id, sealed }) => {
    const text = openKey(sealed, sealingKey, id)
    assert(text !== undefined, 'a key opens with what it was sealed with')
    return signerOf(text)
  })
  const foreign = endpoint.schemes.map((scheme) => signerOf(newSigningText(scheme).text))
  const mailbox = openMailbox(outside, endpoint.url, 1)
  const tried: Tried[] = []
  try {
    for (const trial of shuffled<Trial>([...trials, 'genuine'])) {
      const { headers, body } = message(trial, { own, foreign, endpoint, at })
      const { status, failure } = await mailbox.post(headers, body)
      tried.push({ trial, status, failure, right: isRight(trial, status) })
    }
  } finally {
    await mailbox.close()
  }
  return tried
}

const isRight = (trial: Trial, status: number | null): boolean => {
  const [least, beyond] = trial === 'genuine' ? [200, 300] : [400, 500]
  return status !== null && status >= least && status < beyond
}

const message = (
  trial: Trial,
  {
    own,
    foreign,
    endpoint,
    at,
  }: {
    own: readonly Signer[]
    foreign: readonly Signer[]
    endpoint: Pick<Endpoint, 'applicationId'>
    at: Temporal.Instant
  },
): { headers: Record<string, string>; body: string } => {
  const written = (subject: string) =>
    JSON.stringify({
      type: 'sandbox.simulated',
      timestamp: at.toString(),
      data: { subject, sequence: 1, applicationId: endpoint.applicationId },
    })
  const word = () => randomBytes(16).toString('hex')
  const body = written(`simulated_${word()}`)
  const id = `event_${word()}`
  switch (trial) {
    case 'genuine':
      return { headers: webhookHeaders(own, { id, at, body }), body }
    case 'foreign-key':
      return { headers: webhookHeaders(foreign, { id, at, body }), body }
    case 'altered':
      return {
        headers: webhookHeaders(own, { id, at, body }),
        body: written(`simulated_${word()}`),
      }
    case 'stale':
      return {
        headers: webhookHeaders(own, { id, at: at.subtract({ minutes: STALE_MINUTES }), body }),
        body,
      }
  }
}

const shuffled = <T>(items: readonly T[]): T[] => {
  const left = [...items]
  return items.flatMap(() => left.splice(randomInt(left.length), 1))
}
