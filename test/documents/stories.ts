/** What a partner does in each domain, so that every operation answers what was asked for: the bank's own lists, over the wire. */
import assert from 'node:assert/strict'
import { z } from 'zod'
import type { Cell } from '#kernel/cell.ts'
import { hearAccounts, hearAnswers } from '#bank/accounts/heard.ts'
import { hearCards } from '#bank/cards/heard.ts'
import { hearFx } from '#bank/fx/heard.ts'
import { hearKyc } from '#bank/kyc/heard.ts'
import { hearEvents } from '#bank/events/heard.ts'
import { hearLending } from '#bank/lending/heard.ts'
import { hearOrders, hearPayments } from '#bank/payments/heard.ts'
import type { Customer } from '../journeys/customer.ts'
import { places } from '../journeys/people.ts'
import { permissions } from './partner.ts'
import { operationCalled, type Wire } from './wire.ts'

/** Dilnoza has so'm, dollars and something arranged of each kind, in both cells; nobody else signs with her. */
const dilnoza = { login: 'dilnoza', password: 'portico-demo', picks: 'all' } as const
export const customers: Readonly<Record<Cell, Customer>> = {
  sandbox: dilnoza,
  production: { ...dilnoza, totpSecret: 'PORTICODEMOPORTICODEMOPORTICODEM' },
}

const Account = z.object({
  accountId: z.string(),
  currency: z.string(),
  status: z.string(),
  account: z.array(z.object({ identification: z.string() })).min(1),
})
type Account = z.output<typeof Account>
const Balances = z.object({
  data: z.array(z.object({ type: z.string(), amount: z.object({ amount: z.string() }) })),
})

const accountsDetail = (accounts: readonly string[]) => ({
  type: 'urn:bank:accounts:v1',
  permissions,
  accounts,
})

/** A customer's accounts in so'm, the one with the most money first. */
export const accountsOf = async (wire: Wire, ids: readonly string[]): Promise<Account[]> => {
  const details = [accountsDetail(ids)]
  const listed = await wire.expect(200, 'listAccounts', { details })
  const all = z.array(Account).parse(listed['data'])
  const usable = all.filter(({ currency, status }) => currency === 'UZS' && status === 'Enabled')
  const rich = await Promise.all(
    usable.map(async (account) => {
      const path = `/accounts/v1/accounts/${account.accountId}/balances`
      const found = Balances.parse(await wire.expect(200, 'getBalances', { details, path }))
      return { account, amount: Number(found.data[0]?.amount.amount ?? 0) }
    }),
  )
  return rich.toSorted((a, b) => b.amount - a.amount).map(({ account }) => account)
}

/** One of the accounts on which something of each kind is arranged. */
const arrangedOn = async (wire: Wire, accounts: readonly Account[]): Promise<string> => {
  const details = [accountsDetail(accounts.map(({ accountId }) => accountId))]
  for (const { accountId } of accounts) {
    const lists = await Promise.all(
      (
        [
          ['listStandingOrders', 'standing-orders'],
          ['listDirectDebits', 'direct-debits'],
          ['listScheduledPayments', 'scheduled-payments'],
          ['listBeneficiaries', 'beneficiaries'],
        ] as const
      ).map(([operation, noun]) =>
        wire.expect(200, operation, {
          details,
          path: `/accounts/v1/accounts/${accountId}/${noun}`,
        }),
      ),
    )
    if (lists.every(({ data }) => Array.isArray(data) && data.length > 0)) return accountId
  }
  throw new Error('on no account something of each kind is arranged')
}

/** The vault's own operation: the number of a card, for the partner's key alone. */
const hearReveal = async ({ expect }: Wire, accountId: string) => {
  const body = { cardType: 'virtual', currency: 'UZS' }
  const details = [{ type: 'urn:bank:card-issue:v1', ...body, accounts: [accountId] }]
  const { cardId } = await expect(201, 'issueCard', { body, details })
  const revealed = await expect(200, 'revealCard', {
    path: `/cards/v1/cards/${String(cardId)}/reveal`,
    body: { mode: 'jwe' },
    details,
  })
  assert.deepEqual(Object.keys(revealed), ['jwe'])
}

const Quote = z.looseObject({
  quoteId: z.string(),
  sell: z.looseObject({}),
  buy: z.looseObject({}),
})

/** An exchange of a later day can be undone until that day comes; which days are worked is the bank's to know. */
const hearUnwinding = async (
  { call, expect }: Wire,
  { accountId, today }: { accountId: string; today: Temporal.PlainDate },
) => {
  for (let days = 4; days > 0; days--) {
    const { status, json } = await call(operationCalled('createFxQuote'), {
      body: {
        sellCurrency: 'UZS',
        buyCurrency: 'USD',
        fixedSide: 'BUY',
        amount: { amount: '10.00', currency: 'USD' },
        lockPeriod: 'PT1M',
        valueDate: today.add({ days }).toString(),
      },
    })
    if (status !== 201) continue
    const { quoteId, sell, buy } = Quote.parse(json)
    const body = { quoteId, sell, buy }
    const details = [{ type: 'urn:bank:fx-convert:v1', ...body, accounts: [accountId] }]
    const exchange = await expect(201, 'createConversion', { body, details })
    await expect(200, 'unwindConversion', {
      path: `/fx/v1/conversions/${String(exchange['conversionId'])}/unwinding`,
      body: { acceptedCost: { amount: '1000000.00', currency: 'UZS' } },
    })
    return
  }
  throw new Error('no later day is worked')
}

export type Told = Readonly<Record<string, () => Promise<void>>>

/** The stories of a cell by domain; the accounts are those that the customer let the partner see. */
export const storiesOf = async (wire: Wire, accounts: readonly string[]): Promise<Told> => {
  const { cell, expect } = wire
  const own = await accountsOf(wire, accounts)
  const [rich] = own
  const poor = own.at(-1)
  assert.ok(rich && poor)
  const { accountId } = rich
  const party = await expect(200, 'getParty', {
    details: [accountsDetail([accountId])],
    path: `/accounts/v1/accounts/${accountId}/party`,
  })
  const owner = z.string().parse(party['fullLegalName'])
  const number = z.string().parse(rich.account[0]?.identification)
  const held = { accountId, number, currency: rich.currency, owner }
  // Behind production's bank stands a core that people's money is in: nothing is simulated, and no amount decides a loan.
  const imagined = cell === 'sandbox'
  const now = Temporal.Now.instant()
  const today = now.toZonedDateTimeISO('Asia/Tashkent').toPlainDate()
  return {
    accounts: async () => {
      await hearAccounts(expect, { accountId, arranged: await arrangedOn(wire, own) })
      await hearAnswers(expect, held)
    },
    payments: async () => {
      const payment = await hearPayments(expect, {
        accountId,
        poor: poor.accountId,
        seller: places[cell].sellers[0].identification,
      })
      await hearOrders(expect, { accountId, payment, now })
    },
    cards: async () => {
      await hearCards(expect, { accountId, imagined })
      await hearReveal(wire, accountId)
    },
    lending: () => hearLending(expect, { accountId, today, scenarios: imagined }),
    kyc: () => hearKyc(expect, { ...held, imagined }),
    fx: async () => {
      await hearFx(expect, { accountId })
      await hearUnwinding(wire, { accountId, today })
    },
    events: () => hearEvents(expect),
  }
}
