import { z } from 'zod'
import { asWork, type ControlContext, type Server } from '#control/http/context.ts'
import { breakGlass, Glass, isOverdue, listGlass, reviewGlass } from './glass.ts'
import { ChangeSetId, ChangeView, viewOfChange } from './index.ts'
import { type Staff, listStaff } from '#control/staff/index.ts'

const tags = ['approvals']
const One = z.object({ id: ChangeSetId })
const deciders = [
  'head-of-platform',
  'api-product',
  'api-engineering',
  'partner-success',
  'compliance',
] as const
/** Who hears at once that somebody acted alone. */
const hearers: readonly Staff['roles'][number][] = ['head-of-platform', 'compliance', 'auditor']
const GlassView = Glass.extend({ overdue: z.boolean() })

export const glassRoutes = (server: Server, context: ControlContext): void => {
  const { db, world, appliers, mail } = context

  server.get(
    '/api/broken-glass',
    {
      schema: {
        tags,
        operationId: 'listBrokenGlass',
        summary: 'Changes that one person put in force in an emergency, and who reviewed them',
        response: { 200: z.object({ data: z.array(GlassView) }) },
      },
    },
    async () => ({
      data: (await listGlass(db)).map((g) => ({ ...g, overdue: isOverdue(g, world.now()) })),
    }),
  )

  server.post(
    '/api/approvals/:id/broken-glass',
    {
      config: { roles: [...deciders], proof: 'fresh' },
      schema: {
        tags,
        operationId: 'breakGlass',
        summary:
          'Put an urgent change in force alone: on record, mailed to all who watch over it, reviewed within a day',
        params: One,
        body: z.strictObject({
          hash: z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256 in hex'),
          reason: z.string().trim().min(20).max(1_000),
        }),
        response: { 200: ChangeView },
      },
    },
    async (request) => {
      const { id } = request.params
      const change = await asWork(context, request, (work) =>
        breakGlass(work, appliers, { id, ...request.body }),
      )
      const heard = (await listStaff(db)).filter((s) => s.roles.some((r) => hearers.includes(r)))
      const sent = await Promise.allSettled(
        heard.map(({ email }) =>
          mail.send(
            {
              to: email,
              subject: `Glass was broken: ${change.kind}`,
              text: `One person put change ${change.id} (${change.kind} of ${change.subject}) in force alone.\nReason: ${request.body.reason}\nReview it within 24 hours under Decisions.\n`,
            },
            world.now(),
          ),
        ),
      )
      for (const one of sent)
        if (one.status === 'rejected')
          world.log.error(
            { cause: one.reason, change: change.id },
            'broken glass could not be mailed',
          )
      world.log.warn({ change: change.id, kind: change.kind }, 'glass was broken')
      return viewOfChange(change, world.now())
    },
  )

  server.post(
    '/api/approvals/:id/broken-glass/review',
    {
      config: { roles: [...deciders], proof: 'fresh' },
      schema: {
        tags,
        operationId: 'reviewBrokenGlass',
        summary: 'Say whether what one person did alone was right',
        params: One,
        body: z.strictObject({
          verdict: z.enum(['confirmed', 'contested']),
          remark: z.string().trim().min(3).max(1_000),
        }),
        response: { 200: GlassView },
      },
    },
    async (request) => {
      const glass = await asWork(context, request, (work) =>
        reviewGlass(work, request.params.id, request.body),
      )
      return { ...glass, overdue: false }
    },
  )
}
