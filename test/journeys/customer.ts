/** A customer of the bank with a plain browser: follows redirects, keeps cookies, fills forms, runs no script. */
import { createHmac } from 'node:crypto'
import assert from 'node:assert/strict'
import { CookieJar, type SecureFetch } from './web.ts'

export interface Customer {
  readonly login: string
  readonly password: string
  /** Base32 secret of the one-time code (RFC 6238), where the page does not show the code itself. */
  readonly totpSecret?: string
  /** Which of the offered accounts they pick, from 0: the one with the most money on it; or all of them. */
  readonly picks: number | 'all'
}

const base32 = (text: string): Buffer => {
  const bits = Array.from(text, (c) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0'),
  ).join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}

/** RFC 6238 with SHA-1, 30 s, six digits. */
export const oneTimeCode = (secret: string, atMs: number): string => {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(atMs / 30_000)))
  const mac = createHmac('sha1', base32(secret)).update(counter).digest()
  const offset = mac.at(-1)! & 0x0f
  return String((mac.readUInt32BE(offset) & 0x7fff_ffff) % 1_000_000).padStart(6, '0')
}

interface Form {
  readonly action: string
  readonly fields: readonly { name: string; value: string; type: string }[]
  readonly buttons: readonly { id: string; name: string; value: string }[]
}

const attribute = (tag: string, name: string): string | undefined =>
  new RegExp(`\\b${name}="([^"]*)"`)
    .exec(tag)?.[1]
    ?.replaceAll('&amp;', '&')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")

const formsOf = (html: string): Form[] =>
  [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].map(([, head = '', inner = '']) => ({
    action: attribute(head, 'action') ?? '',
    fields: [...inner.matchAll(/<input\b[^>]*>/g)].map(([tag]) => ({
      name: attribute(tag, 'name') ?? '',
      value: attribute(tag, 'value') ?? '',
      type: attribute(tag, 'type') ?? 'text',
    })),
    buttons: [...inner.matchAll(/<button\b[^>]*>/g)].map(([tag]) => ({
      id: attribute(tag, 'id') ?? '',
      name: attribute(tag, 'name') ?? '',
      value: attribute(tag, 'value') ?? '',
    })),
  }))

/** What the customer decides on the consent page. */
export interface Decision {
  readonly approve: boolean
}

/**
 * Goes from the partner's link through sign-in, code and consent back to the partner; answers the address at which the
 * partner gets the customer back. `decide` sees the text of the consent page.
 */
export const walkThroughPages = async (
  fetch: SecureFetch,
  start: string,
  partnerAddress: string,
  customer: Customer,
  decide: (pageText: string) => Decision,
): Promise<URL> => {
  const { url } = await walkPages(fetch, new URL(start), {
    customer,
    decide,
    isOver: (at) => at.href.startsWith(partnerAddress),
  })
  return url
}

/** Signs in at the dashboard of an issuer; answers the cookies that such a visitor has. */
export const visitDashboard = async (
  fetch: SecureFetch,
  issuer: string,
  customer: Customer,
): Promise<CookieJar> => {
  const decide = () => assert.fail('nothing is asked for at the dashboard')
  const isOver = (_: URL, html?: string) => html?.includes('/dashboard/sign-out') === true
  const { jar } = await walkPages(fetch, new URL(`${issuer}/dashboard`), {
    customer,
    decide,
    isOver,
  })
  return jar
}

interface Walk {
  readonly customer: Customer
  readonly decide: (pageText: string) => Decision
  /** Of an address before it is gone to, and of a page. */
  readonly isOver: (at: URL, html?: string) => boolean
}

const walkPages = async (
  fetch: SecureFetch,
  start: URL,
  { customer, decide, isOver }: Walk,
): Promise<{ url: URL; jar: CookieJar }> => {
  const jar = new CookieJar()
  let url = start
  let request: { method: string; body?: string } = { method: 'GET' }
  for (let pages = 0; pages < 20; pages++) {
    const response = await fetch(url, {
      method: request.method,
      redirect: 'manual',
      headers: {
        cookie: jar.header(),
        'accept-language': 'en',
        ...(request.body !== undefined && {
          'content-type': 'application/x-www-form-urlencoded',
          origin: url.origin,
        }),
      },
      ...(request.body !== undefined && { body: request.body }),
    })
    jar.take(response)
    const location = response.headers.get('location')
    if (location) {
      await response.text()
      url = new URL(location, url)
      if (isOver(url)) return { url, jar }
      request = { method: 'GET' }
      continue
    }
    const html = await response.text()
    if (response.status === 422 && customer.totpSecret) await nextCode()
    else
      assert.equal(
        response.status,
        200,
        `the page at ${url.pathname} answered ${response.status}: ${textOf(html).slice(0, 400)}`,
      )
    if (isOver(url, html)) return { url, jar }
    const filled = fill(html, customer, decide)
    url = new URL(filled.action || url.href, url)
    request = { method: 'POST', body: filled.body }
  }
  throw new Error('the pages lead nowhere')
}

/** A code works once (RFC 6238 §5.2): whoever needs another waits until their device shows it. */
const nextCode = () => new Promise((resolve) => setTimeout(resolve, 30_500 - (Date.now() % 30_000)))

const textOf = (html: string) =>
  html
    .replace(/<style[\s\S]*?<\/style>/g, ' ')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()

const fill = (
  html: string,
  customer: Customer,
  decide: (text: string) => Decision,
): { action: string; body: string } => {
  const form = formsOf(html).find(
    (f) =>
      f.fields.some((field) => ['login', 'code'].includes(field.name)) ||
      f.buttons.some((b) => b.id === 'approve'),
  )
  assert.ok(form, `no form that this customer knows: ${textOf(html).slice(0, 400)}`)
  const values = new URLSearchParams()
  for (const field of form.fields)
    if (field.type === 'hidden') values.append(field.name, field.value)
  const press = (id: string) => {
    const button = form.buttons.find((b) => b.id === id) ?? form.buttons[0]
    if (button?.name) values.append(button.name, button.value)
  }
  if (form.fields.some((field) => field.name === 'login')) {
    values.append('login', customer.login)
    values.append('password', customer.password)
    press('continue')
  } else if (form.fields.some((field) => field.name === 'code')) {
    const shown = /id="shown-code"[^>]*>\s*(\d{6})/.exec(html)?.[1]
    assert.ok(
      shown ?? customer.totpSecret,
      'the page shows no code and this customer has no secret',
    )
    values.append('code', shown ?? oneTimeCode(customer.totpSecret!, Date.now()))
    press('continue')
  } else {
    const decision = decide(textOf(html))
    const offered = form.fields.filter(
      (field) => field.type === 'checkbox' || field.type === 'radio',
    )
    const one = customer.picks === 'all' ? undefined : (offered[customer.picks] ?? offered[0])
    const picked = customer.picks === 'all' ? offered : one ? [one] : []
    if (decision.approve) for (const { name, value } of picked) values.append(name, value)
    press(decision.approve ? 'approve' : 'cancel')
  }
  return { action: form.action, body: values.toString() }
}
