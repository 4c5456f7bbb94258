/**
 * `npm run supply [FILE]`: writes the bill of materials, judges licences, and asks the registry for known weaknesses. Ends
 * with 1 where a licence is not agreed to or a weakness is high, with 2 where the registry does not answer the question.
 */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { billOfMaterials, refusedLicences } from './bill.ts'

const say = (line: string) => process.stdout.write(`${line}\n`)
const [file = 'portico.cdx.json'] = process.argv.slice(2)
const bill = await billOfMaterials()
writeFileSync(file, `${JSON.stringify(bill, null, 2)}\n`)
say(`${file}: CycloneDX ${bill.specVersion}, ${bill.components.length} packages`)

const refused = refusedLicences(bill)
for (const line of refused) say(`not agreed to: ${line}`)
if (refused.length === 0) say('licences: every one is agreed to')

const audit = spawnSync('npm', ['audit', '--audit-level=high', '--loglevel=error'], {
  cwd: resolve(import.meta.dirname, '../../..'),
  encoding: 'utf8',
})
const asked = !/audit endpoint returned an error|ENOTFOUND|ECONNREFUSED/.test(audit.stderr)
say(
  asked
    ? `audit: ${audit.status === 0 ? 'nothing high is known' : 'high weaknesses are known'}\n${audit.stdout.trim()}`
    : 'audit: NOT DONE, this registry does not answer it; ask where it does before a release',
)
process.exitCode = refused.length > 0 || (asked && audit.status !== 0) ? 1 : asked ? 0 : 2
