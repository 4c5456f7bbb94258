/** Every operation on currencies once, its refusals among them, for the test that walks the documents. */
import assert from 'node:assert/strict'

/** Asks one operation, and answers its body once it has the status and the shape that its document says. */
type Expect = (
  status: number,
  operation: string,
  given: { path?: string; body?: object; details?: object[]; query?: string },
) => Promise<Record<string, unknown>>

const wish = {
  sellCurrency: 'UZS',
  buyCurrency: 'USD',
  fixedSide: 'BUY',
  amount: { amount: '10.00', currency: 'USD' },
  lockPeriod: 'PT15M',
}

/** The account is one in so'm; whoever holds it has one in dollars too. */
export const hearFx = async (
  expect: Expect,
  { accountId }: { accountId: string },
): Promise<void> => {
  const rates = await expect(200, 'listFxRates', {})
  assert.ok(Array.isArray(rates['data']) && rates['data'].length > 0)
  await expect(200, 'listFxRates', { query: '?pair=USD/UZS' })
  await expect(400, 'listFxRates', { query: '?pair=USD' })

  const quote = await expect(201, 'createFxQuote', { body: wish })
  const path = `/fx/v1/quotes/${String(quote['quoteId'])}`
  await expect(200, 'getFxQuote', { path })
  await expect(404, 'getFxQuote', { path: `/fx/v1/quotes/quote_${'0'.repeat(32)}` })
  await expect(400, 'createFxQuote', { body: { ...wish, buyCurrency: 'UZS' } })
  await expect(400, 'createFxQuote', { body: { ...wish, valueDate: '2026-01-01' } })
  const huge = { amount: '999999999999.00', currency: 'USD' }
  await expect(409, 'createFxQuote', { body: { ...wish, amount: huge } })
  const unwanted = await expect(201, 'createFxQuote', { body: wish })
  await expect(200, 'cancelFxQuote', {
    path: `/fx/v1/quotes/${String(unwanted['quoteId'])}/cancellation`,
  })

  const deal = { quoteId: quote['quoteId'], sell: quote['sell'], buy: quote['buy'] }
  const details = [{ type: 'urn:bank:fx-convert:v1', ...deal, accounts: [accountId] }]
  await expect(403, 'createConversion', { body: { ...deal, buy: deal.sell }, details })
  const exchanged = await expect(201, 'createConversion', { body: deal, details })
  await expect(409, 'createConversion', { body: deal, details })
  await expect(409, 'cancelFxQuote', { path: `${path}/cancellation` })
  const exchange = `/fx/v1/conversions/${String(exchanged['conversionId'])}`
  await expect(200, 'getConversion', { path: exchange })
  const page = await expect(200, 'listConversions', { query: '?limit=1' })
  assert.ok(Array.isArray(page['data']) && page['data'].length === 1)
  await expect(400, 'listConversions', { query: '?cursor=AAAA' })
  // Whether it has settled by now is a matter of the day and the hour.
  await expect(exchanged['status'] === 'SETTLED' ? 409 : 200, 'unwindConversion', {
    path: `${exchange}/unwinding`,
    body: { acceptedCost: { amount: '1000000.00', currency: 'UZS' } },
  })
}
