/** Walks a story step by step: says each step with its time, stops at the first that is not as it should be. */
import assert from 'node:assert/strict'

export interface WalkedStep {
  readonly step: string
  readonly ms: number
  readonly ok: boolean
  readonly why?: string
}

export interface Walk {
  readonly story: string
  readonly cell: string
  readonly ok: boolean
  readonly ms: number
  readonly steps: readonly WalkedStep[]
}

export interface Walker {
  /** Does one step of the story; its name is a sentence that is true afterwards. */
  step<T>(sentence: string, body: () => Promise<T>): Promise<T>
}

/** Runs a story; the report is complete up to and with the step that failed. */
export const walk = async (
  story: string,
  cell: string,
  body: (walker: Walker) => Promise<void>,
  onStep: (step: WalkedStep) => void,
): Promise<Walk> => {
  const steps: WalkedStep[] = []
  const startedMs = performance.now()
  const add = (step: WalkedStep) => {
    steps.push(step)
    onStep(step)
  }
  const walker: Walker = {
    step: async (sentence, act) => {
      const fromMs = performance.now()
      const took = () => Math.round(performance.now() - fromMs)
      try {
        const result = await act()
        add({ step: sentence, ms: took(), ok: true })
        return result
      } catch (error) {
        add({
          step: sentence,
          ms: took(),
          ok: false,
          why: error instanceof Error ? error.message : String(error),
        })
        throw error
      }
    },
  }
  const done = (ok: boolean): Walk => ({
    story,
    cell,
    ok,
    ms: Math.round(performance.now() - startedMs),
    steps,
  })
  try {
    await body(walker)
    return done(true)
  } catch (error) {
    if (steps.at(-1)?.ok !== false)
      add({ step: 'between two steps', ms: 0, ok: false, why: String(error) })
    return done(false)
  }
}

/** Asks again until the answer is wanted or the time is over; answers the last one. */
export const eventually = async <T>(
  withinMs: number,
  ask: () => Promise<T>,
  wanted: (answer: T) => boolean,
): Promise<T> => {
  const until = performance.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (wanted(answer) || performance.now() > until) return answer
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // The wire is parsed where it is used; a story looks at a few members only.
  readonly body: Record<string, unknown>
}

/** The answer is what was promised; else the step fails with what came instead. */
export const expectStatus = (answer: Answer, ...statuses: number[]): Answer => {
  assert.ok(
    statuses.includes(answer.status),
    `expected ${statuses.join(' or ')}, got ${answer.status} ${JSON.stringify(answer.body)}`,
  )
  return answer
}

/** The answer is a refusal with this code of the taxonomy. */
export const expectRefusal = (answer: Answer, status: number, code: string): Answer => {
  assert.equal(
    `${answer.status} ${String(answer.body['code'])}`,
    `${status} ${code}`,
    JSON.stringify(answer.body),
  )
  return answer
}
