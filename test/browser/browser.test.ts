import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { languages } from '#kernel/format.ts'
import { freshData, type StartedHouse, startedHouse } from '#test/house.ts'
import {
  accessibilityFaults,
  lengthen,
  type Look,
  noBrowser,
  openBrowser,
  settled,
  sideways,
  visitor,
} from './chromium.ts'
import { fontsThatDrew } from './fonts.ts'
import { consolePages, portalPages, publicPages } from './pages.ts'
import { dialogGivesBack, enter, space, withoutMouse } from './keyboard.ts'
import { findsTheReplay, leavesAReplay } from './long-work.ts'
import { bringDevice, hasDevice } from './passkeys.ts'
import {
  addPasskey,
  approveAll,
  follow,
  handIn,
  press,
  proveAddress,
  register,
  signInStaff,
} from './people.ts'
import { readTheReference } from './reading.ts'

if (noBrowser) process.stderr.write(`\n${noBrowser}\n\n`)

const root = resolve(import.meta.dirname, '../..')
/** A house that already runs, for work on the pages: its port base. Otherwise one is started for these tests. */
const running = process.env['PORTICO_BROWSER_HOUSE']
const portBase = Number(running ?? process.env['PORTICO_TEST_BROWSER_PORT'] ?? 18_600)
const portal = `http://localhost:${portBase}`
const console_ = `http://localhost:${portBase + 1}`

const dist = join(root, 'ui/dist')

/** The newest change of a file below a folder, in milliseconds. */
const changedMs = (folder: string): number =>
  Math.max(
    0,
    ...readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.startsWith(dist))
      .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
  )
/** The pages draw on words and rules of every room. */
const isBuilt = () =>
  ['portal', 'console'].every((front) => {
    const page = join(dist, front, 'index.html')
    return (
      existsSync(page) &&
      ['ui', 'src'].every((folder) => changedMs(join(root, folder)) < statSync(page).mtimeMs)
    )
  })

const build = () =>
  execFileSync('npm', ['run', 'build:ui'], {
    cwd: root,
    stdio: 'pipe',
    shell: process.platform === 'win32',
  })

