/** A route that shows personal data says so in its `config`; it is reached only by who says what for, and that is a line. */
import type { FastifyRequest } from 'fastify'
import { work } from '#journal/index.ts'
import { purposeAsked, recordReading, Stated } from '#control/staff/index.ts'
import { type ControlContext, staffOf } from './context.ts'

export const PURPOSE_HEADER = 'x-portico-purpose'
/** Percent-encoded, for a header holds no other letters than ASCII's. */
export const PURPOSE_SAID_HEADER = 'x-portico-purpose-said'

const decoded = (value: unknown): string | undefined => {
  try {
    return typeof value === 'string' ? decodeURIComponent(value) : undefined
  } catch {
    return undefined
  }
}

const subjectOf = async ({ params, routeOptions }: FastifyRequest): Promise<string> => {
  const { url = '', config } = routeOptions
  if (typeof config.purpose === 'function') return config.purpose({ params })
  return typeof params === 'object' && params !== null && 'id' in params ? String(params.id) : url
}

/** Writes down who reads what about whom, and why, before anything is shown. */
export const statePurpose = async (
  { db, world }: Pick<ControlContext, 'db' | 'world'>,
  request: FastifyRequest,
): Promise<void> => {
  const { staffId } = staffOf(request)
  const stated = Stated.safeParse({
    purpose: request.headers[PURPOSE_HEADER],
    said: decoded(request.headers[PURPOSE_SAID_HEADER]),
  })
  if (!stated.success)
    throw purposeAsked(
      `the headers ${PURPOSE_HEADER} and ${PURPOSE_SAID_HEADER} say what it is for`,
    )
  const operation = request.routeOptions.url ?? ''
  const subject = await subjectOf(request)
  await work(db, `staff:${staffId}`, world.now(), (w) =>
    recordReading(w, { ...stated.data, staffId, operation, subject }),
  )
}
