import { page, type Page, proofField, threshold, wrong } from './frame.ts'
import { type Html, html, type Piece } from './html.ts'
import { say, type TextKey } from './texts.ts'

export interface SignInForm {
  readonly page: Page
  /** Where the form goes: the page itself. */
  readonly action: string
  readonly proof: string
  /** Who asks for permission; undefined at the customer's own dashboard. */
  readonly partner: string | undefined
  readonly problem?: TextKey | undefined
}

const cancel = ({ page: { language }, partner }: SignInForm): Html | undefined =>
  partner === undefined
    ? undefined
    : html`<button
        class="b text"
        type="submit"
        id="cancel"
        name="action"
        value="cancel"
        formnovalidate
      >
        ${say(language, 'cancel', { partner })}
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
        ${say(asked.page.language, 'continue')}</button
      >${restart(asked)}${cancel(asked)}
    </div>
  </form>`

/** First factor: what the customer knows. */
export const signInPage = (asked: SignInForm): string => {
  const { language, house } = asked.page
  const title =
    asked.partner === undefined
      ? say(language, 'dashboardSignIn')
      : say(language, 'signInTitle', { bank: house.bank })
  const lead =
    asked.partner !== undefined && say(language, 'signInLead', { partner: asked.partner })
  return page(
    asked.page,
    title,
    html`${threshold}
      <h1>${title}</h1>
      ${lead && html`<p class="lead">${lead}</p>`}
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
            aria-describedby="code-hint"
            required
          />
        </p>`,
        'code',
      )}`,
  )
}
