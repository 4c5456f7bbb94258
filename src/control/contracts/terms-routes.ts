/** What texts set in motion, how they change, and which one ruled when: for both offices. */
import { z } from 'zod'
import { Instant } from '#kernel/time.ts'
import { ChangeView, viewOfChange } from '#control/approvals/index.ts'
import type { Db } from '#platform/db.ts'
import { asWork, type ControlContext, partnerOf, type Server } from '#control/http/context.ts'
import { PartnerId } from '#control/partners/index.ts'
import { Clause, words } from './clauses.ts'
import {
  changedBetween,
  compiled,
  type Contract,
  ContractId,
  contractNotFound,
  Early,
  findContract,
  listRules,
  listTemplates,
  Notices,
  parts,
  Promised,
  proposeAmendment,
  proposeClause,
  Rule,
  ruleAt,
  Support,
  templateNamed,
  Withheld,
} from './index.ts'

const tags = ['contracts']
const One = z.object({ id: ContractId })

const Part = z.enum(parts)
const TermsView = z.object({
  version: z.int(),
  amends: ContractId.nullable(),
  /** What it changes of the version that it amends; null: it amends none. */
  changes: z.array(Part).nullable(),
  /** What the house enforces by it. */
  sets: z.object({
    products: z.array(z.string()),
    limits: z.looseObject({ tier: z.string() }),
    prices: z.looseObject({ version: z.string(), currency: z.string() }),
    levels: z.array(Promised),
    notices: Notices,
    support: Support.nullable(),
    messages: z.object({ signatures: z.literal('required').nullable(), withheld: Withheld }),
  }),
})

const termsOf = async (db: Db, contract: Contract): Promise<z.output<typeof TermsView>> => {
  const sets = compiled(contract.document)
  const before = contract.amends && (await findContract(db, contract.amends))
  return {
    version: contract.version,
    amends: contract.amends,
    changes: before ? changedBetween(compiled(before.document), sets) : null,
    sets: { ...sets, products: [...sets.products], levels: [...sets.levels] },
  }
}

const RuleView = Rule.extend({
  validFrom: Instant,
  validTo: Instant.nullable(),
  knownFrom: Instant,
  knownTo: Instant.nullable(),
})
const Times = z.object({
  at: Instant.optional().describe('The instant that is asked about; without it now'),
  known: Instant.optional().describe('The instant whose knowledge answers; without it now'),
})
const InForce = z.object({ rule: RuleView.nullable() })

const inForce = async (
  { db, world }: ControlContext,
  partnerId: PartnerId,
  { at, known }: z.output<typeof Times>,
): Promise<z.output<typeof InForce>> => {
  const now = world.now()
  return { rule: (await ruleAt(db, partnerId, { at: at ?? now, known: known ?? now })) ?? null }
}

const History = z.object({ data: z.array(RuleView) })

export const termsPortalRoutes = (server: Server, context: ControlContext): void => {
  const { db } = context

  server.get(
    '/api/contracts/:id/terms',
    {
      schema: {
        tags,
        operationId: 'getOwnTerms',
        summary: 'What an agreement’s text sets in motion, and what it changes of the one before',
        params: One,
        response: { 200: TermsView },
      },
    },
    async (request) => {
      const contract = await findContract(db, request.params.id)
      if (contract?.partnerId !== partnerOf(request).partnerId)
        throw contractNotFound('no contract has this id')
      return termsOf(db, contract)
    },
  )

  server.get(
    '/api/contract-rule',
    {
      schema: {
        tags,
        operationId: 'getOwnRule',
        summary: 'Which agreement ruled at an instant, as it was known at another',
        querystring: Times,
        response: { 200: InForce },
      },
    },
    (request) => inForce(context, partnerOf(request).partnerId, request.query),
  )

  server.get(
    '/api/contract-rules',
    {
      schema: {
        tags,
        operationId: 'listOwnRules',
        summary: 'Everything that was ever known of which agreement rules when',
        response: { 200: History },
      },
    },
    async (request) => ({ data: await listRules(db, partnerOf(request).partnerId) }),
  )
}

