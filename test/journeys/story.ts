import type { CellName } from './application.ts'
import type { Cast } from './people.ts'
import type { Walker } from './walker.ts'
import type { WellKnown } from './web.ts'

/** Accounts of the demonstration bank that a story pays into or asks about. */
export interface Places {
  readonly customerAccount: string
  readonly customerName: string
  /** The same person, one letter wrong. */
  readonly closeName: string
  readonly strangerName: string
  readonly sellers: readonly [Place, Place]
  readonly treasury: Place
  readonly platform: Place
}

export interface Place {
  readonly identification: string
  readonly bankCode: string
  readonly name: string
}

export interface Setting {
  readonly wellKnown: WellKnown
  readonly cell: CellName
  readonly cast: Cast
  readonly places: Places
}

export type Story = (walker: Walker, setting: Setting) => Promise<void>
