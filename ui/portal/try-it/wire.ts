/** What try-it answers (src/control/try-it/routes.ts). */
export interface Tried {
  readonly stage: 'token' | 'consent' | 'call'
  readonly call: {
    readonly method: string
    readonly path: string
    readonly headers: Readonly<Record<string, string>>
    readonly body?: string
  }
  readonly answer: {
    readonly status: number
    readonly headers: readonly (readonly [string, string])[]
    readonly body: string
  }
  readonly consentId: string | null
  readonly applicationId: string
  readonly ms: { readonly token: number; readonly consent: number; readonly call: number }
}

export interface Persona {
  readonly login: string
  readonly name: string
  /** What is particular about them, in English. */
  readonly story: string
}
