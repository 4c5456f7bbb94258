import { z } from 'zod'
import { Instant } from '#kernel/time.ts'
import { asWork, type ControlContext, partnerOf, type Server } from '#control/http/context.ts'
import { keepSession, keepVisit, visitOf } from '#control/http/cookie.ts'
import { currentMatrix } from '#control/licences/index.ts'
import { beginVisit, PartnerId, PersonRole, resumeVisit } from '#control/partners/index.ts'
import { readOperation } from '#control/reference/index.ts'
import { doTask } from '#control/tasks/index.ts'
import { openTryIt, tryRefused } from './index.ts'

const tags = ['try-it']
const open = { open: true } as const

const Values = z.record(z.string().max(64), z.string().max(2_000)).default({})
const Wish = z.strictObject({
  product: z.string().max(64),
  operation: z.string().max(64),
  version: z.iso.date().optional(),
  path: Values,
  query: Values,
  headers: Values,
  /** `Sandbox-Scenario`: how the make-believe bank shall behave. */
  scenario: z
    .string()
    .regex(/^[a-z_]{1,40}(;delay=\d{1,5})?$/)
    .optional(),
  /** As it travels. */
  body: z.string().max(100_000).optional(),
  /** The login of the customer who is asked, where one has to be. */
  persona: z.string().max(64).optional(),
  decision: z.enum(['APPROVE', 'DENY', 'LEAVE']).optional(),
  detail: z.record(z.string(), z.unknown()).optional(),
})

/** They take as long as a world is large: whoever asked may leave, and sees on return that it goes on. */
const changesOfWorlds: ReadonlySet<string> = new Set([
  'createWorld',
  'chooseWorld',
  'resetWorld',
  'removeWorld',
  'takeSnapshot',
  'restoreSnapshot',
  'turnClock',
])

const Milliseconds = z.object({ token: z.number(), consent: z.number(), call: z.number() })
const TriedView = z.object({
  /** How far it came; whatever is not `call` is a refusal on the way there. */
  stage: z.enum(['token', 'consent', 'call']),
  call: z.object({
    method: z.string(),
    path: z.string(),
    headers: z.record(z.string(), z.string()),
    body: z.string().optional(),
  }),
  answer: z.object({
    status: z.int(),
    headers: z.array(z.tuple([z.string(), z.string()]).readonly()).readonly(),
    body: z.string(),
  }),
  consentId: z.string().nullable(),
  applicationId: z.string(),
  detail: z.record(z.string(), z.unknown()).nullable(),
  ms: Milliseconds,
})

const VisitView = z.object({ partnerId: PartnerId, endsAt: Instant })
/** Where strangers say nothing of themselves: the bank's own country. */
const COUNTRY = 'UZ'

export const portalRoutes = (server: Server, context: ControlContext): void => {
  const { db, world, authorities, factorKey, offeredProducts } = context
  const personas = context.personas ?? (async () => [])
  const tryIt = openTryIt({
    db,
    world,
    keeping: async () => ({
      authorities,
      offeredProducts: await offeredProducts(),
      sealingKey: factorKey,
    }),
  })
  server.addHook('onClose', () => tryIt.close())

  server.post(
    '/api/visits',
    {
      config: open,
      schema: {
        tags,
        operationId: 'visit',
        summary:
          'A sandbox for a day without registering, or the one that this browser has already',
        response: { 201: VisitView },
      },
    },
    async (request, reply) => {
      const secret = visitOf(request)
      const begun = await asWork(context, request, async (work) => {
        const resumed = secret === undefined ? undefined : await resumeVisit(work, secret)
        if (resumed) return resumed
        // They may be all at once that the matrix lets somebody be at once.
        const { statuses, rules } = await currentMatrix(work)
        const declaredStatuses = statuses
          .map(({ id }) => id)
          .filter((id) => !rules.exclusive.includes(id))
        return beginVisit(work, { country: COUNTRY, declaredStatuses })
      })
      const { partnerId, endsAt } = begun.visit
      keepSession(reply, 'portal', begun.session)
      keepVisit(reply, begun.secret, Math.floor(endsAt.since(world.now()).total('seconds')))
      return reply.code(201).send({ partnerId, endsAt })
    },
  )

  server.get(
    '/api/try-it/personas',
    {
      config: open,
      schema: {
        tags,
        operationId: 'listPersonas',
        summary: 'Who lives in the sandbox and may be asked for a consent',
        response: {
          200: z.object({
            data: z.array(
              z.object({
                login: z.string(),
                name: z.string(),
                /** What is particular about them, in English. */
                story: z.string(),
              }),
            ),
          }),
        },
      },
    },
    async () => ({
      data: (await personas()).map(({ login, name, story }) => ({ login, name, story })),
    }),
  )

  server.get(
    '/api/try-it/:product/:operation/consent',
    {
      config: open,
      schema: {
        tags,
        operationId: 'getTryItConsent',
        summary: 'What a customer would be asked for this operation; null where none is',
        params: z.object({ product: z.string(), operation: z.string() }),
        response: { 200: z.object({ detail: z.record(z.string(), z.unknown()).nullable() }) },
      },
    },
    async ({ params }) => ({
      detail: await tryIt.detail(await readOperation(db, params.product, params.operation)),
    }),
  )

  server.post(
    '/api/try-it/calls',
    {
      config: { roles: [...PersonRole.exclude(['auditor', 'finance', 'signatory']).options] },
      schema: {
        tags,
        operationId: 'tryCall',
        summary: 'Call the sandbox as my organisation; token, proof and consent are made here',
        body: Wish,
        response: { 200: TriedView },
      },
    },
    async (request) => {
      const {
        product,
        operation: id,
        version,
        persona: login,
        decision,
        detail,
        ...filled
      } = request.body
      const operation = await readOperation(db, product, id, version)
      const persona = (await personas()).find((p) => p.login === login)
      if (login !== undefined && !persona)
        throw tryRefused('nobody of that name lives in the sandbox', {
          errors: [{ pointer: '/persona', code: 'unknown', detail: 'choose one of the list' }],
        })
      const { partnerId, personId } = partnerOf(request)
      const act = () => tryIt.try({ partnerId, operation, filled, persona, decision, detail })
      if (product !== 'sandbox' || !changesOfWorlds.has(id)) return act()
      const { worldId } = filled.path
      return doTask(context, {
        task: {
          kind: 'world',
          about: { operation: id, ...(worldId !== undefined && { world: worldId }) },
          partnerId,
          askedBy: `person:${personId}`,
          steps: 1,
        },
        act,
      })
    },
  )
}
