import { z } from 'zod'
import { Instant } from '#kernel/time.ts'
import { asWork, type ControlContext, partnerOf, type Server } from '#control/http/context.ts'
import { PartnerId } from '#control/partners/index.ts'
import { amountText, exponentOf } from '#control/rating/index.ts'
import {
  type Budget,
  BudgetAsked,
  BudgetId,
  currencyInForce,
  listAlerts,
  listBudgets,
  removeBudget,
  setBudget,
  spentOf,
} from './index.ts'

const tags = ['budgets']
const roles = ['owner', 'admin', 'finance'] as const

const BudgetView = z.object({
  id: BudgetId,
  applicationId: z.string().nullable(),
  currency: z.string(),
  amount: z.string(),
  thresholds: z.array(z.number()),
  /** Whether calls that would exceed it are refused: of a cap in the currency of the contract in force. */
  hard: z.boolean(),
  /** In this month by now, at unit prices and without tax. */
  spent: z.string(),
})
const Budgets = z.object({
  data: z.array(BudgetView),
  alerts: z.array(
    z.object({
      budgetId: z.string(),
      month: z.string(),
      threshold: z.number(),
      spent: z.string(),
      at: Instant,
    }),
  ),
})

const viewOf = async (
  { db, world }: ControlContext,
  budget: Budget,
  spends: string | undefined,
): Promise<z.output<typeof BudgetView>> => {
  const zone = world.settings.PORTICO_BANK_ZONE
  const first = world.now().toZonedDateTimeISO(zone).toPlainDate().with({ day: 1 })
  const instant = (day: Temporal.PlainDate) => day.toZonedDateTime({ timeZone: zone }).toInstant()
  const span = { from: instant(first), to: instant(first.add({ months: 1 })) }
  const text = (minor: bigint) => amountText(minor, exponentOf(budget.currency) ?? 2)
  return {
    id: budget.id,
    applicationId: budget.applicationId,
    currency: budget.currency,
    amount: text(budget.limitMinor),
    thresholds: budget.thresholds,
    hard: budget.cap !== null && budget.currency === spends,
    spent: text(await spentOf(db, budget, span)),
  }
}

const budgetsOf = async (
  context: ControlContext,
  partnerId: PartnerId,
): Promise<z.output<typeof Budgets>> => {
  const budgets = await listBudgets(context.db, partnerId)
  const spends = await currencyInForce(context.db, partnerId, context.world.now())
  const currencies = new Map(budgets.map((b): [string, string] => [b.id, b.currency]))
  const alerts = await listAlerts(context.db, partnerId)
  return {
    data: await Promise.all(budgets.map((b) => viewOf(context, b, spends))),
    alerts: alerts.map((a) => ({
      budgetId: a.budgetId,
      month: a.month.toString().slice(0, 7),
      threshold: a.threshold,
      spent: amountText(a.spentMinor, exponentOf(currencies.get(a.budgetId) ?? '') ?? 2),
      at: a.at,
    })),
  }
}

export const portalRoutes = (server: Server, context: ControlContext): void => {
  server.get(
    '/api/budgets',
    {
      schema: {
        tags,
        operationId: 'listOwnBudgets',
        summary: 'Budgets, what is spent of them, and what was told',
        response: { 200: Budgets },
      },
    },
    (request) => budgetsOf(context, partnerOf(request).partnerId),
  )
  server.put(
    '/api/budgets',
    {
      config: { roles },
      schema: {
        tags,
        operationId: 'setBudget',
        summary:
          'Say what you mean to spend in a month, at which shares of it you are told, and whether it stops calls',
        body: BudgetAsked,
        response: { 200: BudgetView },
      },
    },
    async (request) => {
      const { partnerId } = partnerOf(request)
      const { db, world } = context
      const budget = await asWork(context, request, (w) =>
        setBudget(w, partnerId, request.body, world.settings.PORTICO_BANK_ZONE),
      )
      return viewOf(context, budget, await currencyInForce(db, partnerId, world.now()))
    },
  )
  server.delete(
    '/api/budgets/:id',
    {
      config: { roles },
      schema: {
        tags,
        operationId: 'removeBudget',
        summary: 'Remove a budget; what was told of it stays',
        params: z.object({ id: BudgetId }),
        response: { 200: Budgets },
      },
    },
    async (request) => {
      const { partnerId } = partnerOf(request)
      await asWork(context, request, (w) => removeBudget(w, { partnerId, id: request.params.id }))
      return budgetsOf(context, partnerId)
    },
  )
}

export const consoleRoutes = (server: Server, context: ControlContext): void => {
  server.get(
    '/api/partners/:id/budgets',
    {
      schema: {
        tags,
        operationId: 'listBudgets',
        summary: 'Budgets of a partner, what is spent of them, and what was told',
        params: z.object({ id: PartnerId }),
        response: { 200: Budgets },
      },
    },
    (request) => budgetsOf(context, request.params.id),
  )
}
