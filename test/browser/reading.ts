/** Somebody who has not registered reads: finds an operation by the keyboard, opens its tree, takes a sample. */
import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'

export const readTheReference = async (page: Page): Promise<void> => {
  await page.goto('/reference')
  await page.getByRole('heading', { name: 'Reference', level: 1 }).waitFor()
  await page.locator('.products > li').nth(6).waitFor()

  await page.keyboard.press('/')
  const find = page.getByRole('searchbox', { name: 'Search the reference' })
  assert.ok(await find.evaluate((field) => field === document.activeElement))
  await find.fill('list transactions')
  await page
    .getByRole('link', { name: /Transactions, newest first/ })
    .first()
    .click()
  await page.getByRole('heading', { name: 'Transactions, newest first', level: 1 }).waitFor()
  assert.match(page.url(), /\/reference\/accounts\/listTransactions$/)

  // What one asks first: what it takes, which field, of which class, by which permission.
  await page.getByRole('heading', { name: 'What it takes' }).waitFor()
  const row = page
    .locator('.tree li', {
      has: page.locator('.field-name', { hasText: /^transactionInformation$/ }),
    })
    .last()
  assert.match((await row.textContent()) ?? '', /personal.*released.*ReadTransactionsDetail/s)
  const names = await page.locator('.tree > li .field-name').allTextContents()
  assert.ok(names.indexOf('transactionId') < names.indexOf('amount'), 'as the author ordered them')

  await page.getByRole('button', { name: 'Python', exact: true }).click()
  assert.match((await page.locator('.samples pre').textContent()) ?? '', /import requests/)
  await page.goto('/reference/payments/createPayment')
  assert.match(
    (await page.locator('.samples pre').textContent()) ?? '',
    /import uuid[\s\S]*"Idempotency-Key"/,
    'the language that was chosen stays',
  )

  await page.getByText('more that any call may hear').click()
  await page.getByRole('link', { name: 'gateway/request-invalid' }).first().click()
  await page.getByRole('heading', { name: 'Refusal codes', level: 1 }).waitFor()

  await page.goto('/guides')
  await page.getByRole('link', { name: 'Your first call' }).click()
  await page.getByRole('heading', { name: 'Your first call', level: 1 }).waitFor()
  const markdown = await page.request.get('/guides/first-call.md')
  assert.match(await markdown.text(), /^# Your first call/)
}
