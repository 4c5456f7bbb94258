/** The page on which a cardholder reads the card: three languages, no script, and the number as bytes that are wiped. */
import { createHash } from 'node:crypto'
import { type Language, languages } from '#kernel/format.ts'

export interface Frame {
  readonly bank: string
  /** Said on every page where people and money are synthetic. */
  readonly synthetic: boolean
  readonly language: Language
}

/** What leaves by the vault's own origin. */
export interface Answer {
  readonly status: number
  readonly body: string | Buffer
  readonly frameOrigins: readonly string[]
  /** A secret is on it: it is wiped when it has left, and turns away after its minute. */
  readonly secret?: true
}

const texts = {
  en: {
    synthetic: 'Sandbox: people, money and cards are synthetic',
    title: 'Card details',
    before:
      'Make sure that nobody looks over your shoulder. The details are shown once, for a minute.',
    show: 'Show card details',
    number: 'Card number',
    expiry: 'Valid through',
    code: 'Security code (CVC)',
    holder: 'Cardholder',
    after: 'This page goes away after a minute. The bank never asks for these details by phone.',
    overTitle: 'Nothing to see here any more',
    over: 'The address was used, or its minute is over. Ask for the card details again in your app.',
    notNow: 'The card cannot be shown now',
    notNowWhy: 'It is suspended, closed or expired. Your app says more.',
    languages: 'Language',
  },
  ru: {
    synthetic: 'Песочница: люди, деньги и карты вымышленные',
    title: 'Реквизиты карты',
    before: 'Убедитесь, что никто не видит экран. Реквизиты показываются один раз, на минуту.',
    show: 'Показать реквизиты',
    number: 'Номер карты',
    expiry: 'Действует до',
    code: 'Код безопасности (CVC)',
    holder: 'Держатель карты',
    after: 'Через минуту страница закроется. Банк никогда не спрашивает эти данные по телефону.',
    overTitle: 'Здесь больше ничего нет',
    over: 'Адрес уже использован, или его минута истекла. Запросите реквизиты в приложении ещё раз.',
    notNow: 'Карту сейчас нельзя показать',
    notNowWhy: 'Она приостановлена, закрыта или её срок истёк. Подробности — в приложении.',
    languages: 'Язык',
  },
  uz: {
    synthetic: 'Sinov muhiti: odamlar, pul va kartalar toʻqima',
    title: 'Karta maʼlumotlari',
    before:
      'Ekraningizni hech kim koʻrmayotganiga ishonch hosil qiling. Maʼlumotlar bir marta, bir daqiqaga koʻrsatiladi.',
    show: 'Karta maʼlumotlarini koʻrsatish',
    number: 'Karta raqami',
    expiry: 'Amal qilish muddati',
    code: 'Xavfsizlik kodi (CVC)',
    holder: 'Karta egasi',
    after:
      'Bir daqiqadan keyin sahifa yopiladi. Bank bu maʼlumotlarni telefonda hech qachon soʻramaydi.',
    overTitle: 'Bu yerda endi hech narsa yoʻq',
    over: 'Havola ishlatilgan yoki uning daqiqasi tugagan. Karta maʼlumotlarini ilovada qaytadan soʻrang.',
    notNow: 'Kartani hozir koʻrsatib boʻlmaydi',
    notNowWhy: 'U toʻxtatilgan, yopilgan yoki muddati oʻtgan. Batafsil — ilovada.',
    languages: 'Til',
  },
} as const satisfies Record<Language, Record<string, string>>

