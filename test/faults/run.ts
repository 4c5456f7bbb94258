/** Carries out faults, one after the other, under the calls of partners who count for themselves. */
import { setTimeout as sleep } from 'node:timers/promises'
import { reads } from './callers.ts'
import type { Course, Length } from './fault.ts'
import { faults, worksAgain } from './faults.ts'
import { type Books, noneWrong, openStreet, type Street } from './street.ts'
import type { Town } from './town.ts'

export interface Found {
  readonly name: string
  readonly breaks: string
  readonly keeps: string
  readonly course: Course
  readonly sent: number
  readonly taken: number
  readonly unheard: number
  readonly refused: readonly (readonly [code: string, times: number])[]
  readonly longestGapMs: number
  readonly books: Books
  /** Times that a consent which had ended was taken. */
  readonly consentsIgnored: number
}

/** Whether what must never be was not. */
export const kept = ({
  course,
  books,
  consentsIgnored,
}: Pick<Found, 'course' | 'books' | 'consentsIgnored'>): boolean =>
  course.skipped !== undefined ||
  (noneWrong(books) && consentsIgnored === 0 && (course.wrong ?? []).length === 0)

const SECOND_LOOKS = 4

const carryOut = async (street: Street, name: string, length: Length): Promise<Found> => {
  const fault = faults[name]
  if (!fault) throw new Error(`there is no fault ${name}`)
  const useEnded = await street.endedConsent()
  street.forgetGaps()
  const before = street.sum()
  let over = false
  let consentsIgnored = 0
  const trying = (async () => {
    while (!over) {
      if ((await useEnded()) === 'taken') consentsIgnored++
      await sleep(400)
    }
  })()
  let course: Course
  try {
    course = await fault.run(street, length)
  } catch (error) {
    course = { figures: [], wrong: [error instanceof Error ? error.message : String(error)] }
  }
  const againMs = await worksAgain(street, reads[0]).catch(() => undefined)
  if (againMs === undefined)
    course = { ...course, wrong: [...(course.wrong ?? []), 'calls are not taken again'] }
  over = true
  await trying
  await sleep(1_000)
  const { sent, taken, unheard, refused } = street.since(street.sum(), before)
  const { longestGapMs } = street.sum()
  const books = await street.settle()
  for (let n = 0; n < SECOND_LOOKS; n++) if ((await useEnded()) === 'taken') consentsIgnored++
  return {
    name,
    breaks: fault.breaks,
    keeps: fault.keeps,
    course,
    sent,
    taken,
    unheard,
    refused: [...refused].toSorted(([, a], [, b]) => b - a),
    longestGapMs,
    books,
    consentsIgnored,
  }
}

export interface RunOptions extends Length {
  /** All of them where none is named. */
  readonly names?: readonly string[]
  readonly callers?: number
  readonly pauseMs?: number
  readonly say: (line: string) => void
  /** What was found so far, after each fault. */
  readonly told?: (found: readonly Found[]) => void
}

/** One line of what was found. */
export const lineOf = (one: Found): string => {
  const { name, course, books, sent, taken, unheard, consentsIgnored } = one
  const wrong = (course.wrong ?? []).map((what) => `; WRONG: ${what}`).join('')
  const refused = one.refused
    .slice(0, 3)
    .map(([code, n]) => `${n}× ${code}`)
    .join(', ')
  return `${kept(one) ? '✓' : '✗'} ${name}: ${course.skipped ?? course.figures.join('; ')}; ${sent} sent, ${taken} taken, ${unheard} unheard, refused ${refused || 'none'}, lost ${books.lost}, doubled ${books.doubled}, consents ignored ${consentsIgnored}${wrong}`
}

/** Faults of a house, one after the other, in the order named. */
export const runFaults = async (town: Town, options: RunOptions): Promise<Found[]> => {
  const { names = Object.keys(faults), callers = 3, pauseMs = 100, short, say } = options
  const street = await openStreet(town, callers, pauseMs)
  const found: Found[] = []
  try {
    for (const name of names) {
      const one = await carryOut(street, name, { short })
      found.push(one)
      say(lineOf(one))
      options.told?.(found)
    }
  } finally {
    await street.close()
  }
  return found
}
