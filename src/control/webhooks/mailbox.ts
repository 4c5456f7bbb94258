/** What a demonstration that mails to nobody would have mailed: the letters in its folder, as a page to read them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { routeNotFound } from '#platform/http.ts'
import type { ControlContext, Server } from '#control/http/context.ts'

export interface ReadLetter {
  readonly to: string
  readonly subject: string
  readonly date: string
  readonly text: string
}

const LETTERS_SHOWN = 100

/** RFC 2045 §6.7: octets beside printable text; a line that ends with an equals sign goes on. */
const fromQuotedPrintable = (text: string): string =>
  Buffer.from(
    text
      .replaceAll(/=\r?\n/g, '')
      .replaceAll(/=([0-9A-Fa-f]{2})/g, (_, hex: string) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      ),
    'latin1',
  ).toString('utf8')

/** RFC 2047: words of a header that are not ASCII; between two of them a blank means nothing. */
const fromWords = (text: string): string =>
  text
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?utf-8\?([BQ])\?([^?]*)\?=/gi, (_, how: string, word: string) =>
      how.toUpperCase() === 'B'
        ? Buffer.from(word, 'base64').toString('utf8')
        : fromQuotedPrintable(word.replaceAll('_', ' ')),
    )

/** A letter of ours: one part of plain text. */
export const readLetter = (message: string): ReadLetter => {
  const end = /\r?\n\r?\n/.exec(message)?.index ?? message.length
  const head = message.slice(0, end).replaceAll(/\r?\n[ \t]+/g, ' ')
  const body = message.slice(end).trim()
  const named = (name: string) =>
    fromWords(new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]?.trim() ?? '')
  const written = {
    'quoted-printable': fromQuotedPrintable,
    base64: (text: string) => Buffer.from(text, 'base64').toString('utf8'),
  }[named('Content-Transfer-Encoding').toLowerCase()]
  return {
    to: named('To'),
    subject: named('Subject'),
    date: named('Date'),
    text: written ? written(body) : body,
  }
}

/** The newest first; names of files begin with their time. */
export const lettersIn = (folder: string): ReadLetter[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.eml'))
        .toSorted()
        .toReversed()
        .slice(0, LETTERS_SHOWN)
        .map((name) => readLetter(readFileSync(join(folder, name), 'latin1')))
    : []

const marks: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
const escaped = (text: string) => text.replaceAll(/[&<>]/g, (mark) => marks[mark] ?? '')

export const pageOf = (letters: readonly ReadLetter[]): string => `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Mailbox · Почта · Pochta</title>
<h1>Mailbox · <span lang="ru">Почта</span> · <span lang="uz">Pochta</span></h1>
${letters.length === 0 ? '<p>–</p>' : ''}
${letters
  .map(
    ({ to, subject, date, text }) => `<article><h2>${escaped(subject)}</h2>
<p>${escaped(to)} · ${escaped(date)}</p><pre>${escaped(text)}</pre></article>`,
  )
  .join('\n')}
</html>`

/** Only where nobody is mailed and everything is invented; and only for people of the bank. */
export const mailboxRoutes = (server: Server, { mail, world }: ControlContext): void => {
  server.get('/mailbox', { schema: { hide: true } }, (_request, reply) => {
    if (!mail.shown) throw routeNotFound('GET /mailbox does not exist')
    return reply
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(pageOf(lettersIn(world.layout.mail)))
  })
}
