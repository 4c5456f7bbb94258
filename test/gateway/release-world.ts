/** Products with made-up answers behind a real gateway, and callers of whom each holds something else. */
import { randomUUID } from 'node:crypto'
import { SnapshotProduct } from '#gateway/snapshot.ts'
import type { TestCell } from './cell.ts'
import { day, type Holder, withConsent } from './partner.ts'
import {
  type Caller,
  type Dice,
  makeCaller,
  makeSpec,
  schemaOf,
  type Spec,
} from './release-fuzz.ts'

const PRODUCTS = 3
const OPERATIONS_OF_A_PRODUCT = 32
const HOLDERS = 8
const CALLERS_OF_A_HOLDER = 4

const SCOPE = 'accounts'
const CONSENT = 'urn:bank:fuzz:v1'
const licences = ['fuzz.read', 'fuzz.other'] as const

/** What the document declares beside 200: refusals that the bank may utter. */
export const declaredRefusals = [404, 409, 422, 429, 503]

export interface FuzzedOperation {
  readonly id: string
  readonly product: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly spec: Spec
  /** In the order in which the gateway looks for one that is granted. */
  readonly licences: readonly string[]
  /** null: it needs no consent, so that none decides over its fields. `permissions`: of which one opens the door. */
  readonly consent: { readonly permissions: readonly string[] | null } | null
}

const makeOperation = (dice: Dice, product: string, n: number): FuzzedOperation => ({
  id: `${product}${n}`,
  product,
  // A write is kept for its replay, which is another way out.
  method: dice.chance(0.06) ? 'POST' : 'GET',
  path: `/${product}/v1/things${n}`,
  spec: makeSpec(dice),
  licences: dice.chance(0.5) ? licences : licences.toReversed(),
  consent: dice.chance(0.2)
    ? null
    : { permissions: dice.chance(0.2) ? [dice.pick(['P1', 'P2', 'P3'])] : null },
})

export const makeOperations = (dice: Dice): FuzzedOperation[] =>
  Array.from({ length: PRODUCTS }, (_, product) =>
    Array.from({ length: OPERATIONS_OF_A_PRODUCT }, (__, n) =>
      makeOperation(dice, `fuzz${String.fromCodePoint(97 + product)}`, n),
    ),
  ).flat()

const documentOf = (operation: FuzzedOperation) => ({
  operationId: operation.id,
  'x-permission': operation.licences,
  'x-scope': SCOPE,
  'x-consent': operation.consent
    ? {
        type: CONSENT,
        ...(operation.consent.permissions && { permissions: operation.consent.permissions }),
      }
    : 'none',
  'x-upstream': 'bank',
  'x-class': 'accounts',
  'x-risk': 'personal',
  ...(operation.method === 'POST' && { 'x-idempotency': 'required' }),
  responses: {
    200: {
      description: 'Made up.',
      content: { 'application/json': { schema: schemaOf(operation.spec) } },
    },
    ...Object.fromEntries(declaredRefusals.map((status) => [status, { description: 'A no.' }])),
  },
})

export const productsOf = (operations: readonly FuzzedOperation[]) =>
  Object.entries(Object.groupBy(operations, ({ product }) => product)).map(([id, own = []]) =>
    SnapshotProduct.parse({
      id,
      version: day,
      versions: [day],
      openapi: {
        openapi: '3.1.0',
        paths: Object.fromEntries(
          own.map((one) => [one.path, { [one.method.toLowerCase()]: documentOf(one) }]),
        ),
      },
    }),
  )

/** Pointers of the leaves, as documents name them (RFC 6901, with * for every item of a list). */
const leavesOf = (spec: Spec, at = ''): string[] => {
  if (spec.kind === 'leaf') return [at]
  if (spec.kind === 'list') return leavesOf(spec.item, `${at}/*`)
  return spec.members.flatMap((m) => leavesOf(m.spec, `${at}/${escaped(m.name)}`))
}
const escaped = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1')

/** The same answers for a partner whose contract leaves these leaves out: they stand behind what nobody consents to. */
const without = (spec: Spec, pointers: ReadonlySet<string>, at = ''): Spec => {
  switch (spec.kind) {
    case 'leaf':
      return pointers.has(at) ? { ...spec, behind: ['left out by the contract'] } : spec
    case 'list':
      return { ...spec, item: without(spec.item, pointers, `${at}/*`) }
    case 'object':
      return {
        ...spec,
        members: spec.members.map((m) => ({
          ...m,
          spec: without(m.spec, pointers, `${at}/${escaped(m.name)}`),
        })),
      }
  }
}

