/** What is told: each word about an incident and each announcement, once, in feeds and letters. */
import type { Language } from '#kernel/format.ts'
import { momentOf } from '#kernel/format.ts'
import type { StatusFacts } from './facts.ts'
import { componentName, reasonOf, textOf, titleOf } from './naming.ts'
import type { Page } from './statuspage.ts'
import { say } from './texts/index.ts'

export interface News {
  readonly id: string
  readonly at: Temporal.Instant
  readonly title: string
  readonly text: string
  readonly link: string
}

/** The newest first. Words that the bank wrote stay as it wrote them. */
export const newsOf = (facts: StatusFacts, page: Page, language: Language): News[] => {
  const moment = (at: Temporal.Instant) => momentOf(language, at.toString(), page.zone)
  const nameOf = (part: string) =>
    componentName(language, facts.components.find((c) => c.part === part) ?? { part, title: null })
  const incidents = facts.incidents.flatMap((incident) =>
    incident.updates.map((update) => ({
      id: update.id,
      at: update.at,
      title: `${say(language, `update.${update.state}`)}: ${titleOf(language, incident)}`,
      text: textOf(language, update) ?? say(language, `said.${update.state}`),
      link: `${page.url}/incidents/${incident.id}`,
    })),
  )
  const work = facts.maintenance.map((planned) => ({
    id: planned.id,
    at: planned.announcedAt,
    title: say(language, 'news.work', { what: nameOf(planned.part) }),
    text: `${say(language, 'news.when', { from: moment(planned.startsAt), to: moment(planned.endsAt) })} ${reasonOf(language, planned)}`,
    link: `${page.url}/#planned`,
  }))
  return [...incidents, ...work].toSorted((a, b) => Temporal.Instant.compare(b.at, a.at))
}

/** A feed is for what is new; the page has the rest. */
const LISTED = 60

const xml = (text: string) =>
  text
    // Signs that XML 1.0 has no place for (§2.2).
    // oxlint-disable-next-line no-control-regex -- they are what is taken away
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')

/** RFC 4287. */
export const atom = (facts: StatusFacts, page: Page, language: Language): string => {
  const news = newsOf(facts, page, language).slice(0, LISTED)
  const entries = news.map(
    ({ id, at, title, text, link }) => `  <entry>
    <id>${xml(`${page.url}/news/${id}`)}</id>
    <title>${xml(title)}</title>
    <updated>${at.toString({ smallestUnit: 'second' })}</updated>
    <link href="${xml(link)}"/>
    <content type="text">${xml(text)}</content>
  </entry>\n`,
  )
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="${language}">
  <id>${xml(page.url)}/</id>
  <title>${xml(say(language, 'feed.title', { bank: page.bank }))}</title>
  <updated>${(news[0]?.at ?? facts.at).toString({ smallestUnit: 'second' })}</updated>
  <link rel="self" type="application/atom+xml" href="${xml(page.url)}/feed.atom"/>
  <link rel="alternate" type="text/html" href="${xml(page.url)}/"/>
  <author><name>${xml(page.bank)}</name></author>
${entries.join('')}</feed>
`
}

/** RFC 822 as RSS 2.0 asks for it: Mon, 23 Nov 2026 10:00:00 GMT. */
const rfc822 = (at: Temporal.Instant) => new Date(at.epochMilliseconds).toUTCString()

export const rss = (facts: StatusFacts, page: Page, language: Language): string => {
  const items = newsOf(facts, page, language)
    .slice(0, LISTED)
    .map(
      ({ id, at, title, text, link }) => `    <item>
      <guid isPermaLink="false">${xml(id)}</guid>
      <title>${xml(title)}</title>
      <link>${xml(link)}</link>
      <pubDate>${rfc822(at)}</pubDate>
      <description>${xml(text)}</description>
    </item>\n`,
    )
  return `<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">
  <channel>
    <title>${xml(say(language, 'feed.title', { bank: page.bank }))}</title>
    <link>${xml(page.url)}/</link>
    <description>${xml(say(language, 'feed.about', { bank: page.bank }))}</description>
    <language>${language}</language>
    <atom:link rel="self" type="application/rss+xml" href="${xml(page.url)}/feed.rss"/>
${items.join('')}  </channel>
</rss>
`
}
