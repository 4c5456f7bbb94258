/**
 * What breaks a partner without breaking its program: what it must hold, pay, sign or ask of its customer for the same
 * call. Findings as of the comparison of documents, by rules of our own.
 */
import { z } from 'zod'
import type { Limits } from '#gateway/snapshot.ts'
import { canonical } from '#kernel/canonical.ts'
import type { Finding, Level } from './diff/index.ts'
import { isNode, node, onlyIn, own, parts } from './diff/parts.ts'
import type { Document, Node } from './diff/parts.ts'

interface CommercialRule {
  readonly level: Level
  readonly says: string
}

const rule = (level: Level, says: string): CommercialRule => ({ level, says })

export const commercialRules = {
  'commercial-permission-required': rule('ERR', 'who holds {was} alone is no longer let in'),
  'commercial-scope-changed': rule('ERR', 'tokens need {is} instead of {was}'),
  'commercial-consent-widened': rule('ERR', 'customers have to consent to more than they did'),
  'commercial-consent-released': rule('INFO', 'less of a customer’s consent is needed'),
  'commercial-authentication-newer': rule(
    'ERR',
    'the customer must have signed in within {is} seconds, and {was} were enough',
  ),
  'commercial-signature-required': rule('ERR', 'requests must be signed'),
  'commercial-idempotency-required': rule('ERR', 'an Idempotency-Key is needed'),
  'commercial-units-raised': rule('ERR', 'a call counts {is} units, and counted {was}'),
  'commercial-units-lowered': rule('INFO', 'a call counts {is} units, and counted {was}'),
  'commercial-body-limit-lowered': rule('ERR', 'a body may have {is} bytes, and might have {was}'),
  'commercial-scenario-removed': rule('ERR', 'the sandbox no longer plays {was}'),
  'commercial-release-narrowed': rule('ERR', 'the field {is} is no longer given to everybody'),
  'commercial-release-changed': rule('WARN', 'the field {is} is given by other rules'),
  'commercial-budget-changed': rule('WARN', 'unattended calls count to {is} instead of {was}'),
  'commercial-priority-changed': rule('WARN', 'under load it is served as {is} instead of {was}'),
  'commercial-risk-raised': rule('WARN', 'it is of risk {is} instead of {was}'),
  'commercial-cell-removed': rule('ERR', 'it is no longer offered in {was}'),
  'commercial-limit-lowered': rule('ERR', '{is} is less than it was'),
  'commercial-price-raised': rule('ERR', 'a unit costs {is}, and cost {was}'),
  'commercial-price-lowered': rule('INFO', 'a unit costs {is}, and cost {was}'),
  'commercial-fee-added': rule('ERR', 'there is a fee {was} of {is}'),
  'commercial-charges-changed': rule(
    'ERR',
    'prices over many calls are those of {is}, not of {was}',
  ),
  'commercial-tax-raised': rule('ERR', 'the tax is {is} percent, and was {was}'),
  'commercial-currency-changed': rule('ERR', 'it is charged in {is}, and was in {was}'),
  'commercial-product-removed': rule('ERR', '{was} is no longer open'),
  'commercial-level-weakened': rule('ERR', 'less is promised of {was}: {is}'),
  'commercial-level-changed': rule('INFO', 'something else is promised of {was}: {is}'),
  'commercial-notice-shortened': rule('ERR', 'it is told later: {is} instead of {was}'),
  'commercial-support-weakened': rule('ERR', 'first answers come {is}: {was}'),
  'commercial-problem-status-changed': rule('ERR', 'the problem {was} comes with {is}'),
  'commercial-problem-removed': rule('WARN', 'the problem {was} is said no more'),
  'commercial-sandbox-value-changed': rule('ERR', 'in the sandbox {was} plays {is}'),
} as const satisfies Readonly<Record<string, CommercialRule>>
export type CommercialRuleId = keyof typeof commercialRules

interface Place {
  readonly path: string | null
  readonly operation: string | null
}

const finding = (id: CommercialRuleId, place: Place, was: unknown, is?: unknown): Finding => {
  const said = (value: unknown) => `\`${typeof value === 'string' ? value : canonical(value)}\``
  const { level, says } = commercialRules[id]
  return {
    id,
    level,
    ...place,
    text: says.replace('{was}', said(was)).replace('{is}', said(is)),
  }
}

