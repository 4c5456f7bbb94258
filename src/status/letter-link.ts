/** Links in letters: what they say is sealed with a key of ours, so that nothing is kept of an address that never said yes. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { languages } from '#kernel/format.ts'

export const Address = z.email().max(254)

const Said = z.strictObject({
  /** What pressing it does: a link that ends letters never begins them. */
  does: z.enum(['begin', 'end']),
  address: Address,
  language: z.enum(languages),
  /** Whole seconds since 1970; a link that ends letters does not run out. */
  until: z.int().nullable(),
})
export type Said = z.output<typeof Said>

const TOKEN_MAX = 1_024

const sealOf = (key: Uint8Array, body: string) =>
  createHmac('sha256', key).update(`portico status letter ${body}`).digest()

export const tokenOf = (key: Uint8Array, said: Said): string => {
  const body = Buffer.from(JSON.stringify(said)).toString('base64url')
  return `${body}.${sealOf(key, body).toString('base64url')}`
}

/** What a token of ours says now; undefined for all else. */
export const readToken = (
  key: Uint8Array,
  token: string,
  does: Said['does'],
  now: Temporal.Instant,
): Said | undefined => {
  const [body = '', seal = ''] = token.slice(0, TOKEN_MAX).split('.')
  const given = Buffer.from(seal, 'base64url')
  const own = sealOf(key, body)
  if (given.length !== own.length || !timingSafeEqual(given, own)) return undefined
  const said = Said.parse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8')))
  const over = said.until !== null && said.until * 1000 < now.epochMilliseconds
  return said.does === does && !over ? said : undefined
}
