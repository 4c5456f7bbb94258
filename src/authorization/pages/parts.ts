/** Pieces that several pages are made of. */
import type { ConsentAccount } from '#bank/contract.ts'
import { amount } from '#kernel/format.ts'
import { moneyJson } from '#kernel/money.ts'
import type { Wording } from '../consents/index.ts'
import type { Page } from './frame.ts'
import { type Html, html, type Piece } from './html.ts'
import { icons } from './ornament.ts'
import { say } from './texts/index.ts'

/** A part of a page under its own heading. */
export const section = (id: string, title: string, content: Piece): Html =>
  html`<section aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    ${content}
  </section>`

export type Fact = readonly [name: string, value: Piece]

/** Names and what they stand for; a row that does not apply is left out. */
export const facts = (rows: readonly (Fact | undefined | null | false)[]): Html | undefined => {
  const told = rows.filter((row) => row !== undefined && row !== null && row !== false)
  return told.length === 0
    ? undefined
    : html`<dl class="kv">
        ${told.map(
          ([name, value]) =>
            html`<dt>${name}</dt>
              <dd>${value}</dd>`,
        )}
      </dl>`
}

export const remark = (sign: Html, text: string): Html =>
  html`<p class="never">${sign}<span>${text}</span></p>`

const list = (kind: string, sign: Html, lines: readonly string[]): Html =>
  html`<ul class="${kind}">
    ${lines.map((line) => html`<li>${sign}<span>${line}</span></li>`)}
  </ul>`

/** What a partner gets, does not get, and can never do. */
export const scopeOf = ({ language }: Page, wording: Wording): Html => {
  const { sees, seesNot, never, facts: told, remark: note } = wording
  return html`${facts(told)} ${sees.length > 0 && list('sees', icons.sees, sees)}
  ${
    seesNot.length > 0 &&
    html`<h3>${say(language, 'seesNot')}</h3>
      ${list('sees no', icons.seesNot, seesNot)}`
  }
  ${never !== undefined && remark(icons.never, never)}
  ${note !== undefined && remark(icons.clock, note)}`
}

/** An account as its owner knows it. */
export const accountRow = ({ language }: Page, account: ConsentAccount, holder?: string): Html =>
  html`<span class="a-n"
      ><b>${account.nickname}</b
      ><span>${holder !== undefined && `${holder} `}•••• ${account.lastFour}</span></span
    ><span class="a-b num">${amount(language, moneyJson(account.available))}</span>`

/** Whole days from now to then, the begun one counted. */
export const daysBetween = (now: Temporal.Instant, then: Temporal.Instant): number =>
  Math.max(0, Math.ceil(then.since(now).total('hours') / 24))
