/** What a bank's customer sees, in a real browser without script: every page, three languages, three widths. */
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { type Language, languages } from '#kernel/format.ts'
import { password } from '#test/authorization/bank.ts'
import { openBankProvider } from '#test/authorization/bank-provider.ts'
import { type Asked, push } from '#test/authorization/flows.ts'
import { openHouse } from '#test/authorization/house.ts'
import {
  accountsDetail,
  type Application,
  cardDetail,
  hangUp,
  newApplication,
  paymentDetail,
} from '#test/authorization/partner.ts'
import { accessibilityFaults, noBrowser, openBrowser, sideways } from './chromium.ts'

if (noBrowser) process.stderr.write(`\n${noBrowser}\n\n`)

/** Where pictures are kept, one for each page, language and width; undefined: none are taken. */
const shots = process.env['PORTICO_SHOTS']
if (shots) mkdirSync(shots, { recursive: true })
const widths = [1280, 390, 320] as const

const mandateDetail = {
  type: 'urn:bank:mandate:v1',
  maxIndividual: { amount: '500000.00', currency: 'UZS' },
  periodicLimits: [{ period: 'month', amount: { amount: '2000000.00', currency: 'UZS' } }],
  payees: [
    { creditorName: 'Bozor Marketplace', creditorAccount: paymentDetail.creditorAccount },
    { creditorName: 'Toshkent Suv', creditorAccount: paymentDetail.creditorAccount },
  ],
  validTo: Temporal.Now.instant()
    .add({ hours: 24 * 300 })
    .round('second')
    .toString(),
}

const house = await openHouse()
after(hangUp)

