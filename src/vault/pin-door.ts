/** Choosing and reading a PIN at the vault's own origin. What is typed is bytes from the socket to the cipher. */
import type { IncomingMessage } from 'node:http'
import { Problem } from '#kernel/problem.ts'
import { work } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'
import { choosePin, showPin } from './choosing-pin.ts'
import type { Room } from './index.ts'
import { pinBlocked } from './pin.ts'
import { blockedPage, choosingPage, pinPage, setPage } from './pin-page.ts'
import { hasPin, livePinSession } from './pin-store.ts'
import { type Answer, type Frame, notNowPage, overPage } from './reveal-page.ts'

interface PinVisit {
  readonly db: Postgres
  readonly room: Room
  readonly now: Temporal.Instant
  readonly frame: Frame
  readonly secret: string
}

/** Three fields of four digits and their names are less. */
const FORM_BYTES_MAX = 256

/** No other page may frame it, whoever asked for it. */
const alone = (status: number, body: string | Buffer): Answer => ({
  status,
  body,
  frameOrigins: [],
})

export const answerPin = async (request: IncomingMessage, visit: PinVisit): Promise<Answer> => {
  const { db, now, frame, secret } = visit
  if (request.method === 'GET') {
    request.resume()
    const session = await livePinSession(db, secret, now)
    return session
      ? alone(200, choosingPage(frame, await hasPin(db, session.cardId)))
      : alone(404, overPage(frame))
  }
  const form = await bytesOf(request)
  try {
    return await acted(form, visit)
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 409) throw error
    return alone(409, error.code === pinBlocked.code ? blockedPage(frame) : notNowPage(frame))
  } finally {
    form.fill(0)
  }
}

const acted = async (form: Buffer, visit: PinVisit): Promise<Answer> => {
  const { db, room, now, frame, secret } = visit
  if (fieldOf(form, 'show').length > 0) {
    const pin = await work(db, 'system', now, (w) => showPin(w, room, secret))
    if (!pin) return alone(404, overPage(frame))
    const body = pinPage(frame, pin)
    pin.fill(0)
    return { ...alone(200, body), secret: true }
  }
  const wish = {
    present: fieldOf(form, 'present'),
    chosen: fieldOf(form, 'chosen'),
    again: fieldOf(form, 'again'),
  }
  const came = await work(db, 'system', now, (w) => choosePin(w, room, secret, wish))
  switch (came.outcome) {
    case 'set':
      return alone(200, setPage(frame))
    case 'over':
      return alone(404, overPage(frame))
    case 'blocked':
      return alone(409, blockedPage(frame))
    case 'wrong':
    case 'unfit':
    case 'unequal': {
      const session = await livePinSession(db, secret, now)
      const has = session !== undefined && (await hasPin(db, session.cardId))
      return alone(422, choosingPage(frame, has, came))
    }
  }
}

/** What was sent; what is longer than a form of ours is not read. The chunks are wiped here, the answer by the caller. */
const bytesOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue
    length += chunk.length
    if (length > FORM_BYTES_MAX) chunk.fill(0)
    else chunks.push(chunk)
  }
  const whole = Buffer.concat(length > FORM_BYTES_MAX ? [] : chunks)
  for (const chunk of chunks) chunk.fill(0)
  return whole
}

/** A part of the form itself, not a copy: digits are written as they are, so nothing needs decoding. */
const fieldOf = (form: Buffer, name: string): Buffer => {
  const word = `${name}=`
  for (let from = 0; from <= form.length;) {
    const next = form.indexOf('&', from)
    const end = next === -1 ? form.length : next
    if (form.subarray(from, from + word.length).equals(Buffer.from(word)))
      return form.subarray(from + word.length, end)
    from = end + 1
  }
  return Buffer.alloc(0)
}
