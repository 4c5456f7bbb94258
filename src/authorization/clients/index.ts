/** Who may ask: the applications that control published for this cell, and those it has denied since. */
import type { ClientMetadata } from 'oidc-provider'
import type { Log } from '#platform/log.ts'
import type { Revocation } from '#platform/publication.ts'
import type { Registry, RegistryClient } from '../registry.ts'
import { metadataOf, type Served, unfitness } from './metadata.ts'

export type { Served } from './metadata.ts'

export interface Clients {
  /** Takes the place of all that was held. */
  hold(registry: Registry): void
  /** Denies at once, without waiting for the next registry. Twice is as once. */
  deny(revocation: Revocation): void
  find(applicationId: string, now: Temporal.Instant): RegistryClient | undefined
  metadata(applicationId: string, now: Temporal.Instant): ClientMetadata | undefined
  /** Whether this certificate is one of the application's, and live. */
  holdsCertificate(applicationId: string, sha256: string, now: Temporal.Instant): boolean
  /** Version of the licence matrix that the registry was compiled with. */
  matrix(): string
}

/** An empty registry: nobody is served until one is held. */
export const openClients = (served: Served, log: Log): Clients => {
  let held = new Map<string, RegistryClient>()
  let matrix = 'none'
  /** `kind id` → the moment until which it is denied. */
  const denied = new Map<string, Temporal.Instant>()

  const isDenied = (kind: Revocation['kind'], id: string, now: Temporal.Instant): boolean => {
    const until = denied.get(`${kind} ${id}`)
    return until !== undefined && Temporal.Instant.compare(now, until) < 0
  }

  const find = (id: string, now: Temporal.Instant): RegistryClient | undefined => {
    const client = held.get(id)
    if (!client || client.partnerStatus !== 'active') return undefined
    const out = isDenied('client', id, now) || isDenied('partner', client.partnerId, now)
    return out ? undefined : client
  }

  return {
    hold: (registry) => {
      const fit = registry.clients.filter((client) => {
        const why = unfitness(client)
        if (why)
          log.error({ applicationId: client.applicationId, why }, 'an application is not served')
        return why === undefined
      })
      held = new Map(fit.map((client) => [client.applicationId, client]))
      matrix = registry.matrix
    },
    deny: ({ kind, id, expiresAt }) => {
      denied.set(`${kind} ${id}`, Temporal.Instant.from(expiresAt))
    },
    find,
    metadata: (id, now) => {
      const client = find(id, now)
      return client && metadataOf(client, served)
    },
    holdsCertificate: (id, sha256, now) =>
      (find(id, now)?.certificates.includes(sha256) ?? false) &&
      !isDenied('certificate', sha256, now),
    matrix: () => matrix,
  }
}
