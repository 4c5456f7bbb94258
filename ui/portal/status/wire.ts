import type { OwnStatus as OwnStatusNoun } from '#control/status/own.ts'
import type { Wire } from '../../kit/wire.ts'

export type OwnStatus = Wire<OwnStatusNoun>
export type Incident = OwnStatus['incidents'][number]
export type Work = OwnStatus['maintenance'][number]

export interface Live {
  readonly calls: number
  readonly refused: number
  readonly p95Ms: number | null
}
