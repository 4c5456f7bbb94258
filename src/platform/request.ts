/** Reading what came in: parsed at the border or refused, with a pointer for every wrong field. Needs no framework. */
import { z } from 'zod'
import { type FieldError, problem } from '#kernel/problem.ts'

export const requestInvalid = problem(
  'platform/request-invalid',
  400,
  'The request does not fit its description',
)

/** RFC 6901 pointer of a zod path. */
export const pointerOf = (path: readonly PropertyKey[]) =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** What is wrong with a value, one line a place, as problems carry it. */
export const fieldErrors = (error: z.ZodError): FieldError[] =>
  error.issues.map((issue) => ({
    pointer: pointerOf(issue.path),
    code: issue.code,
    detail: issue.message,
  }))

/** Parses a body at the border; throws `platform/request-invalid` with a pointer for every wrong field. */
export const parseRequest = <T extends z.ZodType>(schema: T, value: unknown): z.output<T> => {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw requestInvalid(`${parsed.error.issues.length} field(s) are wrong`, {
    errors: fieldErrors(parsed.error),
  })
}
