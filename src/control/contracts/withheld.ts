/** What a contract leaves out of answers, beside what law and consent leave out. Named by what stands in the documents. */
import { z } from 'zod'
import type { FieldError } from '#kernel/problem.ts'
import { fieldsOf, type Operation, type Product } from '#control/catalogue/index.ts'

// A field of an answer, or what holds it: /data/*/nickname, /data/*/account. * stands for every item of a list.
const Pointer = z
  .string()
  .max(300)
  .regex(/^(?:\/[^/]+)+$/, 'is no pointer of a field')

/** By operation. */
export const Withheld = z.record(z.string().max(100), z.array(Pointer).min(1).max(200))
export type Withheld = z.output<typeof Withheld>

type Documents = readonly Pick<Product, 'openapi' | 'operations'>[]

/** In one order and each once, so that the same terms are the same text; undefined where nothing is withheld. */
export const settledWithheld = (withheld: Withheld | undefined): Withheld | undefined => {
  const settled = Object.entries(withheld ?? {})
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([operation, pointers]) => [operation, [...new Set(pointers)].toSorted()] as const)
  return settled.length === 0 ? undefined : Object.fromEntries(settled)
}

const isWithin = (field: string, pointer: string) =>
  field === pointer || field.startsWith(`${pointer}/`)

/** What names nothing that the products of the offer could answer. */
export const strangersIn = (withheld: Withheld, products: Documents): FieldError[] =>
  Object.entries(withheld).flatMap(([operation, pointers]) => {
    const fields = fieldsByOperation(products, operation)
    const at = `/withheld/${operation}`
    if (!fields)
      return [{ pointer: at, code: 'unknown', detail: 'is no operation of these products' }]
    return pointers.flatMap((pointer, i) =>
      fields.some((field) => isWithin(field, pointer))
        ? []
        : [
            {
              pointer: `${at}/${i}`,
              code: 'unknown',
              detail: `${operation} answers no field ${pointer}`,
            },
          ],
    )
  })

/** The fields themselves, as today's documents name them: one that is new within what is withheld is withheld too. */
export const withheldFields = (
  withheld: Withheld,
  products: Documents,
): Record<string, string[]> => {
  const byOperation: Record<string, string[]> = {}
  for (const [operation, pointers] of Object.entries(withheld)) {
    const fields = fieldsByOperation(products, operation)?.filter((field) =>
      pointers.some((pointer) => isWithin(field, pointer)),
    )
    if (fields && fields.length > 0) byOperation[operation] = fields.toSorted()
  }
  return byOperation
}

/** Ten thousand contracts are read over the same few operations. */
const known = new WeakMap<Operation, readonly string[]>()

const fieldsByOperation = (products: Documents, id: string): readonly string[] | undefined => {
  for (const { openapi, operations } of products) {
    const operation = operations.find((o) => o.id === id)
    if (!operation) continue
    const fields = known.get(operation) ?? fieldsOf(openapi, operation).map((f) => f.pointer)
    known.set(operation, fields)
    return fields
  }
  return undefined
}