const Reason = z.string().trim().min(1).max(1_000)
const Proposed = z.object({ change: ChangeView })

export const termsConsoleRoutes = (server: Server, context: ControlContext): void => {
  const { db, world } = context

  server.get(
    '/api/contracts/:id/terms',
    {
      schema: {
        tags,
        operationId: 'getTerms',
        summary: 'What a contract’s text sets in motion, and what it changes of the one before',
        params: One,
        response: { 200: TermsView },
      },
    },
    async (request) => {
      const contract = await findContract(db, request.params.id)
      if (!contract) throw contractNotFound('no contract has this id')
      return termsOf(db, contract)
    },
  )

  server.get(
    '/api/partners/:id/contract-rule',
    {
      schema: {
        tags,
        operationId: 'getRule',
        summary: 'Which contract ruled at an instant, as it was known at another',
        params: z.object({ id: PartnerId }),
        querystring: Times,
        response: { 200: InForce },
      },
    },
    (request) => inForce(context, request.params.id, request.query),
  )

  server.get(
    '/api/partners/:id/contract-rules',
    {
      schema: {
        tags,
        operationId: 'listRules',
        summary: 'Everything that was ever known of which contract rules when',
        params: z.object({ id: PartnerId }),
        response: { 200: History },
      },
    },
    async (request) => ({ data: await listRules(db, request.params.id) }),
  )

  server.post(
    '/api/contracts/:id/amendments',
    {
      config: { roles: ['partner-success', 'head-of-platform'] },
      schema: {
        tags,
        operationId: 'amendContract',
        summary:
          'Propose other terms for a contract in force; what is not named stays as it was signed',
        params: One,
        body: z.strictObject({
          tier: z.string().optional(),
          products: z.array(z.string()).min(1).max(20).optional(),
          priceVersion: z.string().optional(),
          levels: z.array(Promised).max(20).optional(),
          notices: Notices.optional(),
          support: Support.optional(),
          signatures: z.literal('required').nullable().optional(),
          withheld: Withheld.nullable().optional(),
          template: z.string().optional(),
          validFrom: Instant.optional(),
          /** Why higher prices may come sooner than the contract promises. */
          early: Early.exclude(['breach']).optional(),
        }),
        response: { 202: Proposed },
      },
    },
    async (request, reply) => {
      const change = await asWork(context, request, (work) =>
        proposeAmendment(work, request.params.id, request.body, world.settings.PORTICO_BANK_NAME),
      )
      return reply.code(202).send({ change: viewOfChange(change, world.now()) })
    },
  )

  server.get(
    '/api/contract-templates',
    {
      schema: {
        tags,
        operationId: 'listContractTemplates',
        summary: 'Templates, newest first, and the clauses of the newest',
        response: {
          200: z.object({
            data: z.array(z.object({ id: z.string(), clauses: z.record(z.string(), z.int()) })),
            newest: z.object({ id: z.string(), clauses: z.array(Clause) }),
            /** What a clause's text may name in braces. */
            words: z.array(z.enum(words)),
          }),
        },
      },
    },
    async () => {
      const { id, clauses } = await templateNamed(db)
      return {
        data: await listTemplates(db),
        newest: { id, clauses: [...clauses] },
        words: [...words],
      }
    },
  )

  server.post(
    '/api/contract-clauses',
    {
      config: { roles: ['partner-success', 'compliance', 'head-of-platform'] },
      schema: {
        tags,
        operationId: 'wordClause',
        summary: 'Propose another wording of a clause; contracts that are signed keep theirs',
        body: z.strictObject({ ...Clause.omit({ version: true }).shape, reason: Reason }),
        response: { 202: Proposed },
      },
    },
    async (request, reply) => {
      const { reason, ...clause } = request.body
      const change = await asWork(context, request, (work) => proposeClause(work, clause, reason))
      return reply.code(202).send({ change: viewOfChange(change, world.now()) })
    },
  )
}
