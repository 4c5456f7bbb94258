/** Texts on their way between people and a core that knows capitals and one code page. */

import { remembered } from './remembered.ts'

const TEXTS_MAX = 4_096

/** Legal forms stay in capitals: МЧЖ is an LLC, АЖ a joint-stock company, АТБ a bank, ЯТТ a sole trader. */
const legalForms = new Set([
  'МЧЖ',
  'АЖ',
  'АТБ',
  'ХК',
  'ДУК',
  'ДМ',
  'ЯТТ',
  'ООО',
  'АО',
  'ИП',
  'MCHJ',
  'AJ',
  'XK',
])

/** Words of a patronymic that are written small: son of, daughter of. */
const kinship = new Set(['ЎГЛИ', 'УГЛИ', 'КИЗИ', 'ОГЛЫ', 'КЫЗЫ', "O'G'LI", 'QIZI'])

const words = /\p{L}[\p{L}'’]*/gu

/** `КОДИРОВ РУСТАМ ШАВКАТ ЎГЛИ` as `Кодиров Рустам Шавкат ўгли`. Letters that the core lost stay lost. */
export const properName = remembered(TEXTS_MAX, (capitals: string): string =>
  tidy(capitals).replace(words, (word) => {
    if (legalForms.has(word)) return word
    return kinship.has(word) ? word.toLowerCase() : capitalised(word)
  }),
)

/** A line that is all Cyrillic capitals reads as a sentence; Latin words are somebody's reference and stay. */
export const sentence = remembered(TEXTS_MAX, (text: string): string => {
  const line = tidy(text)
  if (line !== line.toUpperCase()) return line
  let first = true
  return line.replace(words, (word) => {
    const opens = first
    first = false
    if (legalForms.has(word) || !/^\p{Script=Cyrillic}/u.test(word)) return word
    return opens ? capitalised(word) : word.toLowerCase()
  })
})

/**
 * What of a text the core can carry, cut to its width: Қ, Ғ, Ҳ by the nearest Russian letter, as in the core's
 * own books; the modifier letters of Uzbek and typographic quotes by their plain forms; the rest by `?`.
 */
export const carried = (text: string, width: number): string => {
  const plain = tidy(text.normalize('NFC')).replace(/[^ -~А-Яа-яЁёЎў№]/gu, (letter) => {
    const replaced = plainForms[letter]
    if (replaced !== undefined) return replaced
    const base = letter.normalize('NFKD').replace(/\p{M}/gu, '')
    return /^[ -~А-Яа-яЁё]+$/.test(base) ? base : '?'
  })
  return tidy(plain.slice(0, width))
}

const plainForms: Readonly<Record<string, string>> = {
  Қ: 'К',
  қ: 'к',
  Ғ: 'Г',
  ғ: 'г',
  Ҳ: 'Х',
  ҳ: 'х',
  ʻ: "'",
  ʼ: "'",
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  '«': '"',
  '»': '"',
  '„': '"',
  '–': '-',
  '—': '-',
  '−': '-',
}

const tidy = (text: string) => (clean.test(text) ? text : text.replace(/[\s\p{C}]+/gu, ' ').trim())

/** Nearly every text is: words of letters and signs that stand in code pages, one blank between. */
const clean = /^[!-~А-яЁёЎў№]+(?: [!-~А-яЁёЎў№]+)*$/

const capitalised = (word: string) => word.slice(0, 1) + word.slice(1).toLowerCase()
