import { z } from 'zod'
import { Cell } from '#kernel/cell.ts'
import {
  DifferenceId,
  Explanation,
  ToldDifference,
  ToldReport,
} from '#bank/reconciliation/desk-contract.ts'
import { type Server, staffOf } from '#control/http/context.ts'
import type { Banks } from './index.ts'

const tags = ['reconciliation']

/** Statements of the core are read for running the bank, whatever a partner's contract says: no partner is asked. */
export const consoleRoutes =
  ({ of }: Banks) =>
  (server: Server): void => {
    server.get(
      '/api/reconciliation/:cell',
      {
        schema: {
          tags,
          operationId: 'readReconciliation',
          summary: 'The core’s statements beside what it was told; every difference that is open',
          params: z.object({ cell: Cell }),
          querystring: z.object({ days: z.coerce.number().int().min(1).max(400).default(30) }),
          response: { 200: ToldReport },
        },
      },
      ({ params, query }) => of(params.cell).report({ days: query.days }),
    )

    server.post(
      '/api/reconciliation/:cell/differences/:id/explanation',
      {
        config: { roles: ['finance', 'api-engineering', 'head-of-platform'], proof: 'factor' },
        schema: {
          tags,
          operationId: 'explainDifference',
          summary: 'Say why a difference is; it stays in the report, with your words, for good',
          params: z.object({ cell: Cell, id: DifferenceId }),
          body: z.strictObject({ explanation: Explanation }),
          response: { 200: ToldDifference },
        },
      },
      (request) => {
        const { cell, id: differenceId } = request.params
        const { staffId: staff } = staffOf(request)
        const { explanation } = request.body
        return of(cell).explain({ staff, differenceId, explanation })
      },
    )
  }
