import { type Consent, wordingOf } from '../consents/index.ts'
import { page, type Page, proofField, threshold, wrong } from './frame.ts'
import { type Html, html, type Piece } from './html.ts'
import { say, type TextKey } from './texts/index.ts'

export interface SignInForm {
  readonly page: Page
  /** Where the form goes: the page itself. */
  readonly action: string
  readonly proof: string
  /** Who asks for permission; undefined at the customer's own dashboard. */
  readonly partner: string | undefined
  /** The consent that a second signatory is about to decide on. */
  readonly signs?: Consent | undefined
  readonly problem?: TextKey | undefined
}

const cancel = ({ page: { language }, partner }: SignInForm): Html =>
  html`<button class="b text" type="submit" id="cancel" name="action" value="cancel" formnovalidate>
    ${partner === undefined ? say(language, 'cancelHere') : say(language, 'cancel', { partner })}
  </button>`

const restart = ({ page: { language }, problem }: SignInForm): Html | undefined =>
  problem === 'codeRefused'
    ? html`<button
        class="b text"
        type="submit"
        id="restart"
        name="action"
        value="restart"
        formnovalidate
      >
        ${say(language, 'signInAgain')}
      </button>`
    : undefined

const form = (asked: SignInForm, fields: Piece, action: string): Html =>
  html`<form action="${asked.action}" method="post" id="${action}-form">
    ${proofField(asked.proof)} ${fields}
    <div class="acts">
      <button class="b main" type="submit" id="submit" name="action" value="${action}">
        ${say(asked.page.language, action === 'depart' ? 'depart' : 'continue', { bank: asked.page.house.bank })}</button
      >${restart(asked)}${cancel(asked)}
    </div>
  </form>`

/** What this sign-in is for. */
const headingOf = ({ page: around, partner, signs }: SignInForm) => {
  const { language, house } = around
  if (signs)
    return {
      title: say(language, 'signTitle'),
      lead: `${signs.partnerName}: ${wordingOf(signs, { language, zone: house.zone }).short}`,
    }
  return partner === undefined
    ? { title: say(language, 'dashboardSignIn'), lead: undefined }
    : {
        title: say(language, 'signInTitle', { bank: house.bank }),
        lead: say(language, 'signInLead', { partner }),
      }
}

/** First factor: what the customer knows. */
export const signInPage = (asked: SignInForm): string => {
  const { language } = asked.page
  const { title, lead } = headingOf(asked)
  return page(
    asked.page,
    title,
    html`${threshold}
      <h1>${title}</h1>
      ${lead !== undefined && html`<p class="lead">${lead}</p>`}
      ${asked.problem && wrong('problem', say(language, asked.problem))}
      ${form(
        asked,
        html`<p class="field">
            <label for="login">${say(language, 'login')}</label
            ><input
              class="in"
              type="text"
              id="login"
              name="login"
              autocomplete="username"
              autocapitalize="none"
              spellcheck="false"
              maxlength="64"
              required
            />
          </p>
          <p class="field">
            <label for="password">${say(language, 'password')}</label
            ><input
              class="in"
              type="password"
              id="password"
              name="password"
              autocomplete="current-password"
              maxlength="128"
              required
            />
          </p>`,
        'sign-in',
      )}`,
  )
}

/** Before the customer leaves for the bank's own sign-in: who asks, and a way not to go. */
export const departurePage = (asked: SignInForm): string => {
  const { language, house } = asked.page
  const { title, lead } = headingOf(asked)
  return page(
    asked.page,
    title,
    html`${threshold}
      <h1>${title}</h1>
      ${lead !== undefined && html`<p class="lead">${lead}</p>`}
      ${asked.problem && wrong('problem', say(language, asked.problem))}
      <p class="lead">${say(language, 'departLead', { bank: house.bank })}</p>
      ${form(asked, undefined, 'depart')}`,
  )
}

/** Second factor: what the customer has. `shownCode` is set for people who have nothing: synthetic ones. */
export const codePage = (asked: SignInForm & { readonly shownCode: string | null }): string => {
  const { language } = asked.page
  return page(
    asked.page,
    say(language, 'codeTitle'),
    html`${threshold}
      <h1>${say(language, 'codeTitle')}</h1>
      <p class="lead" id="code-hint">${say(language, 'codeLead')}</p>
      ${asked.shownCode !== null && html`<p class="shown">${say(language, 'codeShown')} <output id="shown-code">${asked.shownCode}</output></p>`}
      ${asked.problem && wrong('problem', say(language, asked.problem))}
      ${form(
        asked,
        html`<p class="field">
          <label for="code">${say(language, 'code')}</label
          ><input
            class="in code"
            type="text"
            id="code"
            name="code"
            inputmode="numeric"
            autocomplete="one-time-code"
            pattern="[0-9 ]{6,8}"
            maxlength="8"
            value="${asked.shownCode ?? ''}"
            aria-describedby="code-hint"
            required
          />
        </p>`,
        'code',
      )}`,
  )
}
