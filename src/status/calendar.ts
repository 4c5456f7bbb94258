/** Announced work as a calendar that people subscribe to (RFC 5545). */
import type { Language } from '#kernel/format.ts'
import type { StatusFacts } from './facts.ts'
import { componentName, reasonOf } from './naming.ts'
import type { Page } from './statuspage.ts'
import { say } from './texts/index.ts'

const LINE_OCTETS = 75

/** §3.3.11: text in which nothing can be taken for the calendar's own words. */
const escaped = (text: string) =>
  text
    .replaceAll('\\', '\\\\')
    .replaceAll(';', '\\;')
    .replaceAll(',', '\\,')
    .replaceAll(/\r\n|\r|\n/g, '\\n')

/** §3.1: no line is longer than 75 octets, and none is broken within a character. */
const folded = (line: string): string => {
  const lines: string[] = []
  let current = ''
  for (const sign of line) {
    if (Buffer.byteLength(current + sign) > LINE_OCTETS) {
      lines.push(current)
      current = ' '
    }
    current += sign
  }
  return [...lines, current].join('\r\n')
}

/** §3.3.5, form 2: 20261129T020000Z. */
const utc = (at: Temporal.Instant) =>
  at.toString({ smallestUnit: 'second' }).replaceAll(/[-:]/g, '')

export const calendar = (facts: StatusFacts, page: Page, language: Language): string => {
  const host = new URL(page.url).host
  const name = say(language, 'calendar.name', { bank: page.bank })
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Portico//Status//EN',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    `NAME:${escaped(name)}`,
    `X-WR-CALNAME:${escaped(name)}`,
    'REFRESH-INTERVAL;VALUE=DURATION:PT1H',
    ...facts.maintenance.flatMap((work) => {
      const { id, part, startsAt, endsAt, announcedAt } = work
      const component = facts.components.find((c) => c.part === part) ?? { part, title: null }
      const what = componentName(language, component)
      return [
        'BEGIN:VEVENT',
        `UID:${id}@${host}`,
        `DTSTAMP:${utc(announcedAt)}`,
        `DTSTART:${utc(startsAt)}`,
        `DTEND:${utc(endsAt)}`,
        `SUMMARY:${escaped(say(language, 'calendar.work', { bank: page.bank, what }))}`,
        `DESCRIPTION:${escaped(reasonOf(language, work))}`,
        `URL:${page.url}/#planned`,
        'STATUS:CONFIRMED',
        'TRANSP:TRANSPARENT',
        'END:VEVENT',
      ]
    }),
    'END:VCALENDAR',
  ]
  return `${lines.map(folded).join('\r\n')}\r\n`
}
