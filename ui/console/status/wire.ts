import type { z } from 'zod'
import type { Bulletin as BulletinNoun } from '#control/status/bulletin.ts'
import type { StandingView } from '#control/status/standing.ts'
import type { Incident } from '../../kit/standing/wire.ts'
import type { Wire } from '../../kit/wire.ts'

export type Status = Wire<z.output<typeof StandingView>> & {
  readonly url: string
  readonly incidents: readonly Incident[]
}
export type Bulletin = Wire<BulletinNoun>
