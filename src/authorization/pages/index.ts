/** What a customer of the bank reads: plain pages without script, in three languages. */
export { type Asset, loadAssets } from './assets.ts'
export { consentPage } from './consent.ts'
export { dashboardPage } from './dashboard.ts'
export { errorPage } from './error.ts'
export { type House, lintelOf, type Page } from './frame.ts'
export { LANGUAGE_COOKIE, languageOf } from './language.ts'
export { codePage, signInPage } from './sign-in.ts'
export type { TextKey } from './texts.ts'
