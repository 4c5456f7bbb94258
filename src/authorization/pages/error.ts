import { page, type Page, proofField, threshold } from './frame.ts'
import { type Html, html } from './html.ts'
import { say, type TextKey } from './texts/index.ts'

/** How a customer leaves a request that failed. */
export interface WayBack {
  readonly action: string
  readonly proof: string
  readonly partner: string
  /** Origin of the partner's page. */
  readonly leadsTo: string
}

const leave = ({ language }: Page, { action, proof, partner }: WayBack): Html =>
  html`<form action="${action}" method="post" id="leave" class="acts">
    ${proofField(proof)}<button class="b" type="submit" id="cancel" name="action" value="cancel">
      ${say(language, 'cancel', { partner })}
    </button>
  </form>`

/** What happened, that nothing was allowed, what to do; and the words that support needs (RFC 6749 §4.1.2.1). */
export const errorPage = (
  around: Page,
  failure: {
    readonly key: TextKey
    readonly error: string
    readonly description: string
    readonly instance: string
    readonly wayBack?: WayBack | undefined
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
      </section>
      ${failure.wayBack && leave(around, failure.wayBack)}`,
  )
}
