import { z } from 'zod'
import { Cell } from '#kernel/cell.ts'
import {
  ConsentState,
  DESK_PAGE_MAX,
  OneConsent,
  ToldConsent,
} from '#authorization/consents/desk-contract.ts'
import {
  type ControlContext,
  demand,
  partnerOf,
  type Server,
  staffOf,
} from '#control/http/context.ts'
import { listApplications, PartnerId } from '#control/partners/index.ts'
import type { AuthorizationServers } from './index.ts'

const tags = ['consents']
const APPLICATIONS_MAX = 200

const ConsentId = z.string().regex(/^consent_[0-9a-f]{32}$/, 'is no id of a consent')
const One = z.object({ cell: Cell, id: ConsentId })
/** Whose matters are looked at: a consent to another partner is none here. */
const OfPartner = z.object({ partner: PartnerId })
const InCell = z.object({ cell: Cell })
const Search = z.object({
  state: ConsentState.optional(),
  type: z.string().max(80).optional(),
  application: z.string().max(80).optional(),
  before: ConsentId.optional(),
  limit: z.coerce.number().int().min(1).max(DESK_PAGE_MAX).default(50),
})
/** How the customer is known to this partner: whoever asks the bank about "my consent" brings it, or the consent's id. */
const StaffSearch = Search.extend({
  partner: PartnerId,
  subject: z.string().max(200).optional(),
})
const Page = z.object({ data: z.array(ToldConsent), next: z.string().nullable() })

type AddRoutes = (server: Server, context: ControlContext) => void

const searching =
  ({ of }: AuthorizationServers, { db }: ControlContext) =>
  async (
    cell: Cell,
    partnerId: PartnerId,
    { application, ...search }: z.output<typeof Search> & { subject?: string | undefined },
  ) => {
    const applications = await listApplications(db, { partnerId, cell }, APPLICATIONS_MAX)
    const applicationIds = applications
      .map(({ id }) => id)
      .filter((id) => application === undefined || id === application)
    if (applicationIds.length === 0) return { data: [], next: null }
    return of(cell).list({ applicationIds, ...search })
  }

/** A partner's own, never another's: its applications are asked for, and no other. */
export const portalRoutes =
  (servers: AuthorizationServers): AddRoutes =>
  (server, context) => {
    const search = searching(servers, context)
    server.get(
      '/api/consents/:cell',
      {
        schema: {
          tags,
          operationId: 'listOwnConsents',
          summary: 'Consents that customers gave my applications, newest first',
          params: InCell,
          querystring: Search,
          response: { 200: Page },
        },
      },
      (request) => {
        const { cell } = request.params
        if (cell === 'production') demand(context, request, 'factor')
        return search(cell, partnerOf(request).partnerId, request.query)
      },
    )
  }

/** Staff who look after customers may hold or end a consent at once; to let it go on needs a fresh second factor. */
const stops = ['compliance', 'partner-success', 'head-of-platform'] as const
const Reason = z.strictObject({ reason: z.string().trim().min(3).max(140) })
const State = z.object({ status: z.string() })

export const consoleRoutes =
  (servers: AuthorizationServers): AddRoutes =>
  (server, context) => {
    const search = searching(servers, context)
    server.get(
      '/api/consents/:cell',
      {
        schema: {
          tags,
          operationId: 'listConsents',
          summary: 'Consents to a partner, newest first, without the customer',
          params: InCell,
          querystring: StaffSearch,
          response: { 200: Page },
        },
      },
      ({ params, query: { partner, ...query } }) => search(params.cell, partner, query),
    )

    server.get(
      '/api/consents/:cell/:id',
      {
        config: { purpose: async ({ params }) => One.parse(params).id },
        schema: {
          tags,
          operationId: 'readConsent',
          summary: 'One consent with its history and the customer as the partner knows them',
          params: One,
          querystring: OfPartner,
          response: { 200: OneConsent },
        },
      },
      ({ params: { cell, id }, query: { partner } }) =>
        servers.of(cell).one({ partnerId: partner, consentId: id }),
    )

    for (const [noun, act, summary] of [
      ['suspension', 'suspend', 'Hold a consent: every gateway denies it within a second'],
      ['resumption', 'resume', 'Let a consent that was held go on, within its end'],
      ['revocation', 'revoke', 'End a consent for good'],
    ] as const)
      server.post(
        `/api/consents/:cell/:id/${noun}`,
        {
          config: { roles: [...stops] },
          schema: {
            tags,
            operationId: `${act}Consent`,
            summary,
            params: One,
            querystring: OfPartner,
            body: Reason,
            response: { 200: State },
          },
        },
        (request) => {
          const { cell, id: consentId } = request.params
          if (act === 'resume') demand(context, request, 'fresh')
          const { staffId } = staffOf(request)
          const { partner: partnerId } = request.query
          const { reason } = request.body
          return servers.of(cell)[act]({ partnerId, consentId, staffId, reason })
        },
      )
  }
