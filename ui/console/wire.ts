/** What the console's server answers: the nouns of its rooms, in the form that they have on the wire. */
import type { ChangeView } from '#control/approvals/change-view.ts'
import type { Operation } from '#control/catalogue/document.ts'
import type { PriceVersion } from '#control/catalogue/price-version.ts'
import type { Tier } from '#control/catalogue/tier.ts'
import type { Contract as ContractNoun } from '#control/contracts/contract.ts'
import type { Evidence as EvidenceNoun } from '#control/licences/evidence.ts'
import type { Application as ApplicationNoun } from '#control/partners/application.ts'
import type { Partner as PartnerNoun } from '#control/partners/partner.ts'
import type { Person as PersonNoun } from '#control/partners/person.ts'
import type { Staff as StaffNoun } from '#control/staff/staff.ts'
import type { Wire } from '../kit/wire.ts'

export type Staff = Wire<StaffNoun>
export interface Me {
  readonly staff: Staff
}
export interface List<Item> {
  readonly data: readonly Item[]
  readonly next?: string | null
}
export type Change = Wire<ChangeView>
export type Partner = Wire<PartnerNoun>
export type Application = Wire<ApplicationNoun>
export interface PartnerWhole {
  readonly partner: Partner
  readonly people: readonly Wire<PersonNoun>[]
  readonly applications: readonly Application[]
  readonly suspensions: readonly {
    readonly reason: string
    readonly suspendedAt: string
    readonly endedAt: string | null
  }[]
}
export type Contract = Omit<Wire<ContractNoun>, 'document'> & {
  readonly document: unknown
  readonly waitsFor: 'partner' | 'bank' | null
}
export type Evidence = Omit<Wire<EvidenceNoun>, 'state'> & {
  readonly state: EvidenceNoun['state'] | 'expired'
  readonly endsAt: string | null
}

/** What was proposed waits as a change. */
export interface Asked {
  readonly change: Change
}

export interface Catalogue {
  readonly data: readonly {
    readonly id: string
    readonly version: string
    readonly operations: readonly (Operation & { readonly unitPrice: string | null })[]
  }[]
  readonly tiers: readonly Tier[]
  readonly prices: { readonly version: string; readonly currency: string }
  readonly priceVersions: readonly Wire<PriceVersion>[]
}

export interface JournalLine {
  readonly seq: string
  readonly at: string
  readonly actor: string
  readonly event: string
  readonly subject: string
  readonly hash: string
}
