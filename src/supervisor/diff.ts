/** Two OpenAPI documents compared on the command line. That they differ is an answer, and no failure. */
import { readFile } from 'node:fs/promises'
import {
  compareDocuments,
  type Document,
  type Finding,
  readDocument,
} from '#control/versions/diff/index.ts'
import { Problem, problem } from '#kernel/problem.ts'

export const fileUnreadable = problem('versions/file-unreadable', 422, 'The file cannot be read')

/** Exit 0 with the findings on standard output. */
export const printDifferences = async (
  base: string,
  revision: string,
  { json, today }: { json: boolean; today: Temporal.PlainDate },
): Promise<number> => {
  const findings = compareDocuments(await read(base), await read(revision), { today })
  process.stdout.write(json ? `${JSON.stringify(findings, null, 2)}\n` : inWords(findings))
  return 0
}

const read = async (file: string): Promise<Document> => {
  try {
    return readDocument(await readFile(file, 'utf8'))
  } catch (cause) {
    if (cause instanceof Problem) throw new Problem(cause, `${file}: ${cause.detail}`, { cause })
    throw fileUnreadable(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
  }
}

/** The worst first; within a level as the document goes. */
const inWords = (findings: readonly Finding[]): string => {
  const lines = (['ERR', 'WARN', 'INFO'] as const).flatMap((level) =>
    findings
      .filter((finding) => finding.level === level)
      .map(({ id, operation, path, text }) =>
        [
          level.padEnd(5),
          operation && path ? `${operation} ${path}: ` : '',
          text,
          `  [${id}]`,
        ].join(''),
      ),
  )
  const count = (level: string) => findings.filter((finding) => finding.level === level).length
  return `${[...lines, `${count('ERR')} break a client, ${count('WARN')} may, ${count('INFO')} do not`].join('\n')}\n`
}
