/** Every gate of a call with its verdict: what is open, what is missing, and who can give it. */
import { z } from 'zod'
import { type Cell, Cell as CellSchema } from '#kernel/cell.ts'
import { problem } from '#kernel/problem.ts'
import type { Db } from '#platform/db.ts'
import { fieldsOf, listProducts, type Operation } from '#control/catalogue/index.ts'
import {
  explain,
  type Explanation,
  listLicenceApplications,
  type Outcome,
  pass,
  type Situation,
} from '#control/licences/index.ts'
import {
  type Application,
  type ApplicationId,
  applicationNotFound,
  findApplication,
  type PartnerId,
  partnerNotFound,
} from '#control/partners/index.ts'
import { withheldFields } from '#control/contracts/index.ts'
import { askable, situationOf, verdictsOf } from './compile.ts'
import { explainField, FieldExplanation } from './explain-fields.ts'
import { type Moment, readPolicy } from './policy.ts'

export const operationUnknown = problem(
  'publication/operation-unknown',
  404,
  'No product has this operation',
)

export const Gate = z.object({
  gate: z.enum([
    'partner',
    'licence',
    'contract',
    'attestation',
    'application',
    'consent',
    'limit',
  ]),
  /** `at-call`: it depends on the call itself. */
  verdict: z.enum(['open', 'missing', 'at-call']),
  code: z.string().nullable(),
  detail: z.string(),
  /** Who can give what is missing. */
  giver: z.enum(['partner', 'bank', 'customer']).nullable(),
  /** Until when it is open, where that is known. */
  until: z.string().nullable(),
})
export type Gate = z.output<typeof Gate>

const gateOf = (gate: Gate['gate'], outcome: Outcome): Gate =>
  outcome.passed
    ? {
        gate,
        verdict: 'open',
        code: null,
        detail: outcome.detail,
        giver: null,
        until: outcome.until?.toString() ?? null,
      }
    : {
        gate,
        verdict: 'missing',
        code: outcome.code,
        detail: outcome.detail,
        giver: outcome.giver,
        until: null,
      }

const gatesOf = ({ gates }: Explanation): Gate[] =>
  gates.map(({ gate, outcome }) => gateOf(gate, outcome))

export const PermissionView = z.object({
  permission: z.string(),
  title: z.string(),
  domain: z.string(),
  granted: z.boolean(),
  /** The status that grants it, or the one that comes nearest. */
  status: z.string().nullable(),
  limit: z.string().nullable(),
  gates: z.array(Gate),
})

export const LicencesView = z.object({
  matrix: z.string(),
  statuses: z.object({
    declared: z.array(z.string()),
    requested: z.array(z.string()),
    held: z.array(
      z.object({
        status: z.string(),
        since: z.string(),
        until: z.string().nullable(),
        suspended: z.boolean(),
      }),
    ),
  }),
  permissions: z.record(CellSchema, z.array(PermissionView)),
})
export type LicencesView = z.output<typeof LicencesView>

/** What a partner is, and what it may therefore do in each cell, gate by gate. */
export const explainLicences = async (
  db: Db,
  partnerId: PartnerId,
  moment: Moment,
): Promise<LicencesView> => {
  const policy = await readPolicy(db, moment, partnerId)
  const { matrix } = policy
  const facts = policy.facts(partnerId)
  if (!facts) throw partnerNotFound('there is no partner with this id')
  const [open] = (await listLicenceApplications(db, partnerId)).filter((a) => a.status === 'open')
  const permissionsIn = (situation: Situation) =>
    matrix.permissions.map(({ id, title, domain }) => {
      const explanation = explain(facts, matrix, id, situation, moment.now)
      const { verdict, status } = explanation
      return {
        permission: id,
        title,
        domain,
        granted: verdict.granted,
        status,
        limit: verdict.granted ? verdict.limit : null,
        gates: gatesOf(explanation),
      }
    })
  return {
    matrix: matrix.version,
    statuses: {
      declared: [...facts.declared],
      requested: open?.statuses ?? [],
      held: facts.held.map(({ status, since, until }) => ({
        status,
        since: since.toString(),
        until: until?.toString() ?? null,
        suspended: facts.stopped.some((s) => s.kind === 'status' && s.name === status),
      })),
    },
    permissions: {
      sandbox: permissionsIn('sandbox'),
      production: permissionsIn('production'),
    },
  }
}

