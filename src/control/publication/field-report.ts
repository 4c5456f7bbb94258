/** What a partner is granted, beside what it really got: fields that nobody gets are fields that a contract can do without. */
import { z } from 'zod'
import type { Cell } from '#kernel/cell.ts'
import { Instant } from '#kernel/time.ts'
import { DataClass } from '#gateway/field-rules.ts'
import type { Db } from '#platform/db.ts'
import { fieldsOf, listProducts } from '#control/catalogue/index.ts'
import { withheldFields } from '#control/contracts/index.ts'
import { type PartnerId, partnerNotFound } from '#control/partners/index.ts'
import { fieldCounts } from '#control/usage/index.ts'
import { verdictsOf } from './compile.ts'
import { explainField } from './explain-fields.ts'
import { type Moment, readPolicy } from './policy.ts'

export const FieldReport = z.object({
  partner: z.string(),
  operations: z.array(
    z.object({
      product: z.string(),
      operation: z.string(),
      permission: z.string(),
      /** Answers that were released to it, since its first. */
      answers: z.int(),
      lastAt: Instant.nullable(),
      fields: z.array(
        z.object({
          field: z.string(),
          dataClass: DataClass,
          /** Answers in which it left. */
          released: z.int(),
          lastReleased: Instant.nullable(),
        }),
      ),
      /** What the contract could do without, in words; null where everything granted is used. */
      suggestion: z.string().nullable(),
    }),
  ),
})
export type FieldReport = z.output<typeof FieldReport>

/** So few answers say nothing about what a partner will need. */
const ENOUGH_ANSWERS = 20

export const fieldReport = async (
  db: Db,
  partnerId: PartnerId,
  cell: Cell,
  moment: Moment,
): Promise<FieldReport> => {
  const policy = await readPolicy(db, moment, partnerId)
  const facts = policy.facts(partnerId)
  if (!facts) throw partnerNotFound('there is no partner with this id')
  const verdicts = verdictsOf(facts, policy.matrix, cell, moment.now)
  const counts = Map.groupBy(await fieldCounts(db, { partnerId, cell }), (c) => c.operation)
  const products = await listProducts(db)
  const withheld = withheldFields(policy.contract(partnerId)?.withheld ?? {}, products)
  const operations = products.flatMap(({ id, openapi, operations: all }) =>
    all.flatMap((operation) => {
      const permission = operation.permissions.find((p) => verdicts[p]?.granted)
      if (permission === undefined) return []
      const counted = new Map((counts.get(operation.id) ?? []).map((c) => [c.field, c]))
      const answers = counted.get('')
      const consent = operation.consentType === null ? [] : undefined
      // Scopes are the application's to ask for: what any of them could open is granted.
      const scope = products.flatMap((p) => p.operations.map((o) => o.scope))
      const asking = {
        consent,
        purpose: undefined,
        scope,
        licence: permission,
        withheld: withheld[operation.id] ?? [],
      }
      const fields = fieldsOf(openapi, operation)
        .filter((field) => explainField(field, asking).action !== 'drop')
        .map(({ pointer, dataClass }) => ({
          field: pointer,
          dataClass,
          released: counted.get(pointer)?.answers ?? 0,
          lastReleased: counted.get(pointer)?.lastAt ?? null,
        }))
      const never = fields.filter((f) => f.released === 0).map((f) => f.field)
      return {
        product: id,
        operation: operation.id,
        permission,
        answers: answers?.answers ?? 0,
        lastAt: answers?.lastAt ?? null,
        fields,
        suggestion: suggestionFor(answers?.answers ?? 0, never, permission),
      }
    }),
  )
  return { partner: partnerId, operations }
}

const suggestionFor = (
  answers: number,
  never: readonly string[],
  permission: string,
): string | null => {
  if (answers === 0) return `never answered: the contract could do without ${permission}`
  if (never.length === 0 || answers < ENOUGH_ANSWERS) return null
  return `never left in ${answers} answers: ${never.join(', ')}`
}