describe('the customer’s pages in a real browser', { skip: noBrowser }, () => {
  let browser: Browser
  /** The page that copies are looked at in. */
  let glass: Page
  let redirectUri: string
  const site = { close: () => undefined as unknown }

  before(async () => {
    browser = await openBrowser()
    glass = await browser.newPage({ ignoreHTTPSErrors: true, bypassCSP: true })
    const files = house.world.layout.cell(house.world.cell).tls('authorization')
    // The partner's own site: where the customer's answer arrives.
    const server = createServer(
      { key: readFileSync(files.key), cert: readFileSync(files.certificate) },
      (_req, res) => res.end('back at the partner'),
    )
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
    site.close = () => server.close()
    redirectUri = `https://localhost:${(server.address() as AddressInfo).port}/callback`
  })
  after(async () => {
    await browser?.close()
    site.close()
  })

  const application = (partnerName = 'Anor Telecom'): Promise<Application> =>
    newApplication(house, {
      partnerName,
      redirectUris: [redirectUri],
      authorizationDetailsTypes: [
        'urn:bank:accounts:v1',
        'urn:bank:payment:v1',
        'urn:bank:card-issue:v1',
        'urn:bank:mandate:v1',
      ],
    })

  /** A browser that runs no script of a page: what is evaluated here comes from outside. */
  const pageIn = async (locale: Language, scheme: 'light' | 'dark' = 'light'): Promise<Page> => {
    const context = await browser.newContext({
      ignoreHTTPSErrors: true,
      locale,
      colorScheme: scheme,
      javaScriptEnabled: false,
    })
    return context.newPage()
  }

  /**
   * What sticks out of a copy of the page at each width, and what axe-core finds there: in two languages, for the
   * pages are the same in all three; in each of them where pictures are taken.
   */
  const faultsOf = async (page: Page, thoroughly: boolean): Promise<string[]> => {
    const html = await page.content()
    await glass.route('**/*', (route) =>
      route.request().isNavigationRequest()
        ? route.fulfill({ contentType: 'text/html; charset=utf-8', body: html })
        : route.continue(),
    )
    await glass.goto(`${house.issuer}/dashboard/signed-out`)
    const faults = thoroughly ? await accessibilityFaults(glass) : []
    for (const width of thoroughly ? widths : ([320] as const)) {
      await glass.setViewportSize({ width, height: 900 })
      const pixels = await sideways(glass)
      if (pixels > 0) faults.push(`${pixels} px stick out at ${width}`)
    }
    await glass.unroute('**/*')
    return faults
  }

  const look = async (page: Page, name: string): Promise<void> => {
    if (shots)
      for (const width of [1280, 390]) {
        await page.setViewportSize({ width, height: 900 })
        await page.screenshot({ path: join(shots, `${name}-${width}.png`), fullPage: true })
      }
    assert.deepEqual(await faultsOf(page, shots !== undefined || !name.startsWith('ru')), [], name)
  }

  const arrived = (page: Page, answer: 'code' | 'error') =>
    assert.ok(page.url().startsWith(`${redirectUri}?${answer}=`), page.url())

  const signIn = async (page: Page, login = 'dilnoza'): Promise<void> => {
    await page.fill('#login', login)
    await page.fill('#password', password)
    await page.click('#submit')
    await page.fill('#code', (await page.textContent('#shown-code'))?.trim() ?? '')
    await page.click('#submit')
  }
  const ask = async (page: Page, app: Application, asked: Asked = {}): Promise<void> => {
    await page.goto((await push(house, app, asked)).url.href)
  }

  for (const language of languages)
    test(`every page has no accessibility fault and fits 320 px: ${language}`, async () => {
      const [anor, bozor] = [await application(), await application('Bozor Marketplace')]
      const page = await pageIn(language)
      await ask(page, anor)
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
      await look(page, `${language}-consent`)
      await page.check('#account-1')
      await page.click('#approve')
      arrived(page, 'code')

      const others: Readonly<Record<string, Asked>> = {
        payment: { detail: paymentDetail, scope: 'payments' },
        card: { detail: cardDetail, scope: 'cards:issue' },
        mandate: { detail: mandateDetail, scope: 'payments' },
      }
      for (const [name, asked] of Object.entries(others)) {
        await ask(page, bozor, asked)
        await signIn(page)
        await look(page, `${language}-${name}`)
        await page.click('#refuse')
        arrived(page, 'error')
      }
      await ask(page, bozor)
      await signIn(page)
      await page.check('#account-2')
      await page.click('#approve')

      await page.goto(`${house.issuer}/dashboard`)
      await look(page, `${language}-dashboard-sign-in`)
      await signIn(page)
      await look(page, `${language}-dashboard`)
      await page.click('[id^="details-"]')
      await page.waitForSelector('#history')
      await look(page, `${language}-one-consent`)
      const { pathname } = new URL(page.url())
      await page.click('#withdraw')
      await page.waitForSelector('#withdrawal')
      await look(page, `${language}-withdraw`)
      await page.click('#cancel')
      assert.equal(new URL(page.url()).pathname, pathname)

      const id = pathname.split('/').at(-1) ?? ''
      await ask(page, bozor, { detail: { ...accountsDetail, consentId: id } })
      await signIn(page)
      await look(page, `${language}-renewal`)
      await page.click('#refuse')

      await page.goto(`${house.issuer}/dashboard/revocation`)
      await look(page, `${language}-withdraw-all`)
      await page.click('#revoke')
      await page.waitForSelector('#notice')
      await look(page, `${language}-dashboard-withdrawn`)
      await page.click('#sign-out')
      await look(page, `${language}-signed-out`)
      await page.goto(`${house.issuer}/interaction/unknown`)
      await look(page, `${language}-error`)
      await page.context().close()
    })

  for (const language of shots ? languages : (['uz'] as const))
    test(`a company’s two signatories: ${language}`, async () => {
      const app = await application('Bozor Marketplace')
      const first = await pageIn(language)
      await ask(first, app, { detail: paymentDetail, scope: 'payments' })
      await signIn(first, 'zilola')
      await look(first, `${language}-company`)
      await first.check('#account-1')
      await first.click('#approve')
      arrived(first, 'error')

      const second = await pageIn(language)
      await second.goto(`${house.issuer}/dashboard`)
      await signIn(second, 'anvar')
      await look(second, `${language}-dashboard-waiting`)
      await second.click('#waiting ~ .gives [id^="details-"]')
      await look(second, `${language}-second-signature`)
      await second.click('#approve')
      await look(second, `${language}-sign-once-more`)
      await signIn(second, 'anvar')
      await second.waitForSelector('#notice')
      await look(second, `${language}-signed`)
      for (const page of [first, second]) await page.context().close()
    })

  test('the content security policy lets the page work and its answer leave, in the dark too', async () => {
    const app = await application('<script>document.title="x"</script>')
    const context = await browser.newContext({ ignoreHTTPSErrors: true, colorScheme: 'dark' })
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))

    await ask(page, app)
    const font = await page.evaluate(
      `document.fonts.ready.then(() => [...document.fonts].some((f) => f.family.includes('Onest') && f.status === 'loaded'))`,
    )
    await signIn(page)
    if (shots) await page.screenshot({ path: join(shots, 'dark.png'), fullPage: true })
    await page.check('#account-2')
    await page.click('#approve')

    assert.equal(font, true)
    arrived(page, 'code')
    assert.deepEqual(complaints, [])
    await context.close()
  })

  test('both answers weigh the same: size, colour and weight of their buttons', async () => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true })
    const page = await context.newPage()
    await ask(page, await application())
    await signIn(page)
    const styleOf = (id: string) =>
      page.evaluate(`(() => {
        const { width, height } = document.querySelector('${id}').getBoundingClientRect()
        const { color, backgroundColor, fontWeight, fontSize, borderColor } = getComputedStyle(document.querySelector('${id}'))
        return { width: Math.round(width), height, color, backgroundColor, fontWeight, fontSize, borderColor }
      })()`)

    assert.deepEqual(await styleOf('#refuse'), await styleOf('#approve'))
    await context.close()
  })

  test('the bank’s own sign-in opens by a form whose policy lets it leave, and comes back', async () => {
    const bank = await openBankProvider()
    const federated = await openHouse('production', {
      PORTICO_CUSTOMER_ISSUER: bank.issuer,
      PORTICO_CUSTOMER_CLIENT_ID: bank.clientId,
      PORTICO_CUSTOMER_KEY_FILE: bank.keyFile,
      PORTICO_CUSTOMER_CA_FILE: bank.caFile,
    })
    bank.open(`${federated.issuer}/sign-in/return`)
    const page = await pageIn('uz')
    await page.goto(`${federated.issuer}/dashboard`)
    await look(page, 'uz-departure')
    await page.click('#submit')
    await page.fill('#customer', 'customer_dilnoza')
    await page.click('#submit')

    assert.equal(page.url(), `${federated.issuer}/dashboard`)
    await page.waitForSelector('#sign-out')
    await page.context().close()
  })
})
