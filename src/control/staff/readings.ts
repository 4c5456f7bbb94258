import { reference, type Work } from '#journal/index.ts'
import { type Reading, ReadingId, type Stated } from './reading.ts'
import * as store from './store.ts'

/** Keeps why it is read, before it is. The words stay apart from the line, which only refers to them. */
export const recordReading = async (
  work: Work,
  stated: Stated & Pick<Reading, 'staffId' | 'operation' | 'subject'>,
): Promise<void> => {
  const reading = { ...stated, id: ReadingId.next(), readAt: work.now }
  await store.insertReading(work, reading)
  const { id, operation, subject, purpose, said } = reading
  await work.record('staff.personal-data-read', subject, {
    reading: id,
    operation,
    purpose,
    said: await reference(work, subject, said),
  })
}

/** Takes back the words that were said about a subject, for they may name somebody who is to be forgotten. */
export const forgetReadings = (work: Work, subject: string): Promise<number> =>
  store.forgetReadings(work, subject)
