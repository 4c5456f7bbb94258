/** The reference as it travels to the portal. */
import { z } from 'zod'

const Rule = z.object({
  action: z.string(),
  form: z.string().optional(),
  when: z.array(z.object({ of: z.string(), any: z.array(z.string()) })),
})

const SchemaNodeView = z.object({
  name: z.string(),
  type: z.string(),
  required: z.boolean(),
  about: z.string().optional(),
  rules: z.array(z.string()),
  values: z.array(z.string()).optional(),
  dataClass: z.string().optional(),
  permissions: z.array(z.string()).optional(),
  release: z.array(Rule).optional(),
  deprecated: z.literal(true).optional(),
  again: z.string().optional(),
  get members() {
    return z.array(SchemaNodeView).optional()
  },
  get choices() {
    return z.array(z.object({ title: z.string(), members: z.array(SchemaNodeView) })).optional()
  },
})

const ParameterView = z.object({
  in: z.string(),
  node: SchemaNodeView,
  example: z.string().optional(),
})

const BodyView = z.object({
  media: z.string(),
  required: z.boolean(),
  node: SchemaNodeView,
  example: z.string().optional(),
})

const EntryView = z.object({
  id: z.string(),
  method: z.string(),
  path: z.string(),
  summary: z.string(),
  tag: z.string(),
  deprecated: z.boolean(),
  /** What the sandbox plays of it by `Sandbox-Scenario`. */
  scenarios: z.array(z.string()),
})

const RefusalView = z.object({
  status: z.number(),
  code: z.string(),
  title: z.string(),
  detail: z.string(),
  hint: z.string().optional(),
  retryable: z.boolean(),
})

export const OperationView = EntryView.extend({
  description: z.string(),
  needs: z
    .object({
      permissions: z.array(z.string()),
      scope: z.string(),
      consent: z.object({ type: z.string(), permissions: z.array(z.string()) }).optional(),
      cardData: z.boolean(),
      scaMaxAge: z.number().optional(),
      twoFactors: z.boolean(),
      signature: z.enum(['required', 'answer']).optional(),
      idempotency: z.enum(['required', 'accepted']).optional(),
    })
    .optional(),
  cells: z.array(z.string()),
  parameters: z.array(ParameterView),
  body: BodyView.optional(),
  answers: z.array(
    z.object({
      status: z.string(),
      about: z.string(),
      bodies: z.array(BodyView),
      headers: z.array(ParameterView),
    }),
  ),
  refusals: z.array(RefusalView.extend({ common: z.boolean() })),
  /** The call that the document's examples make, in each language. Events have none. */
  samples: z.record(z.string(), z.string()).optional(),
})

export const ReferenceView = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      summary: z.string(),
      description: z.string(),
      version: z.string(),
      versions: z.array(z.string()),
      cells: z.array(z.string()),
      operations: z.array(EntryView),
    }),
  ),
})

export const RefusalsView = z.object({
  data: z.array(
    RefusalView.extend({ operations: z.array(z.object({ product: z.string(), id: z.string() })) }),
  ),
})

export const FoundView = z.object({
  data: z.array(
    z.object({
      kind: z.enum(['operation', 'event', 'member', 'refusal', 'guide']),
      title: z.string(),
      address: z.string(),
      within: z.string(),
    }),
  ),
})

const HeadingView = z.object({ id: z.string(), title: z.string(), level: z.number() })

export const GuidesView = z.object({
  data: z.array(z.object({ id: z.string(), title: z.string(), about: z.string() })),
})

export const GuideView = z.object({
  id: z.string(),
  title: z.string(),
  about: z.string(),
  headings: z.array(HeadingView),
  html: z.string(),
})
