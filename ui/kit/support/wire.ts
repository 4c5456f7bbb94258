/** What the server answers of the support desk, at either office. */
import type { z } from 'zod'
import type { Support } from '#control/contracts/support.ts'
import type { Figures } from '#control/support/figures.ts'
import type { DeskView, MessageView, RequestView } from '#control/support/views.ts'
import type { Wire } from '../wire.ts'

export type Request = Wire<RequestView>
export type DeskRequest = Wire<DeskView>
export type Message = Wire<z.output<typeof MessageView>>
export type SupportFigures = Wire<Figures>
export type SupportTerms = Wire<Support>

export interface Whole<R extends Request = Request> {
  readonly request: R
  readonly messages: readonly Message[]
}

export const urgencies = ['critical', 'major', 'minor'] as const
