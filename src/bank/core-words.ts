/** How to hear the legacy core in an answer, for the tests of the bank. */
import { allLayouts, operations as coreOperations } from './cores/legacy/layouts.ts'

/** The core's own words: names of its records and fields, its codes, and the shapes of its values. */
export const coreWords: ReadonlySet<string> = new Set(
  allLayouts.flatMap((l) => [l.name, ...l.fields.map(({ name }) => name)]),
)
const codes: ReadonlySet<string> = new Set(Object.values(coreOperations).map(({ code }) => code))

/** Every text and every name in a JSON value, with its place. */
export const eachText = function* (
  value: unknown,
  place = '',
): Generator<{ place: string; text: string; isName?: true }> {
  if (typeof value === 'string') yield { place, text: value }
  if (typeof value !== 'object' || value === null) return
  for (const [name, inner] of Object.entries(value)) {
    if (!Array.isArray(value)) yield { place: `${place}.${name}`, text: name, isName: true }
    yield* eachText(inner, Array.isArray(value) ? `${place}[]` : `${place}.${name}`)
  }
}

/** Numbers that standards have: ISO 18245 merchant categories, the two digits of a standing payment's day (OBIE). */
const shortNumber = /\.(lastFour|mcc|mccs\[\]|merchantCategoryCode|pointInTime)$/
const longNumber = /\.(bin|identification|bankCode|registrationNumber)$/

/** What in an answer is said as the core says it. */
export const coreSpeechIn = (heard: unknown): string[] =>
  [...eachText(heard)].flatMap(({ place, text, isName }) => {
    const wrong = (why: string) => [`${place}: ${why}: ${text}`]
    if (coreWords.has(text)) return wrong('a word of the core')
    if (isName) return /^[a-z][A-Za-z0-9]*$/.test(text) ? [] : wrong('a name that is not ours')
    if (text !== text.trim() || /\s{2}/.test(text)) return wrong('padded')
    if (text !== text.normalize('NFC') || /\p{Cc}|\ufffd/u.test(text))
      return wrong('not clean Unicode')
    if (/^\d+[+-]$/.test(text)) return wrong('a trailing sign')
    if (codes.has(text)) return wrong('a code of the core')
    if (/^\d{6}$/.test(text) && !place.endsWith('.bin')) return wrong('a date of six digits')
    if (/^\d{1,4}$/.test(text) && !shortNumber.test(place)) return wrong('a numeric code')
    if (/^\d+$/.test(text) && !shortNumber.test(place) && !longNumber.test(place))
      return wrong('bare digits')
    return []
  })
