/** Consents as the cell's authorization server tells them, as they are on the wire. */
import type { z } from 'zod'
import type {
  ConsentState,
  OneConsent as OneConsentView,
  ToldConsent,
} from '#authorization/consents/desk-contract.ts'

export type Consent = z.input<typeof ToldConsent>
export type OneConsent = z.input<typeof OneConsentView>
export type State = z.output<typeof ConsentState>

export interface ConsentPage {
  readonly data: readonly Consent[]
  readonly next: string | null
}

export const states = ['live', 'waiting', 'ended'] as const satisfies readonly State[]

/** What a list of consents is narrowed to; it stands in the page's address. */
export interface ConsentFilter {
  readonly state?: State
  readonly application?: string
  readonly subject?: string
}

/** Whatever somebody wrote into the address, only what a list can be narrowed to. */
export const consentFilter = (search: Record<string, unknown>): ConsentFilter => {
  const state = states.find((one) => one === search['state'])
  const text = (name: string) => {
    const value = search[name]
    return typeof value === 'string' && value !== '' ? { [name]: value } : {}
  }
  return { ...(state && { state }), ...text('application'), ...text('subject') }
}
