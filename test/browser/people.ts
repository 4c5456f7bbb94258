/** What people do at portal and console, through what they see: labels, buttons, headings. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { authenticatorApp } from '../journeys/sign-in.ts'
import { settled } from './chromium.ts'
import { bringDevice, hasDevice } from './passkeys.ts'

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
  const registered = page.waitForResponse((response) => response.url().endsWith('/registrations'))
  await press(page, 'Register')
  const { shown }: { shown?: string } = await (await registered).json()
  await page.getByRole('heading', { name: `${organisation}: what is next` }).waitFor()
  return { organisation, email, password, code: shown ?? '' }
}

/** RFC 6238 secret of everybody at the demonstration bank. */
const app = authenticatorApp('PORTICODEMOPORTICODEMOPORTICODEM')

/** Signs in at the console as one of the demonstration staff, who stands before the work then: by a code the first time, by passkey from then on. */
export const signInStaff = async (page: Page, login: string) => {
  const device = await bringDevice(page, login)
  await page.goto('/sign-in')
  const desk = page.getByRole('heading', { name: 'Work', level: 1 })
  if (hasDevice(login)) {
    await press(page, 'Sign in with a passkey')
    await desk.waitFor()
    await device.remember()
    return
  }
  await page.getByLabel('E-mail').fill(`${login}@namuna.example`)
  await page.getByLabel('Password').fill('portico-demo')
  await press(page, 'Sign in')
  await page.getByLabel('Code').fill(await app())
  await press(page, 'Continue')
  await desk.waitFor()
  await addPasskey(page, '/security')
  await device.remember()
  await page.goto('/work')
  await desk.waitFor()
}

/** Adds a passkey of the device that is in this browser. */
export const addPasskey = async (page: Page, security: string) => {
  await page.goto(security)
  await settled(page)
  await page.getByLabel('Its name').fill('Test device')
  await press(page, 'Add a passkey')
  await page.getByText('Test device').first().waitFor()
}

/** The person types the code that the demonstration shows instead of mailing it. */
export const proveAddress = async (page: Page, code: string) => {
  await page.goto('/sandbox/security')
  await settled(page)
  await page.getByLabel('Code from the mail').fill(code)
  await press(page, 'Confirm the address')
  await page.getByText('confirmed', { exact: true }).waitFor()
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
