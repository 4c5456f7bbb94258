/** The page in a real browser: three languages, both appearances, both widths, nothing that axe-core or its own policy minds. */
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import {
  accessibilityFaults,
  noBrowser,
  openBrowser,
  sideways,
  visitor,
} from '../browser/chromium.ts'
import { onDisk, someFacts, statusWorld } from './world.ts'
import { startStatus } from '../../src/status/status.ts'

const noon = Temporal.Instant.from('2026-11-23T12:00:00Z')
const pictures = process.env['PORTICO_PICTURES']

test(
  'every page of it is whole in each language, width and appearance',
  { skip: noBrowser },
  async () => {
    let now = noon
    const world = await statusWorld(() => now)
    const facts = someFacts(noon)
    onDisk(world, facts)
    const status = await startStatus(world)
    const browser = await openBrowser()
    after(async () => {
      await browser.close()
      await status.stop()
    })
    const looks = [
      { language: 'en', width: 1280, scheme: 'light' },
      { language: 'ru', width: 390, scheme: 'light' },
      { language: 'uz', width: 390, scheme: 'dark' },
      { language: 'en', width: 1280, scheme: 'dark' },
    ] as const
    const paths = ['/', '/subscribe', `/incidents/${facts.incidents[0]?.id}`]
    for (const look of looks) {
      const reader = await visitor(browser, world.url, look)
      const { page } = reader
      for (const minutes of [0, 10]) {
        now = noon.add({ minutes })
        for (const path of minutes === 0 ? paths : ['/']) {
          await page.goto(`${path}?lang=${look.language}`)
          if (path === '/') await page.locator('summary').click()
          const where = `${path} ${look.language} ${look.width} ${look.scheme} +${minutes}`
          assert.deepEqual(await accessibilityFaults(page), [], where)
          assert.equal(await sideways(page), 0, where)
          if (pictures) {
            mkdirSync(pictures, { recursive: true })
            const name = `status${path.slice(0, 10).replaceAll('/', '-')}-${look.language}-${look.width}-${look.scheme}-${minutes}.png`
            await page.screenshot({ path: join(pictures, name), fullPage: true })
          }
        }
      }
      reader.misbehaved()
      await reader.close()
    }
  },
)
