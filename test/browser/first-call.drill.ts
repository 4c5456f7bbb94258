/** How near the first call is, in a real browser before a real house: clicks and seconds, counted and printed. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { freshData, type StartedHouse, startedHouse } from '#test/house.ts'
import { accessibilityFaults, noBrowser, openBrowser, settled, visitor } from './chromium.ts'
import { follow, press, register } from './people.ts'

/** A house that already runs, for work on the pages: its port base. */
const running = process.env['PORTICO_BROWSER_HOUSE']
const portBase = Number(running ?? process.env['PORTICO_TEST_BROWSER_PORT'] ?? 18_650)
const portal = `http://localhost:${portBase}`
/** Until something is given up that should come: a busy machine is slow, and that is measured, not waited for. */
const GIVE_UP_MS = 120_000
const CLICKS_MAX = 12
const SECONDS_MAX = 90

/** Clicks that reached a page, whichever page it was. */
const counting = async (page: Page) => {
  let clicks = 0
  await page.exposeFunction('porticoClicked', () => {
    clicks += 1
  })
  await page.addInitScript(
    `document.addEventListener('click', (event) => event.isTrusted && porticoClicked(), true)`,
  )
  const fromMs = performance.now()
  return () => ({ clicks, seconds: (performance.now() - fromMs) / 1000 })
}

describe('the first call', { skip: noBrowser }, () => {
  let browser: Browser
  let house: StartedHouse | undefined
  before(async () => {
    browser = await openBrowser()
    if (!running) house = await startedHouse({ data: freshData(), portBase })
  })
  after(async () => {
    await browser?.close()
    await house?.stop()
  })

  for (const language of ['curl', 'TypeScript'] as const)
    test(`from the front page to a business call with the ${language} sample`, async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'portico-first-call-'))
      const guest = await visitor(browser, portal)
      const { page } = guest
      page.setDefaultTimeout(GIVE_UP_MS)
      try {
        const measured = await counting(page)
        await page.goto('/')
        await register(page, ['Programme partner of the bank'])
        await follow(page, 'New application')
        await page.getByLabel('Name', { exact: true }).fill('First Wallet')
        await page.getByLabel('Accounts').uncheck()
        await page.getByLabel('Cards').check()
        const key = page.waitForEvent('download')
        await press(page, 'Create application')
        const file = await key
        await file.saveAs(join(folder, file.suggestedFilename()))
        const authority = page.waitForEvent('download')
        await press(page, 'portico-ca.pem')
        await (await authority).saveAs(join(folder, 'portico-ca.pem'))
        await page.getByText('Waiting for your first call').waitFor()
        if (language !== 'curl') await press(page, language)
        await press(page, 'Copy')
        const sample = await page.evaluate(() => navigator.clipboard.readText())
        const ran =
          language === 'curl'
            ? spawnSync('sh', ['-c', sample], { cwd: folder, encoding: 'utf8' })
            : spawnSync(process.execPath, ['--input-type=module-typescript', '-e', sample], {
                cwd: folder,
                encoding: 'utf8',
              })
        assert.deepEqual(JSON.parse(ran.stdout), { data: [], next: null }, ran.stderr)
        await page.getByText('It arrived.').waitFor()

        const { clicks, seconds } = measured()
        t.diagnostic(`${language}: ${clicks} clicks, ${seconds.toFixed(1)} s`)
        assert.ok(clicks > 0 && clicks <= CLICKS_MAX, `${clicks} clicks`)
        assert.ok(seconds <= SECONDS_MAX, `${seconds} s`)
        guest.misbehaved()
      } finally {
        await guest.close()
        rmSync(folder, { recursive: true, force: true })
      }
    })

  test('a refused first call says why on the page that waits for it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'portico-refused-'))
    const guest = await visitor(browser, portal)
    const { page } = guest
    page.setDefaultTimeout(GIVE_UP_MS)
    try {
      await register(page, ['Programme partner of the bank'])
      await follow(page, 'New application')
      await page.getByLabel('Name', { exact: true }).fill('Hasty Wallet')
      await page.getByLabel('Accounts').uncheck()
      await page.getByLabel('Cards').check()
      const key = page.waitForEvent('download')
      await press(page, 'Create application')
      const file = await key
      await file.saveAs(join(folder, file.suggestedFilename()))
      const authority = page.waitForEvent('download')
      await press(page, 'portico-ca.pem')
      await (await authority).saveAs(join(folder, 'portico-ca.pem'))
      await press(page, 'Copy')
      const sample = await page.evaluate(() => navigator.clipboard.readText())
      spawnSync('sh', ['-c', sample.replace('/cards/v1/cards', '/cards/v1/cards?limit=many')], {
        cwd: folder,
      })

      await page.getByText('It came, and was refused.').waitFor()
      await page.getByText('gateway/request-invalid').first().waitFor()
      await page.getByText('See how it was decided').click()
      await page.getByText('Gates, in order').waitFor()
      await settled(page)
      assert.match(
        (await page.locator('.gates li.bad').textContent()) ?? '',
        /Whether it is well formed/,
      )
      assert.deepEqual(await accessibilityFaults(page), [])
      guest.misbehaved()
    } finally {
      await guest.close()
      rmSync(folder, { recursive: true, force: true })
    }
  })

  test('a stranger calls without registering, with a customer’s consent, and keeps the call by registering', async (t) => {
    const guest = await visitor(browser, portal)
    const { page } = guest
    page.setDefaultTimeout(GIVE_UP_MS)
    try {
      const measured = await counting(page)
      await page.goto('/reference/accounts/listAccounts')
      await press(page, 'Try it without registering')
      await press(page, 'Send')
      await page.getByText('See how it was decided').waitFor()
      const { clicks, seconds } = measured()
      t.diagnostic(`without registering: ${clicks} clicks, ${seconds.toFixed(1)} s`)
      assert.ok(clicks <= 2)
      assert.match((await page.locator('.try-it pre').textContent()) ?? '', /"accountId": "acc_/)
      const secrets = await page.evaluate(() =>
        [localStorage, sessionStorage].flatMap((kept) => Object.values(kept)).join(' '),
      )
      assert.doesNotMatch(secrets, /eyJ|"d"/, 'no token and no key in the page')
      assert.deepEqual(await accessibilityFaults(page), [])

      await page.goto('/reference/accounts/getBalances')
      await settled(page)
      assert.match(await page.getByLabel('accountId').inputValue(), /^acc_[0-9a-f]{32}$/)

      await register(page, ['Account information provider'])
      await page.goto('/sandbox/calls')
      await page.getByRole('row', { name: /List accounts.*200/s }).waitFor()
      await page
        .getByRole('row', { name: /List accounts.*200/s })
        .getByRole('link')
        .click()
      await page.getByText('Gates, in order').waitFor()
      guest.misbehaved()
    } finally {
      await guest.close()
    }
  })
})
