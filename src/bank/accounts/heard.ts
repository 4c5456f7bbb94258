/** Every operation on accounts once, its refusals among them, for the test that walks the documents. */
import assert from 'node:assert/strict'
import { z } from 'zod'

/** Asks one operation, and answers its body once it has the status and the shape that its document says. */
export type Expect = (
  status: number,
  operation: string,
  given: { path?: string; body?: object; details?: object[]; query?: string },
) => Promise<Record<string, unknown>>

const permissions = [
  'ReadAccountsDetail',
  'ReadBalances',
  'ReadTransactionsDetail',
  'ReadTransactionsCredits',
  'ReadTransactionsDebits',
  'ReadStatementsDetail',
  'ReadStandingOrdersDetail',
  'ReadDirectDebits',
  'ReadScheduledPaymentsDetail',
  'ReadBeneficiariesDetail',
  'ReadParty',
  'ReadProducts',
]

const Page = z.object({ data: z.array(z.looseObject({ statementId: z.string().optional() })) })

/** `accountId` has a year or a month of history; `arranged` has something of each kind. */
export const hearAccounts = async (
  expect: Expect,
  { accountId, arranged }: { accountId: string; arranged: string },
): Promise<void> => {
  const accounts = [...new Set([accountId, arranged])]
  const details = [{ type: 'urn:bank:accounts:v1', permissions, accounts }]
  const account = `/accounts/v1/accounts/${accountId}`
  await expect(200, 'listAccounts', { details })
  await expect(200, 'getAccount', { details, path: account })
  await expect(404, 'getAccount', { details, path: `/accounts/v1/accounts/acc_${'0'.repeat(32)}` })
  await expect(200, 'getBalances', { details, path: `${account}/balances` })
  await expect(200, 'getParty', { details, path: `${account}/party` })
  await expect(200, 'getProduct', { details, path: `${account}/product` })
  const transactions = { details, path: `${account}/transactions` }
  const page = await expect(200, 'listTransactions', { ...transactions, query: '?limit=3' })
  assert.ok(Page.parse(page).data.length > 0, 'there are transactions')
  await expect(400, 'listTransactions', { ...transactions, query: '?cursor=AAAA' })
  await expect(400, 'listTransactions', { ...transactions, query: '?creditDebitIndicator=Both' })

  const other = `/accounts/v1/accounts/${arranged}`
  const lists = [
    ['listStandingOrders', 'standing-orders'],
    ['listDirectDebits', 'direct-debits'],
    ['listScheduledPayments', 'scheduled-payments'],
    ['listBeneficiaries', 'beneficiaries'],
  ] as const
  for (const [operation, name] of lists) {
    const found = await expect(200, operation, { details, path: `${other}/${name}` })
    assert.ok(Page.parse(found).data.length > 0, `there are ${name}`)
    await expect(404, operation, { details: [], path: `${other}/${name}` })
  }
  await hearStatements(expect, { details, path: `${other}/statements` })
}

const hearStatements = async (
  expect: Expect,
  { details, path }: { details: object[]; path: string },
) => {
  const statements = Page.parse(await expect(200, 'listStatements', { details, path })).data
  const newest = `${path}/${statements[0]?.statementId}`
  const oldest = `${path}/${statements.at(-1)?.statementId}`
  for (const one of [newest, oldest]) {
    await expect(200, 'getStatement', { details, path: one })
    for (const format of ['pdf', 'camt.053'])
      await expect(200, 'getStatementFile', {
        details,
        path: `${one}/file`,
        query: `?format=${format}`,
      })
  }
  await expect(400, 'getStatementFile', { details, path: `${newest}/file`, query: '?format=docx' })
  const none = `${path}/stm_${'0'.repeat(32)}`
  await expect(404, 'getStatement', { details, path: none })
  await expect(404, 'getStatementFile', { details, path: `${none}/file`, query: '?format=pdf' })
}

/** An account and whose it is, as the bank's books say. */
export interface Held {
  readonly accountId: string
  readonly number: string
  readonly currency: string
  readonly owner: string
}

/** Questions that are answered by a word. */
export const hearAnswers = async (
  expect: Expect,
  { accountId, number, currency: itsCurrency, owner }: Held,
): Promise<void> => {
  for (const [name, identification] of [
    [owner, number],
    ['Somebody Else', number],
    [owner, '8'.repeat(20)],
  ])
    await expect(200, 'verifyOwnership', {
      body: {
        account: { schemeName: 'UZ.AccountNumber', identification },
        name,
        purpose: 'PAYEE_CHECK',
        legalReference: 'Decree 123',
      },
    })
  const details = [{ type: 'urn:bank:funds-confirmation:v1', accounts: [accountId] }]
  const ask = (status: number, amount: string, currency = itsCurrency) =>
    expect(status, 'confirmFunds', {
      body: { reference: 'order-1', instructedAmount: { amount, currency } },
      details,
    })
  assert.equal((await ask(201, '1.00'))['fundsAvailable'], true)
  assert.equal((await ask(201, '999999999999.00'))['fundsAvailable'], false)
  await ask(400, '1.00', 'JPY')
}
