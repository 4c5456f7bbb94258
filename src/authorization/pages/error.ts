import { page, type Page, threshold } from './frame.ts'
import { html } from './html.ts'
import { say, type TextKey } from './texts/index.ts'

/** What happened, that nothing was allowed, what to do; and the words that support needs (RFC 6749 §4.1.2.1). */
export const errorPage = (
  around: Page,
  failure: {
    readonly key: TextKey
    readonly error: string
    readonly description: string
    readonly instance: string
  },
): string => {
  const { language } = around
  return page(
    around,
    say(language, 'errorTitle'),
    html`${threshold}
      <h1>${say(language, 'errorTitle')}</h1>
      <p class="lead">${say(language, failure.key)}</p>
      <section aria-labelledby="for-support">
        <h2 id="for-support">${say(language, 'errorWords')}</h2>
        <p id="error" lang="en"><code>${failure.error}</code> ${failure.description}</p>
        <dl class="kv">
          <dt>${say(language, 'errorId')}</dt>
          <dd id="instance"><code>${failure.instance}</code></dd>
        </dl>
      </section>`,
  )
}