const ofWhole: Place = { path: null, operation: null }

/** A finding about terms as a whole, and not about an operation. */
export const commercialFinding = (id: CommercialRuleId, was: unknown, is?: unknown): Finding =>
  finding(id, ofWhole, was, is)

const priceRules: ReadonlySet<string> = new Set<CommercialRuleId>([
  'commercial-price-raised',
  'commercial-fee-added',
  'commercial-charges-changed',
  'commercial-tax-raised',
  'commercial-currency-changed',
])

/** Whether a rule is about money: of that contracts promise a notice of its own. */
export const isPriceRule = (id: string): boolean => priceRules.has(id)

const methods = ['get', 'put', 'post', 'delete', 'patch']
const Words = z.union([z.string().transform((word) => [word]), z.array(z.string())]).catch([])
const Count = z.number().catch(Number.NaN)

/** Commercial changes from one document of a product to the next. */
export const compareCommercially = (base: Document, revision: Document): Finding[] => {
  const found: Finding[] = []
  const cells = (document: Document) => own(document.root, 'x-cells')
  const everywhere = ['sandbox', 'production']
  const cellsOf = (document: Document) =>
    cells(document) === undefined ? everywhere : Words.parse(cells(document))
  for (const cell of onlyIn(cellsOf(revision), cellsOf(base)))
    found.push(finding('commercial-cell-removed', { path: null, operation: null }, cell))
  const after = parts(revision, revision.root, 'paths')
  for (const [path, { node: item }] of parts(base, base.root, 'paths'))
    for (const method of methods) {
      const [was, is] = [node(own(item, method)), node(own(after.get(path)?.node, method))]
      if (!was || !is) continue
      const place = { path, operation: method.toUpperCase() }
      found.push(...operationFindings(place, was, is))
      found.push(...releaseFindings(place, { base, was }, { revision, is }))
      found.push(...problemFindings(place, { base, was }, { revision, is }))
    }
  return found
}

const operationFindings = (place: Place, was: Node, is: Node): Finding[] => {
  const found: Finding[] = []
  const say = (id: CommercialRuleId, before: unknown, now?: unknown) =>
    found.push(finding(id, place, before, now))
  const words = (name: string) => [Words.parse(own(was, name)), Words.parse(own(is, name))] as const
  const word = (name: string) => [own(was, name), own(is, name)] as const

  const [permissions, permissionsNow] = words('x-permission')
  for (const one of onlyIn(permissionsNow, permissions)) say('commercial-permission-required', one)
  const [scope, scopeNow] = word('x-scope')
  if (scope !== scopeNow) say('commercial-scope-changed', scope, scopeNow)
  const [consent, consentNow] = word('x-consent')
  if (canonical(consent) !== canonical(consentNow))
    say(
      consentCovers(consent, consentNow)
        ? 'commercial-consent-released'
        : 'commercial-consent-widened',
      consent,
      consentNow,
    )
  const [age, ageNow] = word('x-sca-max-age').map((value) => Count.parse(value))
  if (ageNow !== undefined && (ageNow < (age ?? 0) || (Number.isNaN(age) && !Number.isNaN(ageNow))))
    say('commercial-authentication-newer', Number.isNaN(age) ? 'any time' : age, ageNow)
  const [signature, signatureNow] = word('x-signature')
  if (signatureNow === 'required' && signature !== 'required')
    say('commercial-signature-required', signature)
  const [key, keyNow] = word('x-idempotency')
  if (keyNow === 'required' && key !== 'required') say('commercial-idempotency-required', key)
  const [units = 1, unitsNow = 1] = word('x-units').map((value) => z.number().catch(1).parse(value))
  if (units !== unitsNow)
    say(unitsNow > units ? 'commercial-units-raised' : 'commercial-units-lowered', units, unitsNow)
  const [bytes, bytesNow] = [was, is].map((one) =>
    Count.parse(own(node(own(one, 'requestBody')), 'x-bytes-max')),
  )
  if (bytesNow !== undefined && (bytesNow < (bytes ?? 0) || (Number.isNaN(bytes) && bytesNow > 0)))
    say('commercial-body-limit-lowered', Number.isNaN(bytes) ? 'the most' : bytes, bytesNow)
  const [scenarios, scenariosNow] = words('x-sandbox-scenarios')
  for (const one of onlyIn(scenariosNow, scenarios)) say('commercial-scenario-removed', one)
  const [budget, budgetNow] = word('x-budget')
  if (budget !== budgetNow) say('commercial-budget-changed', budget ?? 'none', budgetNow ?? 'none')
  const [priority, priorityNow] = word('x-class')
  if (priority !== priorityNow) say('commercial-priority-changed', priority, priorityNow)
  const [risk, riskNow] = word('x-risk')
  const ranks: readonly unknown[] = ['reference', 'personal', 'high']
  if (ranks.indexOf(riskNow) > ranks.indexOf(risk)) say('commercial-risk-raised', risk, riskNow)
  return found
}

