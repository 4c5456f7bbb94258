/** A person who has no mouse: Tab, Shift+Tab, Space, Enter and arrows, and the focus always where it can be seen. */
import assert from 'node:assert/strict'
import type { Locator, Page } from 'playwright-core'
import { settled } from './chromium.ts'

/** More stops than any page of ours has before what one looks for. */
const STOPS_MAX = 120

interface Focus {
  /** The same element twice running is a trap. */
  readonly stayed: boolean
  readonly what: string
  readonly shown: boolean
}

/** What has the focus, and whether one sees that: a ring of at least two pixels, on an element that is on the screen. */
const focusNow = (page: Page): Promise<Focus> =>
  page.evaluate(() => {
    const focused = document.activeElement
    const store: { lastFocused?: Element | null } = window as never
    const stayed = focused !== null && focused !== document.body && store.lastFocused === focused
    if (!(focused instanceof HTMLElement) || focused === document.body)
      return { stayed, what: 'nothing', shown: true }
    const { width, height, bottom, top } = focused.getBoundingClientRect()
    // A choice is drawn by its label, and so is its ring.
    const drawn = [focused, focused.parentElement, focused.nextElementSibling].some((element) => {
      if (!element) return false
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element)
      return (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2) || boxShadow !== 'none'
    })
    return {
      stayed,
      what: `${focused.tagName} ${(focused.textContent || focused.getAttribute('name')) ?? ''}`,
      shown: drawn && width > 0 && height > 0 && bottom > 0 && top < innerHeight,
    }
  })

const isFocused = (target: Locator) => target.evaluate((one) => one === document.activeElement)

/** What has the focus before a step: a script of the page may have moved it since the last one. */
const remember = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const store: { lastFocused?: Element | null } = window as never
    store.lastFocused = document.activeElement
  })

/** Tabs until the target has the focus; every stop on the way must be seen, and none may hold one fast. */
export const tabTo = async (page: Page, target: Locator): Promise<void> => {
  await target.waitFor()
  for (let stop = 0; stop < STOPS_MAX; stop++) {
    if (await isFocused(target)) return
    await remember(page)
    await page.keyboard.press('Tab')
    const { what, shown, stayed } = await focusNow(page)
    assert.ok(shown, `the focus is not seen: ${what} at ${page.url()}`)
    assert.ok(!stayed, `the focus is held fast: ${what} at ${page.url()}`)
  }
  assert.fail(`no way by Tab to ${String(target)} at ${page.url()}`)
}

export const enter = async (page: Page, target: Locator): Promise<void> => {
  await tabTo(page, target)
  await page.keyboard.press('Enter')
}

export const space = async (page: Page, target: Locator): Promise<void> => {
  await tabTo(page, target)
  await page.keyboard.press('Space')
}

export const type = async (page: Page, target: Locator, words: string): Promise<void> => {
  await tabTo(page, target)
  await page.keyboard.type(words)
}

/** From the front page to the sample of the first call. */
export const withoutMouse = async (page: Page): Promise<void> => {
  await page.goto('/')
  await settled(page)
  const mark = crypto.randomUUID().slice(0, 8)
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  assert.equal(new URL(page.url()).hash, '#main', 'the first stop leads past the head')
  await enter(page, page.getByRole('link', { name: /Get sandbox keys/ }).first())
  await page.getByRole('heading', { name: 'Register your organisation' }).waitFor()
  assert.equal(
    await page.evaluate(() => document.activeElement?.textContent),
    'Register your organisation',
    'the focus comes along to the new page',
  )
  await type(page, page.getByLabel('Organisation', { exact: true }), `Anor ${mark}`)
  const country = page.getByLabel('Country')
  await tabTo(page, country)
  await page.keyboard.press('ArrowDown')
  assert.notEqual(await country.inputValue(), 'UZ')
  await page.keyboard.press('ArrowUp')
  await space(page, page.getByLabel('Programme partner of the bank', { exact: true }))
  await type(page, page.getByLabel('Name', { exact: true }), 'Rustam Qodirov')
  await type(page, page.getByLabel('E-mail'), `rustam-${mark}@anor.example`)
  await type(page, page.getByLabel('Password'), `a calm pass phrase ${mark}`)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: /what is next/ }).waitFor()
  const main = page.getByRole('main')
  await enter(page, main.getByRole('link', { name: 'New application' }).first())
  await type(page, page.getByLabel('Name', { exact: true }), 'Anor Wallet')
  await space(page, page.getByLabel('Accounts'))
  await space(page, page.getByLabel('Cards'))
  const download = page.waitForEvent('download')
  await Promise.all([
    download,
    enter(page, page.getByRole('button', { name: 'Create application' })),
  ])
  await page.getByText('Waiting for your first call').waitFor()
  await enter(page, page.getByRole('button', { name: 'Copy', exact: true }).first())
  const sample = await page.evaluate(() => navigator.clipboard.readText())
  assert.match(sample, /curl .*--cert anor-wallet-sbx\.pem/)
}

/** The dialog that stands over every page: Tab stays inside it, Escape leaves it, and the focus is where it was. */
export const dialogGivesBack = async (page: Page): Promise<void> => {
  await page.goto('/partners')
  await settled(page)
  await enter(page, page.locator('tbody').getByRole('link').first())
  const stop = page.getByRole('form', { name: 'Stop everything' })
  // As the server does once the second factor is old.
  await page.route('**/api/**', async (route) => {
    if (route.request().method() !== 'POST') return route.fallback()
    const problem = { code: 'sign-in/factor-stale', status: 403, title: 'Once more' }
    await route.fulfill({ status: 403, json: problem, contentType: 'application/problem+json' })
  })
  await type(page, stop.getByLabel('Reason, kept on record'), 'A key was seen in public')
  const asks = stop.getByRole('button')
  await enter(page, asks)
  const dialog = page.getByRole('dialog')
  await dialog.waitFor()
  for (let stops = 0; stops < 8; stops++) {
    await page.keyboard.press('Tab')
    const isInside = await dialog.evaluate(
      (box) => document.activeElement === document.body || box.contains(document.activeElement),
    )
    assert.ok(isInside, 'the page behind a dialog is not reached')
  }
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await page.waitForFunction(
    (button) => button === document.activeElement,
    await asks.elementHandle(),
  )
}
