/** Rating cases from standard input: one or a list of them. A refusal is an answer; only what is no case is an error. */
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { meantInput, ratingAnswer, RatingInput } from '#control/rating/index.ts'

/** Only `input` matters. */
const Case = z.object({ input: RatingInput })

/** Exit 0 with the answers on standard output, or 2 with what is wrong with the cases. */
export const rateStandardInput = async (): Promise<number> => {
  const said = readJson(await text(process.stdin))
  const cases = z.union([z.array(Case), Case]).safeParse(said)
  if (!cases.success) {
    process.stderr.write(
      `portico: this is no rating case.\n${z.prettifyError(problemOf(said) ?? cases.error)}\n`,
    )
    return 2
  }
  const answers = Array.isArray(cases.data)
    ? cases.data.map(({ input }) => ratingAnswer(input))
    : ratingAnswer(cases.data.input)
  process.stdout.write(`${JSON.stringify(answers, null, 2)}\n`)
  return 0
}

const readJson = (words: string): unknown => {
  try {
    return JSON.parse(words)
  } catch {
    return undefined
  }
}

/** The mistakes of the first case that is none, by the job that it means to be. */
const problemOf = (said: unknown): z.ZodError | undefined => {
  for (const one of Array.isArray(said) ? said : [said]) {
    if (Case.safeParse(one).success) continue
    const { data } = z.object({ input: z.looseObject({}) }).safeParse(one)
    return z.object({ input: data ? meantInput(data.input) : RatingInput }).safeParse(one).error
  }
  return undefined
}