describe('portal and console in a real browser', { skip: noBrowser }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'portico-browser-'))
  let browser: Browser
  let house: StartedHouse | undefined
  /** The organisation that the first test brings in, and what the later ones know of it. */
  const anor = { organisation: '', email: '', password: '', code: '', application: '' }

  before(async () => {
    if (!isBuilt()) build()
    browser = await openBrowser()
    if (!running) house = await startedHouse({ data: freshData(), portBase })
  })
  after(async () => {
    await browser?.close()
    await house?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  /** One person with a browser of their own; what their pages must never do is checked when they leave. */
  const as = async <T>(front: string, look: Look, act: (page: Page) => Promise<T>): Promise<T> => {
    const guest = await visitor(browser, front, look)
    try {
      const result = await act(guest.page)
      guest.misbehaved()
      return result
    } catch (error) {
      const picture = join(tmpdir(), `portico-browser-${crypto.randomUUID().slice(0, 8)}.png`)
      await guest.page.screenshot({ path: picture, fullPage: true }).catch(() => undefined)
      process.stderr.write(`at ${guest.page.url()}, pictured in ${picture}\n`)
      throw error
    } finally {
      await guest.close()
    }
  }
  /** By password while there is nothing else, by passkey from when there is one. */
  const signInPartner = async (page: Page) => {
    const device = await bringDevice(page, 'anor')
    await page.goto('/sign-in')
    if (hasDevice('anor')) await press(page, 'Sign in with a passkey')
    else {
      await page.getByLabel('E-mail').fill(anor.email)
      await page.getByLabel('Password').fill(anor.password)
      await press(page, 'Sign in')
    }
    await page.getByRole('heading', { name: /what is next/ }).waitFor()
    await device.remember()
    return device
  }
  /** The session that a person has, for browsers in other languages. */
  const sessionOf = (front: string, signIn: (page: Page) => Promise<unknown>) =>
    as(front, {}, async (page) => {
      await signIn(page)
      return page.context().cookies()
    })

  test('a stranger makes the first call within 90 seconds and 12 clicks, with the sample as it is shown', async (t) => {
    await as(portal, {}, async (page) => {
      await page.goto('/')
      await page.evaluate(() => {
        sessionStorage.setItem('clicks', '0')
      })
      await page.addInitScript(() =>
        document.addEventListener('click', () =>
          sessionStorage.setItem('clicks', `${Number(sessionStorage.getItem('clicks')) + 1}`),
        ),
      )
      Object.assign(anor, await register(page, ['Programme partner of the bank']))
      await follow(page, 'New application')
      await page.getByLabel('Name', { exact: true }).fill('Anor Wallet')
      await page.getByLabel('Accounts').uncheck()
      await page.getByLabel('Cards').check()
      const download = page.waitForEvent('download')
      await press(page, 'Create application')
      const file = await download
      await file.saveAs(join(folder, file.suggestedFilename()))
      assert.equal(file.suggestedFilename(), 'anor-wallet-sbx.pem')
      await page.getByText('was saved to your downloads').waitFor()
      anor.application = new URL(page.url()).pathname
      const authority = page.waitForEvent('download')
      await press(page, 'portico-ca.pem')
      await (await authority).saveAs(join(folder, 'portico-ca.pem'))
      await page.getByText('Waiting for your first call').waitFor()
      await press(page, 'Copy')
      const sample = await page.evaluate(() => navigator.clipboard.readText())

      if (spawnSync('curl', ['--version']).error) {
        t.diagnostic('NO CURL HERE: the sample was not run')
        return
      }
      const { stdout, stderr } = spawnSync('sh', ['-c', sample], {
        cwd: folder,
        encoding: 'utf8',
      })
      assert.deepEqual(JSON.parse(stdout), { data: [], next: null }, stderr)
      await page.getByText('It arrived.').waitFor()
      assert.ok(Number(await page.evaluate(() => sessionStorage.getItem('clicks'))) <= 12)

      await page.goto('/sandbox/usage')
      const call = page.getByRole('row', { name: /List cards.*200/s })
      assert.match((await call.textContent()) ?? '', /200.*22\u00a0soʻm/)
    })
  })

  test('the private key that the browser made is on the disk and was never sent', async () => {
    await as(portal, {}, async (page) => {
      await signInPartner(page)
      await page.goto('/sandbox/applications/new')
      await settled(page)
      await page.getByLabel('Name', { exact: true }).fill('Anor Library')
      await page.getByLabel('Signing key with DPoP').check()
      const sent = page.waitForRequest((request) => request.method() === 'POST')
      const download = page.waitForEvent('download')
      await press(page, 'Create application')
      const body: unknown = (await sent).postDataJSON()
      const path = await (await download).path()

      const { d } = JSON.parse(execFileSync('cat', [path], { encoding: 'utf8' }))
      assert.match(d, /^[\w-]{43}$/)
      assert.equal(JSON.stringify(body).includes(d), false)
      await page.getByText('anor-library-sbx.jwk.json').waitFor()
    })
  })

  test('what does not fit is said beside its field, and what was typed stays', async () => {
    await as(portal, {}, async (page) => {
      await signInPartner(page)
      await page.goto('/sandbox/applications/new')
      await settled(page)
      await page.getByLabel('Name', { exact: true }).fill('Anor Wrong')
      await page.getByLabel('Redirect addresses').fill('http://not-safe.example/back')
      await press(page, 'Create application')
      const redirects = page.getByLabel('Redirect addresses')
      await page.getByRole('alert').waitFor()

      assert.equal(await redirects.getAttribute('aria-invalid'), 'true')
      assert.equal(await redirects.inputValue(), 'http://not-safe.example/back')
      assert.match((await page.getByRole('alert').textContent()) ?? '', /Interaction id/)
    })
  })

  test('a wrong password is one answer, in the reader’s language, and the address stays', async () => {
    await as(portal, { language: 'uz' }, async (page) => {
      await page.goto('/sign-in')
      await page.getByLabel('Elektron pochta').fill(anor.email)
      await page.getByLabel('Parol').fill('not the pass phrase')
      await press(page, 'Kirish')

      await page.getByText('Bu bilan kirib boʻlmadi').waitFor()
      assert.equal(await page.getByLabel('Elektron pochta').inputValue(), anor.email)
    })
  })

  test('a page asked for before the sign-in is the page that one comes to after it', async () => {
    await as(portal, {}, async (page) => {
      await page.goto('/production/licences')
      await page.getByLabel('E-mail').fill(anor.email)
      await page.getByLabel('Password').fill(anor.password)
      await press(page, 'Sign in')
      await page.getByRole('heading', { name: 'Licences', level: 1 }).waitFor()
      assert.equal(new URL(page.url()).pathname, '/production/licences')
      for (const elsewhere of ['//evil.example', '/\\evil.example', 'https://evil.example']) {
        await press(page, 'Sign out')
        await page.goto(`/sign-in?next=${encodeURIComponent(elsewhere)}`)
        await page.getByLabel('E-mail').fill(anor.email)
        await page.getByLabel('Password').fill(anor.password)
        await press(page, 'Sign in')
        await page.getByRole('heading', { name: /what is next/ }).waitFor()
      }
    })
  })

  test('a session that ended says so and keeps what was typed', async () => {
    await as(portal, {}, async (page) => {
      await signInPartner(page)
      await page.goto('/sandbox/applications/new')
      await settled(page)
      await page.getByLabel('Name', { exact: true }).fill('Half written')
      await page.context().clearCookies()
      await press(page, 'Create application')

      await page.getByText('Sign in first').waitFor()
      assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'Half written')
    })
  })

  test('production is shut until the address is proven by a mailed code and there is a second factor', async () => {
    await as(portal, {}, async (page) => {
      const device = await signInPartner(page)
      await page.goto('/production/applications')
      await page.getByText('Production opens once your e-mail address is confirmed.').waitFor()
      await proveAddress(page, anor.code)
      await page.goto('/sandbox/home')
      await page.getByText('Production opens once you have a second factor.').waitFor()
      await addPasskey(page, '/sandbox/security')
      await device.remember()
      await page.goto('/production/home')
      await settled(page)
      assert.equal(await page.getByText('Production opens once').count(), 0)
    })
    await as(portal, {}, async (page) => {
      await page.goto('/sign-in')
      await page.getByLabel('E-mail').fill(anor.email)
      await page.getByLabel('Password').fill(anor.password)
      await press(page, 'Sign in')
      await page.getByText('Your password is right.').waitFor()
      await page.goto('/sandbox/home')
      await page.getByRole('heading', { name: 'Sign in', level: 1 }).waitFor()
    })
  })

  test('a place in the organisation is offered by mail, taken once, and its sessions end from elsewhere', async () => {
    const link = await as(portal, {}, async (page) => {
      await signInPartner(page)
      await page.goto('/sandbox/team')
      const form = page.getByRole('form', { name: 'Invite somebody' })
      await form.getByLabel('E-mail').fill(`dev-${crypto.randomUUID().slice(0, 8)}@anor.example`)
      const sent = page.waitForResponse(
        (response) =>
          response.url().endsWith('/invitations') && response.request().method() === 'POST',
      )
      await form.getByRole('button', { name: 'Invite' }).click()
      await page.getByText('The invitation is on its way.').waitFor()
      const { shown }: { shown: string } = await (await sent).json()
      return shown
    })
    await as(portal, {}, async (page) => {
      await page.goto(link)
      await page.getByText(anor.organisation).first().waitFor()
      await page.getByLabel('Name', { exact: true }).fill('Sevara Rahimova')
      await page.getByLabel('Password').fill('a phrase of her own')
      await press(page, 'Join')
      await page.getByRole('heading', { name: 'Security', level: 1 }).waitFor()
      await page.goto(link)
      await page.reload()
      await page.getByRole('alert').waitFor()
    })
    await as(portal, {}, async (page) => {
      await signInPartner(page)
      await page.goto('/sandbox/team')
      await page.getByRole('row', { name: /Sevara Rahimova/ }).waitFor()
      await page.goto('/sandbox/security')
      await press(page, 'End all others')
      await page.getByRole('button', { name: 'End all others' }).waitFor({ state: 'detached' })
    })
  })

  test('evidence, statuses, contract and production keys come through, every step by two people', async () => {
    await as(portal, {}, async (page) => {
      await signInPartner(page)
      await page.goto('/production/licences')
      await settled(page)
      for (const type of baseEvidence) await handIn(page, folder, type)
      await press(page, 'Ask for these statuses')
      await page.getByText('You asked to be held as').waitFor()
    })
    await as(console_, {}, async (page) => {
      await signInStaff(page, 'compliance')
      await page.goto('/licences')
      await settled(page)
      for (let left = baseEvidence.length; left > 0; left--) {
        const row = page.getByRole('row', { name: anor.organisation }).first()
        await row.getByRole('button', { name: 'Verify' }).click()
        await page.getByLabel('How it was checked').fill('document read')
        await press(page, 'Propose')
        await page.waitForFunction(
          ({ name, most }) =>
            [...document.querySelectorAll('tbody tr')].filter((line) =>
              line.textContent?.includes(name),
            ).length < most,
          { name: anor.organisation, most: left },
        )
      }
      await page.goto('/partners')
      await page.getByRole('link', { name: anor.organisation }).click()
      await page.getByLabel('Programme partner of the bank').check()
      await press(page, 'Propose')
      await page.getByText('Another person decides').waitFor()

      await page.goto('/decisions')
      await page.locator('.queue a', { hasText: anor.organisation }).first().click()
      await page.getByText('You proposed it, so another person decides.').waitFor()
      assert.equal(await page.getByRole('button', { name: 'Approve for production' }).count(), 0)
    })
    await as(console_, {}, async (page) => {
      await signInStaff(page, 'compliance2')
      await approveAll(page, anor.organisation)
    })
    await as(console_, {}, async (page) => {
      await signInStaff(page, 'success')
      await page.goto('/partners')
      await page.getByRole('link', { name: anor.organisation }).click()
      const offer = page.getByRole('form', { name: 'Offer a contract' })
      await offer.getByLabel('Tier').selectOption('Silver')
      await offer.getByLabel('Cards').check()
      const withheld = offer.getByLabel('Fields that answers leave out')
      await withheld.fill('listCards /data/*/nothing')
      await offer.getByRole('button', { name: 'Propose' }).click()
      await offer.getByText('listCards answers no field /data/*/nothing').waitFor()
      await withheld.fill('listCards /data/*/expiry\nlistCards /data/*/bin')
      await offer.getByRole('button', { name: 'Propose' }).click()
      await page.getByText('Another person decides').waitFor()
    })
    await as(console_, {}, async (page) => {
      await signInStaff(page, 'head')
      await approveAll(page, anor.organisation)
    })
    await as(portal, {}, async (page) => {
      await signInPartner(page)
      await page.goto('/production/home')
      // A contract is read and signed by the keyboard alone.
      const main = page.getByRole('main')
      await enter(page, main.getByRole('link', { name: 'Read and sign' }).first())
      await page.getByRole('heading', { name: 'Your contract, ready to sign' }).waitFor()
      await page.getByText('of listCards /data/*/bin, /data/*/expiry').waitFor()
      const sign = page.getByRole('button', { name: 'Sign', exact: true })
      await enter(page, sign)
      await page.getByText('Read it and say so, then sign.').waitFor()
      await space(page, page.getByLabel('I have read the clauses and the prices.'))
      await enter(page, sign)
      await page.getByText('The bank countersigns next.').waitFor()
    })
    await as(console_, {}, async (page) => {
      await signInStaff(page, 'success')
      await page.goto('/contracts')
      await page.getByRole('link', { name: anor.organisation }).click()
      await press(page, 'Countersign')
      await page.getByText('active', { exact: true }).waitFor()
    })
    await as(portal, {}, async (page) => {
      await signInPartner(page)
      await page.goto('/production/home')
      await follow(page, 'Ask for an application')
      await page.getByLabel('Name', { exact: true }).fill('Anor Live')
      await page.getByLabel('Accounts').uncheck()
      await page.getByLabel('Cards').check()
      const download = page.waitForEvent('download')
      await press(page, 'Ask the bank')
      assert.equal((await download).suggestedFilename(), 'anor-live-live.key.pem')
      await page.getByText('waiting for the bank').waitFor()
    })
    for (const person of ['success', 'compliance'])
      await as(console_, {}, async (page) => {
        await signInStaff(page, person)
        await approveAll(page, anor.organisation)
      })
    await as(portal, {}, async (page) => {
      await signInPartner(page)
      await page.goto('/production/applications')
      const line = page.getByRole('row', { name: /Anor Live/ })
      await line.waitFor()
      assert.match((await line.textContent()) ?? '', /active/)
      assert.equal(await page.title(), 'Applications · Namuna Bank')
      await page.goto('/sandbox/applications')
      await settled(page)
      assert.equal(await page.title(), '[Sandbox] Applications · Namuna Bank')
    })
  })

  test('a partner is stopped by one person and let in again by another', async () => {
    await as(console_, {}, async (page) => {
      await signInStaff(page, 'compliance')
      await page.goto('/partners')
      await page.getByRole('link', { name: anor.organisation }).click()
      const stop = page.getByRole('form', { name: 'Stop everything' })
      await stop.getByLabel('Reason, kept on record').fill('A key was seen in public')
      await stop.getByRole('button').click()
      const again = page.getByRole('form', { name: 'Let it in again' })
      await again.getByLabel('Reason, kept on record').fill('The key was replaced')
      await again.getByRole('button').click()
      await page.getByText('Another person decides').waitFor()
    })
    await as(portal, {}, async (page) => {
      await signInPartner(page)
      await page.getByText('The bank has suspended your organisation').waitFor()
    })
    await as(console_, {}, async (page) => {
      await signInStaff(page, 'head')
      await approveAll(page, anor.organisation)
    })
    await as(portal, {}, async (page) => {
      await signInPartner(page)
      assert.equal(await page.getByText('The bank has suspended').count(), 0)
    })
  })

  test('the desk is worked by keyboard alone: j, k, a, r and Enter', async () => {
    await as(portal, {}, async (page) => {
      await signInPartner(page)
      await page.goto('/production/licences')
      await settled(page)
      await handIn(page, folder, 'pci_aoc', 'level 1')
      await handIn(page, folder, 'iso27001')
    })
    await as(console_, {}, async (page) => {
      await signInStaff(page, 'compliance')
      await page.goto('/licences')
      await settled(page)
      for (const document of ['PCI DSS attestation', 'ISO/IEC 27001']) {
        const row = page.getByRole('row', { name: document }).first()
        await row.getByRole('button', { name: 'Verify' }).click()
        await page.getByLabel('How it was checked').fill('document read')
        await press(page, 'Propose')
        await row.getByRole('button', { name: 'Verify' }).waitFor({ state: 'detached' })
      }
    })
    await as(console_, {}, async (page) => {
      await signInStaff(page, 'compliance2')
      const lines = page.locator('.queue li')
      await lines.nth(1).waitFor()
      await page.keyboard.press('j')
      await page.waitForURL(/\/work\?.*item=/)
      await page.goto('/decisions')
      await lines.nth(1).waitFor()
      const waiting = await lines.count()
      const left = (count: number) =>
        page.waitForFunction(
          (wanted) => document.querySelectorAll('.queue li').length === wanted,
          count,
        )
      const inFront = () => page.locator('.queue a[aria-current] b').first().textContent()
      const chosen = async () => new URL(page.url()).searchParams.get('change')
      await page.keyboard.press('j')
      await page.waitForURL(/change=/)
      const second = await chosen()
      await page.keyboard.press('k')
      await page.waitForFunction((was) => !location.search.includes(was), second ?? '')
      assert.equal(await inFront(), 'Evidence verified')
      await page.keyboard.press('r')
      assert.equal(await page.evaluate(() => document.activeElement?.id), 'reject')
      await page.keyboard.press('Enter')
      await page.getByRole('alert').waitFor()
      const reason = page.getByLabel('Reason, kept with the change')
      assert.equal(await reason.getAttribute('aria-invalid'), 'true')
      await reason.fill('Wrong scope')
      await page.keyboard.press('Tab')
      await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
      await left(waiting - 1)
      await page.locator('body').click({ position: { x: 700, y: 840 } })
      await page.keyboard.press('a')
      await page.keyboard.press('Enter')
      await left(waiting - 2)
    })
  })

  test('who has no mouse registers and makes an application, sees the focus at every stop, and is held nowhere', async () => {
    await as(portal, {}, (page) => withoutMouse(page))
  })

  test('a code that is asked for once more gives the focus back to the button that asked', async () => {
    await as(console_, {}, async (page) => {
      await signInStaff(page, 'success')
      await dialogGivesBack(page)
    })
  })

  test('long work is seen by who did not begin it, and found again after the page was left', async () => {
    const cookies = await sessionOf(console_, (page) => signInStaff(page, 'finance'))
    await as(console_, {}, (page) => leavesAReplay(page, cookies))
    await as(console_, { language: 'ru', width: 390 }, (page) => findsTheReplay(page, cookies))
  })

  test('Tab first offers the way past the frame, and a new page takes the focus to its heading', async () => {
    await as(portal, {}, async (page) => {
      await signInPartner(page)
      await page.goto('/sandbox/usage')
      await settled(page)
      await page.keyboard.press('Tab')
      assert.equal(
        await page.evaluate(() => document.activeElement?.textContent),
        'Skip to content',
      )
      await page.getByRole('link', { name: 'Licences' }).click()
      await page.getByRole('heading', { name: 'Licences', level: 1 }).waitFor()
      assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Licences')
    })
  })

  test('pages are sound for screen readers and fit their screens, in each language, light and dark', async () => {
    const faults: string[] = []
    let visited = 0
    const inspect = async (page: Page, path: string, look: Required<Look>) => {
      if (!isInTurn(visited++, look)) return
      const { language, scheme, width } = look
      await page.goto(path)
      await settled(page)
      const where = `${path} ${language} ${scheme} ${width}`
      assert.equal(await page.locator('h1').count(), 1, where)
      assert.equal(await page.getAttribute('html', 'lang'), language, where)
      faults.push(...(await accessibilityFaults(page)).map((fault) => `${where}: ${fault}`))
      if ((await sideways(page)) > 0) faults.push(`${where}: scrolls sideways`)
      await lengthen(page)
      if ((await sideways(page)) > 0) faults.push(`${where}: 40 % more text does not fit`)
    }
    const ofPartner = await sessionOf(portal, async (page) => {
      await signInPartner(page)
      await post(page, '/api/webhooks/sandbox/endpoints', {
        applicationId: anor.application.split('/').at(-1),
        url: 'https://hooks.anor.example/bank',
        types: ['*'],
        ordered: false,
        schemes: ['v1a'],
        version: null,
      })
    })
    const ofStaff = await sessionOf(console_, async (page) => {
      await signInStaff(page, 'head')
      const title = 'Answers of the core come late'
      await post(page, '/api/incidents', { title, severity: 'minor', beganAt: new Date() })
    })
    for (const look of looks) {
      visited = 0
      await as(portal, look, async (page) => {
        for (const path of publicPages) await inspect(page, path, look)
        await page.context().addCookies(ofPartner)
        await page.goto('/sandbox/home')
        const ids = {
          application: anor.application,
          contract: await firstId(page, 'contracts'),
          call: await firstId(page, 'usage/calls?cell=sandbox'),
          endpoint: await firstId(page, 'webhooks/sandbox/endpoints'),
        }
        for (const path of portalPages(ids)) await inspect(page, path, look)
      })
      await as(console_, look, async (page) => {
        await inspect(page, '/sign-in', look)
        await page.context().addCookies(ofStaff)
        await page.goto('/decisions')
        const ids = {
          change: await firstId(page, 'approvals'),
          partner: await firstId(page, 'partners'),
          contract: await firstId(page, 'contracts'),
          incident: await firstId(page, 'incidents'),
        }
        for (const path of consolePages(ids)) await inspect(page, path, look)
      })
    }
    assert.deepEqual(faults, [])
  })

  test('what the bank tells everybody is read on the status page in the reader’s language', async () => {
    await as(console_, {}, async (page) => {
      await signInStaff(page, 'head')
      await page.goto('/incidents')
      await page.getByLabel('What happens').fill('Switch 2 flaps')
      await press(page, 'Put it on record')
      const form = page.getByRole('form', { name: 'Tell everybody' })
      await form.getByLabel('In English').first().fill('Answers come late.')
      await form.getByLabel('In Russian').first().fill('Ответы задерживаются.')
      await page
        .getByRole('region', { name: 'How it will read' })
        .getByText('Ответы задерживаются.')
        .waitFor()
      await press(page, 'Tell everybody')
      await page.getByText('Told. The page').waitFor()
    })
    await as(`http://localhost:${portBase + 2}`, { language: 'ru' }, async (page) => {
      const deadline = performance.now() + 60_000
      const told = page.getByText('Ответы задерживаются.')
      do await page.goto('/?lang=ru')
      while ((await told.count()) === 0 && performance.now() < deadline)
      await told.first().waitFor()
    })
  })

  test('who has not registered finds an operation, its fields and a sample by the keyboard', () =>
    as(portal, {}, readTheReference))

  test('a page of 320 pixels, or one zoomed to 200 %, loses nothing sideways', async () => {
    await as(portal, { width: 320, language: 'ru' }, async (page) => {
      await page.context().addCookies(await sessionOf(portal, signInPartner))
      for (const path of ['/', '/sandbox/home', '/sandbox/applications/new', anor.application]) {
        await page.goto(path)
        await settled(page)
        assert.equal(await sideways(page), 0, path)
      }
    })
  })

  test('the environment is named at the top of every page that has one, by word and by pattern', async () => {
    await as(portal, {}, async (page) => {
      await page.context().addCookies(await sessionOf(portal, signInPartner))
      for (const [cell, word] of [
        ['sandbox', 'Synthetic people'],
        ['production', 'Real customers'],
      ] as const) {
        await page.goto(`/${cell}/home`)
        await settled(page)
        const lintel = page.getByRole('region', { name: 'Environment', exact: true })
        assert.match((await lintel.textContent()) ?? '', new RegExp(word))
        const pattern = await lintel.evaluate((top) => getComputedStyle(top).backgroundImage)
        assert.equal(pattern.includes('repeating-linear-gradient'), cell === 'sandbox')
      }
    })
  })

  test('ʻ ʼ ў қ ғ ҳ → are drawn by our own fonts, in text and in code', async () => {
    await as(portal, {}, async (page) => {
      await page.goto('/sign-in')
      await settled(page)
      for (const [family, own] of [
        ['var(--font-ui)', /^Onest/],
        ['var(--font-code)', /^(JetBrains Mono|Onest)/],
      ] as const)
        for (const sign of ['ʻ', 'ʼ', 'ў', 'қ', 'ғ', 'ҳ', '→']) {
          const fonts = await fontsThatDrew(page, sign, family)
          assert.equal(fonts.length, 1, `${sign} ${family}`)
          assert.match(fonts[0] ?? '', own, `${sign} ${family}`)
        }
    })
  })

  test('the language stays chosen, and light or dark is the reader’s', async () => {
    await as(portal, {}, async (page) => {
      await page.goto('/sign-in')
      await press(page, 'RU, Русский')
      await page.getByRole('heading', { name: 'Вход' }).waitFor()
      assert.equal(await page.getAttribute('html', 'lang'), 'ru')
      await press(page, 'Тёмное оформление')
      const ground = () =>
        page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
      assert.equal(await ground(), 'rgb(12, 20, 19)')
      await page.reload()
      await page.waitForSelector('h1')
      assert.equal(await ground(), 'rgb(12, 20, 19)')
    })
  })

  test('the first load carries at most 250 kB of compressed script', async () => {
    await as(portal, {}, async (page) => {
      let bytes = 0
      const bodies: Promise<void>[] = []
      page.on('response', (response) => {
        if (response.url().endsWith('.js'))
          bodies.push(response.body().then((body) => void (bytes += gzipSync(body).length)))
      })
      await page.goto('/')
      await settled(page)
      await Promise.all(bodies)
      assert.ok(bytes > 50_000 && bytes < 250_000, `${bytes} bytes`)
    })
  })

  test('the pages’ own build is what the portal serves', () => {
    assert.ok(existsSync(join(dist, 'portal/index.html')))
    assert.ok(existsSync(join(dist, 'console/index.html')))
  })
})

