/** What the reference answers (src/control/reference/views.ts). */
export interface Entry {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly summary: string
  readonly tag: string
  readonly deprecated: boolean
  readonly scenarios: readonly string[]
}

export interface ProductEntry {
  readonly id: string
  readonly title: string
  readonly summary: string
  readonly description: string
  readonly version: string
  readonly versions: readonly string[]
  readonly cells: readonly string[]
  readonly operations: readonly Entry[]
}

export interface SchemaNode {
  readonly name: string
  readonly type: string
  readonly required: boolean
  readonly about?: string
  readonly rules: readonly string[]
  readonly values?: readonly string[]
  readonly dataClass?: string
  readonly permissions?: readonly string[]
  readonly release?: readonly {
    readonly action: string
    readonly form?: string
    readonly when: readonly { readonly of: string; readonly any: readonly string[] }[]
  }[]
  readonly deprecated?: true
  readonly again?: string
  readonly members?: readonly SchemaNode[]
  readonly choices?: readonly { readonly title: string; readonly members: readonly SchemaNode[] }[]
}

export interface Parameter {
  readonly in: string
  readonly node: SchemaNode
  readonly example?: string
}

export interface Body {
  readonly media: string
  readonly required: boolean
  readonly node: SchemaNode
  readonly example?: string
}

export interface Needs {
  readonly permissions: readonly string[]
  readonly scope: string
  readonly consent?: { readonly type: string; readonly permissions: readonly string[] }
  readonly cardData: boolean
  readonly scaMaxAge?: number
  readonly twoFactors: boolean
  readonly signature?: 'required' | 'answer'
  readonly idempotency?: 'required' | 'accepted'
}

export interface RefusalLine {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string
  readonly hint?: string
  readonly retryable: boolean
}

export interface Operation extends Entry {
  readonly description: string
  readonly needs?: Needs
  readonly cells: readonly string[]
  readonly parameters: readonly Parameter[]
  readonly body?: Body
  readonly answers: readonly {
    readonly status: string
    readonly about: string
    readonly bodies: readonly Body[]
    readonly headers: readonly Parameter[]
  }[]
  /** `common`: most operations may answer so. */
  readonly refusals: readonly (RefusalLine & { readonly common: boolean })[]
  readonly samples?: Readonly<Record<string, string>>
}

export interface RefusalEntry extends RefusalLine {
  readonly operations: readonly { readonly product: string; readonly id: string }[]
}

export interface Found {
  readonly kind: 'operation' | 'event' | 'member' | 'refusal' | 'guide'
  readonly title: string
  readonly address: string
  readonly within: string
}

export interface GuideLine {
  readonly id: string
  readonly title: string
  readonly about: string
}

export interface Guide extends GuideLine {
  readonly headings: readonly {
    readonly id: string
    readonly title: string
    readonly level: number
  }[]
  readonly html: string
}
