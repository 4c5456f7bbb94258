/** When the bank gives its first answer to what a partner asks, and in which hours it counts. Pure. */
import { z } from 'zod'

const Clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is a time such as 09:00')

/** So long until somebody of the bank has answered for the first time: at most thirty days. */
const Minutes = z.int().min(5).max(43_200)

export const urgencies = ['critical', 'major', 'minor'] as const
export type Urgency = (typeof urgencies)[number]

export const Support = z
  .strictObject({
    /** Only minutes in these hours count, Monday to Friday; null: all count, day and night. */
    hours: z
      .strictObject({ from: Clock, to: Clock, zone: z.string() })
      .refine(({ from, to }) => from < to, { path: ['to'], error: 'is not after the beginning' })
      .refine(({ zone }) => isZone(zone), { path: ['zone'], error: 'is no time zone' })
      .nullable(),
    firstAnswerMinutes: z.strictObject({ critical: Minutes, major: Minutes, minor: Minutes }),
  })
  .refine(
    ({ firstAnswerMinutes: { critical, major, minor } }) => critical <= major && major <= minor,
    { path: ['firstAnswerMinutes'], error: 'what is more urgent is answered no later' },
  )
export type Support = z.output<typeof Support>

const isZone = (zone: string): boolean => {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone)
    return true
  } catch {
    return false
  }
}

/** The office hours of the demonstration bank. A bank elsewhere names its own in its offers. */
const OFFICE = { from: '09:00', to: '18:00', zone: 'Asia/Tashkent' }
const HOUR = 60
const OFFICE_DAY = 9 * HOUR

const byTier: Readonly<Record<string, Support>> = {
  Silver: {
    hours: OFFICE,
    firstAnswerMinutes: { critical: 4 * HOUR, major: OFFICE_DAY, minor: 2 * OFFICE_DAY },
  },
  Gold: {
    hours: null,
    firstAnswerMinutes: { critical: HOUR, major: 4 * HOUR, minor: 24 * HOUR },
  },
  Platinum: {
    hours: null,
    firstAnswerMinutes: { critical: 15, major: HOUR, minor: 8 * HOUR },
  },
}

/** What a tier promises where an offer says nothing else. */
export const supportOfTier = (tier: string): Support =>
  byTier[tier] ?? {
    hours: OFFICE,
    firstAnswerMinutes: { critical: OFFICE_DAY, major: 2 * OFFICE_DAY, minor: 5 * OFFICE_DAY },
  }

const lasting = (minutes: number): string =>
  minutes % HOUR === 0 ? `${minutes / HOUR} h` : `${minutes} min`

/** In words, for the clause that states it. */
export const supportText = ({ hours, firstAnswerMinutes }: Support): string => {
  const answers = urgencies.map((u) => `${u} within ${lasting(firstAnswerMinutes[u])}`).join(', ')
  return hours === null
    ? `${answers}, day and night`
    : `${answers}, counted Monday to Friday from ${hours.from} to ${hours.to} (${hours.zone})`
}
