/** In which language a page speaks. */
import { isLanguage, type Language } from '#kernel/format.ts'

export const LANGUAGE_COOKIE = 'portico_language'

/** Words such as `ru-RU;q=0.8`, the dearest first. */
const ranked = (header: string): string[] =>
  header
    .split(',')
    .map((item) => {
      const [tag = '', ...parameters] = item.trim().split(';')
      const quality = parameters.map((p) => /^\s*q=([\d.]+)$/.exec(p)?.[1]).find(Boolean)
      return { word: tag.toLowerCase().split('-')[0] ?? '', quality: Number(quality ?? 1) }
    })
    .filter(({ quality }) => quality > 0)
    .toSorted((a, b) => b.quality - a.quality)
    .map(({ word }) => word)

/** The customer's own choice, then what the partner suggests (`ui_locales`), then the browser, then English. */
export const languageOf = (said: {
  readonly chosen: string | null | undefined
  readonly cookie: string | undefined
  readonly uiLocales: string | undefined
  readonly acceptLanguage: string | undefined
}): Language => {
  const words = [
    said.chosen ?? undefined,
    said.cookie,
    ...(said.uiLocales ?? '').split(' ').map((tag) => tag.toLowerCase().split('-')[0]),
    ...ranked(said.acceptLanguage ?? ''),
  ]
  return words.find(isLanguage) ?? 'en'
}
