/** The licence matrix: policy as data. What a partner may use, given what it is and what it has shown. */
import { z } from 'zod'
import { problem } from '#kernel/problem.ts'

/** In the order of the matrix: the first is worth most. */
export const EntryValue = z.enum(['allowed', 'conditional', 'sandbox-only', 'denied'])
export type EntryValue = z.output<typeof EntryValue>

/** What one status may do with one permission. */
export const Entry = z.strictObject({
  value: EntryValue,
  /** Types that must be on file besides the status's base evidence. */
  evidence: z.array(z.string()).default([]),
  condition: z.string().optional(),
  limit: z.string().optional(),
  /** By evidence type: what the document must say. */
  mustShow: z.record(z.string(), z.array(z.string())).default({}),
  /** By evidence type: the circumstance in which it is not asked for. */
  waive: z.record(z.string(), z.literal('same-home-state')).default({}),
})
export type Entry = z.output<typeof Entry>

const Permission = z.strictObject({
  id: z.string(),
  domain: z.string(),
  title: z.string(),
  scopes: z.array(z.string()),
  authorizationDetails: z.array(z.string()),
  basis: z.array(z.string()),
  highestDataClass: z.string(),
})
export type Permission = z.output<typeof Permission>

const Status = z.strictObject({
  id: z.string(),
  title: z.string(),
  licensed: z.boolean(),
  /** Permissions that the law opens without contract and price. */
  regulatedAccess: z.array(z.string()),
  baseEvidence: z.array(z.string()),
  permissions: z.record(z.string(), Entry),
})
export type Status = z.output<typeof Status>

/** Months and days, as the matrix counts: P12M, P1D. */
const Duration = z.string().regex(/^P\d+[DM]$/)

const EvidenceType = z.strictObject({
  title: z.string(),
  check: z.enum(['automatic', 'manual']),
  recheckEvery: Duration,
  /** How long it counts from its day of issue, whatever the document itself says. */
  validFor: Duration.optional(),
  look: z.string(),
  optional: z.boolean().optional(),
})
export type EvidenceType = z.output<typeof EvidenceType>

/** From everything to nothing, as evidence that ended stays missing. `warned` comes before the end. */
export const StepName = z.enum(['warned', 'no-new-consents', 'read-only', 'suspended'])
export type StepName = z.output<typeof StepName>

const Recertification = z.looseObject({
  /** How often everything is looked at again, and how often the short list. */
  full: Duration,
  light: Duration,
  /** What has a partner looked at again before its year is over. */
  events: z.array(z.string()).min(1),
  noticeDays: z.array(z.int().positive()).min(1),
  steps: z
    .array(z.strictObject({ id: StepName, effect: z.string(), afterDays: z.int() }))
    .length(StepName.options.length),
  /** What does not wait: a withdrawal from a register, and evidence without which nothing may happen. */
  immediate: z.array(z.looseObject({ event: z.string(), evidence: z.string().optional() })),
  extension: z.strictObject({
    approvals: z.literal(2),
    reason: z.literal(true),
    maxDays: z.int().positive(),
    times: z.literal(1),
  }),
})

export const Matrix = z
  .strictObject({
    format: z.literal('portico.licence-matrix/1'),
    version: z.iso.date(),
    profile: z.string(),
    about: z.string(),
    values: z.record(EntryValue, z.looseObject({})),
    rules: z.looseObject({
      unknown: z.literal('deny'),
      exclusive: z.array(z.string()),
      waive: z.record(z.string(), z.string()),
      order: z.tuple([
        z.literal('allowed'),
        z.literal('conditional'),
        z.literal('sandbox-only'),
        z.literal('denied'),
      ]),
      regulatedAccess: z.strictObject({
        evidence: z.array(z.string()).min(1),
        plan: z.string(),
        means: z.string(),
      }),
    }),
    limits: z.record(z.string(), z.string()),
    permissions: z.array(Permission).min(1),
    evidence: z.record(z.string(), EvidenceType),
    statuses: z.array(Status).min(1),
    recertification: Recertification,
  })
  .superRefine((matrix, ctx) => {
    const permissions = new Set(matrix.permissions.map((p) => p.id))
    const { steps } = matrix.recertification
    if (
      steps.some(
        (s, i) =>
          s.id !== StepName.options[i] || s.afterDays < (steps[i - 1]?.afterDays ?? s.afterDays),
      )
    )
      ctx.addIssue({
        code: 'custom',
        path: ['recertification', 'steps'],
        message: `they are ${StepName.options.join(', ')}, each no earlier than the one before`,
      })
    const wrong = (path: PropertyKey[], message: string) =>
      ctx.addIssue({ code: 'custom', path, message })
    matrix.statuses.forEach((status, i) => {
      const at = ['statuses', i]
      for (const permission of permissions)
        if (!Object.hasOwn(status.permissions, permission))
          wrong([...at, 'permissions', permission], `${status.id} has no entry for it`)
      for (const type of status.baseEvidence)
        if (!evidenceTypeOf(matrix, type)) wrong([...at, 'baseEvidence'], `${type} is no evidence`)
      for (const permission of status.regulatedAccess)
        if (!permissions.has(permission))
          wrong([...at, 'regulatedAccess'], `${permission} is no permission`)
      for (const [permission, entry] of Object.entries(status.permissions)) {
        const here = [...at, 'permissions', permission]
        if (!permissions.has(permission)) wrong(here, 'it is no permission')
        for (const type of entry.evidence)
          if (!evidenceTypeOf(matrix, type)) wrong([...here, 'evidence'], `${type} is no evidence`)
        for (const type of [...Object.keys(entry.mustShow), ...Object.keys(entry.waive)])
          if (!entry.evidence.includes(type)) wrong(here, `${type} is not asked for here`)
        if (entry.limit !== undefined && !Object.hasOwn(matrix.limits, entry.limit))
          wrong([...here, 'limit'], `${entry.limit} is no limit`)
        if (entry.value !== 'conditional' && entry.evidence.length > 0)
          wrong(here, 'only a conditional entry asks for evidence')
      }
    })
  })
