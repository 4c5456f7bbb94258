/** What people do at portal and console, through what they see: labels, buttons, headings. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { settled } from './chromium.ts'

const mark = () => crypto.randomUUID().slice(0, 8)

export const press = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' }).click()
export const follow = (page: Page, name: string | RegExp) =>
  page.getByRole('main').getByRole('link', { name }).first().click()

/** Registers an organisation that nobody has seen before; its first person is signed in. */
export const register = async (page: Page, statuses: readonly string[]) => {
  const organisation = `Anor ${mark()}`
  const email = `rustam-${mark()}@anor.example`
  const password = `a calm pass phrase ${mark()}`
  await page.goto('/register')
  await page.getByLabel('Organisation', { exact: true }).fill(organisation)
  for (const status of statuses) await page.getByLabel(status, { exact: true }).check()
  await page.getByLabel('Name', { exact: true }).fill('Rustam Qodirov')
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(password)
  await press(page, 'Register')
  await page.getByRole('heading', { name: `${organisation}: what is next` }).waitFor()
  return { organisation, email, password }
}

/** Signs in at the console as one of the demonstration staff. */
export const signInStaff = async (page: Page, login: string) => {
  await page.goto('/sign-in')
  await page.getByLabel('E-mail').fill(`${login}@namuna.example`)
  await page.getByLabel('Password').fill('portico-demo')
  await press(page, 'Sign in')
  await page.getByRole('heading', { name: 'Decisions', level: 1 }).waitFor()
}

/** Hands in a document; answers its hash as the bank must see it. */
export const handIn = async (page: Page, folder: string, type: string, shows = '') => {
  const content = `${type} ${mark()}`
  const file = join(folder, `${type}.pdf`)
  writeFileSync(file, content)
  await press(page, 'Add evidence')
  await page.getByLabel('Document', { exact: true }).selectOption(type)
  await page.getByLabel('Issued by').fill('Toshkent Audit')
  await page.getByLabel('What it shows').fill(shows)
  await page.getByLabel('Valid from').fill('2026-01-01')
  await page.getByLabel('Valid until').fill('2027-10-01')
  await page.getByLabel('The document').setInputFiles(file)
  await page.getByText(`${type}.pdf · sha256`).waitFor()
  await press(page, 'Hand in')
  await page.getByRole('form', { name: 'Add evidence' }).waitFor({ state: 'detached' })
  return createHash('sha256').update(content).digest('hex')
}

/** Approves, as the one who is signed in, every waiting change whose line in the queue holds these words. */
export const approveAll = async (page: Page, organisation: string) => {
  for (;;) {
    await page.goto('/decisions')
    await settled(page)
    const item = page.locator('.queue a', { hasText: organisation }).first()
    if ((await item.count()) === 0) return
    await item.click()
    await page.locator('.queue a[aria-current]', { hasText: organisation }).waitFor()
    const approve = page.getByRole('button', { name: 'Approve for production' })
    if ((await approve.count()) === 0) return
    const before = await page.locator('.queue a').count()
    const answered = page.waitForResponse((response) => response.url().endsWith('/decision'))
    await approve.click()
    assert.equal((await answered).status(), 200)
    await page.waitForFunction(
      ({ was, name }) => {
        const lines = [...document.querySelectorAll('.queue a')]
        return (
          lines.length < was ||
          !document.querySelector('#approve') ||
          !lines.some((line) => line.textContent?.includes(name))
        )
      },
      { was: before, name: organisation },
    )
  }
}