/** What the matrix asks of a programme partner before anything else. */
const baseEvidence = [
  'programme_approval',
  'agent_registration',
  'aml_policy',
  'dpa',
  'pen_test',
  'bcp',
  'sub_processor_list',
] as const

/** Pages take turns at three looks. PORTICO_BROWSER_LOOKS=all crosses each page with every look. */
const allLooks = process.env['PORTICO_BROWSER_LOOKS'] === 'all'
const looks: readonly Required<Look>[] = allLooks
  ? languages.flatMap((language) =>
      [1280, 390].flatMap((width) =>
        (['light', 'dark'] as const).map((scheme) => ({ language, scheme, width })),
      ),
    )
  : [
      { language: 'en', scheme: 'light', width: 1280 },
      { language: 'ru', scheme: 'dark', width: 390 },
      { language: 'uz', scheme: 'dark', width: 1280 },
    ]

const isInTurn = (place: number, look: Required<Look>): boolean =>
  allLooks || place % looks.length === looks.indexOf(look)

/** Puts something on record as a page's own program does. */
const post = (page: Page, path: string, body: unknown): Promise<void> =>
  page.evaluate(
    async ([to, text]) => {
      const headers = { 'content-type': 'application/json', 'x-portico-csrf': '1' }
      const answer = await fetch(to, { method: 'POST', headers, body: text })
      if (!answer.ok) throw new Error(await answer.text())
    },
    [path, JSON.stringify(body)] as const,
  )

/** The first thing of a list, as the page's own program would ask for it. */
const firstId = (page: Page, list: string): Promise<string> =>
  page.evaluate(async (name) => {
    const answer = await fetch(`/api/${name}`)
    const { data } = await answer.json()
    return String(data[0]?.id ?? 'none')
  }, list)
