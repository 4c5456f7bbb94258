/** A real browser before a real house: Debian's Chromium, watched for what a page must never do. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import type { Language } from '#kernel/format.ts'

const path = [
  process.env['PORTICO_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((candidate) => candidate !== undefined && existsSync(candidate))

/** Why the browser tests cannot run here; false where they can. */
export const noBrowser: string | false =
  path === undefined
    ? 'NO CHROMIUM HERE: the browser tests did not run (apt-get install chromium, or set PORTICO_CHROMIUM)'
    : false

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: path ?? '', args: ['--no-sandbox'] })

export interface Look {
  readonly width?: number
  readonly scheme?: 'light' | 'dark'
  readonly language?: Language
}

export interface Visitor {
  readonly page: Page
  readonly context: BrowserContext
  /** Fails when a page asked another host, broke its own content policy, or threw. */
  misbehaved(): void
  close(): Promise<void>
}

/** A browser profile of its own, at one front. */
export const visitor = async (
  browser: Browser,
  front: string,
  { width = 1280, scheme = 'light', language = 'en' }: Look = {},
): Promise<Visitor> => {
  const context = await browser.newContext({
    baseURL: front,
    viewport: { width, height: width < 500 ? 844 : 860 },
    colorScheme: scheme,
    reducedMotion: 'reduce',
    acceptDownloads: true,
  })
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await context.addInitScript(
    (spoken) =>
      localStorage.getItem('portico.language') ?? localStorage.setItem('portico.language', spoken),
    language,
  )
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  const wrongs: string[] = []
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url())
    if (protocol.startsWith('http') && origin !== new URL(front).origin)
      wrongs.push(`asked another host: ${request.url()}`)
  })
  page.on('pageerror', (error) => wrongs.push(`threw: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' && /Content Security Policy|Uncaught/.test(message.text()))
      wrongs.push(message.text())
  })
  return {
    page,
    context,
    misbehaved: () => assert.deepEqual(wrongs, []),
    close: () => context.close(),
  }
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Finding {
  readonly id: string
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[]
}

/** WCAG 2.2 AA and best practice by axe-core; answers one line for each violation. */
export const accessibilityFaults = async (page: Page): Promise<string[]> => {
  // Evaluated, not added as a script: the page's policy forbids scripts that are not its own.
  await page.evaluate(axe)
  const findings = await page.evaluate<Finding[]>(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
       .then(({ violations }) => violations.map(({ id, nodes }) => ({
         id, nodes: nodes.map(({ target, failureSummary }) => ({ target, failureSummary })) })))`,
  )
  return findings.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target.join(' ')}: ${failureSummary}`),
  )
}

/** How many pixels a page can be scrolled sideways: none, or it does not fit. */
export const sideways = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - innerWidth)

/** Makes every sentence of a page 40 % longer, as another language might. */
export const lengthen = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    const sentences: Text[] = []
    for (let node = walker.nextNode(); node; node = walker.nextNode())
      if (node instanceof Text && !node.parentElement?.closest('code, pre, script, title, svg'))
        sentences.push(node)
    for (const sentence of sentences) {
      const words = sentence.data.split(' ')
      sentence.data = words.concat(words.slice(0, Math.ceil(words.length * 0.4))).join(' ')
    }
  })

/** Waits until nothing is loading: the page has its heading, no skeleton stands, and its fonts are there. */
export const settled = async (page: Page): Promise<void> => {
  await page.waitForSelector('h1')
  await page.waitForFunction(() => document.querySelector('.skeleton') === null)
  await page.evaluate(() => document.fonts.ready.then(() => undefined))
}