export type Matrix = z.output<typeof Matrix>

/** What is asked of a version that somebody proposes now. One that is loaded stays readable, whatever was asked of it then. */
export const ProposedMatrix = Matrix.superRefine((matrix, ctx) => {
  const wrong = (path: PropertyKey[], message: string) =>
    ctx.addIssue({ code: 'custom', path, message })
  const isTwice = (named: readonly { id: string }[]) =>
    new Set(named.map(({ id }) => id)).size < named.length
  for (const place of ['permissions', 'statuses'] as const)
    if (isTwice(matrix[place])) wrong([place], 'one stands there twice')
  for (const status of matrix.rules.exclusive)
    if (!statusOf(matrix, status)) wrong(['rules', 'exclusive'], `${status} is no status`)
  for (const type of matrix.rules.regulatedAccess.evidence)
    if (!evidenceTypeOf(matrix, type))
      wrong(['rules', 'regulatedAccess', 'evidence'], `${type} is no evidence`)
  matrix.recertification.immediate.forEach(({ evidence }, i) => {
    if (evidence !== undefined && !evidenceTypeOf(matrix, evidence))
      wrong(['recertification', 'immediate', i, 'evidence'], `${evidence} is no evidence`)
  })
})

/** Permissions of the bank's own products are named so; the matrix of the law says nothing of them. */
export const isOwnProduct = (permission: string): boolean => permission.startsWith('products.')

/** The matrix with the permissions that a contract alone opens. */
export const withOwnProducts = (
  matrix: Matrix,
  own: readonly { permission: string; productId: string; title: string; scopes: string[] }[],
): Matrix => ({
  ...matrix,
  permissions: [
    ...matrix.permissions,
    ...own.map(({ permission, productId, title, scopes }) => ({
      id: permission,
      domain: productId,
      title,
      scopes,
      authorizationDetails: [],
      basis: ['contract'],
      highestDataClass: 'financial',
    })),
  ],
})

export const matrixRefused = problem(
  'licences/matrix-refused',
  422,
  'The licence matrix cannot be used',
)

export const statusOf = (matrix: Matrix, id: string): Status | undefined =>
  matrix.statuses.find((status) => status.id === id)

export const permissionOf = (matrix: Matrix, id: string): Permission | undefined =>
  matrix.permissions.find((permission) => permission.id === id)

/** A type of evidence by its own name: what every object has besides, such as `constructor`, is none. */
export const evidenceTypeOf = (
  { evidence }: Pick<Matrix, 'evidence'>,
  type: string,
): EvidenceType | undefined => (Object.hasOwn(evidence, type) ? evidence[type] : undefined)

/** What has to be on file for permissions, by what a partner is: types of evidence, each once, in the matrix's order. */
export const evidenceFor = (
  matrix: Matrix,
  statuses: readonly string[],
  permissions: readonly string[],
  { sameHomeState }: { sameHomeState: boolean },
): { types: string[]; closed: string[] } => {
  const wanted = new Set<string>()
  const closed: string[] = []
  for (const permission of permissions) {
    const opening = matrix.statuses.filter(
      (s) =>
        statuses.includes(s.id) &&
        ['allowed', 'conditional'].includes(s.permissions[permission]?.value ?? 'denied'),
    )
    if (opening.length === 0) closed.push(permission)
    for (const status of opening) {
      const entry = status.permissions[permission]
      const base = status.regulatedAccess.includes(permission)
        ? matrix.rules.regulatedAccess.evidence
        : status.baseEvidence
      for (const type of [...base, ...(entry?.evidence ?? [])])
        if (!(entry?.waive[type] === 'same-home-state' && sameHomeState)) wanted.add(type)
    }
  }
  // An agreement is a step of its own.
  const types = Object.keys(matrix.evidence).filter((t) => wanted.has(t) && t !== 'contract')
  return { types, closed }
}
