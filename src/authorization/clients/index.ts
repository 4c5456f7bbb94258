/** Who may ask: the applications that control published for this cell, and those it has denied since. */
import type { ClientMetadata } from 'oidc-provider'
import { isBefore } from '#kernel/time.ts'
import type { Log } from '#platform/log.ts'
import type { Revocation } from '#platform/publication.ts'
import type { Registry, RegistryClient, RegistryDocument } from '../registry.ts'
import { openExpected } from './expected.ts'
import { metadataOf, type Served, unfitness } from './metadata.ts'

export { metadataOf, type Served, unfitness } from './metadata.ts'

export interface Clients {
  /** Takes the place of all that was held. Compiled late enough after a denial, it speaks for itself. */
  hold(registry: Registry, compiledAt?: Temporal.Instant, document?: RegistryDocument): void
  /** Denies at once, without waiting for the next registry. Twice is as once. */
  deny(revocation: Revocation): void
  find(applicationId: string, now: Temporal.Instant): RegistryClient | undefined
  /** Waits a moment for an application that was made just now and is still on its way here. */
  expect(applicationId: string, now: Temporal.Instant): Promise<void>
  metadata(applicationId: string, now: Temporal.Instant): ClientMetadata | undefined
  /** Before which tokens of the application are refused: a key of it was revoked then. */
  tokensSince(applicationId: string, now: Temporal.Instant): Temporal.Instant | undefined
  /** Whether this certificate is one of the application's, and live. */
  holdsCertificate(applicationId: string, sha256: string, now: Temporal.Instant): boolean
  /** Whether any application shows this certificate, and it is live: what a stranger's handshake is decided by. */
  knowsCertificate(sha256: string, now: Temporal.Instant): boolean
  /** `kid` of the signing keys that the gateways were told of; undefined: control does not say. */
  issuerKeys(): readonly string[] | undefined
  /** Version of the licence matrix that the registry was compiled with. */
  matrix(): string
  /** The published registry that is held: what every consent of this moment is given under. */
  document(): RegistryDocument | undefined
}

interface Denial {
  readonly at: Temporal.Instant
  readonly until: Temporal.Instant
  /** A registry compiled from then on says the same, or that it was taken back; undefined: none ever does. */
  readonly bridgedFrom: Temporal.Instant | undefined
}

/** A registry speaks for changes that are older than this: publication reads, then compiles, then signs. */
const REGISTRY_LAG = { seconds: 5 }
/** What control denies and its registry says as well, sooner or later. */
const bridged: ReadonlySet<Revocation['kind']> = new Set([
  'partner',
  'client',
  'certificate',
  'key',
])

/** An empty registry: nobody is served until one is held. */
export const openClients = (served: Served, log: Log): Clients => {
  let held = new Map<string, RegistryClient>()
  let matrix = 'none'
  let document: RegistryDocument | undefined
  let issuerKeys: readonly string[] | undefined
  let holders = new Map<string, string>()
  let heldFrom: Temporal.Instant | undefined
  /** By `kind id`. */
  const denied = new Map<string, Denial>()

  const expected = openExpected((id) => held.has(id))

  const isDenied = (kind: Revocation['kind'], id: string, now: Temporal.Instant): boolean => {
    const denial = denied.get(`${kind} ${id}`)
    if (denial === undefined || !isBefore(now, denial.until)) return false
    const { bridgedFrom } = denial
    return heldFrom === undefined || bridgedFrom === undefined || isBefore(heldFrom, bridgedFrom)
  }

  const find = (id: string, now: Temporal.Instant): RegistryClient | undefined => {
    const client = held.get(id)
    if (!client || client.partnerStatus !== 'active') return undefined
    const out = isDenied('client', id, now) || isDenied('partner', client.partnerId, now)
    if (out) return undefined
    const jwks = client.jwks.filter(({ kid }) => !isDenied('key', `${id} ${String(kid)}`, now))
    if (jwks.length === client.jwks.length) return client
    // An application that signs itself in by a key needs one; the next registry says the same.
    return jwks.length === 0 && client.authentication !== 'tls_client_auth'
      ? undefined
      : { ...client, jwks }
  }

  const holdsCertificate = (id: string, sha256: string, now: Temporal.Instant): boolean =>
    (find(id, now)?.certificates.includes(sha256) ?? false) && !isDenied('certificate', sha256, now)

  return {
    hold: (registry, compiledAt, published) => {
      heldFrom = compiledAt
      document = published
      const fit = registry.clients.filter((client) => {
        const why = unfitness(client)
        if (why)
          log.error({ applicationId: client.applicationId, why }, 'an application is not served')
        return why === undefined
      })
      held = new Map(fit.map((client) => [client.applicationId, client]))
      holders = new Map(fit.flatMap((c) => c.certificates.map((sha) => [sha, c.applicationId])))
      matrix = registry.matrix
      issuerKeys = registry.issuerKeys
      expected.came()
    },
    deny: ({ kind, id, at, expiresAt, source }) => {
      const speaksLater = source === 'control' && bridged.has(kind)
      denied.set(`${kind} ${id}`, {
        at: Temporal.Instant.from(at),
        until: Temporal.Instant.from(expiresAt),
        bridgedFrom: speaksLater ? Temporal.Instant.from(at).add(REGISTRY_LAG) : undefined,
      })
    },
    find,
    expect: (id, now) => expected.wait(id, now.epochMilliseconds),
    metadata: (id, now) => {
      const client = find(id, now)
      return client && metadataOf(client, served)
    },
    tokensSince: (id, now) => {
      const denial = denied.get(`key ${id}`)
      return denial && isBefore(now, denial.until) ? denial.at : undefined
    },
    holdsCertificate,
    knowsCertificate: (sha256, now) => {
      const holder = holders.get(sha256)
      return holder !== undefined && holdsCertificate(holder, sha256, now)
    },
    issuerKeys: () => issuerKeys,
    matrix: () => matrix,
    document: () => document,
  }
}
