/** Asks a partner to decide: one signed call through the address guard, with an end that is kept. */
import { Agent, request } from 'undici'
import type { Client } from '#platform/rpc.ts'
import type { courierContract } from './contract.ts'
import { type Outside, outsideAddress, outsideConnector } from './outside.ts'
import { signedHeaders, type WebhookKey } from './webhook-signature.ts'

interface Asking extends Outside {
  readonly key: WebhookKey
  readonly now: () => Temporal.Instant
}

/** An answer is a few words; what is longer is none. */
const ANSWER_BYTES_MAX = 16_384

export const openDecisions = (
  outside: Asking,
): Pick<Client<typeof courierContract>, 'inspect' | 'decide'> => {
  const { guard, key, now } = outside
  return {
    inspect: async ({ url }) => {
      outsideAddress(guard, url)
      return { verificationKey: key.verificationKey }
    },
    decide: async ({ id, url: given, body, withinMs }) => {
      const began = performance.now()
      const since = () => Math.round(performance.now() - began)
      const ends = AbortSignal.timeout(withinMs)
      // A connection of its own: nothing of one partner's call is left for another's.
      let agent: Agent | undefined
      try {
        const url = outsideAddress(guard, given)
        agent = new Agent({
          connect: outsideConnector(outside, url, withinMs),
          maxResponseSize: ANSWER_BYTES_MAX,
        })
        const answer = await request(url, {
          method: 'POST',
          dispatcher: agent,
          signal: ends,
          headers: {
            'content-type': 'application/json',
            accept: 'application/json',
            'user-agent': 'Portico',
            ...signedHeaders(key, { id, at: now(), body }),
          },
          body,
        })
        const text = await answer.body.text()
        return { heard: 'answer', status: answer.statusCode, body: text, ms: since() }
      } catch {
        // Whatever went wrong outside is the partner's silence; only whether the time ran out is told apart.
        return { heard: ends.aborted ? 'late' : 'nothing', ms: since() }
      } finally {
        await agent?.destroy()
      }
    },
  }
}
