/** Why a field of an answer is there or not: its class, what it stands behind, and the rule that decides. */
import { z } from 'zod'
import { conditionNames, DataClass, type Rule } from '#gateway/field-rules.ts'
import type { Field } from '#control/catalogue/index.ts'

export const FieldExplanation = z.object({
  field: z.string(),
  dataClass: DataClass,
  /** What becomes of it; `at-call` where the customer's consent decides, and none was named. */
  action: z.enum(['release', 'mask', 'truncate', 'tokenise', 'drop', 'at-call']),
  detail: z.string(),
})
export type FieldExplanation = z.output<typeof FieldExplanation>

/** What is known of a call beforehand. Consent and purpose are undefined where nobody named them. */
export interface Asking {
  readonly consent: readonly string[] | undefined
  readonly purpose: string | undefined
  readonly scope: readonly string[]
  readonly licence: string
  /** Fields of this operation that the contract leaves out. */
  readonly withheld: readonly string[]
}

type Answer = 'yes' | 'no' | 'unknown'

const isMet = (asking: Asking, rule: Rule): Answer => {
  let met: Answer = 'yes'
  for (const kind of conditionNames) {
    const words = rule[kind]
    if (words === undefined) continue
    // Without a consent there is no purpose either.
    const held = kind === 'purpose' ? (asking.purpose ?? (asking.consent && [])) : asking[kind]
    if (held === undefined) met = 'unknown'
    else if (![held].flat().some((word) => words.includes(word))) return 'no'
  }
  return met
}

const said = (rule: Rule): string => {
  const conditions = conditionNames.flatMap((kind) => {
    const words = rule[kind]
    return words === undefined ? [] : `${kind} ${words.join(' or ')}`
  })
  return conditions.length === 0 ? 'for every caller' : `for ${conditions.join(' and ')}`
}

export const explainField = (
  { pointer, dataClass, behind, rules }: Field,
  asking: Asking,
): FieldExplanation => {
  const as = (action: FieldExplanation['action'], detail: string): FieldExplanation => ({
    field: pointer,
    dataClass,
    action,
    detail,
  })
  if (asking.withheld.includes(pointer))
    return as('drop', 'the contract leaves it out, whatever is consented to')
  const open = behind.map((words): Answer =>
    asking.consent === undefined
      ? 'unknown'
      : words.some((word) => asking.consent?.includes(word))
        ? 'yes'
        : 'no',
  )
  const needed = behind.map((words) => words.join(' or ')).join(', and ')
  if (open.includes('no')) return as('drop', `the consent must permit ${needed}`)
  const judged = rules.map((rule) => ({ rule, met: isMet(asking, rule) }))
  const first = judged.find(({ met }) => met !== 'no')
  if (!first)
    return as('drop', `no rule fits: ${rules.map((r) => `${r.action} ${said(r)}`).join('; ')}`)
  const ways = judged
    .filter(({ met }) => met !== 'no')
    .map(({ rule }) => `${rule.action} ${said(rule)}`)
  if (open.includes('unknown'))
    return as('at-call', `${ways.join('; ')}, once the consent permits ${needed}`)
  return first.met === 'unknown'
    ? as('at-call', `${ways.join('; ')}; else it is dropped`)
    : as(
        first.rule.action,
        `${said(first.rule)}${needed === '' ? '' : `, as the consent permits ${needed}`}`,
      )
}
