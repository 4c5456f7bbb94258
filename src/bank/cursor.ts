/** Where a page goes on: opaque, and of use only where it was given. */
import { problem } from '#kernel/problem.ts'
import { openText, sealText } from './sealed.ts'
import type { BankKeys } from './world.ts'

export const cursorInvalid = problem('bank/cursor-invalid', 400, 'The cursor cannot be used here')

/** `place` is what the cursor belongs to: the partner, the consent, the filter. */
export const sealCursor = ({ cursor }: BankKeys, place: unknown, at: string): string =>
  sealText(cursor, place, at).toString('base64url')

export const openCursor = ({ cursor }: BankKeys, place: unknown, given: string): string => {
  const at = openText(cursor, place, Buffer.from(given, 'base64url'))
  if (at === undefined)
    throw cursorInvalid(
      'a cursor belongs to the partner, the consent and the filter that it was given for',
      {
        hint: 'Begin again without a cursor.',
      },
    )
  return at
}
