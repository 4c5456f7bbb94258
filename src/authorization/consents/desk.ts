/** Consents as control reads them along the cell's line: for partners theirs, for the bank's people each, without a person. */
import type { Postgres } from '#platform/db.ts'
import type { Client } from '#platform/rpc.ts'
import { bankDoor } from './bank-door.ts'
import { type Consent, consentNotFound } from './consent.ts'
import type { consentsDeskContract, ToldConsent } from './desk-contract.ts'
import { type Applications, statusShown } from './standing.ts'
import * as store from './store.ts'

export interface ConsentsDesk {
  readonly postgres: Postgres
  readonly clients: Applications
  readonly now: () => Temporal.Instant
}

const permissionsOf = ({ detail }: Consent): string[] => [
  ...('permissions' in detail ? (detail.permissions ?? []) : []),
  ...('predicates' in detail ? (detail.predicates ?? []) : []),
  ...('claims' in detail ? (detail.claims ?? []) : []),
]

const told = (
  { clients, now }: ConsentsDesk,
  consent: Consent,
  last: store.LastAccess | undefined,
): ToldConsent => ({
  consentId: consent.id,
  partnerId: consent.partnerId,
  applicationId: consent.applicationId,
  type: consent.detail.type,
  status: statusShown(consent, clients, now()),
  permissions: permissionsOf(consent),
  scopes: consent.scopes,
  accounts: consent.accounts.length,
  purpose: consent.purpose?.code ?? null,
  legalBasis: consent.legalBasis,
  duration: consent.duration,
  createdAt: consent.createdAt,
  authorisedAt: consent.authorisedAt,
  expiresAt: consent.expiresAt,
  endedAt: consent.endedAt,
  endedBy: consent.endedBy,
  nextScaDueAt: consent.nextScaDueAt,
  signatures: {
    required: consent.signatures,
    given: consent.authorisations.filter(({ status }) => status === 'AUTHORISED').length,
  },
  lastAccess: last ? { at: last.at, present: last.present } : null,
})

/** `customer:…` is a customer and no more; who of the bank's people did it is theirs to answer for. */
const byWhom = (actor: string): string =>
  actor.startsWith('staff:') ? actor : (actor.split(':')[0] ?? actor)

export const consentsDesk = (desk: ConsentsDesk): Client<typeof consentsDeskContract> => {
  const { postgres, now } = desk
  const door = bankDoor(postgres, now)
  const of = async ({ partnerId, consentId }: { partnerId: string; consentId: string }) => {
    const consent = await store.find(postgres, consentId)
    if (consent?.partnerId !== partnerId) throw consentNotFound(consentId)
    return consent
  }
  const lastOf = async (ids: readonly string[]) =>
    new Map((await store.lastAccesses(postgres, ids)).map((last) => [last.consentId, last]))
  return {
    list: async (asked) => {
      const found = await store.listOfApplications(postgres, { ...asked, now: now() })
      const last = await lastOf(found.map(({ id }) => id))
      return {
        data: found.map((consent) => told(desk, consent, last.get(consent.id))),
        next: found.length === asked.limit ? (found.at(-1)?.id ?? null) : null,
      }
    },
    one: async ({ partnerId, consentId }) => {
      const consent = await of({ partnerId, consentId })
      const history = await store.history(postgres, consentId)
      return {
        ...told(desk, consent, (await lastOf([consentId])).get(consentId)),
        subject: consent.subject,
        history: history.map(({ at, move, status, actor, channel, reason }) => {
          return { at, move, status, by: byWhom(actor), channel, reason }
        }),
      }
    },
    suspend: async ({ partnerId, ...act }) => {
      await of({ partnerId, consentId: act.consentId })
      return door.suspendConsent(act)
    },
    resume: async ({ partnerId, ...act }) => {
      await of({ partnerId, consentId: act.consentId })
      return door.resumeConsent(act)
    },
    revoke: async ({ partnerId, ...act }) => {
      await of({ partnerId, consentId: act.consentId })
      return door.revokeConsent(act)
    },
  }
}