/** Whether who consented before has consented to what is asked now. */
const consentCovers = (was: unknown, is: unknown): boolean => {
  if (is === 'none') return true
  if (!isNode(was) || !isNode(is) || own(was, 'type') !== own(is, 'type')) return false
  const [permissions, permissionsNow] = [was, is].map((one) => own(one, 'permissions'))
  // Any of them is enough, and none named is no condition.
  if (permissionsNow !== undefined) {
    if (permissions === undefined) return false
    const wanted = Words.parse(permissionsNow)
    if (!Words.parse(permissions).every((one) => wanted.includes(one))) return false
  }
  if (own(is, 'account') !== undefined && own(is, 'account') !== own(was, 'account')) return false
  const bound = z.array(z.unknown()).catch([]).parse(own(was, 'binds')).map(canonical)
  const bindsNow = z.array(z.unknown()).catch([]).parse(own(is, 'binds')).map(canonical)
  return bindsNow.every((one) => bound.includes(one))
}

const always = [{ action: 'release' }]

/** By which rules each field of the answers leaves. A schema that refers to itself is read once on each way. */
const releaseRules = (document: Document, operation: Node): Map<string, unknown> => {
  const rules = new Map<string, unknown>()
  const walk = (value: unknown, pointer: string, trail: readonly unknown[]): void => {
    const schema = document.at(value)?.node
    if (!schema || trail.includes(schema) || trail.length > 32) return
    const deeper = [...trail, schema]
    if (own(schema, 'x-data-class') !== undefined)
      rules.set(pointer, own(schema, 'x-release') ?? always)
    for (const word of ['allOf', 'oneOf', 'anyOf']) {
      const branches = own(schema, word)
      if (Array.isArray(branches)) for (const branch of branches) walk(branch, pointer, deeper)
    }
    for (const [name, inner] of Object.entries(node(own(schema, 'properties')) ?? {}))
      walk(inner, `${pointer}/${name}`, deeper)
    walk(own(schema, 'items'), `${pointer}/*`, deeper)
  }
  for (const [status, { node: response }] of parts(document, operation, 'responses'))
    if (status.startsWith('2'))
      for (const { node: media } of parts(document, response, 'content').values())
        walk(own(media, 'schema'), '', [])
  return rules
}

const releaseFindings = (
  place: Place,
  { base, was }: { base: Document; was: Node },
  { revision, is }: { revision: Document; is: Node },
): Finding[] => {
  const now = releaseRules(revision, is)
  return [...releaseRules(base, was)].flatMap(([pointer, rules]) => {
    const rulesNow = now.get(pointer)
    // A field that is gone is a finding of the other comparison.
    if (rulesNow === undefined || canonical(rules) === canonical(rulesNow)) return []
    const open = canonical(rules) === canonical(always)
    const id = open ? 'commercial-release-narrowed' : 'commercial-release-changed'
    return [finding(id, place, rules, pointer)]
  })
}

/** Which problems an operation is refused with, and their status: examples stand under their codes. */
const problemsOf = (document: Document, operation: Node): Map<string, string> => {
  const known = new Map<string, string>()
  for (const [status, { node: response }] of parts(document, operation, 'responses'))
    for (const [type, { node: media }] of parts(document, response, 'content'))
      if (type === 'application/problem+json')
        for (const name of Object.keys(node(own(media, 'examples')) ?? {})) known.set(name, status)
  return known
}

