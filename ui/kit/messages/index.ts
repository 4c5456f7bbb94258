/** The catalogue of the kit, and how a front puts its own beside it. */
import type { Language } from '#kernel/format.ts'
import { useTextOf } from '../language.tsx'
import type { Catalogue } from '../text.ts'
import { en } from './en.ts'

/** Fetches a language when it is spoken for the first time; English is always there. */
export const kitCatalogues: Record<Language, () => Promise<Catalogue>> = {
  en: () => Promise.resolve(en),
  ru: () => import('./ru.ts').then((found) => found.ru),
  uz: () => import('./uz.ts').then((found) => found.uz),
}

export const useKitText = () => useTextOf<typeof en>()
