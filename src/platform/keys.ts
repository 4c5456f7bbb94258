/** Keys and certificates of a local installation: made once, kept in files that only we can read. */
import { createHmac, randomBytes } from 'node:crypto'
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { problem } from '#kernel/problem.ts'
import { type JWK, newSigningJwk, publicJwk, type SigningAlgorithm } from './jose.ts'

export const keyUnreadable = problem('platform/key', 500, 'A key file cannot be read')

/** Writes whole or not at all: a start that was cut off leaves no half key behind. Of several writers one wins whole. */
export const writeWhole = (path: string, content: string | Uint8Array, mode = 0o600) => {
  renameSync(written(path, content, mode), path)
}

/** Beside its place, under a name of its own. */
const written = (path: string, content: string | Uint8Array, mode: number): string => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const beside = `${path}.${randomBytes(6).toString('hex')}.new`
  writeFileSync(beside, content, { mode, flush: true })
  return beside
}

/**
 * As `writeWhole`, where nothing is there yet: of processes that start at once with one data folder the first makes the
 * key, and all read that one. A link, because it takes no name that is taken, and a rename would.
 */
const makeWhole = (path: string, content: string): void => {
  const beside = written(path, content, 0o600)
  try {
    linkSync(beside, path)
  } catch (cause) {
    if (!existsSync(path)) throw cause
  } finally {
    rmSync(beside, { force: true })
  }
}

const read = (path: string): Buffer => {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw keyUnreadable(
      `${path} cannot be read; was npm start run with another PORTICO_DATA or another user?`,
      { cause },
    )
  }
}

/** The bytes of a random key file, made on first use. */
export const makeRandomKey = (path: string, bytes = 32): Buffer => {
  if (!existsSync(path)) makeWhole(path, randomBytes(bytes).toString('base64url'))
  return readRandomKey(path)
}
export const readRandomKey = (path: string): Buffer => readRandomKeys(path)[0] ?? Buffer.alloc(0)

/** The key in force, and behind it the one that it replaced. */
export const readRandomKeys = (path: string): Buffer[] =>
  read(path)
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => Buffer.from(line, 'base64url'))

/** Puts a new key in front; the one that it replaces stays behind it, an older one goes. */
export const renewRandomKey = (path: string, bytes = 32): void => {
  const [held = Buffer.alloc(0)] = readRandomKeys(path)
  writeWhole(path, [randomBytes(bytes), held].map((key) => key.toString('base64url')).join('\n'))
}

const Jwk = z.looseObject({ kty: z.string() })
const Jwks = z.object({ keys: z.array(Jwk).min(1) })

export const readJwk = (path: string): JWK =>
  Jwk.parse(JSON.parse(read(path).toString('utf8'))) as JWK
export const readJwks = (path: string): JWK[] =>
  Jwks.parse(JSON.parse(read(path).toString('utf8'))).keys as JWK[]

/** Where it is told already nothing is written: a place that was made ready may be one that nobody writes to. */
export const tellOnce = (path: string, text: string): void => {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return
  writeWhole(path, text, 0o644)
}

/** A private JWK file and its public half in a second file, both made on first use. */
export const makeSigningKey = async (
  path: string,
  publicPath: string,
  alg: SigningAlgorithm,
): Promise<JWK> => {
  if (!existsSync(path)) makeWhole(path, JSON.stringify(await newSigningJwk(alg)))
  const jwk = readJwk(path)
  tellOnce(publicPath, JSON.stringify(publicJwk(jwk)))
  return jwk
}

/** As `makeSigningKey`, as a JWK Set: the issuer's keys. */
export const makeSigningKeySet = async (
  path: string,
  publicPath: string,
  alg: SigningAlgorithm,
): Promise<JWK[]> => {
  if (!existsSync(path)) makeWhole(path, JSON.stringify({ keys: [await newSigningJwk(alg)] }))
  const keys = readJwks(path)
  tellOnce(publicPath, JSON.stringify({ keys: keys.map(publicJwk) }))
  return keys
}

/** The cell's own name of a thing for one partner: `acc_` + 128 bits. Two partners cannot join their data by it. */
export const pairwise = (key: Uint8Array, word: string, partnerId: string, ref: string): string =>
  `${word}_${createHmac('sha256', key)
    .update(JSON.stringify([word, partnerId, ref]))
    .digest('hex')
    .slice(0, 32)}`
