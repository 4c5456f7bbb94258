/**
 * A customer of the make-believe bank with a plain browser: cookies, redirects, forms, no script. They go where customers
 * go, to the pages of the cell's authorization server, and know those by the ids that stand on them; so what they decide
 * is an ordinary decision, and nothing on the way is skipped.
 */
import { type Dispatcher, request } from 'undici'
import { problem } from '#kernel/problem.ts'

/** Where a cell's customers decide, and how one gets there. */
export interface CustomerPages {
  readonly issuer: string
  readonly dispatcher: Dispatcher
}

export const decisionRefused = problem(
  'sandbox/decision-refused',
  409,
  'The pages did not take the decision',
)

export interface Wish {
  readonly clientId: string
  readonly requestUri: string
  readonly login: string
  readonly password: string
  readonly decision: 'APPROVE' | 'DENY' | 'LEAVE'
  /** Which of the accounts that are offered they tick. */
  readonly accounts: 'FIRST' | 'ALL'
}

const PAGES_MAX = 12

/** Answers where the customer is sent back to with their decision; null where they left without one. */
export const decideOnPages = async (pages: CustomerPages, wish: Wish): Promise<string | null> => {
  const start = new URL('/auth', pages.issuer)
  start.search = new URLSearchParams({
    client_id: wish.clientId,
    request_uri: wish.requestUri,
  }).toString()
  const cookies = new Map<string, string>()
  let step: Step = { url: start, body: null }
  let last: string | null = null
  for (let at = 0; at < PAGES_MAX; at++) {
    const seen = await look(pages, step, cookies)
    if (seen.location !== null) {
      const next = new URL(seen.location, step.url)
      if (next.origin !== start.origin) return next.href
      step = { url: next, body: null }
      continue
    }
    // The same page once more: it did not take what it was given.
    const page = pageOf(seen.html)
    if (page === undefined || page.is === last) throw decisionRefused(saidOn(seen.html))
    last = page.is
    if (page.is === 'decision' && wish.decision === 'LEAVE') return null
    step = answered(step.url, seen.html, page, wish)
  }
  throw decisionRefused('the pages lead nowhere')
}

interface Step {
  readonly url: URL
  readonly body: string | null
}

const look = async (
  { dispatcher }: CustomerPages,
  { url, body }: Step,
  cookies: Map<string, string>,
): Promise<{ location: string | null; html: string }> => {
  const answer = await request(url, {
    dispatcher,
    method: body === null ? 'GET' : 'POST',
    headersTimeout: 10_000,
    bodyTimeout: 10_000,
    headers: {
      accept: 'text/html',
      'accept-language': 'en',
      cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      ...(body !== null && {
        'content-type': 'application/x-www-form-urlencoded',
        origin: url.origin,
      }),
    },
    body,
  })
  for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
    const [name = '', value = ''] = line.split(';', 1)[0]?.split(/=(.*)/s) ?? []
    if (value === '') cookies.delete(name)
    else cookies.set(name, value)
  }
  const { location } = answer.headers
  return {
    location: typeof location === 'string' ? location : null,
    html: await answer.body.text(),
  }
}

interface Page {
  readonly is: 'sign-in' | 'code' | 'decision'
  /** The form that one answers with. */
  readonly form: string
}

const inputs = (html: string): string[] => html.match(/<(input|button)\b[^>]*>/g) ?? []

const attribute = (tag: string, name: string): string | undefined =>
  new RegExp(`\\s${name}="([^"]*)"`)
    .exec(tag)?.[1]
    ?.replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')

const marks = [
  { is: 'sign-in', attribute: 'name', value: 'login' },
  { is: 'code', attribute: 'name', value: 'code' },
  { is: 'decision', attribute: 'id', value: 'approve' },
] as const

const pageOf = (html: string): Page | undefined => {
  for (const form of html.match(/<form[\s\S]*?<\/form>/g) ?? []) {
    const found = marks.find(({ attribute: name, value }) =>
      inputs(form).some((tag) => attribute(tag, name) === value),
    )
    if (found) return { is: found.is, form }
  }
  return undefined
}

const answered = (url: URL, html: string, { is, form: shown }: Page, wish: Wish): Step => {
  const form = new URLSearchParams()
  for (const tag of inputs(shown))
    if (attribute(tag, 'type') === 'hidden')
      form.append(attribute(tag, 'name') ?? '', attribute(tag, 'value') ?? '')
  const press = (id: string) => {
    const button = inputs(shown).find((tag) => attribute(tag, 'id') === id)
    const name = button && attribute(button, 'name')
    if (button && name) form.append(name, attribute(button, 'value') ?? '')
  }
  switch (is) {
    case 'sign-in':
      form.append('login', wish.login)
      form.append('password', wish.password)
      press('submit')
      break
    case 'code':
      form.append('code', shownCode(html))
      press('submit')
      break
    case 'decision': {
      const offered = inputs(shown).filter((tag) => attribute(tag, 'name') === 'account')
      const ticked = wish.accounts === 'ALL' ? offered : offered.slice(0, 1)
      if (wish.decision === 'APPROVE')
        for (const tag of ticked) form.append('account', attribute(tag, 'value') ?? '')
      press(wish.decision === 'APPROVE' ? 'approve' : 'refuse')
    }
  }
  const action = attribute(/<form\b[^>]*>/.exec(shown)?.[0] ?? '', 'action')
  return { url: new URL(action || url.href, url), body: form.toString() }
}

/** Only of people who have no device, and who are not real therefore, does a page show it. */
const shownCode = (html: string): string => {
  const [, code] = /id="shown-code"[^>]*>\s*(\d{6})/.exec(html) ?? []
  if (code === undefined)
    throw decisionRefused('the page shows no code: this customer has a device of their own')
  return code
}

/** The words of a page, for whoever asks why. */
const saidOn = (html: string): string => {
  const [, words] = /id="(?:problem|error)"[^>]*>([\s\S]*?)<\//.exec(html) ?? []
  const text = (words ?? '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return text === '' ? 'the request is not known, is used up, or is not yours' : text.slice(0, 200)
}
