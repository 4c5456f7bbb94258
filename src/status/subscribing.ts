/** Asking for letters, saying yes, ending them. Who asks is not told whether an address was known before. */
import type { IncomingMessage } from 'node:http'
import { z } from 'zod'
import { languages } from '#kernel/format.ts'
import { Address, readToken } from './letter-link.ts'
import type { Mailing } from './mailing.ts'
import type { Around } from './pages/frame.ts'
import { askForm, pressPage, refusedPage, saidPage } from './pages/letters.ts'
import type { Subscribers } from './subscribers.ts'
import type { Word } from './texts/index.ts'

export interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
}

export interface LetterDesk {
  readonly subscribers: Subscribers
  readonly mailing: Pick<Mailing, 'ask'>
  readonly key: Uint8Array
  readonly now: () => Temporal.Instant
  readonly allows: (from: string, address: string) => boolean
}

interface Asked {
  readonly request: IncomingMessage
  readonly path: string
  readonly url: URL
  readonly around: Around
}

const HTML = 'text/html; charset=utf-8'
const BODY_BYTES_MAX = 4_096
const Form = z.object({ address: Address, language: z.enum(languages) })

const page = (status: number, body: string, headers?: Answer['headers']): Answer => ({
  status,
  type: HTML,
  body,
  ...(headers && { headers }),
})
const refused = (around: Around, status: number, why: Word): Answer =>
  page(status, refusedPage(around, why))

export const answerLetters = async (desk: LetterDesk, asked: Asked): Promise<Answer> => {
  const { request, path, url, around } = asked
  const { method = 'GET' } = request
  const routes: Readonly<Record<string, readonly string[]>> = {
    '/subscriptions': ['POST'],
    '/subscriptions/confirm': ['GET', 'HEAD', 'POST'],
    '/subscriptions/end': ['GET', 'HEAD', 'POST'],
  }
  const methods = routes[path]
  if (!methods) return refused(around, 404, 'absent')
  if (!methods.includes(method))
    return { ...refused(around, 405, 'absent'), headers: { allow: methods.join(', ') } }
  if (path === '/subscriptions') return ask(desk, request, around)

  const does = path === '/subscriptions/end' ? 'end' : 'begin'
  const token = url.searchParams.get('token') ?? ''
  const said = readToken(desk.key, token, does, desk.now())
  const own = { ...around, language: said?.language ?? around.language }
  if (!said) return refused(own, 400, 'refused.link')
  const { address, language } = said
  if (method !== 'POST')
    return page(200, pressPage(own, { does: does === 'end' ? 'end' : 'confirm', token, address }))
  if (does === 'end') {
    // RFC 8058 §3.1: what mailers send is enough, and what it says besides is of no matter.
    desk.subscribers.remove(address)
    return page(200, saidPage(own, 'ended'))
  }
  return desk.subscribers.add({ address, language, since: desk.now() })
    ? page(200, saidPage(own, 'confirmed'))
    : refused(own, 503, 'refused.full')
}

const ask = async (desk: LetterDesk, request: IncomingMessage, around: Around): Promise<Answer> => {
  // Another site's page has no business to ask for letters in somebody's name.
  const site = request.headers['sec-fetch-site'] ?? 'same-origin'
  if (site !== 'same-origin' && site !== 'none') return refused(around, 403, 'refused.link')
  const body = await bodyOf(request)
  const fields = Object.fromEntries(new URLSearchParams(body ?? ''))
  const form = Form.safeParse({ ...fields, address: fields['address']?.trim() })
  if (!form.success)
    return page(422, askForm(around, 'refused.address', fields['address']?.slice(0, 254) ?? ''))
  const { address, language } = form.data
  const own = { ...around, language }
  if (!desk.allows(request.socket.remoteAddress ?? '', address))
    return refused(own, 429, 'refused.often')
  await desk.mailing.ask(address, language)
  return page(200, saidPage(own, 'asked', address))
}

const bodyOf = async (request: IncomingMessage): Promise<string | undefined> => {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request) {
    const bytes = Buffer.from(part)
    length += bytes.length
    if (length > BODY_BYTES_MAX) return undefined
    parts.push(bytes)
  }
  return Buffer.concat(parts).toString('utf8')
}

const HOUR_MS = 3_600_000
const FROM_ONE_PLACE = 30
const TO_ONE_ADDRESS = 3
const IN_ALL = 300

/** So many letters in an hour that ask: to one address, from one place, and in all. */
export const openPatience = (now: () => Temporal.Instant): LetterDesk['allows'] => {
  let since = now().epochMilliseconds
  let all = 0
  const counts = new Map<string, number>()
  return (from, address) => {
    const ms = now().epochMilliseconds
    if (ms - since > HOUR_MS) {
      since = ms
      all = 0
      counts.clear()
    }
    const [place, to] = [`from ${from}`, `to ${address.toLowerCase()}`]
    const held = (key: string) => counts.get(key) ?? 0
    if (all >= IN_ALL || held(place) >= FROM_ONE_PLACE || held(to) >= TO_ONE_ADDRESS) return false
    all += 1
    counts.set(place, held(place) + 1)
    counts.set(to, held(to) + 1)
    return true
  }
}
