/** What the rooms of compliance answer, as it is on the wire. */
import type { Finding as FindingNoun } from '#control/abuse/finding.ts'
import type { Check } from '#control/certification/certificate.ts'
import type { DueRecheck, Freeze, LicenceTask } from '#control/licences/index.ts'
import type { RecertificationView } from '#control/licences/recertification/recertification.ts'
import type { RegisterImport, RegisterMatch } from '#control/licences/registers/store.ts'
import type { Step, WindDown } from '#control/wind-downs/plan.ts'
import type { z } from 'zod'
import type { Wire } from '../../kit/wire.ts'

export type Task = Wire<LicenceTask>
export type Recheck = Wire<z.output<typeof DueRecheck>>
export type Again = Wire<RecertificationView>
export type FreezeLine = Wire<z.output<typeof Freeze>>
/** Counts are whole numbers on the wire. */
export type Imported = Wire<RegisterImport>
export type Match = Wire<z.output<typeof RegisterMatch>>
export interface Taken {
  readonly imported: Imported
  readonly matches: readonly Match[]
  /** Waits for a second person, where the file takes much away. */
  readonly change: { readonly id: string } | null
}
export type Finding = Wire<FindingNoun>
export type Plan = Wire<Pick<WindDown, 'id' | 'partnerId' | 'reason' | 'successor'>> & {
  readonly steps: readonly {
    readonly step: Step
    readonly by: string
    readonly doneAt: string | null
    readonly late: boolean
  }[]
}
export interface Certification {
  readonly ready: boolean
  readonly checks: readonly Wire<Check>[]
}
