/** Personal data is read by staff for a purpose: said before, kept, and a line of the journal. */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import { StaffId } from './staff.ts'

/** Why somebody of the bank may want to know who a person is. */
export const Purpose = z.enum([
  'support',
  'onboarding',
  'contract',
  'fraud',
  'incident',
  'complaint',
  'audit',
  'regulator',
])
export type Purpose = z.output<typeof Purpose>

const SAID_MAX = 500
export const Stated = z.object({
  purpose: Purpose,
  said: z
    .string()
    .trim()
    .min(1)
    .max(SAID_MAX)
    .describe('In a few words: which case, whose question'),
})
export type Stated = z.output<typeof Stated>

export const purposeAsked = problem(
  'staff/purpose-asked',
  403,
  'Say first what these personal data are read for',
)

export const ReadingId = idOf('reading')

/** Who read what about whom, and what they said it was for; the words are gone where the one they may name was erased. */
export const Reading = z.object({
  id: ReadingId,
  staffId: StaffId,
  operation: z.string().describe('What was read'),
  subject: z.string().describe('About whom'),
  purpose: Purpose,
  said: z.string().nullable(),
  readAt: z.instanceof(Temporal.Instant),
})
export type Reading = z.output<typeof Reading>
