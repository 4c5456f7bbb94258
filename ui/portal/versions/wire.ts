/** Versions as the portal reads them. */
import type { Cell } from '#kernel/cell.ts'
import type { Language } from '#kernel/format.ts'

type Summary = Readonly<Record<Language, string>>

export interface Version {
  readonly version: string
  readonly stage: 'beta' | 'alive' | 'deprecated' | 'sunset' | 'retired'
  readonly sunsetAt: string | null
  readonly brownouts: readonly {
    readonly id: string
    readonly cell: Cell
    readonly startsAt: string
    readonly endsAt: string
  }[]
}

export interface Meaning {
  readonly id: string
  readonly product: string
  readonly since: string
  readonly summary: Summary
  readonly operations: readonly { readonly id: string; readonly calls: number }[]
  readonly events: readonly string[]
  readonly touches: boolean
}

export interface ApplicationVersion {
  readonly id: string
  readonly name: string
  readonly cell: Cell
  readonly pinned: string
  readonly back: string | null
  readonly betas: readonly string[]
  readonly spoken: readonly { readonly version: string; readonly calls: number }[]
  readonly ahead: readonly Meaning[]
}

export interface ComingChange {
  readonly id: string
  readonly product: string
  readonly operation: string | null
  readonly summary: Summary
  readonly takesEffect: string
}