/** What callers of older versions are still told, because a change says how it read. */
const olderProblems = (revision: Document, operation: unknown): ReadonlySet<string> => {
  const changes = z.array(Refusals).catch([]).parse(own(revision.root, 'x-changes'))
  return new Set(
    changes.flatMap(({ operations }) =>
      (operations[String(operation)]?.refusals ?? []).map(({ older }) =>
        older.code.replaceAll('/', '-'),
      ),
    ),
  )
}

const Refusals = z.looseObject({
  operations: z
    .record(
      z.string(),
      z.looseObject({
        refusals: z
          .array(z.looseObject({ older: z.looseObject({ code: z.string() }) }))
          .default([]),
      }),
    )
    .default({}),
})

const problemFindings = (
  place: Place,
  { base, was }: { base: Document; was: Node },
  { revision, is }: { revision: Document; is: Node },
): Finding[] => {
  const now = problemsOf(revision, is)
  const older = olderProblems(revision, own(is, 'operationId'))
  return [...problemsOf(base, was)].flatMap(([code, status]) => {
    const statusNow = now.get(code)
    if (statusNow === status || older.has(code)) return []
    return [
      statusNow === undefined
        ? finding('commercial-problem-removed', place, code)
        : finding('commercial-problem-status-changed', place, `${code} ${status}`, statusNow),
    ]
  })
}

/** What the sandbox plays for a value that a partner's tests send: each that was there plays what it did. */
export const compareSandboxValues = (
  was: Readonly<Record<string, string>>,
  is: Readonly<Record<string, string>>,
): Finding[] =>
  Object.entries(was).flatMap(([value, plays]) =>
    is[value] === plays
      ? []
      : [commercialFinding('commercial-sandbox-value-changed', value, is[value] ?? 'nothing')],
  )

/** Numbers of limits that became less, and limits where none was. */
export const compareLimits = (was: Limits, is: Limits): Finding[] => {
  const say = (name: string, before: unknown) =>
    finding('commercial-limit-lowered', { path: null, operation: null }, before ?? 'none', name)
  const lowered = (before: unknown, now: unknown, name: string): Finding[] => {
    const isOpen = before === undefined || before === null
    if (isOpen) return now === undefined || now === null ? [] : [say(name, before)]
    if (typeof before === 'number')
      return typeof now === 'number' && now < before ? [say(name, before)] : []
    if (!isNode(before)) return []
    const inner = isNode(now) ? now : {}
    return Object.keys(before).flatMap((n) =>
      lowered(own(before, n), own(inner, n), `${name}.${n}`),
    )
  }
  const budgets = Object.entries(was.budgets).flatMap(([name, bucket]) =>
    is.budgets[name] ? lowered(bucket, is.budgets[name], name) : [say(name, bucket)],
  )
  const [policies, policiesNow] = [byName(was), byName(is)]
  return [
    ...lowered(was.rate, is.rate, 'rate'),
    ...lowered(was.concurrency, is.concurrency, 'concurrency'),
    ...lowered(was.dailyQuota, is.dailyQuota, 'dailyQuota'),
    ...budgets,
    ...[...policiesNow].flatMap(([name, shape]) => lowered(policies.get(name), shape, name)),
  ]
}

/** Policies by their names, which never change while they count. */
const byName = ({ policies = [] }: Limits) =>
  new Map(policies.map(({ name, shape }) => [name, shape]))

/** Unit prices that moved, as decimal text. What is new on the list raises nothing. */
export const comparePrices = (
  was: Readonly<Record<string, string>>,
  is: Readonly<Record<string, string>>,
): Finding[] =>
  Object.entries(was).flatMap(([operation, before]) => {
    const now = is[operation]
    if (now === undefined || scaled(now) === scaled(before)) return []
    const id = scaled(now) > scaled(before) ? 'commercial-price-raised' : 'commercial-price-lowered'
    return [finding(id, { path: null, operation }, before, now)]
  })

const DECIMALS = 12

/** Decimal text as a whole number, to compare by. */
const scaled = (text: string): bigint => {
  const [whole = '', fraction = ''] = text.split('.')
  return BigInt(whole + fraction.padEnd(DECIMALS, '0').slice(0, DECIMALS))
}
