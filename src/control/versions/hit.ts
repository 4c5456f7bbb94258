/**
 * Whom a change hits, by what their applications were seen to do. What a finding says of a request or an answer becomes a
 * question about facts; where facts cannot answer it, everybody who calls the operation is hit.
 */
import { type Bucket, bucketIn, type Fact } from '#gateway/field-facts.ts'
import type { Finding } from './diff/index.ts'

/** Whether an application that showed these facts would notice. */
export type Notices = (facts: readonly Fact[]) => boolean

interface Subject {
  readonly place: string
  readonly path: string
}

const spoken =
  /(?:the property `([^`]+)` of )?the (?:(request body)|(query|header) parameter `([^`]+)`|answer (\d{3}))/
/** Steps that are no member: what is behind them is not looked at apart. */
const unseen =
  /(?:^|\/)(?:additionalProperties|if|then|else|not|contains|propertyNames|unevaluated\w+|contentSchema|(?:patternProperties|dependentSchemas|prefixItems)\[[^\]]*\])(?:\/|$)/
const choices = /(?:^|\/)(?:allOf|anyOf|oneOf)\[[^\]]*\]/g

/** What the words of a finding are about; undefined where they are about no member. */
export const subjectIn = (text: string): Subject | undefined => {
  const [whole, property, body, place, name, status] = spoken.exec(text) ?? []
  if (whole === undefined) return undefined
  // A name that no such sentence can hold is a name that was not understood.
  if (property === undefined && text.includes('the property `')) return undefined
  if (property !== undefined && unseen.test(property)) return undefined
  const steps = property?.replaceAll(choices, '') ?? ''
  const below = steps === '' || steps.startsWith('/') ? steps : `/${steps}`
  if (body !== undefined) return { place: 'body', path: `#${below}` }
  if (status !== undefined) return { place: status, path: `#${below}` }
  return { place: place ?? '', path: `#/${name ?? ''}${below}` }
}

const says =
  (place: string, path: string, kind: string): Notices =>
  (facts) =>
    facts.some((fact) => fact.place === place && fact.path === path && fact.kind === kind)

export const noticesOf = ({ id, text }: Pick<Finding, 'id' | 'text'>): Notices | undefined => {
  if (id.startsWith('commercial-')) return undefined
  const subject = subjectIn(text)
  if (!subject) return undefined
  return /^\d/.test(subject.place) ? ofAnswer(subject) : ofRequest(id, text, subject)
}

/** What is read of an answer nobody can see: who gets it is taken to read it. */
const ofAnswer = ({ place, path }: Subject): Notices =>
  path === '#'
    ? says(place, path, 'received')
    : (facts) =>
        facts.some(
          (fact) =>
            fact.place === place &&
            fact.kind === 'sent' &&
            (fact.path === path || fact.path.startsWith(`${path}/`)),
        )

const ofRequest = (id: string, text: string, { place, path }: Subject): Notices | undefined => {
  if (id.startsWith('new-required-request-parameter') || id === 'request-body-added-required')
    return undefined
  // It is sent by nobody yet, so whoever sends what is around it is refused.
  if (id.startsWith('new-required-request-property'))
    return says(place, path.slice(0, path.lastIndexOf('/')), 'sent')
  if (id.startsWith('new-required-request-')) return undefined
  // Who leaves it out: it must not any more, or another value is taken for it.
  if (/-became-required(?:-with-default)?$|-default-value-\w+$/.test(id))
    return says(place, path, 'absent')
  if (id.endsWith('-became-not-nullable')) return says(place, path, 'null')
  if (id.endsWith('-enum-value-removed')) return says(place, path, `enum:${valueIn(text)}`)
  const [, end, size] = bounds.exec(id) ?? []
  const limit = Number(valueIn(text))
  if (end !== undefined && Number.isFinite(limit) && valueIn(text) !== '')
    return outside({ place, path }, size === undefined ? 'number:' : 'length:', (bucket) =>
      isOutside(bucket, end, limit),
    )
  return says(place, path, 'sent')
}

const bounds = /-((?:exclusive-)?(?:min|max))(-length|-items)?-(?:set|increased|decreased)$/
/** The value that the words of a finding end with. */
export const valueIn = (text: string): string => /`([^`]*)`$/.exec(text)?.[1] ?? ''

/** A bucket that a bound cuts through counts: some of what is in it would be refused. */
const isOutside = (
  { least, most, isLeastIn, isMostIn }: Bucket,
  end: string,
  limit: number,
): boolean => {
  switch (end) {
    case 'max':
      return most > limit
    case 'exclusive-max':
      return most > limit || (most === limit && isMostIn)
    case 'min':
      return least < limit
    default:
      return least < limit || (least === limit && isLeastIn)
  }
}

const outside =
  ({ place, path }: Subject, word: string, isHit: (bucket: Bucket) => boolean): Notices =>
  (facts) => {
    const own = facts.filter((fact) => fact.place === place && fact.path === path)
    const buckets = own.flatMap(({ kind }) =>
      kind.startsWith(word) ? (bucketIn(kind.slice(word.length)) ?? []) : [],
    )
    // Sent, and never measured: nobody knows.
    if (buckets.length === 0) return own.some(({ kind }) => kind === 'sent')
    return buckets.some(isHit)
  }
