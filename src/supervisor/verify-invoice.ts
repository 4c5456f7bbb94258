/** An invoice's data file, computed again: what the portal lets a partner download, or only its content. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { Content, differencesIn } from '#control/billing/index.ts'

/** Exit 0 where every figure is right, 1 where one is not, 2 where the file is no invoice. */
export const verifyInvoice = (file: string): number => {
  const read = readContent(file)
  if (typeof read === 'string') {
    process.stderr.write(`portico: ${file} is no invoice's data file.\n${read}\n`)
    return 2
  }
  const differences = differencesIn(read)
  for (const { pointer, says, is } of differences)
    process.stdout.write(`${pointer}\n  says ${says}\n  is   ${is}\n`)
  const { currency, totals, partner, period } = read
  process.stdout.write(
    differences.length === 0
      ? `${partner.legalName}, ${period.start} to ${period.end}: ${totals.gross} ${currency}, every figure is right\n`
      : `${differences.length} figure(s) differ\n`,
  )
  return differences.length === 0 ? 0 : 1
}

const readContent = (file: string): Content | string => {
  try {
    const json: unknown = JSON.parse(readFileSync(file, 'utf8'))
    const { data } = z.object({ content: z.unknown() }).safeParse(json)
    const content = Content.safeParse(data?.content ?? json)
    return content.success ? content.data : z.prettifyError(content.error)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
