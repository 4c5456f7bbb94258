import { z } from 'zod'
import type { Work } from '#journal/index.ts'
import {
  asWork,
  type ControlContext,
  type Server,
  type SignedInStaff,
  staffOf,
} from '#control/http/context.ts'
import { evidenceOfSigning } from '#control/http/signing.ts'
import { Assertion, factorsOf } from '#control/sign-in/index.ts'
import { StaffId, StaffRole } from '#control/staff/index.ts'
import { glassRoutes } from './glass-routes.ts'
import { proposeStaffReset, proposeStaffRoles } from './staff-changes.ts'
import {
  ChangeSet,
  ChangeSetId,
  changeExpired,
  changeNotFound,
  ChangeView,
  changeVoid,
  decideChange,
  findChange,
  listChanges,
  passkeyAsked,
  viewOfChange,
} from './index.ts'

const Decision = z
  .strictObject({
    decision: z.enum(['approve', 'reject']),
    /** The hash of what was read. */
    hash: z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256 in hex'),
    reason: z.string().trim().max(1_000).default(''),
    /** What the decider's passkey made of the hash; asked of who has one. */
    assertion: Assertion.exactOptional(),
  })
  .refine((d) => d.decision === 'approve' || d.reason !== '', {
    path: ['reason'],
    message: 'a no says why',
  })

const One = z.object({ id: ChangeSetId })
const PAGE = 50

export const consoleRoutes = (server: Server, context: ControlContext): void => {
  const { db, world, appliers } = context
  const tags = ['approvals']
  glassRoutes(server, context)

  /** Who has a passkey approves by it, over the very hash; a fresh factor stands for it where there is none. */
  const proofOf = async (
    work: Work,
    signedIn: SignedInStaff,
    { decision, hash }: { decision: 'approve' | 'reject'; hash: string },
    assertion: z.output<typeof Assertion> | undefined,
  ) => {
    if (decision === 'approve' && !assertion) {
      const { passkeys } = await factorsOf(work, signedIn.session.holder)
      if (passkeys.length > 0)
        throw passkeyAsked('you have one', {
          hint: 'POST /api/me/passkey-challenges with the hash, and send what the device made of it.',
        })
    }
    return evidenceOfSigning(context, work, 'console', signedIn, {
      documentSha256: hash,
      ...(assertion && { assertion }),
    })
  }

  server.get(
    '/api/approvals',
    {
      schema: {
        tags,
        operationId: 'listApprovals',
        summary: 'Changes that wait for a second person, and those that were decided',
        querystring: z.object({
          status: ChangeSet.shape.status.optional(),
          subject: z.string().optional(),
          kind: z.string().optional(),
          before: ChangeSetId.optional(),
        }),
        response: {
          200: z.object({ data: z.array(ChangeView), next: ChangeSetId.nullable() }),
        },
      },
    },
    async (request) => {
      const changes = await listChanges(db, request.query, PAGE)
      const next = changes.length === PAGE ? (changes.at(-1)?.id ?? null) : null
      return { data: changes.map((change) => viewOfChange(change, world.now())), next }
    },
  )

  server.get(
    '/api/approvals/:id',
    {
      schema: {
        tags,
        operationId: 'getApproval',
        summary: 'A change with its difference, its hash and who stands behind it',
        params: One,
        response: { 200: ChangeView },
      },
    },
    async (request) => {
      const change = await findChange(db, request.params.id)
      if (!change) throw changeNotFound('there is no change with this id')
      return viewOfChange(change, world.now())
    },
  )

  server.post(
    '/api/approvals/:id/decision',
    {
      config: {
        // Whether the decider has a role that this change asks for is read with the change itself.
        roles: [
          'head-of-platform',
          'api-product',
          'api-engineering',
          'developer-relations',
          'partner-success',
          'compliance',
          'finance',
        ],
        // Who stands behind a change is there now, and it is they.
        proof: 'fresh',
      },
      schema: {
        tags,
        operationId: 'decide',
        summary: 'Approve or reject a change, bound to the hash of what was read',
        params: One,
        body: Decision,
        response: { 200: ChangeView },
      },
    },
    async (request) => {
      const { assertion, ...decision } = request.body
      const signedIn = staffOf(request)
      const change = await asWork(context, request, async (work) => {
        const evidence = await proofOf(work, signedIn, decision, assertion)
        return decideChange(work, appliers, { id: request.params.id, ...decision, evidence })
      })
      // What was found out is kept; only then is it told.
      if (change.status === 'expired') throw changeExpired('nobody decided it within 72 hours')
      if (change.status === 'void') throw changeVoid(change.outcome ?? 'propose it again')
      return viewOfChange(change, world.now())
    },
  )

  const proposing = { roles: ['head-of-platform', 'compliance'], proof: 'fresh' } as const
  const Reason = z.string().trim().min(3).max(1_000)
  const OneOfStaff = z.object({ id: StaffId })
  const Proposed = z.object({ change: ChangeView })

  server.post(
    '/api/staff/:id/factor-reset',
    {
      config: proposing,
      schema: {
        tags,
        operationId: 'proposeStaffReset',
        summary: 'Ask that a person of the bank who lost their devices may set up new ones',
        params: OneOfStaff,
        body: z.strictObject({ reason: Reason }),
        response: { 202: Proposed },
      },
    },
    async (request, reply) => {
      const change = await asWork(context, request, (work) =>
        proposeStaffReset(work, request.params.id, request.body.reason),
      )
      return reply.code(202).send({ change: viewOfChange(change, world.now()) })
    },
  )

  server.post(
    '/api/staff/:id/roles',
    {
      config: proposing,
      schema: {
        tags,
        operationId: 'proposeStaffRoles',
        summary: 'Ask for other roles of a person of the bank',
        params: OneOfStaff,
        body: z.strictObject({ roles: z.array(StaffRole).min(1), reason: Reason }),
        response: { 202: Proposed },
      },
    },
    async (request, reply) => {
      const change = await asWork(context, request, (work) =>
        proposeStaffRoles(work, request.params.id, request.body),
      )
      return reply.code(202).send({ change: viewOfChange(change, world.now()) })
    },
  )
}
