/** The page on which a customer decides: what, who, why, until when, which accounts. Both answers weigh the same. */
import type { ConsentAccount } from '#bank/contract.ts'
import { amount as amountText, currency as currencyText, dateOf } from '#kernel/format.ts'
import { moneyJson } from '#kernel/money.ts'
import { AccountPermission, type Consent, consentTypes } from '../consents/index.ts'
import { asker, page, type Page, proofField, wrong } from './frame.ts'
import { type Html, html, type Piece } from './html.ts'
import { icons } from './ornament.ts'
import { say, type TextKey } from './texts.ts'

export interface ConsentForm {
  readonly page: Page
  readonly action: string
  readonly proof: string
  readonly consent: Consent
  /** Those that this consent may be given for. */
  readonly accounts: readonly ConsentAccount[]
  readonly now: Temporal.Instant
  readonly problem?: TextKey | undefined
}

/** Whole days from now to then, the begun one counted. */
const daysBetween = (now: Temporal.Instant, then: Temporal.Instant): number =>
  Math.ceil(then.since(now).total('hours') / 24)

const section = (id: string, title: string, content: Piece): Html =>
  html`<section aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    ${content}
  </section>`

const facts = (rows: readonly (readonly [string, string] | undefined)[]): Html =>
  html`<dl class="kv">
    ${rows
      .filter((row) => row !== undefined)
      .map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
  </dl>`

const remark = (sign: Html, text: string): Html =>
  html`<p class="never">${sign}<span>${text}</span></p>`

const never = (text: string): Html => remark(icons.never, text)

/** Accounts to pick from; one that stands alone is picked already. */
const choice = ({ page: { language }, consent, accounts }: ConsentForm, legend: string): Html => {
  const kind = consentTypes[consent.detail.type].accounts === 'one' ? 'radio' : 'checkbox'
  const row = (account: ConsentAccount, index: number) =>
    html`<label class="acct" for="account-${index + 1}"
      ><input
        type="${kind}"
        id="account-${index + 1}"
        name="account"
        value="${account.accountId}"
        ${accounts.length === 1 && html` checked`}
      /><span class="a-n"><b>${account.nickname}</b><span>•••• ${account.lastFour}</span></span
      ><span class="a-b num">${amountText(language, moneyJson(account.available))}</span></label
    >`
  return html`<fieldset>
    <legend>${legend}</legend>
    ${accounts.length === 0 ? html`<p>${say(language, 'noAccount')}</p>` : accounts.map(row)}
  </fieldset>`
}

const purpose = ({ page: { language }, consent }: ConsentForm): Html | undefined => {
  if (consent.detail.type === 'urn:bank:payment:v1') return undefined
  const { text } = consent.detail.purpose ?? {}
  const partner = consent.partnerName
  return section(
    'why',
    say(language, 'why'),
    text === undefined
      ? html`<p>${say(language, 'noPurpose', { partner })}</p>`
      : html`<p>${text} <span class="dim">${say(language, 'partnerSays', { partner })}</span></p>`,
  )
}

const sees = (lines: readonly string[]): Html =>
  html`<ul class="sees">
    ${lines.map((line) => html`<li>${icons.sees}<span>${line}</span></li>`)}
  </ul>`

const seesNot = (form: ConsentForm, lines: readonly string[]): Html =>
  html`<h3>${say(form.page.language, 'seesNot')}</h3>
    <ul class="sees no">
      ${lines.map((line) => html`<li>${icons.seesNot}<span>${line}</span></li>`)}
    </ul>`

interface Body {
  readonly title: string
  readonly lead: string
  readonly approve: TextKey
  readonly content: Piece
}

const accountsBody = (form: ConsentForm, permissions: readonly AccountPermission[]): Body => {
  const { consent, now } = form
  const { language, house } = form.page
  const partner = consent.partnerName
  // The fuller variant says what the lesser one says, and more.
  const shown = AccountPermission.options.filter(
    (p) =>
      permissions.includes(p) &&
      !(p === 'ReadTransactionsBasic' && permissions.includes('ReadTransactionsDetail')),
  )
  const hidden: TextKey[] = permissions.includes('ReadTransactionsDetail')
    ? ['seesNotCards']
    : ['seesNotCards', 'seesNotNames']
  const end = {
    date: dateOf(language, consent.expiresAt.toString(), house.zone),
    days: daysBetween(now, consent.expiresAt),
  }
  return {
    title: say(language, 'accountsTitle', { partner }),
    lead: say(language, 'accountsLead'),
    approve: 'approve',
    content: [
      purpose(form),
      section('sees', say(language, 'sees'), [
        sees(shown.map((p) => say(language, p))),
        seesNot(
          form,
          hidden.map((key) => say(language, key)),
        ),
        never(say(language, 'cannotMove', { partner })),
      ]),
      choice(form, say(language, 'whichAccounts')),
      section(
        'until',
        say(language, 'untilWhen'),
        facts([
          [say(language, 'ends'), say(language, 'endsOn', end)],
          [say(language, 'howOften'), say(language, 'fourADay')],
        ]),
      ),
    ],
  }
}

