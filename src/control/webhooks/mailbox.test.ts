import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openTestOffices } from '#test/offices.ts'
import { Settings } from '#platform/config.ts'
import { openMail } from '#platform/mail.ts'
import { seedStaff } from '#control/staff/index.ts'
import { work } from '#journal/index.ts'
import { lettersIn, mailboxRoutes, pageOf } from './mailbox.ts'

const noon = Temporal.Instant.from('2026-11-24T12:00:00Z')

test('letters that nobody is sent are read as they were written, the newest first', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mail-'))
  const mail = openMail(Settings.parse({}), { mail: folder })
  const subjects = ['A plain one', 'Версия 2026-08-03 завершается: oʻqing <b>', 'x'.repeat(200)]
  const text = `Первая строка & <script>\n\n${'длинная строка '.repeat(20)}\nO‘zbekcha = ha`
  for (const [hour, subject] of subjects.entries())
    await mail.send({ to: 'ann@partner.example', subject, text }, noon.add({ hours: hour }))

  const letters = lettersIn(folder)

  assert.deepEqual(
    letters.map((one) => one.subject),
    subjects.toReversed(),
  )
  for (const { to, text: read } of letters) {
    assert.equal(to, 'ann@partner.example')
    assert.equal(read.replaceAll('\r\n', '\n'), text)
  }
  const page = pageOf(letters)
  assert.ok(page.includes('oʻqing &lt;b&gt;') && !page.includes('<script>'))
})

test('the mailbox is for people of the bank, and only where nobody is mailed', async () => {
  for (const shown of [true, false]) {
    const offices = await openTestOffices({
      portal: [],
      console: [
        (server, context) =>
          mailboxRoutes(server, { ...context, mail: { ...context.mail, shown } }),
      ],
    })
    await work(offices.db, 'system', noon, (w) => seedStaff(w))
    mkdirSync(offices.context.world.layout.mail, { recursive: true })
    assert.equal((await offices.visitor('console')('GET', '/mailbox')).status, 401)
    const { status, body } = await (await offices.staff('head'))('GET', '/mailbox')
    assert.equal(status, shown ? 200 : 404, JSON.stringify(body))
  }
})
