/** The guides for partners: Markdown of `docs/partners/`, as a page and as it is. Text is never code: HTML in it stays text. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import markdown from 'markdown-it'
import { problem } from '#kernel/problem.ts'

export const guideNotFound = problem('reference/guide-not-found', 404, 'No such guide')

export interface Heading {
  readonly id: string
  readonly title: string
  readonly level: number
}

export interface Guide {
  readonly id: string
  readonly title: string
  /** Its first sentence. */
  readonly about: string
  readonly headings: readonly Heading[]
  readonly html: string
  readonly markdown: string
}

const folder = resolve(import.meta.dirname, '../../../docs/partners')
/** What a newcomer reads comes first; the rest by name. */
const first = ['first-call', 'sandbox', 'limits', 'fields']

const slug = (title: string) =>
  title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/g, '')

const guideOf = (id: string, text: string, ids: ReadonlySet<string>): Guide => {
  const engine = markdown({ html: false, linkify: false, typographer: false })
  const headings: Heading[] = []
  const parsed = engine.parse(text, {})
  parsed.forEach((token, at) => {
    const title = parsed[at + 1]
    if (token.type === 'heading_open' && title?.type === 'inline') {
      const heading = { id: slug(title.content), title: title.content, level: Number(token.tag[1]) }
      headings.push(heading)
      token.attrSet('id', heading.id)
    }
    // Wide blocks scroll by themselves, so the keyboard has to reach them (WCAG 2.1.1).
    if (token.type === 'table_open') token.attrSet('tabindex', '0')
    for (const inner of token.children ?? [])
      if (inner.type === 'link_open')
        inner.attrSet('href', addressOf(String(inner.attrGet('href') ?? ''), ids))
  })
  const code = engine.renderer.rules
  for (const rule of ['fence', 'code_block'] as const)
    code[rule] = (all, at) =>
      `<pre class="shade" tabindex="0"><code>${engine.utils.escapeHtml(all[at]?.content ?? '')}</code></pre>\n`
  const paragraph = parsed.findIndex((token) => token.type === 'paragraph_open')
  const about = parsed[paragraph + 1]?.children?.map((c) => c.content).join('') ?? ''
  return {
    id,
    title: headings[0]?.title ?? id,
    about: about.split(/(?<=\.)\s/)[0] ?? about,
    headings: headings.slice(1),
    html: engine.renderer.render(parsed.slice(headings.length > 0 ? 3 : 0), engine.options, {}),
    markdown: text,
  }
}

/** A link between guides leads to the guide's page; one into the repository is told by its path alone. */
const addressOf = (href: string, ids: ReadonlySet<string>): string => {
  const guide = /^(?:\.\/)?([a-z-]+)\.md(#.*)?$/.exec(href)
  if (guide?.[1] !== undefined && ids.has(guide[1])) return `/guides/${guide[1]}${guide[2] ?? ''}`
  return /^(https:\/\/|#|\/)/.test(href) ? href : '/guides'
}

/** All guides, in the order of reading. */
export const readGuides = (): Guide[] => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.md'))
  const ids = new Set(names.map((name) => name.slice(0, -3)))
  const place = (id: string) => (first.includes(id) ? first.indexOf(id) : first.length)
  return [...ids]
    .toSorted((a, b) => place(a) - place(b) || a.localeCompare(b))
    .map((id) => guideOf(id, readFileSync(join(folder, `${id}.md`), 'utf8'), ids))
}
