/** Whoever is woken finds a page: for each alert one, and it names figures and files that there are. */
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { Settings } from '#platform/config.ts'

const folder = 'docs/operate/run-books'
const Alerts = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          alert: z.string(),
          expr: z.string(),
          labels: z.object({ severity: z.enum(['page', 'ticket']) }),
        }),
      ),
    }),
  ),
})
const alerts = Alerts.parse(
  parse(readFileSync('docs/operate/grafana/alerts.yaml', 'utf8')),
).groups.flatMap(({ rules }) => rules)

test('every alert has its run book, says the same of its severity, and none is for an alert that there is not', () => {
  const pages = globSync(`${folder}/Portico*.md`).map((file) => basename(file, '.md'))
  assert.deepEqual(pages.toSorted(), alerts.map(({ alert }) => alert).toSorted())
  const index = readFileSync(join(folder, 'README.md'), 'utf8')
  for (const { alert, labels } of alerts) {
    const text = readFileSync(join(folder, `${alert}.md`), 'utf8')
    assert.match(text, new RegExp(`^\\*${labels.severity}\\*`, 'm'), alert)
    for (const part of ['Look first', 'Do', 'Do not', 'Over when'])
      assert.match(text, new RegExp(`^## ${part}$`, 'm'), `${alert}: ${part}`)
    assert.ok(index.includes(`(${alert}.md)`), alert)
  }
})

const pages = [
  ...globSync(`${folder}/*.md`),
  ...['deploy', 'upgrade', 'key-ceremony', 'backup', 'capacity'].map((n) => `docs/operate/${n}.md`),
]

test('what these pages point to is there, and so is every setting that they name', () => {
  for (const page of pages) {
    const text = readFileSync(page, 'utf8')
    for (const [, target = ''] of text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g))
      if (!target.includes('://'))
        assert.ok(existsSync(join(dirname(page), target)), `${page} points to ${target}`)
    for (const [name] of text.matchAll(/PORTICO_[A-Z_]+[A-Z]/g))
      assert.ok(
        name in Settings.shape || /^PORTICO_DATABASE_URL$/.test(name),
        `${page} names ${name}`,
      )
  }
})

test('figures that a run book names are told by the code', () => {
  const code = globSync('src/{gateway,platform,courier,bank,control}/**/*.ts')
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
  for (const page of globSync(`${folder}/*.md`))
    for (const [name] of readFileSync(page, 'utf8').matchAll(/portico_[a-z_]+[a-z]/g))
      assert.ok(
        code.includes(name.replace(/_(bucket|sum|count)$/, '')) || name === 'portico_backup',
        `${page} names ${name}`,
      )
})
