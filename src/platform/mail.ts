/** Mail to people: through the bank's server where one is set, else into files under `PORTICO_DATA/mail`. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { assert } from '#kernel/assert.ts'
import type { Settings } from './config.ts'
import type { Layout } from './layout.ts'
import { writeWhole } from './keys.ts'

/** A mail of plain text to one person. */
export interface Letter {
  readonly to: string
  readonly subject: string
  readonly text: string
  /** What a letter to many says to mailers: RFC 2369, RFC 8058. */
  readonly headers?: Readonly<Record<string, string>>
}

export interface Mail {
  /** Hands the letter over; throws where the server does not take it. */
  send(letter: Letter, now: Temporal.Instant): Promise<void>
  /**
   * Whether pages may show what was mailed: only in a demonstration that mails to nobody, where everything is invented
   * and every password is published.
   */
  readonly shown: boolean
}

type Wanted = Pick<
  Settings,
  'PORTICO_SMTP_URL' | 'PORTICO_MAIL_FROM' | 'PORTICO_BANK_NAME' | 'PORTICO_DEMO'
>

/** Read with the first letter: a house that mails nobody does without its memory. */
const mailer = () => import('nodemailer')

export const openMail = (settings: Wanted, layout: Pick<Layout, 'mail'>): Mail => {
  const { PORTICO_SMTP_URL: url, PORTICO_BANK_NAME: name, PORTICO_MAIL_FROM: address } = settings
  const composed = (letter: Letter, now: Temporal.Instant) => ({
    ...letter,
    from: { name, address },
    date: new Date(now.epochMilliseconds),
    // RFC 3834: nobody's holiday note answers a code.
    headers: { ...letter.headers, 'auto-submitted': 'auto-generated' },
  })
  if (url !== undefined) {
    const server = mailer().then(({ createTransport }) => createTransport(url))
    return {
      shown: false,
      send: async (letter, now) => void (await (await server).sendMail(composed(letter, now))),
    }
  }
  return {
    shown: settings.PORTICO_DEMO === 'on',
    send: async (letter, now) => {
      const { createTransport } = await mailer()
      const composer = createTransport({ streamTransport: true, buffer: true })
      const { message } = await composer.sendMail(composed(letter, now))
      assert(Buffer.isBuffer(message), 'the composer was asked for bytes')
      const time = now.toString({ smallestUnit: 'second' }).replaceAll(':', '')
      writeWhole(join(layout.mail, `${time}-${randomBytes(4).toString('hex')}.eml`), message)
    },
  }
}