type Payment = Extract<Consent['detail'], { type: 'urn:bank:payment:v1' }>

const paymentBody = (form: ConsentForm, detail: Payment): Body => {
  const { language, house } = form.page
  const { creditorAccount, endToEndIdentification } = detail
  const amount = amountText(language, detail.instructedAmount)
  const { bankCode } = creditorAccount
  const date = dateOf(language, form.consent.expiresAt.toString(), house.zone)
  return {
    title: say(language, 'paymentTitle', { partner: form.consent.partnerName, amount }),
    lead: say(language, 'paymentLead'),
    approve: 'approvePayment',
    content: [
      section('pays', say(language, 'pays'), [
        facts([
          [say(language, 'amount'), amount],
          [say(language, 'payee'), detail.creditorName],
          [say(language, 'payeeAccount'), creditorAccount.identification],
          bankCode === undefined ? undefined : [say(language, 'payeeBank'), bankCode],
          endToEndIdentification === undefined
            ? undefined
            : [say(language, 'reference'), endToEndIdentification],
        ]),
        remark(icons.clock, say(language, 'once', { date })),
      ]),
      choice(form, say(language, 'payFrom')),
    ],
  }
}

const cardBody = (form: ConsentForm, currency: string): Body => {
  const { language, house } = form.page
  const partner = form.consent.partnerName
  const end = {
    date: dateOf(language, form.consent.expiresAt.toString(), house.zone),
    days: daysBetween(form.now, form.consent.expiresAt),
  }
  return {
    title: say(language, 'cardTitle', { partner }),
    lead: say(language, 'cardLead'),
    approve: 'approveCard',
    content: [
      purpose(form),
      section('sees', say(language, 'sees'), [
        sees([say(language, 'cardReveals')]),
        never(say(language, 'cardNever', { partner })),
        facts([
          [say(language, 'cardKind'), say(language, 'cardVirtual')],
          [say(language, 'currency'), currencyText(language, currency)],
        ]),
      ]),
      choice(form, say(language, 'cardAccount')),
      section(
        'until',
        say(language, 'untilWhen'),
        facts([[say(language, 'ends'), say(language, 'endsOn', end)]]),
      ),
    ],
  }
}

const bodyOf = (form: ConsentForm): Body => {
  const { detail } = form.consent
  switch (detail.type) {
    case 'urn:bank:accounts:v1':
      return accountsBody(form, detail.permissions)
    case 'urn:bank:payment:v1':
      return paymentBody(form, detail)
    case 'urn:bank:card-issue:v1':
      return cardBody(form, detail.currency)
  }
}

export const consentPage = (form: ConsentForm): string => {
  const { consent, page: around } = form
  const { language } = around
  const partner = consent.partnerName
  const { title, lead, approve, content } = bodyOf(form)
  return page(
    around,
    title,
    html`${asker(partner, consent.partnerId)}
      <h1>${title}</h1>
      <p class="lead">${lead}</p>
      ${form.problem && wrong('problem', say(language, form.problem))}
      <form action="${form.action}" method="post" id="decide">
        ${proofField(form.proof)} ${content}
        <div class="equal">
          <button class="b" type="submit" id="refuse" name="action" value="refuse">
            ${say(language, 'refuse')}</button
          ><button class="b" type="submit" id="approve" name="action" value="approve">
            ${say(language, approve)}
          </button>
        </div>
        <p class="tiny dim center">${say(language, 'eitherWay', { partner })}</p>
      </form>
      <details class="who">
        <summary>${say(language, 'who', { partner })}</summary>
        ${facts([
          [say(language, 'whoPartner'), partner],
          [say(language, 'whoApplication'), consent.applicationName],
          [say(language, 'whoId'), consent.applicationId],
        ])}
      </details>`,
  )
}
