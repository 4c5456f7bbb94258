/** The page on which a customer decides: what, who, why, until when, which accounts. Both answers weigh the same. */
import type { ConsentAccount, Organisation } from '#bank/contract.ts'
import { dateOf } from '#kernel/format.ts'
import { type Consent, consentTypes, type Wording, wordingOf } from '../consents/index.ts'
import { asker, page, type Page, proofField, wrong } from './frame.ts'
import { type Html, html } from './html.ts'
import { icons } from './ornament.ts'
import { accountRow, daysBetween, facts, remark, scopeOf, section } from './parts.ts'
import { say, type TextKey } from './texts/index.ts'

export interface ConsentForm {
  readonly page: Page
  readonly action: string
  readonly proof: string
  readonly consent: Consent
  /** Those that this consent may be given for. */
  readonly accounts: readonly ConsentAccount[]
  /** Companies that hold some of them. */
  readonly organisations: readonly Organisation[]
  /** Its new end, where it was in force before and the request lets it go on (O53): the accounts stay. */
  readonly renewedUntil?: Temporal.Instant | undefined
  readonly now: Temporal.Instant
  readonly problem?: TextKey | undefined
}

/** The accounts were picked before: by the first signatory, or when it was given. */
const isPicked = ({ consent }: ConsentForm): boolean => consent.accounts.length > 0

const purpose = ({ page: { language }, consent }: ConsentForm): Html | undefined => {
  const { partnerName: partner, legalBasis } = consent
  // Who orders a payment or signs a contract knows what for.
  if (!consent.purpose && legalBasis !== 'explicit-consent') return undefined
  return section(
    'why',
    say(language, 'why'),
    consent.purpose
      ? html`<p>
          ${consent.purpose.text}
          <span class="dim">${say(language, 'partnerSays', { partner })}</span>
        </p>`
      : html`<p>${say(language, 'noPurpose', { partner })}</p>`,
  )
}

/** Accounts to pick from; one that stands alone is picked already. */
const choice = (form: ConsentForm, legend: string): Html => {
  const { page: around, consent, accounts } = form
  const kind = consentTypes[consent.detail.type].accounts === 'one' ? 'radio' : 'checkbox'
  const holderOf = ({ holder }: ConsentAccount) =>
    form.organisations.find(({ subject }) => subject === holder)?.name
  const row = (account: ConsentAccount, index: number) =>
    html`<label class="acct" for="account-${index + 1}"
      ><input
        type="${kind}"
        id="account-${index + 1}"
        name="account"
        value="${account.accountId}"
        ${accounts.length === 1 && html` checked`}
      />${accountRow(around, account, holderOf(account))}</label
    >`
  return html`<fieldset id="accounts">
    <legend>${legend}</legend>
    ${accounts.length === 0 ? html`<p>${say(around.language, 'noAccount')}</p>` : accounts.map(row)}
  </fieldset>`
}

/** They are not asked for again: they stand here to be seen. */
const kept = (form: ConsentForm, title: string): Html =>
  section(
    'accounts',
    title,
    form.accounts
      .filter(({ accountId }) => form.consent.accounts.includes(accountId))
      .map((account) => html`<p class="acct kept">${accountRow(form.page, account)}</p>`),
  )

const until = (form: ConsentForm): Html | undefined => {
  const { consent, now, renewedUntil } = form
  const { language, house } = form.page
  if (consent.duration === 'ONE_TIME') return undefined
  const at = renewedUntil ?? consent.expiresAt
  const end = {
    date: dateOf(language, at.toString(), house.zone),
    days: daysBetween(now, at),
  }
  const counted = consentTypes[consent.detail.type].accessesPerDay !== null
  const often = { count: consent.frequencyPerDay }
  return section(
    'until',
    say(language, 'untilWhen'),
    facts([
      [say(language, 'ends'), say(language, 'endsOn', end)],
      counted && [say(language, 'howOften'), say(language, 'timesADay', often)],
    ]),
  )
}

/** Whose word is needed beside theirs: of the company that was chosen, or of each that can be. */
const signatories = (form: ConsentForm): Html | undefined => {
  const { language } = form.page
  const { holder, signatures } = form.consent
  const companies =
    holder === null
      ? form.organisations.filter((o) => form.accounts.some((a) => a.holder === o.subject))
      : [{ name: holder, signatures }]
  const lines = companies.map(({ name, signatures: count }) =>
    count > 1
      ? say(language, holder === null ? 'needsSignatures' : 'secondSignature', {
          holder: name,
          count,
        })
      : say(language, 'holder', { holder: name }),
  )
  return lines.length === 0
    ? undefined
    : html`<div id="signatures">${lines.map((line) => remark(icons.signs, line))}</div>`
}

const renewal = ({ page: around, consent, renewedUntil }: ConsentForm): Html | undefined => {
  const { language, house } = around
  if (renewedUntil === undefined || consent.authorisedAt === null) return undefined
  const date = dateOf(language, consent.authorisedAt.toString(), house.zone)
  return html`<div id="renewal">${remark(icons.clock, say(language, 'renewal', { date }))}</div>`
}

const body = (form: ConsentForm, wording: Wording): Html => {
  const { language } = form.page
  const { choose } = wording
  const what = say(language, wording.facts.length > 0 ? 'what' : 'sees')
  return html`${renewal(form)} ${purpose(form)}
  ${section('sees', what, scopeOf(form.page, wording))}
  ${choose !== undefined && (isPicked(form) ? kept(form, choose) : choice(form, choose))}
  ${signatories(form)} ${until(form)}`
}

export const consentPage = (form: ConsentForm): string => {
  const { consent, page: around } = form
  const { language, house } = around
  const { partnerName: partner } = consent
  const wording = wordingOf(consent, { language, zone: house.zone })
  const yes = form.renewedUntil === undefined ? wording.approve : say(language, 'renew')
  return page(
    around,
    wording.title,
    html`${asker(partner, consent.partnerId)}
      <h1>${wording.title}</h1>
      <p class="lead">${wording.lead}</p>
      ${form.problem && wrong('problem', say(language, form.problem))}
      <form action="${form.action}" method="post" id="decide">
        ${proofField(form.proof)} ${body(form, wording)}
        <div class="equal">
          <button class="b" type="submit" id="refuse" name="action" value="refuse">
            ${say(language, 'refuse')}</button
          ><button class="b" type="submit" id="approve" name="action" value="approve">
            ${yes}
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
