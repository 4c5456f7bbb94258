/**
 * `npm test`: every `*.test.ts`, or those whose paths hold one of the words given.
 *
 * Tests here drive real processes against real clocks, and a shared machine can stand still for longer than a
 * connection waits. A file that failed in company is therefore run once more, alone, and both runs are shown. What
 * fails alone fails the suite, and so do more than `forgiven` files that had to be alone: then it is not the machine.
 */
import { globSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { once } from 'node:events'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { globalTeardown } from './global.ts'

const company = 3
const forgiven = 5
const root = join(import.meta.dirname, '..')
const words = process.argv.slice(2)

const say = (line: string) => void process.stdout.write(`${line}\n`)

/** A browser walks for minutes: begun last it would be waited for by nobody else. */
const begun = (file: string) =>
  /^test\/(browser|journeys)\//.test(file) ? 2 : file.startsWith('test/') ? 1 : 0

const files = globSync(['src/**/*.test.ts', 'test/**/*.test.ts', 'ui/**/*.test.ts'], { cwd: root })
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .map((file) => ({ file, bytes: statSync(join(root, file)).size }))
  .toSorted((a, b) => begun(b.file) - begun(a.file) || b.bytes - a.bytes)
  .map(({ file }) => file)

/** Milliseconds of each file by its path, and which of them failed. */
const runFiles = async (these: readonly string[], concurrency: number) => {
  const failed = new Set<string>()
  const took = new Map<string, number>()
  const results = run({
    files: these.map((file) => join(root, file)),
    cwd: root,
    concurrency,
    timeout: 2_400_000,
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  results.on('test:fail', ({ file, todo, skip }) => {
    if (todo === undefined && skip === undefined)
      failed.add(file === undefined ? 'a file without a name' : relative(root, file))
  })
  results.on('test:summary', ({ file, success, duration_ms }) => {
    if (file === undefined) return
    took.set(relative(root, file), duration_ms)
    if (!success) failed.add(relative(root, file))
  })
  const report = results.compose(spec)
  report.pipe(process.stdout, { end: false })
  await once(report, 'end')
  // A file that ended its own process in the middle has no summary, whatever it said until then.
  for (const file of these) if (!took.has(file)) failed.add(file)
  return { failed: [...failed], took }
}

if (files.length === 0) {
  say(`No test file has ${words.join(' or ')} in its path.`)
  process.exit(2)
}
const { failed, took } = await runFiles(files, company)

say('\nThe longest files, in seconds:')
for (const [file, ms] of [...took].toSorted((a, b) => b[1] - a[1]).slice(0, 10))
  say(`${(ms / 1000).toFixed(0).padStart(6)}  ${file}`)

const alone = failed.length > 0 && failed.length <= forgiven
if (failed.length > forgiven) say(`\n${failed.length} files failed: too many to blame the machine.`)
if (alone) say(`\nFailed in company, now run alone:\n  ${failed.join('\n  ')}\n`)
const { failed: still } = alone ? await runFiles(failed, 1) : { failed }
if (alone && still.length === 0)
  say(`\nPassed only alone, so it waits too little somewhere:\n  ${failed.join('\n  ')}`)

await globalTeardown()
process.exit(still.length > 0 ? 1 : 0)