/** A partner's application, with what its contract and licences say. */
export interface Party {
  readonly holder: Holder
  readonly licences: ReadonlySet<string>
  readonly callers: readonly WireCaller[]
  /** The answers of an operation as this partner may at the most see them. */
  specOf(operation: FuzzedOperation): Spec
}

/** One of its customers: a consent, and the tokens that are issued for it. */
export interface WireCaller {
  readonly holds: Caller
  token(): Promise<string>
}

/** Tokens live for five minutes; a run may last for longer. */
const TOKEN_RENEWED_MS = 120_000

const openCaller = (cell: TestCell, holder: Holder, dice: Dice): WireCaller => {
  const holds = makeCaller(dice)
  const everything = { permissions: ['P1', 'P2', 'P3'], purpose: { code: 'Q1' } }
  const noPurpose = dice.pick([{}, { purpose: 'Q1' }, { purpose: { text: 'Q1' } }])
  const detail = {
    type: CONSENT,
    permissions: [...holds.consent],
    ...(holds.purpose === undefined ? noPurpose : { purpose: { code: holds.purpose } }),
  }
  // What covers nothing must open nothing: a consent to something else, and one that has ended.
  const others = [
    { type: 'urn:bank:other:v1', ...everything },
    { type: CONSENT, ...everything, expirationDateTime: '2026-01-01T00:00:00Z' },
  ].filter(() => dice.chance(0.5))
  const consentId = `consent_${randomUUID().replaceAll('-', '')}`
  const issue = () =>
    cell.token(holder, (claims) => ({
      ...withConsent(consentId, detail)(claims),
      scope: [SCOPE, ...holds.scope].join(' '),
      authorization_details: [...others, detail],
    }))
  let issued: { readonly text: Promise<string>; readonly atMs: number } | undefined
  return {
    holds,
    token: () => {
      if (!issued || performance.now() - issued.atMs > TOKEN_RENEWED_MS)
        issued = { text: issue(), atMs: performance.now() }
      return issued.text
    },
  }
}

/** Registers the partners; the next snapshot knows them. */
export const openParties = async (
  cell: TestCell,
  operations: readonly FuzzedOperation[],
  dice: Dice,
): Promise<Party[]> => {
  const parties: Party[] = []
  for (let n = 0; n < HOLDERS; n++) {
    const granted = licences.filter((_, i) => n % 3 === 2 || n % 3 === i)
    const leftOut = new Map(
      operations
        .filter(() => n % 2 === 1 && dice.chance(0.4))
        .map((o) => [o.id, leavesOf(o.spec).filter(() => dice.chance(0.4))] as const)
        .filter(([, pointers]) => pointers.length > 0),
    )
    const holder = await cell.addHolder('mtls', {
      permissions: Object.fromEntries(
        granted.map((licence) => [licence, { granted: true, until: null, limit: null }]),
      ),
      withheld: Object.fromEntries(leftOut),
    })
    const specs = new Map(
      operations.map((o) => [o.id, without(o.spec, new Set(leftOut.get(o.id)))] as const),
    )
    parties.push({
      holder,
      licences: new Set(granted),
      callers: Array.from({ length: CALLERS_OF_A_HOLDER }, () => openCaller(cell, holder, dice)),
      specOf: (operation) => specs.get(operation.id) ?? operation.spec,
    })
  }
  return parties
}

/** What decides over the fields of one call: of the token only what this operation asks for. */
export const heldFor = (
  { licences: granted }: Party,
  { holds }: WireCaller,
  operation: FuzzedOperation,
): Caller => ({
  scope: holds.scope,
  licence: operation.licences.find((licence) => granted.has(licence)) ?? 'none',
  consent: operation.consent ? holds.consent : new Set(),
  purpose: operation.consent ? holds.purpose : undefined,
})

/** Whether the consent lets the call in at all. */
export const isLetIn = ({ holds }: WireCaller, { consent }: FuzzedOperation): boolean =>
  !consent?.permissions || consent.permissions.some((p) => holds.consent.has(p))
