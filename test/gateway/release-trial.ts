/** Tries a projection with made-up answers, in this process. */
import { compileProjection, NotAsDeclared } from '#gateway/release/projection.ts'
import { JsonRefused } from '#gateway/documents/json.ts'
import { isExpected, makeAnswer } from './release-answers.ts'
import { holdsCanary, makeCaller, makeSpec, openDice, schemaOf } from './release-fuzz.ts'

const ANSWERS_OF_A_SCHEMA = 256
const CALLERS = 4

export interface Trial {
  readonly answers: number
  readonly schemas: number
  /** Answers that were released, and compared; the rest was broken, and refused. */
  readonly released: number
  readonly refused: number
}

const pseudonym = (prefix: string, value: string) =>
  `${prefix}_${Array.from(value)
    .reduce((n, c) => (Math.imul(n, 31) + (c.codePointAt(0) ?? 0)) >>> 0, 7)
    .toString(16)
    .padStart(8, '0')}`

/** Throws at the first canary that comes through, and at the first answer that is not what was granted. */
export const tryProjections = (
  count: number,
  seed: number,
  progress: (done: number) => void = () => {},
): Trial => {
  const dice = openDice(seed)
  let released = 0
  let refused = 0
  let schemas = 0
  for (let done = 0; done < count;) {
    const spec = makeSpec(dice)
    const schema = schemaOf(spec)
    const projection = compileProjection({}, schema, '#')
    const callers = Array.from({ length: CALLERS }, () => makeCaller(dice))
    schemas++
    for (let i = 0; i < ANSWERS_OF_A_SCHEMA && done < count; i++, done++) {
      const caller = dice.pick(callers)
      const { text, expected, broken } = makeAnswer(dice, spec, caller)
      const out = outcome(() => projection.release(text, caller, pseudonym).text)
      const wrong = (what: string) =>
        new Error(
          `${what} (seed ${seed}, answer ${done})\n${JSON.stringify(schema)}\n${text}\n${out}`,
        )
      if (out === null) {
        if (!broken) throw wrong('an answer as declared was refused')
        refused++
        continue
      }
      released++
      if (holdsCanary(out)) throw wrong('a canary came through')
      if (!broken && !isExpected(JSON.parse(out), expected)) throw wrong('not what was granted')
    }
    progress(done)
  }
  return { answers: count, schemas, released, refused }
}

const outcome = (release: () => string): string | null => {
  try {
    return release()
  } catch (error) {
    if (error instanceof NotAsDeclared || error instanceof JsonRefused) return null
    throw error
  }
}
