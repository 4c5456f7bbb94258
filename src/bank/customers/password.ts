/** Passwords of customers, as Argon2id keeps them. */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'

/** OWASP's smallest: 19 MiB, two passes, so that a burst of sign-ins does not take the machine's memory. */
const cost = { memory: 19_456, passes: 2, parallelism: 1 }
const TAG_BYTES = 32

const Kept = z.object({
  memory: z.coerce.number(),
  passes: z.coerce.number(),
  parallelism: z.coerce.number(),
  salt: z.base64url(),
  hash: z.base64url(),
})

/** The line of `hashPassword`. */
const readKept = (line: string) => {
  const [algorithm, memory, passes, parallelism, salt, hash] = line.split('$')
  assert(algorithm === 'argon2id', 'a kept password is an Argon2id hash')
  return Kept.parse({ memory, passes, parallelism, salt, hash })
}

const derive = (
  password: string,
  nonce: Uint8Array,
  { memory, passes, parallelism }: typeof cost,
): Promise<Buffer> =>
  promisify(argon2)('argon2id', {
    message: password.normalize('NFKC'),
    nonce,
    memory,
    passes,
    parallelism,
    tagLength: TAG_BYTES,
  })

/** Parameters, salt and hash in one line. */
export const hashPassword = async (password: string): Promise<string> => {
  const salt = randomBytes(16)
  const hash = await derive(password, salt, cost)
  return [
    'argon2id',
    cost.memory,
    cost.passes,
    cost.parallelism,
    salt.toString('base64url'),
    hash.toString('base64url'),
  ].join('$')
}

/** Where there is no customer it takes the same time, and is never right. */
export const isPassword = async (password: string, kept: string | undefined): Promise<boolean> => {
  if (kept === undefined) {
    await derive(password, randomBytes(16), cost)
    return false
  }
  const { salt, hash, ...parameters } = readKept(kept)
  const given = await derive(password, Buffer.from(salt, 'base64url'), parameters)
  return timingSafeEqual(given, Buffer.from(hash, 'base64url'))
}