export const CallExplanation = z.object({
  application: z.string(),
  partner: z.string(),
  cell: CellSchema,
  rehearsal: z.boolean(),
  operation: z.string(),
  /** The one that grants it, or the first that could. */
  permission: z.string(),
  /** Whether every gate that can be judged beforehand is open. */
  open: z.boolean(),
  gates: z.array(Gate),
  /** Every field that an answer could hold, and why it is there or not. */
  fields: z.array(FieldExplanation),
})

/** What of a consent is known beforehand: its permissions, and the code of its purpose. */
export interface NamedConsent {
  readonly consent?: readonly string[] | undefined
  readonly purpose?: string | undefined
}

/** All gates of an application's call of an operation. `own` bounds it to one partner's applications. */
export const explainCall = async (
  db: Db,
  ask: NamedConsent & { application: ApplicationId; operation: string; own?: PartnerId },
  moment: Moment,
): Promise<z.output<typeof CallExplanation>> => {
  const application = await findApplication(db, ask.application)
  if (!application || (ask.own !== undefined && application.partnerId !== ask.own))
    throw applicationNotFound('there is no application with this id')
  const products = await listProducts(db)
  const operation = products.flatMap((p) => p.operations).find((o) => o.id === ask.operation)
  if (!operation) throw operationUnknown(`no product has an operation ${ask.operation}`)
  const policy = await readPolicy(db, moment, application.partnerId)
  const { matrix } = policy
  const facts = policy.facts(application.partnerId)
  if (!facts) throw partnerNotFound('there is no partner with this id')

  const situation = situationOf(application)
  const explained = operation.permissions.map((permission) => ({
    permission,
    explanation: explain(facts, matrix, permission, situation, moment.now),
  }))
  const chosen = explained.find((e) => e.explanation.verdict.granted) ?? explained[0]
  if (!chosen) throw operationUnknown(`${operation.id} names no permission`)
  const verdicts = verdictsOf(facts, matrix, situation, moment.now)
  const { scopes } = askable(application, verdicts, { matrix, products })
  const withheld = withheldFields(policy.contract(application.partnerId)?.withheld ?? {}, products)
  const gates = [
    ...gatesOf(chosen.explanation),
    applicationGate(application, operation, scopes),
    consentGate(operation),
    limitGate(operation, application.cell),
  ]
  return {
    application: application.id,
    partner: application.partnerId,
    cell: application.cell,
    rehearsal: application.rehearsal,
    operation: operation.id,
    permission: chosen.permission,
    open: gates.every((g) => g.verdict !== 'missing'),
    gates,
    fields: products
      .filter((p) => p.id === operation.product)
      .flatMap((p) => fieldsOf(p.openapi, operation))
      .map((field) =>
        explainField(field, {
          // An operation that needs no consent is called without one.
          consent: ask.consent ?? (operation.consentType === null ? [] : undefined),
          purpose: ask.purpose,
          scope: scopes,
          licence: chosen.permission,
          withheld: withheld[operation.id] ?? [],
        }),
      ),
  }
}

const applicationGate = (
  { status, products }: Application,
  { product, scope }: Operation,
  scopes: readonly string[],
): Gate => {
  const refused = (code: string, detail: string, giver: Gate['giver']): Gate => ({
    gate: 'application',
    verdict: 'missing',
    code,
    detail,
    giver,
    until: null,
  })
  if (status !== 'active')
    return refused(
      'gateway/token-invalid',
      `the application is ${status}, so it gets no token`,
      status === 'requested' ? 'bank' : 'partner',
    )
  if (!products.includes(product))
    return refused('gateway/scope-missing', `it was not made for product ${product}`, 'partner')
  if (!scopes.includes(scope))
    return refused('gateway/scope-missing', `it may not ask for scope ${scope}`, 'partner')
  return gateOf('application', pass(`it may ask for scope ${scope}`))
}

const consentGate = ({ consentType }: Operation): Gate =>
  consentType === null
    ? gateOf('consent', pass('the operation needs none'))
    : {
        gate: 'consent',
        verdict: 'at-call',
        code: null,
        detail: `the token must carry a consent of type ${consentType} that covers the call`,
        giver: 'customer',
        until: null,
      }

const limitGate = ({ budget }: Operation, cell: Cell): Gate => ({
  gate: 'limit',
  verdict: 'at-call',
  code: null,
  detail: `rate, concurrency, quota and policies of the ${cell === 'sandbox' ? 'sandbox' : 'contract'}${budget === null ? '' : `, and the budget ${budget}`}: all must have room, the most restrictive one decides`,
  giver: null,
  until: null,
})
