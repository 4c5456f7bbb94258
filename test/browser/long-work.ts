/** Work that takes long: begun on a page that is closed at once, found on another by somebody with another screen. */
import assert from 'node:assert/strict'
import type { BrowserContext, Page } from 'playwright-core'
import { settled } from './chromium.ts'

type Cookies = Awaited<ReturnType<BrowserContext['cookies']>>

/** Tries prices, and leaves before there is an answer. */
export const leavesAReplay = async (page: Page, cookies: Cookies): Promise<void> => {
  await page.context().addCookies(cookies)
  await page.goto('/prices')
  await settled(page)
  const asked = page.waitForRequest(
    (request) => request.url().endsWith('/api/price-replays') && request.method() === 'POST',
  )
  await page.getByRole('button', { name: 'Try it', exact: true }).click()
  await asked
  // It has to have reached the server: until then nobody but this page knows of it.
  await page.waitForFunction(async () => {
    const { data } = await (await fetch('/api/tasks?kind=price-replay')).json()
    return data.length > 0
  })
  await page.goto('/work')
}

/** Finds what came of it, in another language and on a telephone; its report has an address of its own. */
export const findsTheReplay = async (page: Page, cookies: Cookies): Promise<void> => {
  await page.context().addCookies(cookies)
  await page.goto('/prices')
  await page.getByText(/^Готово в /).waitFor()
  await page.getByRole('link', { name: 'Посмотреть, что вышло' }).click()
  await page.waitForURL(/replay=replay_/)
  const report = page.getByText('По договору', { exact: true }).first()
  await report.waitFor()
  await page.reload()
  await report.waitFor()
  assert.ok(new URL(page.url()).searchParams.get('replay'))
}
