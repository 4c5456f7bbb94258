/** Letters to those who asked for them: double opt-in, one press to end them (RFC 8058), and nothing told twice. */
import type { Language } from '#kernel/format.ts'
import type { Log } from '#platform/log.ts'
import type { Mail } from '#platform/mail.ts'
import type { StatusFacts } from './facts.ts'
import { type Said, tokenOf } from './letter-link.ts'
import { newsOf } from './news.ts'
import type { Page } from './statuspage.ts'
import type { Subscribers, Waiting } from './subscribers.ts'
import { say } from './texts/index.ts'

const LINK_HOURS = 24
/** What could not be told for so long is no news any more. */
const WAITING_HOURS = 24

interface MailingOptions {
  readonly mail: Mail
  readonly subscribers: Subscribers
  readonly key: Uint8Array
  readonly page: Page
  readonly log: Log
  readonly now: () => Temporal.Instant
}

export interface Mailing {
  /** Asks whoever reads this mail whether they want letters. */
  ask(address: string, language: Language): Promise<void>
  /** Puts what is new among the letters to send. */
  tell(facts: StatusFacts): Promise<void>
  /** Sends what waits; a server that takes none now ends the round, one reader who cannot be reached does not. */
  send(): Promise<void>
}

export const openMailing = (options: MailingOptions): Mailing => {
  const { mail, subscribers, key, page, log, now } = options
  const linkOf = (path: string, said: Said) => `${page.url}/${path}?token=${tokenOf(key, said)}`

  const letterOf = ({ address, language, title, text, link }: Waiting) => {
    const end = linkOf('subscriptions/end', { does: 'end', address, language, until: null })
    const foot = say(language, 'letter.news.foot', { page: `${page.url}/?lang=${language}`, end })
    return {
      to: address,
      subject: oneLine(say(language, 'letter.news.subject', { bank: page.bank, title })),
      text: `${text}\n\n${link}\n\n--\u0020\n${foot}\n`,
      headers: {
        'list-id': `<status.${new URL(page.url).hostname}>`,
        'list-unsubscribe': `<${end}>`,
        'list-unsubscribe-post': 'List-Unsubscribe=One-Click',
      },
    }
  }
  const isOver = ({ since }: Waiting) => now().since(since).total('hours') > WAITING_HOURS

  return {
    ask: async (address, language) => {
      const until = Math.floor(now().epochMilliseconds / 1000) + LINK_HOURS * 3600
      const link = linkOf('subscriptions/confirm', { does: 'begin', address, language, until })
      await mail.send(
        {
          to: address,
          subject: say(language, 'letter.ask.subject', { bank: page.bank }),
          text: say(language, 'letter.ask.text', { bank: page.bank, link }),
        },
        now(),
      )
    },
    tell: async (facts) => {
      const ids = newsOf(facts, page, 'en').map(({ id }) => id)
      const told = subscribers.told()
      const fresh = told === null ? [] : ids.filter((id) => !told.includes(id))
      if (told !== null && fresh.length === 0 && told.every((id) => ids.includes(id))) return
      const letters = subscribers.all().flatMap(({ address, language }) =>
        newsOf(facts, page, language)
          .filter(({ id }) => fresh.includes(id))
          .toReversed()
          .map(({ id, title, text, link }) => ({
            id,
            address,
            language,
            title,
            text,
            link,
            since: now(),
          })),
      )
      subscribers.tell(ids, letters)
    },
    send: async () => {
      for (const letter of subscribers.waiting()) {
        // Whoever ended the letters meanwhile gets none of those that waited.
        if (!subscribers.waiting().includes(letter)) continue
        try {
          if (isOver(letter))
            log.warn({ news: letter.id }, 'a letter waited for a day and is not sent')
          else await mail.send(letterOf(letter), now())
        } catch (cause) {
          const code = refusalOfLetter(cause)
          if (code === undefined) {
            log.warn({ cause, news: letter.id }, 'no letter is taken now; they are sent again')
            return
          }
          if (code < 500) {
            log.warn({ code, news: letter.id }, 'a letter is not taken now; it is sent again')
            continue
          }
          log.warn({ news: letter.id }, 'a letter was refused for good')
        }
        subscribers.done(letter)
      }
    },
  }
}

/**
 * What was answered to this reader or this text (RFC 5321 §4.2.1: 5yz will be the same tomorrow); undefined for all that
 * every letter would meet: no connection, a wrong password, a sender that is refused, a server that closes (421).
 */
const refusalOfLetter = (cause: unknown): number | undefined =>
  typeof cause === 'object' &&
  cause !== null &&
  'command' in cause &&
  (cause.command === 'RCPT TO' || cause.command === 'DATA') &&
  'responseCode' in cause &&
  typeof cause.responseCode === 'number' &&
  cause.responseCode !== 421
    ? cause.responseCode
    : undefined

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ').slice(0, 200)
