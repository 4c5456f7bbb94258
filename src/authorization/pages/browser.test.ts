import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type Browser, chromium, type Page } from 'playwright-core'
import { password } from '#test/authorization/bank.ts'
import { push } from '#test/authorization/flows.ts'
import { openHouse } from '#test/authorization/house.ts'
import { cardDetail, hangUp, newApplication, paymentDetail } from '#test/authorization/partner.ts'

const executablePath = '/usr/bin/chromium'
const skip = existsSync(executablePath)
  ? false
  : 'SKIPPED: there is no /usr/bin/chromium; apt-get install -y chromium'

/** Set it to look at the pages: one picture for each page, language and width. */
const shots = process.env['PORTICO_SHOTS']

const house = await openHouse()
after(hangUp)
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const languages = ['en', 'ru', 'uz'] as const
const widths = [1280, 390, 320] as const

/** What axe says is wrong. */
const faultsOf = async (page: Page): Promise<string[]> =>
  page.evaluate(`(async () => {
    ${axe}
    const { violations } = await axe.run(document)
    return violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.target.join(' ')).join(', '))
  })()`)

/** How many pixels stick out to the right. */
const overhangOf = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')

const look = async (page: Page, name: string): Promise<void> => {
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 })
    if (shots) await page.screenshot({ path: join(shots, `${name}-${width}.png`), fullPage: true })
    assert.equal(await overhangOf(page), 0, `${name} scrolls sideways at ${width}`)
  }
  assert.deepEqual(await faultsOf(page), [], name)
}

const pageIn = async (browser: Browser, locale: string): Promise<Page> => {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale, bypassCSP: true })
  return context.newPage()
}

/** The partner's own site: where the customer's answer arrives. */
const files = house.world.layout.cell(house.world.cell).tls('authorization')
const site = createServer(
  { key: readFileSync(files.key), cert: readFileSync(files.certificate) },
  (_req, res) => res.end('back at the partner'),
)
await new Promise<void>((resolve) => site.listen(0, 'localhost', resolve))
after(() => site.close())
const redirectUri = `https://localhost:${(site.address() as AddressInfo).port}/callback`
const arrived = (page: Page) => page.url().startsWith(`${redirectUri}?code=`)

const signIn = async (page: Page): Promise<void> => {
  await page.fill('#login', 'dilnoza')
  await page.fill('#password', password)
  await page.click('#submit')
  await page.fill('#code', (await page.textContent('#shown-code'))?.trim() ?? '')
  await page.click('#submit')
}

describe('in a real browser', { skip }, () => {
  let browser: Browser
  before(async () => {
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  })
  after(() => browser.close())

  for (const language of languages)
    test(`every page has no accessibility fault and fits 320 px: ${language}`, async () => {
      const app = await newApplication(house, { redirectUris: [redirectUri] })
      const page = await pageIn(browser, language)
      await page.goto((await push(house, app)).url.href)
      await look(page, `${language}-sign-in`)
      await page.fill('#login', 'dilnoza')
      await page.fill('#password', 'wrong')
      await page.click('#submit')
      await look(page, `${language}-sign-in-refused`)
      await page.fill('#login', 'dilnoza')
      await page.fill('#password', password)
      await page.click('#submit')
      await look(page, `${language}-code`)
      await page.fill('#code', '246810')
      await page.click('#submit')
      await look(page, `${language}-accounts`)
      await page.check('#account-1')
      await page.click('#approve')
      assert.ok(arrived(page), page.url())

      const scope = { payment: 'payments', card: 'cards:issue' }
      for (const [name, detail] of Object.entries({ payment: paymentDetail, card: cardDetail })) {
        const asked = { detail, scope: scope[name as 'payment' | 'card'] }
        await page.goto((await push(house, app, asked)).url.href)
        await signIn(page)
        await look(page, `${language}-${name}`)
      }
      await page.goto(`${house.issuer}/dashboard`)
      await look(page, `${language}-dashboard-sign-in`)
      await signIn(page)
      await look(page, `${language}-dashboard`)
      await page.click('[id^="revoke-"]')
      await look(page, `${language}-dashboard-withdrawn`)
      await page.goto(`${house.issuer}/interaction/unknown`)
      await look(page, `${language}-error`)
      await page.context().close()
    })

  test('the content security policy lets the page work and its answer leave, and runs no script', async () => {
    const app = await newApplication(house, {
      partnerName: '<script>document.title="x"</script>',
      redirectUris: [redirectUri],
    })
    const context = await browser.newContext({ ignoreHTTPSErrors: true, colorScheme: 'dark' })
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))

    await page.goto((await push(house, app)).url.href)
    const font = await page.evaluate(
      `document.fonts.ready.then(() => [...document.fonts].some((f) => f.family.includes('Onest') && f.status === 'loaded'))`,
    )
    await signIn(page)
    if (shots) await page.screenshot({ path: join(shots, 'dark.png'), fullPage: true })
    await page.check('#account-2')
    await page.click('#approve')

    assert.equal(font, true)
    assert.ok(arrived(page), page.url())
    assert.deepEqual(complaints, [])
    await context.close()
  })
})
