/** What stands around every page of the status: no inline script or style, nothing from another host. */
import type { Language } from '#kernel/format.ts'
import { type Html, html, type Piece } from '#platform/html.ts'
import type { Page } from '../statuspage.ts'
import { ownNames, say } from '../texts/index.ts'
import { icons, mark } from './ornament.ts'

export interface Around {
  readonly page: Page
  readonly language: Language
  /** Where it is served: what stands before every path; empty at the root of its host. */
  readonly base: string
  /** Its own path, for the language switch; a page that is an answer to a form has none. */
  readonly path: string | undefined
  readonly portal: string
}

const head = ({ base, language, page }: Around, title: string): Html =>
  html`<head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${title} · ${page.bank}</title>
    <script src="${base}/assets/appearance.js"></script>
    <link rel="stylesheet" href="${base}/assets/tokens.css" />
    <link rel="stylesheet" href="${base}/assets/fonts.css" />
    <link rel="stylesheet" href="${base}/assets/status.css" />
    <link rel="icon" href="${base}/assets/mark.svg" type="image/svg+xml" />
    <link
      rel="alternate"
      type="application/atom+xml"
      title="${say(language, 'feed.title', { bank: page.bank })}"
      href="${base}/feed.atom?lang=${language}"
    />
    <script src="${base}/assets/status.js" defer></script>
  </head>`

const languages = ({ language, path, base }: Around): Html | undefined =>
  path === undefined
    ? undefined
    : html`<nav class="langs" aria-label="${say(language, 'language')}">
        ${ownNames.map(
          ([other, short, name]) =>
            html`<a
              href="${base}${path}?lang=${other}"
              lang="${other}"
              hreflang="${other}"
              aria-label="${name}, ${short}"
              ${other === language && html`aria-current="true"`}
              >${short}</a
            >`,
        )}
      </nav>`

/** A page's own address in a language. */
export const there = ({ base, language }: Around, path: string): string =>
  `${base}${path}?lang=${language}`

const top = (around: Around): Html => {
  const { language, page } = around
  return html`<header class="st-top">
    <a class="brand" href="${there(around, '/')}"
      >${mark}<span>${page.bank}<small>${say(language, 'brand.about')}</small></span></a
    >
    ${languages(around)}
    <a class="b s" href="${there(around, '/subscribe')}"
      >${icons.bell}${say(language, 'subscribe')}</a
    >
  </header>`
}

const foot = (around: Around): Html => {
  const { base, language, portal } = around
  return html`<footer class="foot-public">
    <span>${say(language, 'apart')}</span>
    <a href="${base}/api/v2/summary.json">summary.json</a>
    <a href="${base}/feed.atom?lang=${language}">Atom</a>
    <a href="${base}/feed.rss?lang=${language}">RSS</a>
    <a href="${base}/calendar.ics?lang=${language}">${say(language, 'feed.calendar')}</a>
    <a href="${portal}/guides/status">${say(language, 'measure')}</a>
  </footer>`
}

/** The whole document; the content brings its own heading. */
export const document = (around: Around, title: string, content: Piece): string =>
  html`<!doctype html>
    <html lang="${around.language}">
      ${head(around, title)}
      <body>
        <a class="skip" href="#main">${say(around.language, 'toContent')}</a>
        ${top(around)}
        <main id="main">${content}</main>
        ${foot(around)}
      </body>
    </html> `.html

/** A page with one thing to read, and perhaps one to do. */
export const plain = (
  around: Around,
  { title, about, more }: { title: string; about: string; more?: Piece },
): string =>
  document(
    around,
    title,
    html`<section class="one">
      <h1>${title}</h1>
      <p>${about}</p>
      ${more}
      <p class="back"><a href="${there(around, '/')}">${say(around.language, 'back')}</a></p>
    </section>`,
  )
