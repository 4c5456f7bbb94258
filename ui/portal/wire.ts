/** What the portal's server answers: the nouns of its rooms, in the form that they have on the wire. */
import type { Application as ApplicationNoun } from '#control/partners/application.ts'
import type { Certificate as CertificateNoun } from '#control/partners/certificate.ts'
import type { Partner } from '#control/partners/partner.ts'
import type { Person as PersonNoun } from '#control/partners/person.ts'
import type { Invitation as InvitationNoun } from '#control/partners/person-invitation.ts'
import type { ChangeView } from '#control/approvals/change-view.ts'
import type { Contract as ContractNoun } from '#control/contracts/contract.ts'
import type { Evidence as EvidenceNoun } from '#control/licences/evidence.ts'
import type { KnownRegister as KnownRegisterNoun } from '#control/licences/registers/store.ts'
import type { Operation } from '#control/catalogue/document.ts'
import type { Product } from '#control/catalogue/index.ts'
import type { Tier as TierNoun } from '#control/catalogue/tier.ts'
import type { LicencesView } from '#control/publication/explain.ts'
import type { Cell } from '../kit/cell.ts'
import type { Standing } from '../kit/sign-in.tsx'
import type { Wire } from '../kit/wire.ts'

export interface Me {
  readonly person: Person
  readonly partner: Wire<Partner>
  readonly standing: Standing
  /** Until when a stranger tries the sandbox; null for who has registered. */
  readonly visitEndsAt: string | null
}
export type Person = Wire<PersonNoun>
export type Invitation = Wire<Omit<InvitationNoun, 'acceptedAt' | 'withdrawnAt'>>

export type Application = Wire<ApplicationNoun>
export type Certificate = Wire<Omit<CertificateNoun, 'keySha256'>> & { readonly inForce: boolean }
export type ApplicationWithCertificates = Application & {
  readonly certificates: readonly Certificate[]
}

/** What became of an asking: `change` stands where two people of the bank have to approve it first. */
export interface Outcome {
  readonly application: Application
  readonly certificate?: Certificate
  readonly change?: Pick<Wire<ChangeView>, 'id' | 'status' | 'expiresAt' | 'stillNeeded'>
}

export interface List<Item> {
  readonly data: readonly Item[]
}

export type Tier = TierNoun
export interface Offer {
  readonly data: readonly (Pick<Product, 'id' | 'version'> & {
    readonly operations: readonly (Pick<Operation, 'id' | 'method' | 'path'> & {
      readonly unitPrice: string | null
    })[]
  })[]
  readonly tiers: readonly Tier[]
  readonly prices: { readonly version: string; readonly currency: string }
}

/** Where the servers are, as `/.well-known/portico` tells everybody. */
export interface WellKnown {
  /** PEM of the authority behind the servers' certificates. */
  readonly ca: string
  readonly cells: Record<Cell, { readonly gatewayMtls: string; readonly issuerMtls: string }>
}

/** A contract with the text that both sides sign. */
export type Contract = Omit<Wire<ContractNoun>, 'document'> & {
  readonly document: unknown
  readonly waitsFor: 'partner' | 'bank' | null
}
export type Evidence = Omit<Wire<EvidenceNoun>, 'state'> & {
  readonly state: EvidenceNoun['state'] | 'expired'
  readonly endsAt: string | null
}
export type KnownRegister = Wire<KnownRegisterNoun>
export type Licences = LicencesView
