/** What people of a partner have to know: on the portal, by mail, and where it has a day, in their calendar. */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import { Instant } from '#kernel/time.ts'

export const NoticeId = idOf('notice')
export type NoticeId = z.output<typeof NoticeId>

export const noticeNotFound = problem('webhooks/notice-not-found', 404, 'No such notice')

export const Notice = z.object({
  id: NoticeId,
  partnerId: z.string(),
  kind: z.string(),
  subject: z.string(),
  title: z.string(),
  body: z.string(),
  happensAt: z.instanceof(Temporal.Instant).nullable(),
  madeAt: z.instanceof(Temporal.Instant),
  acknowledge: z.boolean(),
  acknowledgedAt: z.instanceof(Temporal.Instant).nullable(),
  acknowledgedBy: z.string().nullable(),
})
export type Notice = z.output<typeof Notice>

export const NoticeView = z.object({
  ...Notice.omit({ partnerId: true }).shape,
  happensAt: Instant.nullable().describe('When what it announces happens; null: it has'),
  madeAt: Instant,
  acknowledge: z.boolean().describe('Whether you have to say that you have read it'),
  acknowledgedAt: Instant.nullable(),
})

export interface Announcement {
  readonly partnerId: string
  readonly kind: string
  /** What it is about: a version, an endpoint, a contract. */
  readonly subject: string
  /** The same key is announced to a partner once. */
  readonly key: string
  readonly title: string
  readonly body: string
  readonly happensAt: Temporal.Instant | null
  readonly acknowledge: boolean
}

/** RFC 5545 §3.3.11: commas, semicolons, backslashes and line ends of a text are escaped. */
const text = (value: string) =>
  value.replaceAll(/[\\;,]/g, (found) => `\\${found}`).replaceAll(/\r?\n/g, '\\n')

/** RFC 5545 §3.1: a line is at most 75 octets; what is longer goes on behind a space. */
const folded = (line: string): string => {
  const lines: string[] = []
  let rest = ''
  for (const character of line) {
    if (Buffer.byteLength(rest + character) > 74) {
      lines.push(rest)
      rest = ''
    }
    rest += character
  }
  return [...lines, rest].join('\r\n ')
}

const utc = (at: Temporal.Instant) =>
  at.toString({ smallestUnit: 'second' }).replaceAll(/[-:]/g, '')

/** An iCalendar (RFC 5545) of what is still to happen: a program of theirs may fetch it every day. */
export const calendarOf = (bank: string, notices: readonly Notice[]): string =>
  [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Portico//Partner calendar//EN',
    `X-WR-CALNAME:${text(bank)}`,
    ...notices.flatMap(({ id, title, body, happensAt, madeAt }) =>
      happensAt === null
        ? []
        : [
            'BEGIN:VEVENT',
            `UID:${id}@portico`,
            `DTSTAMP:${utc(madeAt)}`,
            `DTSTART:${utc(happensAt)}`,
            `SUMMARY:${text(title)}`,
            `DESCRIPTION:${text(body)}`,
            'TRANSP:TRANSPARENT',
            'END:VEVENT',
          ],
    ),
    'END:VCALENDAR',
    '',
  ]
    .map(folded)
    .join('\r\n')
