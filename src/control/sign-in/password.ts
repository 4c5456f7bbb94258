import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { z } from 'zod'
import { problem } from '#kernel/problem.ts'

export const signInBusy = problem('sign-in/busy', 503, 'Too many people sign in at this moment')

/** At least this long, whatever it is made of: length is what guessing costs (NIST SP 800-63B §3.1.1.2). */
export const Password = z.string().min(12, 'needs 12 characters or more').max(128)

/** RFC 9106 Argon2id with OWASP's first choice for servers: 19 MiB, two passes. */
const cost = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 } as const
const argon = promisify(argon2)

/** Each takes 19 MiB and a core's attention: more at once would only make everybody wait, and take the memory. */
const AT_ONCE = 2
const WAITING_MAX = 64
let running = 0
const waiting: (() => void)[] = []

/** Derives in turn. Who floods the sign-in is turned away; the rest of the house keeps its cores and its memory. */
const derive: typeof argon = async (algorithm, parameters) => {
  if (waiting.length >= WAITING_MAX)
    throw signInBusy('try again in a moment', { headers: { 'retry-after': '2' } })
  if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve))
  else running += 1
  try {
    return await argon(algorithm, parameters)
  } finally {
    const next = waiting.shift()
    if (next) next()
    else running -= 1
  }
}

/** PHC string format, so that a later cost can be told from this one. */
export const hashPassword = async (password: string): Promise<string> => {
  const nonce = randomBytes(16)
  const tag = await derive('argon2id', { message: password.normalize('NFC'), nonce, ...cost })
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${bare(nonce)}$${bare(tag)}`
}

const bare = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '')
const phc = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

/** Costs the same where there is no such account: a stranger learns nothing from the time it takes. */
export const passwordFits = async (
  password: string,
  hash: string | undefined,
): Promise<boolean> => {
  const match = phc.exec(hash ?? (await nobodys))
  if (!match) return false
  const [, memory, passes, parallelism, nonce = '', tag = ''] = match
  const expected = Buffer.from(tag, 'base64')
  const found = await derive('argon2id', {
    message: password.normalize('NFC'),
    nonce: Buffer.from(nonce, 'base64'),
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    tagLength: expected.length,
  })
  return timingSafeEqual(found, expected) && hash !== undefined
}
const nobodys = hashPassword(randomBytes(16).toString('hex'))
