/** Every operation of every document that the running house publishes, as a caller would ask for it. */
import { z } from 'zod'

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const
const Document = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
})

export interface Asked {
  readonly method: string
  readonly path: string
}

/** Ids in paths are well-formed and nobody's. */
const filled = (path: string): string => path.replaceAll(/\{[^}]+\}/g, `x_${'0'.repeat(32)}`)

const inDocument = (document: unknown): Asked[] =>
  Object.entries(Document.parse(document).paths).flatMap(([path, item]) =>
    methods
      .filter((method) => method in item)
      .map((method) => ({ method: method.toUpperCase(), path: filled(path) })),
  )

export const operationsOf = async (urls: readonly string[]): Promise<Asked[]> => {
  const found: Asked[] = []
  for (const url of urls) {
    const answer = await fetch(url)
    // A document that this house does not publish yet has no operation to attack.
    if (answer.status === 404) await answer.body?.cancel()
    else found.push(...inDocument(await answer.json()))
  }
  if (found.length === 0) throw new Error('the house publishes no operation: nothing can be tried')
  return found
}
