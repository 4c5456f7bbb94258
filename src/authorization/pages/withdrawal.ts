/** Before a permission ends: what will happen, in neutral words, and one button each for yes and no. */
import { canEnd, type Given, wordsOf } from './dashboard.ts'
import { page, type Page, proofField, threshold } from './frame.ts'
import { type Html, html } from './html.ts'
import { section } from './parts.ts'
import { say } from './texts/index.ts'

export interface Withdrawal {
  readonly page: Page
  readonly proof: string
  readonly given: readonly Given[]
}

const sheet = (asked: Withdrawal, title: string, effect: string, button: string): string => {
  const { page: around, proof } = asked
  const { language } = around
  const line = ({ consent }: Given): Html =>
    html`<li><b>${consent.partnerName}</b><span>${wordsOf(consent, around).short}</span></li>`
  return page(
    around,
    title,
    html`${threshold}
      <h1>${title}</h1>
      ${section(
        'ends',
        say(language, 'endsNow'),
        html`<ul class="ends">
          ${asked.given.filter(canEnd).map(line)}
        </ul>`,
      )}
      <p class="lead">${effect}</p>
      <form action="${around.path}" method="post" id="withdrawal">
        ${proofField(proof)}
        <div class="equal">
          <button class="b" type="submit" id="cancel" name="action" value="cancel">
            ${say(language, 'keep')}</button
          ><button class="b" type="submit" id="revoke" name="action" value="revoke">
            ${button}
          </button>
        </div>
      </form>`,
  )
}

export const withdrawalPage = (asked: Withdrawal & { readonly partner: string }): string => {
  const { language } = asked.page
  const { partner } = asked
  const title = say(language, 'revokeNamed', { partner })
  return sheet(asked, title, say(language, 'effect', { partner }), say(language, 'revoke'))
}

/** Of one partner, or of everybody. */
export const withdrawAllPage = (
  asked: Withdrawal & { readonly partner: string | undefined },
): string => {
  const { language } = asked.page
  const { partner } = asked
  return partner === undefined
    ? sheet(
        asked,
        say(language, 'revokeAllTitle'),
        say(language, 'effectAll'),
        say(language, 'revokeAll'),
      )
    : sheet(
        asked,
        say(language, 'revokeAllOf', { partner }),
        say(language, 'effect', { partner }),
        say(language, 'revokeAll'),
      )
}

export const signedOutPage = (around: Page): string => {
  const { language } = around
  return page(
    around,
    say(language, 'signedOutTitle'),
    html`${threshold}
      <h1>${say(language, 'signedOutTitle')}</h1>
      <p class="lead" id="signed-out">${say(language, 'signedOutLead')}</p>
      <p class="acts">
        <a class="b main" href="/dashboard" id="sign-in-again">${say(language, 'signInAgain')}</a>
      </p>`,
  )
}
