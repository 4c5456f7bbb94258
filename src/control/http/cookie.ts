/** The session's cookie. Two names, because a browser keeps the cookies of one host together whatever the port. */
import type { FastifyReply, FastifyRequest } from 'fastify'

export type Office = 'portal' | 'console'

const LIFE_SECONDS = 12 * 3600
const nameOf = (office: Office) => `portico_${office}`

/** The secret that the request carries, if it carries exactly one in shape. */
export const secretOf = (
  request: Pick<FastifyRequest, 'headers'>,
  office: Office,
): string | undefined => secretNamed(request, nameOf(office))

const VISIT = 'portico_visit'
/** What a stranger comes back to the sandbox with, longer than a session lives. */
export const visitOf = (request: Pick<FastifyRequest, 'headers'>) => secretNamed(request, VISIT)

const secretNamed = (
  request: Pick<FastifyRequest, 'headers'>,
  name: string,
): string | undefined => {
  const prefix = `${name}=`
  const held = (request.headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(prefix))
    .map((pair) => pair.slice(prefix.length))
  // Two of one name mean that another origin of this host wrote one of them: neither is believed.
  const [secret] = held
  return held.length === 1 && secret && /^[A-Za-z0-9_-]{43}$/.test(secret) ? secret : undefined
}

/** Only on this machine is there HTTP without TLS in front of us. */
const isLocal = (host = '') => /^(localhost|127\.0\.0\.1|\[::1\])(:|$)/.test(host)

const write = (reply: FastifyReply, name: string, value: string, seconds: number) =>
  reply.header(
    'set-cookie',
    `${name}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}${isLocal(reply.request.headers.host) ? '' : '; Secure'}`,
  )

export const keepVisit = (reply: FastifyReply, secret: string, seconds: number) =>
  write(reply, VISIT, secret, seconds)

export const keepSession = (reply: FastifyReply, office: Office, secret: string) =>
  write(reply, nameOf(office), secret, LIFE_SECONDS)

export const dropSession = (reply: FastifyReply, office: Office) =>
  write(reply, nameOf(office), '', 0)
