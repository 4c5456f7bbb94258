/** An attack: what the attacker has, what is tried, what must come of it. Whoever reads the report can try it again. */
import type { Ground } from './ground.ts'

/** What came of one attempt: refused, and the words of the refusal. */
export interface Attempt {
  readonly what: string
  readonly refused: boolean
  readonly said: string
}

export interface Attack {
  /** The threats of the model that it belongs to (ids of docs/reference/attack.md). */
  readonly threat: string
  readonly has: string
  readonly tries: string
  readonly expects: string
  run(ground: Ground): Promise<readonly Attempt[]>
}

export interface Outcome {
  readonly name: string
  readonly attack: Attack
  readonly attempts: readonly Attempt[]
  /** It could not be carried out: neither held nor broken. */
  readonly hindered?: string
}

interface Answered {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

/** The code of a problem, or the error of OAuth; empty where it says neither. */
export const codeOf = (body: Answered['body']): string => {
  const said = body['code'] ?? body['error']
  return typeof said === 'string' ? said : ''
}

const wordsOf = ({ status, body }: Answered) => `${status} ${codeOf(body)}`.trim()

/** An attempt that a status refuses, and where codes are given, one of these codes. */
export const judged = (
  what: string,
  answer: Answered,
  statuses: readonly number[],
  codes?: readonly string[],
): Attempt => {
  return {
    what,
    refused: statuses.includes(answer.status) && (codes?.includes(codeOf(answer.body)) ?? true),
    said: wordsOf(answer),
  }
}
