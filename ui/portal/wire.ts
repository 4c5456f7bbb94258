/** What the portal's server answers: the nouns of its rooms, in the form that they have on the wire. */
import type { Application as ApplicationNoun } from '#control/partners/application.ts'
import type { Certificate as CertificateNoun } from '#control/partners/certificate.ts'
import type { Partner } from '#control/partners/partner.ts'
import type { Person } from '#control/partners/person.ts'
import type { ChangeView } from '#control/approvals/change-view.ts'
import type { Contract as ContractNoun } from '#control/contracts/contract.ts'
import type { Evidence as EvidenceNoun } from '#control/licences/evidence.ts'
import type { Tier as TierNoun } from '#control/catalogue/tier.ts'
import type { Cell } from '../kit/cell.ts'
import type { Wire } from '../kit/wire.ts'

export interface Me {
  readonly person: Wire<Person>
  readonly partner: Wire<Partner>
}

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
  readonly next: string | null
}

export type Tier = TierNoun
export interface Offer {
  readonly products: readonly {
    readonly id: string
    readonly version: string
    readonly operations: readonly {
      readonly id: string
      readonly method: string
      readonly path: string
      readonly unitPrice: string
    }[]
  }[]
  readonly tiers: readonly Tier[]
  readonly prices: { readonly id: string; readonly currency: string }
}

/** Where the servers are, as `/.well-known/portico` tells everybody. */
export interface WellKnown {
  /** PEM of the authority behind the servers' certificates. */
  readonly ca: string
  readonly cells: Record<Cell, { readonly gatewayMtls: string; readonly issuerMtls: string }>
}

/** A contract with the text that both sides sign. */
export type Contract = Wire<ContractNoun>
export type Evidence = Wire<EvidenceNoun>

/** One gate between the partner and a permission. */
export interface Gate {
  readonly gate: string
  readonly passed: boolean
  readonly detail: string
  readonly code?: string
  readonly giver?: 'partner' | 'bank' | 'customer'
}
export interface Licences {
  readonly matrix: string
  readonly declared: readonly string[]
  readonly held: readonly { readonly status: string; readonly since: string }[]
  readonly applications: readonly {
    readonly statuses: readonly string[]
    readonly status: string
  }[]
  readonly permissions: readonly {
    readonly permission: string
    readonly cells: Record<
      Cell,
      { readonly granted: boolean; readonly until: string | null; readonly gates: readonly Gate[] }
    >
  }[]
}
