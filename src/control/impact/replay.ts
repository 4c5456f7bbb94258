/** Calls of the last days under two standings of things. Pure: what was called and what would be told in, differences out. */
import type { PermissionVerdict } from '#gateway/snapshot.ts'
import type { CallsMade } from '#control/usage/index.ts'
import { refusalAt, type Told } from '#control/publication/index.ts'
import type { Impact, Turned } from './impact.ts'

const byId = <T extends { readonly id: string }>(things: readonly T[]) =>
  new Map(things.map((thing) => [thing.id, thing]))

/** How a standing answers each call, as the gateway's gates do that do not depend on the call itself. */
const judge = (told: Told, at: Temporal.Instant) => {
  const partners = byId(told.partners)
  const applications = byId(told.applications)
  const operations = byId(told.operations)
  return ({ partnerId, applicationId, operation: id }: CallsMade) => {
    const operation = operations.get(id)
    if (!operation) return { code: 'gateway/not-found', detail: `${id} is not offered` }
    const [partner, application] = [partners.get(partnerId), applications.get(applicationId)]
    const allowed = partner && { partner, applications: application ? [application] : [] }
    return refusalAt(allowed, applicationId, operation, at)
  }
}

/** What turns from let through to refused, and the other way. */
export const turnedCalls = (
  made: readonly CallsMade[],
  { before, after, at }: { before: Told; after: Told; at: Temporal.Instant },
): Pick<Impact, 'refused' | 'opened'> => {
  const [was, will] = [judge(before, at), judge(after, at)]
  const refused: Turned[] = []
  const opened: Turned[] = []
  for (const row of made) {
    const [then, next] = [was(row), will(row)]
    if ((then === null) === (next === null)) continue
    const { partnerId: partner, applicationId: application, operation, calls } = row
    const told = { partner, application, operation, calls }
    if (next) refused.push({ ...told, ...next })
    else if (then) opened.push({ ...told, ...then })
  }
  return { refused, opened }
}

const wordOf = (verdict: PermissionVerdict | undefined): string => {
  if (!verdict?.granted) return verdict?.code ?? 'licences/missing'
  const ends = [
    verdict.consentsUntil && `no new consents from ${verdict.consentsUntil}`,
    verdict.writesUntil && `read only from ${verdict.writesUntil}`,
    verdict.until && `until ${verdict.until}`,
  ].filter((end) => typeof end === 'string')
  return ['granted', ...ends].join(', ')
}

/** Verdicts that are not as they were, of every partner that is told of on either side. */
export const turnedVerdicts = (before: Told, after: Told): Impact['permissions'] => {
  const [was, will] = [byId(before.partners), byId(after.partners)]
  return [...new Set([...was.keys(), ...will.keys()])].toSorted().flatMap((partner) => {
    const [then, next] = [was.get(partner)?.permissions, will.get(partner)?.permissions]
    const names = new Set([...Object.keys(then ?? {}), ...Object.keys(next ?? {})])
    return [...names].toSorted().flatMap((permission) => {
      const words = { before: wordOf(then?.[permission]), after: wordOf(next?.[permission]) }
      return words.before === words.after ? [] : [{ partner, permission, ...words }]
    })
  })
}

/** Fields that are left out on one side only; how often they left is for the caller to say. */
export const turnedFields = (
  before: Told,
  after: Told,
): Omit<Impact['fields'][number], 'answers'>[] => {
  const was = byId(before.partners)
  return after.partners.flatMap(({ id: partner, withheld = {} }) => {
    const then = was.get(partner)?.withheld ?? {}
    const operations = new Set([...Object.keys(then), ...Object.keys(withheld)])
    return [...operations].toSorted().flatMap((operation) => {
      const [old, now] = [new Set(then[operation]), new Set(withheld[operation])]
      const row = (becomes: 'left-out' | 'released') => (field: string) => ({
        partner,
        operation,
        field,
        becomes,
      })
      return [
        ...now.difference(old).values().map(row('left-out')),
        ...old.difference(now).values().map(row('released')),
      ]
    })
  })
}
