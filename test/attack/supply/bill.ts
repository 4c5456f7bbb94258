/** The bill of materials (CycloneDX, ECMA-424) of what is installed with Portico, by npm itself, and its licences judged. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'

const root = resolve(import.meta.dirname, '../../..')
const run = promisify(execFile)

const Licence = z.union([
  z.looseObject({ license: z.looseObject({ id: z.string() }) }).transform((l) => l.license.id),
  z.looseObject({ license: z.looseObject({ name: z.string() }) }).transform((l) => l.license.name),
  z.looseObject({ expression: z.string() }).transform((l) => l.expression),
])
const Component = z.looseObject({
  name: z.string(),
  version: z.string(),
  purl: z.string(),
  hashes: z.array(z.object({ alg: z.string(), content: z.string() })).default([]),
  licenses: z.array(z.unknown()).default([]),
})
export const Bill = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.string(),
  components: z.array(Component),
})
export type Bill = z.output<typeof Bill>

/** What a package says in its licence file and not in its manifest; read by a person, of this version alone. */
const read: Readonly<Record<string, string>> = { 'png-js@2.0.0': 'MIT' }

/** Of every package that the lock file names, of all machines: not of what happens to be installed on this one. */
export const billOfMaterials = async (): Promise<Bill> => {
  const words = ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx', '--loglevel=error']
  const { stdout } = await run('npm', words, { cwd: root, maxBuffer: 64 * 1024 * 1024 })
  const bill = Bill.parse(JSON.parse(stdout))
  return {
    ...bill,
    components: bill.components.map((component) => {
      const id = read[`${component.name}@${component.version}`]
      return component.licenses.length === 0 && id
        ? { ...component, licenses: [{ license: { id } }] }
        : component
    }),
  }
}

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({ version: z.string(), name: z.string().optional() }),
  ),
})

/** Name and version of every package in the lock file, this one aside. */
export const lockedPackages = (): readonly string[] => {
  const { packages } = Lock.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')))
  return Object.entries(packages).flatMap(([place, { name, version }]) =>
    place === '' ? [] : [`${name ?? place.replace(/^.*node_modules\//, '')}@${version}`],
  )
}

/** Licences under which a bank may run and pass on what it installs. MPL-2.0 binds changes to its own files alone. */
const allowed: ReadonlySet<string> = new Set([
  'Apache-2.0',
  'MIT',
  'MIT-0',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'MPL-2.0',
  'OFL-1.1',
  'PSF-2.0',
  'Python-2.0',
  'Unlicense',
  'Zlib',
])

/** Of an SPDX expression: every side of `AND`, one side of `OR`. What is not understood is not allowed. */
const isAllowed = (expression: string): boolean => {
  const text = expression.replace(/^\((.*)\)$/, '$1')
  if (/[()]/.test(text)) return false
  return text
    .split(' OR ')
    .some((side) => side.split(' AND ').every((one) => allowed.has(one.trim())))
}

/** What has no licence, or one that nobody agreed to. */
export const refusedLicences = ({ components }: Bill): string[] =>
  components.flatMap(({ name, version, licenses }) => {
    const said = licenses.map((licence) => Licence.safeParse(licence).data ?? 'unreadable')
    if (said.length > 0 && said.every(isAllowed)) return []
    return [`${name}@${version}: ${said.join(', ') || 'no licence'}`]
  })
