/**
 * How a leaf of an answer may leave, as its document says it (docs/reference/openapi-extensions.md): its class, and rules
 * of which the first that fits the call decides. Where none fits the leaf is dropped. Control's lint reads the same words.
 */
import { z } from 'zod'

export const DataClass = z.enum(['public', 'personal', 'financial', 'card', 'secret'])
export type DataClass = z.output<typeof DataClass>

const Words = z.array(z.string().min(1).max(100)).min(1).max(20)

/** All that are named must hold; of each list one word is enough. */
const when = {
  /** A permission of the customer's consent. */
  consent: Words.optional(),
  /** A scope of the token. */
  scope: Words.optional(),
  /** The permission of the licence matrix by which the call was let in. */
  licence: Words.optional(),
  /** The purpose that the customer was told. */
  purpose: Words.optional(),
}
export const conditionNames = ['consent', 'scope', 'licence', 'purpose'] as const
export type ConditionName = (typeof conditionNames)[number]

/** What stays of a masked value: the ends of it, or what the form of that name says (mask.ts). */
const Form = z.enum(['account-number', 'phone', 'name', 'email'])
export type Form = z.output<typeof Form>
const Ends = z.strictObject({ first: z.int().min(0).max(20), last: z.int().min(0).max(20) })

export const Rule = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('release'), ...when }),
  z.strictObject({ action: z.literal('mask'), form: z.union([Form, Ends]), ...when }),
  z.strictObject({ action: z.literal('truncate'), length: z.int().min(1).max(1_000), ...when }),
  z.strictObject({
    action: z.literal('tokenise'),
    prefix: z.string().regex(/^[a-z]{2,16}$/, 'must be a short word'),
    ...when,
  }),
  z.strictObject({ action: z.literal('drop'), ...when }),
])
export type Rule = z.output<typeof Rule>
export type Action = Rule['action']

const Rules = z.array(Rule).min(1).max(8)
const always: readonly Rule[] = [{ action: 'release' }]

export interface FieldRules {
  readonly dataClass: DataClass
  readonly rules: readonly Rule[]
}

/** What is wrong with a leaf, and at which of its members. */
export interface FieldFault {
  readonly member: string
  readonly fault: string
}

export const isConditional = (rule: Rule): boolean =>
  conditionNames.some((name) => rule[name] !== undefined)

/** The rules of a leaf, or what is wrong with them. */
export const readFieldRules = (
  leaf: Readonly<Record<string, unknown>>,
): FieldRules | FieldFault => {
  const dataClass = DataClass.safeParse(leaf['x-data-class'])
  if (!dataClass.success)
    return {
      member: 'x-data-class',
      fault: `a leaf of an answer is one of ${DataClass.options.join(', ')}`,
    }
  const said = leaf['x-release']
  const parsed = said === undefined ? undefined : Rules.safeParse(said)
  if (parsed && !parsed.success)
    return { member: 'x-release', fault: parsed.error.issues[0]?.message ?? 'is not understood' }
  const rules = parsed?.data ?? always
  const fault = faultOf(dataClass.data, rules, leaf)
  return fault === undefined ? { dataClass: dataClass.data, rules } : { member: 'x-release', fault }
}

const ofSchema = ['enum', 'const', 'pattern', 'format', 'minLength']

const faultOf = (
  dataClass: DataClass,
  rules: readonly Rule[],
  leaf: Readonly<Record<string, unknown>>,
): string | undefined => {
  if (dataClass === 'secret' && rules.some((r) => r.action !== 'drop'))
    return 'a leaf of class secret is never released; it says x-release: [{ action: drop }]'
  if (dataClass === 'card' && rules.some((r) => r.action !== 'release' && r.action !== 'drop'))
    return 'card data is released as it is, or dropped'
  if (rules.slice(0, -1).some((rule) => !isConditional(rule)))
    return 'a rule without a condition stands before others, which are never reached'
  const changed = rules.find((r) => r.action !== 'release' && r.action !== 'drop')
  if (!changed) return undefined
  const types = [leaf['type']].flat().filter((type) => type !== 'null')
  if (types.length !== 1 || types[0] !== 'string') return `only a string can be ${changed.action}d`
  const kept = changed.action === 'tokenise' ? ofSchema.slice(0, 2) : ofSchema
  const broken = kept.find((word) => leaf[word] !== undefined)
  return broken === undefined
    ? undefined
    : `what ${changed.action} leaves of it does not fit the ${broken} that partners read`
}
