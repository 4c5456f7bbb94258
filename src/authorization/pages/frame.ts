/** What stands around every page that a customer reads. No script: state lives on the server. */
import type { Cell } from '#kernel/cell.ts'
import type { Language } from '#kernel/format.ts'
import { type Html, html, type Piece } from './html.ts'
import { icons, mark, tiles } from './ornament.ts'
import { ownNames, say } from './texts/index.ts'

/** What is the same for all pages of a cell. */
export interface House {
  readonly bank: string
  readonly phone: string
  /** IANA zone of the bank's days. */
  readonly zone: string
  /** Display only: a lintel says that people and money are synthetic. */
  readonly lintel: boolean
}

/** Customers see no lintel where the money is real, and always one where it is not. */
export const lintelOf: Readonly<Record<Cell, boolean>> = { sandbox: true, production: false }

export interface Page {
  readonly house: House
  readonly language: Language
  /** Its own path, for the language switch; a page that cannot be opened again has none. */
  readonly path: string | undefined
}

const head = ({ house }: Page, title: string): Html =>
  html`<head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${house.lintel && '[Sandbox] '}${title} · ${house.bank}</title>
    <link rel="stylesheet" href="/assets/tokens.css" />
    <link rel="stylesheet" href="/assets/fonts.css" />
    <link rel="stylesheet" href="/assets/frame.css" />
    <link rel="stylesheet" href="/assets/parts.css" />
    <link rel="icon" href="/assets/mark.svg" type="image/svg+xml" />
  </head>`

const languageSwitch = ({ language, path }: Page): Html | undefined =>
  path === undefined
    ? undefined
    : html`<nav class="langs" aria-label="${say(language, 'language')}">
        ${ownNames.map(
          ([other, name]) =>
            html`<a
              href="${path}?lang=${other}"
              lang="${other}"
              hreflang="${other}"
              ${other === language && html` aria-current="true"`}
              >${name}</a
            >`,
        )}
      </nav>`

const top = (around: Page): Html => {
  const { house, language } = around
  return html`<header>
    ${
      house.lintel &&
      html`<p class="lintel" id="lintel">
        <span>${icons.flask}${say(language, 'sandboxLintel')}</span>
      </p>`
    }
    <div class="plain-top">
      <span class="brand">${mark}${house.bank}</span>
      ${languageSwitch(around)}
    </div>
  </header>`
}

const foot = ({ house, language }: Page): Html =>
  html`<footer class="plain-foot">
    <p>${say(language, 'help', { phone: house.phone })}</p>
    <p><a href="/dashboard" id="dashboard-link">${say(language, 'myPermissions')}</a></p>
  </footer>`

/** The whole document; the content brings its own heading. */
export const page = (around: Page, title: string, content: Piece): string => {
  const { language } = around
  return html`<!doctype html>
    <html lang="${language}">
      ${head(around, title)}
      <body>
        <a class="skip" href="#main">${say(language, 'toContent')}</a>
        ${top(around)}
        <main id="main" class="sheet">${content}</main>
        ${foot(around)}
      </body>
    </html> `.html
}

/** The band of tiles with the first letter of who asks: the threshold. */
export const asker = (name: string, id: string): Html => {
  const shade = Buffer.from(id).reduce((sum, byte) => sum + byte, 0) % 4
  const letter = String.fromCodePoint(name.codePointAt(0) ?? 0x41).toUpperCase()
  return html`<div class="asker">
    ${tiles}<span class="sigil o-${shade}" aria-hidden="true">${letter}</span>
  </div>`
}

export const threshold: Html = html`<div class="asker">${tiles}</div>`

/** A line that says what went wrong; read out when the page opens. */
export const wrong = (id: string, text: string): Html =>
  html`<p class="note bad" id="${id}" role="alert">${icons.wrong}<span>${text}</span></p>`

export const done = (id: string, text: string): Html =>
  html`<p class="note good" id="${id}" role="status">${icons.done}<span>${text}</span></p>`

/** The hidden proof that a form came from our page, opened in this browser. */
export const proofField = (proof: string): Html =>
  html`<input type="hidden" name="proof" value="${proof}" />`
