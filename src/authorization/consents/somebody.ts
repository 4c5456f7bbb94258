/** Where nobody is real, a consent about what could be somebody's is asked for by mistake, and is not kept. */
import { realIdentifiersWithin } from '#platform/real-identifiers.ts'

/** Whether anybody is real at the bank behind; rejects while it does not answer. */
export type AnybodyIsReal = () => Promise<boolean>

/** Asks until there is an answer, which then stands. */
export const askedOnce = (ask: AnybodyIsReal): AnybodyIsReal => {
  let known: Promise<boolean> | undefined
  return () => {
    known ??= ask().catch((error: unknown) => {
      known = undefined
      throw error
    })
    return known
  }
}

/** The first place of a detail that could be somebody's, where nobody is. */
export const somebodyUnfit = async (
  detail: object,
  anybodyIsReal: AnybodyIsReal,
): Promise<string | undefined> => {
  const [found] = realIdentifiersWithin(detail).take(1)
  if (!found || (await anybodyIsReal())) return undefined
  return `${found.pointer} validates as a real ${found.kind}, and nobody is real here`
}
