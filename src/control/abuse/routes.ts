import { z } from 'zod'
import { Instant } from '#kernel/time.ts'
import type { ControlContext, Server } from '#control/http/context.ts'
import { PartnerId } from '#control/partners/index.ts'
import { Finding, FindingId, listFindings } from './index.ts'

const PAGE = 100
const FindingView = Finding.extend({ foundAt: Instant, decidedAt: Instant.nullable() })

/** What looked like abuse. What to do about it is decided where all changes are: by the change that each finding names. */
export const consoleRoutes = (server: Server, { db }: ControlContext): void => {
  server.get(
    '/api/abuse-findings',
    {
      schema: {
        tags: ['abuse'],
        operationId: 'listAbuseFindings',
        summary: 'Unusual use, newest first, each with the change that two people decide about',
        querystring: z.object({
          partner: PartnerId.optional(),
          status: Finding.shape.status.optional(),
          before: FindingId.optional(),
        }),
        response: { 200: z.object({ data: z.array(FindingView), next: FindingId.nullable() }) },
      },
    },
    async ({ query }) => {
      const { partner, status, before } = query
      const filter = {
        ...(partner && { partnerId: partner }),
        ...(status && { status }),
        ...(before && { before }),
      }
      const data = await listFindings(db, filter, PAGE)
      return { data, next: data.length === PAGE ? (data.at(-1)?.id ?? null) : null }
    },
  )
}
