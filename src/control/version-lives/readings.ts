/** Which fields of answers a program reads, as its partner says it: what it does not read may go without hitting it. */
import { z } from 'zod'
import { documentAt } from '#kernel/changes/index.ts'
import type { FieldError } from '#kernel/problem.ts'
import type { Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { fieldsOf, listProducts } from '#control/catalogue/index.ts'
import type { Application } from '#control/partners/index.ts'
import { readingRefused } from './life.ts'
import * as store from './store.ts'

export const Reading = z.strictObject({
  operation: z.string().max(100),
  fields: z
    .array(
      z
        .string()
        .max(500)
        .regex(/^(?:\/[^/]+)+$/, 'must be a JSON pointer'),
    )
    .max(512)
    .describe(
      'Pointers into its answers, * for every item of a list; none: it reads only the status',
    ),
})
export type Reading = z.output<typeof Reading>

/** Says what a program reads of the answers of an operation. The partner does it alone: it is promised less, and nothing else changes. */
export const sayReading = async (
  work: Work,
  application: Application,
  { operation: id, fields }: Reading,
): Promise<Reading> => {
  const products = await listProducts(work)
  const product = products.find(({ operations }) => operations.some((one) => one.id === id))
  const operation = product?.operations.find((one) => one.id === id)
  if (!product || !operation || !application.products.includes(product.id))
    throw readingRefused(`the application has no operation ${id}`)
  const documents = product.versions.map((day) =>
    day < product.version ? documentAt(product.openapi, day) : product.openapi,
  )
  const known = new Set(
    documents.flatMap((document) =>
      fieldsOf({ ...product.openapi, ...document }, operation).map(({ pointer }) => pointer),
    ),
  )
  const errors = fields.flatMap((field, at): FieldError[] =>
    known.has(field)
      ? []
      : [
          {
            pointer: `/fields/${at}`,
            code: 'unknown',
            detail: `answers of ${id} have no such field`,
          },
        ],
  )
  if (errors.length > 0) throw readingRefused(`${errors.length} field(s) are unknown`, { errors })
  const reading = { operation: id, fields: [...new Set(fields)].toSorted() }
  await store.saveReading(work, application.id, reading, work.now)
  await work.record('versions.reading-said', application.id, {
    partnerId: application.partnerId,
    operation: id,
    fields: reading.fields.length,
  })
  return reading
}

/** Takes it back: from then on everything that it gets counts as read. */
export const forgetReading = async (
  work: Work,
  application: Application,
  operation: string,
): Promise<void> => {
  await store.deleteReading(work, application.id, operation)
  await work.record('versions.reading-forgotten', application.id, {
    partnerId: application.partnerId,
    operation,
  })
}

/** What programs were said to read, as findings name it, by `application operation`. */
export const readingsNamed = async (
  db: Db,
  operations: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> =>
  new Map(
    (await store.readings(db, { operations })).map(({ applicationId, operation, fields }) => [
      `${applicationId} ${operation}`,
      fields.map((field) => `#${field.replaceAll('/*', '/items')}`),
    ]),
  )
