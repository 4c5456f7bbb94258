/** Asks a partner to decide: one signed call through the address guard, with an end that is kept. */
import { rootCertificates } from 'node:tls'
import { Agent, buildConnector, request } from 'undici'
import { addressRefused, type AddressGuard, guardedLookup } from '#platform/address-guard.ts'
import type { Client } from '#platform/rpc.ts'
import type { courierContract } from './contract.ts'
import { signedHeaders, type WebhookKey } from './webhook-signature.ts'

interface Outside {
  readonly guard: AddressGuard
  readonly key: WebhookKey
  readonly now: () => Temporal.Instant
  /** An authority beside those of the machine, for the addresses that are allowed by name: development only. */
  readonly developmentCa: string | null
}

/** An answer is a few words; what is longer is none. */
const ANSWER_BYTES_MAX = 16_384

/** The address as it may be asked; throws `platform/address-refused`. A name that resolves inwards is refused at the call. */
export const outsideAddress = (guard: AddressGuard, given: string): URL => {
  const refuse = (why: string) => addressRefused(why, { gate: 'partner' })
  if (!URL.canParse(given)) throw refuse('it is not an address')
  const url = new URL(given)
  const port = Number(url.port || 443)
  if (url.protocol !== 'https:') throw refuse('it does not begin with https')
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    throw refuse('it carries a user, a password or a fragment')
  const refusal = guardedLookup(guard, port).refusalOf(url.hostname)
  if (refusal) throw refusal
  if (guard.allowed.has(`${url.hostname}:${port}`)) return url
  if (port !== 443 && port !== 8443) throw refuse('its port is neither 443 nor 8443')
  const name = url.hostname.replace(/\.$/, '')
  if (
    !/^[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z][a-z0-9-]*$/.test(name) ||
    /\.(local|internal)$/.test(name)
  )
    throw refuse('its host is no public name')
  return url
}

export const openDecisions = ({
  guard,
  key,
  now,
  developmentCa,
}: Outside): Client<typeof courierContract> => ({
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
      const port = Number(url.port || 443)
      const trusted = guard.allowed.has(`${url.hostname}:${port}`) && developmentCa !== null
      agent = new Agent({
        connect: buildConnector({
          timeout: withinMs,
          lookup: guardedLookup(guard, port),
          minVersion: 'TLSv1.2',
          maxCachedSessions: 0,
          ...(trusted && { ca: [...rootCertificates, developmentCa] }),
        }),
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
})
