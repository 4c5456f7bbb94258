/** A browser without script: cookies, redirects, forms. It knows the pages by the ids and names that stand on them. */
import { fetch, type Agent } from 'undici'

export interface Seen {
  readonly url: string
  readonly status: number
  readonly body: string
  readonly headers: Headers
}

interface Cookie {
  readonly value: string
  readonly path: string
}

const unescaped = (text: string) =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')

const attribute = (tag: string, name: string): string | undefined => {
  const match = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)
  return match?.[1] === undefined ? undefined : unescaped(match[1])
}

export class Browser {
  readonly #agent: Agent
  readonly #headers: Record<string, string>
  readonly cookies = new Map<string, Cookie>()
  page: Seen = { url: '', status: 0, body: '', headers: new Headers() }

  constructor(agent: Agent, headers: Record<string, string> = {}) {
    this.#agent = agent
    this.#headers = headers
  }

  /** Follows redirects as long as they stay on the origin; stops before it leaves. */
  async open(address: string | URL, init: { method?: string; body?: string } = {}): Promise<Seen> {
    let url = new URL(address, this.page.url || undefined)
    let options = init
    const { origin } = url
    for (let hop = 0; hop < 10; hop++) {
      const answer = await fetch(url, {
        ...options,
        dispatcher: this.#agent,
        redirect: 'manual',
        headers: {
          accept: 'text/html',
          cookie: this.#cookiesFor(url.pathname),
          ...(options.body !== undefined && {
            'content-type': 'application/x-www-form-urlencoded',
          }),
          ...this.#headers,
        },
      })
      this.#keep(answer.headers.getSetCookie())
      const body = await answer.text()
      this.page = {
        url: url.href,
        status: answer.status,
        body,
        headers: new Headers([...answer.headers]),
      }
      const location = answer.headers.get('location')
      if (location === null) return this.page
      const next = new URL(location, url)
      if (next.origin !== origin) return { ...this.page, url: next.href }
      url = next
      options = {}
    }
    throw new Error('redirects without end')
  }

  #cookiesFor(path: string): string {
    return [...this.cookies]
      .filter(([, { path: bound }]) => path.startsWith(bound))
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ')
  }

  #keep(lines: readonly string[]): void {
    for (const line of lines) {
      const [pair = '', ...rest] = line.split(';').map((part) => part.trim())
      const at = pair.indexOf('=')
      const path = rest.find((r) => r.toLowerCase().startsWith('path='))?.slice(5) ?? '/'
      const gone = rest.some((r) => r.toLowerCase().startsWith('expires=thu, 01 jan 1970'))
      const name = pair.slice(0, at)
      if (gone) this.cookies.delete(name)
      else this.cookies.set(name, { value: pair.slice(at + 1), path })
    }
  }

  /** Presses a button of the page by its id, with what was typed and ticked. */
  async press(id: string, fields: Record<string, string | string[]> = {}): Promise<Seen> {
    const forms = this.page.body.match(/<form[\s\S]*?<\/form>/g) ?? []
    const form = forms.find((f) => new RegExp(`<button[^>]*\\sid="${id}"`).test(f))
    if (form === undefined)
      throw new Error(`no button ${id} on ${this.page.url}: ${this.page.body.slice(0, 2000)}`)
    const button = new RegExp(`<button[^>]*\\sid="${id}"[^>]*>`).exec(form)?.[0] ?? ''
    const data = new URLSearchParams()
    for (const [tag] of form.matchAll(/<input[^>]*>/g)) {
      const name = attribute(tag, 'name') ?? ''
      const type = attribute(tag, 'type')
      if (type === 'hidden' || ((type === 'radio' || type === 'checkbox') && /\schecked/.test(tag)))
        data.append(name, attribute(tag, 'value') ?? '')
    }
    for (const [name, value] of Object.entries(fields)) {
      data.delete(name)
      for (const one of [value].flat()) data.append(name, one)
    }
    data.append(attribute(button, 'name') ?? '', attribute(button, 'value') ?? '')
    const action = attribute(form, 'action') ?? this.page.url
    return this.open(action, { method: 'POST', body: data.toString() })
  }

  /** Values of the accounts that are offered, in order. */
  accounts(): string[] {
    return [...this.page.body.matchAll(/<input[^>]*name="account"[^>]*>/g)].map(
      ([tag]) => attribute(tag, 'value') ?? '',
    )
  }

  /** Text of the element with an id. */
  text(id: string): string | undefined {
    const element = new RegExp(`<(\\w+)[^>]*\\sid="${id}"[^>]*>([\\s\\S]*?)</\\1>`)
    const inner = element.exec(this.page.body)?.[2]
    return inner === undefined
      ? undefined
      : unescaped(inner.replaceAll(/<[^>]*>/g, ''))
          .replaceAll(/\s+/g, ' ')
          .trim()
  }
}

/** Both factors of a demonstration person, on whichever page asks for them. */
export const signIn = async (browser: Browser, login = 'dilnoza'): Promise<void> => {
  await browser.press('submit', { login, password: 'portico-demo' })
  await browser.press('submit', { code: browser.text('shown-code') ?? '' })
}