const ownNames: Readonly<Record<Language, string>> = {
  en: 'English',
  ru: 'Русский',
  uz: 'Oʻzbekcha',
}

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { margin: 0 auto; max-width: 26rem; padding: 1rem; color: #14212b; background: #fff }
header { display: flex; justify-content: space-between; gap: 1rem; flex-wrap: wrap }
h1 { font-size: 1.25rem; margin: 1rem 0 .5rem }
nav a { margin-left: .75rem; color: #0b5c8a } nav a[aria-current] { color: inherit; text-decoration: none }
.synthetic { flex: 1 0 100%; margin: -1rem -1rem 0; padding: .25rem 1rem; background: #ffe9b8; color: #4a3400 }
dl { margin: 1rem 0; padding: 1rem; border: 1px solid #7d8b96; border-radius: .75rem }
dt { color: #47545e; font-size: .875rem } dd { margin: 0 0 .75rem; font-size: 1.125rem; font-variant-numeric: tabular-nums }
dd.number { font-size: 1.375rem; letter-spacing: .03em } dd:last-child { margin: 0 }
button { font: inherit; width: 100%; min-height: 3rem; border: 0; border-radius: .75rem; color: #fff; background: #0b5c8a; cursor: pointer }
label { display: block; font-size: .875rem } input { font: inherit; box-sizing: border-box; width: 100%; min-height: 3rem; margin: 0 0 .75rem; padding: 0 .75rem; border: 1px solid #5d6b76; border-radius: .75rem; letter-spacing: .3em; color: inherit; background: transparent }
form + form { margin-top: .75rem } [role=alert] { padding: .5rem .75rem; border-radius: .75rem; background: #fde4e1; color: #6b1409 }
button:focus-visible, input:focus-visible, a:focus-visible { outline: 3px solid #e08a00; outline-offset: 2px }
@media (prefers-color-scheme: dark) {
  body { color: #e8eef2; background: #10181e } dt { color: #a9b6c0 } nav a { color: #7cc4ee }
  button { background: #7cc4ee; color: #06202f }
}`

const styleHash = createHash('sha256').update(style).digest('base64')

/** CSP Level 3: nothing is loaded, nothing runs, the form goes nowhere else, and only the partner's pages may frame it. */
export const policyFor = (frameOrigins: readonly string[]): string =>
  [
    "default-src 'none'",
    `style-src 'sha256-${styleHash}'`,
    "form-action 'self'",
    "base-uri 'none'",
    `frame-ancestors ${frameOrigins.length === 0 ? "'none'" : frameOrigins.join(' ')}`,
  ].join('; ')

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}
const escaped = (text: string) => text.replaceAll(/[&<>"]/g, (sign) => escapes[sign] ?? sign)

const switchOf = (frame: Frame) =>
  `<nav aria-label="${texts[frame.language].languages}">${languages
    .map(
      (other) =>
        `<a href="?lang=${other}" lang="${other}"${other === frame.language ? ' aria-current="true"' : ''}>${ownNames[other]}</a>`,
    )
    .join('')}</nav>`

/** A page in the bank's clothes; with `switchable` its other languages are a click away. */
export const document = (frame: Frame, title: string, main: string, switchable: boolean): string =>
  `<!doctype html><html lang="${frame.language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex"><title>${title} · ${escaped(frame.bank)}</title><style>${style}</style></head><body><header>${
    frame.synthetic ? `<p class="synthetic">${texts[frame.language].synthetic}</p>` : ''
  }<span>${escaped(frame.bank)}</span>${switchable ? switchOf(frame) : ''}</header><main><h1>${title}</h1>${main}</main></body></html>`

/** Before the card is asked for: nothing secret stands here, so a preview or a prefetch costs nothing. */
export const askingPage = (frame: Frame): string => {
  const { title, before, show } = texts[frame.language]
  return document(
    frame,
    title,
    `<p>${before}</p><form method="post" action="?lang=${frame.language}"><button id="show">${show}</button></form>`,
    true,
  )
}

export const overPage = (frame: Frame): string => {
  const { overTitle, over } = texts[frame.language]
  return document(frame, overTitle, `<p>${over}</p>`, true)
}

export const notNowPage = (frame: Frame): string => {
  const { notNow, notNowWhy } = texts[frame.language]
  return document(frame, notNow, `<p>${notNowWhy}</p>`, false)
}

export interface Shown {
  /** ASCII digits, as the next. */
  readonly number: Buffer
  readonly code: Buffer
  readonly expiry: { readonly month: number; readonly year: number }
  readonly cardholder: Buffer
}

/** Put together from bytes: a string could not be wiped. The caller wipes the answer. */
export const cardPage = (frame: Frame, { number, code, expiry, cardholder }: Shown): Buffer => {
  const t = texts[frame.language]
  const [before = '', afterNumber = '', afterCode = '', afterHolder = ''] = document(
    frame,
    t.title,
    `<dl><dt>${t.number}</dt><dd class="number" id="number">§</dd><dt>${t.expiry}</dt><dd id="expiry">${String(
      expiry.month,
    ).padStart(
      2,
      '0',
    )}/${expiry.year % 100}</dd><dt>${t.code}</dt><dd id="code">§</dd><dt>${t.holder}</dt><dd id="holder">§</dd></dl><p>${t.after}</p>`,
    false,
  ).split('§')
  const space = Buffer.from(' ')
  const groups = [0, 4, 8, 12].flatMap((at) => [
    ...(at > 0 ? [space] : []),
    number.subarray(at, at + 4),
  ])
  return Buffer.concat([
    Buffer.from(before),
    ...groups,
    Buffer.from(afterNumber),
    code,
    Buffer.from(afterCode),
    Buffer.from(escaped(cardholder.toString('utf8'))),
    Buffer.from(afterHolder),
  ])
}
