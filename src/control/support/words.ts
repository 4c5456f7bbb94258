/** Free text that people send: nothing in it may be somebody's number, or a secret. Pure. */
import type { FieldError } from '#kernel/problem.ts'
import { holdsCardNumber } from '#platform/card-guard.ts'
import { type IdentifierKind, realIdentifiers } from '#platform/real-identifiers.ts'
import { holdsSecret } from '#platform/secret-guard.ts'

/** Whose number it is can be found out. Addresses and telephones of colleagues are what people leave to be called back. */
const personal: ReadonlySet<IdentifierKind> = new Set([
  'card number',
  'PINFL',
  'account number',
  'IBAN',
])

/**
 * What must not be kept of a text, with its place. It is refused and not masked: what was typed in full stands in the
 * partner's own systems, and somebody has to hear that.
 */
export const wordFaults = (pointer: string, text: string): FieldError[] => {
  const kinds = new Set(
    realIdentifiers(text)
      .map(({ kind }) => kind)
      .filter((kind) => personal.has(kind)),
  )
  if (holdsCardNumber(text)) kinds.add('card number')
  const faults = [...kinds].map((kind) => ({
    pointer,
    code: 'personal-data',
    detail: `holds what reads as a real ${kind}`,
  }))
  return holdsSecret(text)
    ? [...faults, { pointer, code: 'secret', detail: 'holds a key or a token' }]
    : faults
}
