/** The issuer as it runs: it takes new keys, secrets and certificates without a restart, each change whole. */
import { statSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type Provider from 'oidc-provider'
import { problem } from '#kernel/problem.ts'
import { work } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'
import type { JWK } from '#platform/jose.ts'
import type { CellWorld, Running } from '#platform/process.ts'
import type { Exchange } from './exchange.ts'
import { type CellKeys, readCellKeys } from './guard.ts'
import {
  adoptKeys,
  listSigningKeys,
  rotateWhenDue,
  type SigningKey,
  signer,
  tellKeys,
} from './keys/index.ts'
import { hasNonceOf } from './provider/index.ts'

export const cannotSign = problem(
  'authorization/cannot-sign',
  503,
  'No token can be signed at this moment',
)

type Library = (req: IncomingMessage, res: ServerResponse) => Promise<void>

/** What is made anew when a key changes. */
export interface Issuance<Access> {
  readonly provider: Provider
  readonly prove: (exchange: Exchange) => Promise<Access>
}

export interface RunningIssuer<Access> extends Running {
  readonly provider: Provider
  prove(exchange: Exchange): Promise<Access>
  /** Serves a request of the library's. Throws `authorization/cannot-sign` where a token could not be trusted. */
  serve(req: IncomingMessage, res: ServerResponse, path: string): Promise<void>
}

const LOOK_MS = 500
const CALENDAR_MS = 60_000
/** How long a nonce of the secret before is good: the library's five minutes. */
const NONCE_LIFE_MS = 300_000

export const startIssuer = async <Access>(options: {
  world: CellWorld
  postgres: Postgres
  /** `kid` of the signing keys that control has published. */
  known: () => readonly string[] | undefined
  /** The first of the keys signs. */
  make: (keys: readonly JWK[], secrets: CellKeys, nonceSecret: Buffer) => Promise<Issuance<Access>>
  /** The server certificate or the partners' authority is another one. */
  onCertificates: () => void
}): Promise<RunningIssuer<Access>> => {
  const { world, postgres, make } = options
  const { log, now, settings } = world
  const files = world.layout.cell(world.cell)
  const tls = files.tls('authorization')
  const certificates = [tls.certificate, tls.key, files.partnerCa.certificate]
  const nonceFile = files.nonceKey('authorization')

  const open = async (rows: readonly SigningKey[]) => {
    const secrets = readCellKeys(world)
    const signing = signer(rows, options.known())
    const shown = rows.filter((row) => row.state !== 'removed')
    const privates = secrets.issuer.filter((jwk) => shown.some((row) => row.kid === jwk.kid))
    const isSigning = (jwk: JWK) => jwk.kid === signing?.kid
    const ordered = [...privates.filter(isSigning), ...privates.filter((jwk) => !isSigning(jwk))]
    const [nonce = Buffer.alloc(0), before] = secrets.nonce
    const current = await make(ordered, secrets, nonce)
    const until = statSync(nonceFile).mtimeMs + NONCE_LIFE_MS
    const late =
      before && until > now().epochMilliseconds
        ? { ...(await make(ordered, secrets, before)), secret: before, until }
        : undefined
    return {
      ...current,
      library: current.provider.callback(),
      late: late && { secret: late.secret, until, library: late.provider.callback() },
      canSign: ordered.some(isSigning),
    }
  }

  const stampOf = (paths: readonly string[]) => paths.map((path) => statSync(path).mtimeMs).join()
  const readRows = () => listSigningKeys(postgres)
  const standingOf = (rows: readonly SigningKey[]) =>
    JSON.stringify([
      rows.map(({ kid, state }) => [kid, state]),
      options.known() ?? null,
      stampOf([files.issuerKeys, files.cookieKey, nonceFile]),
    ])

  await work(postgres, 'system', now(), (w) => adoptKeys(w, files))
  await tellKeys(postgres, files)
  let rows = await readRows()
  let standing = standingOf(rows)
  let shown = stampOf(certificates)
  let current = await open(rows)
  let lookedAtCalendarMs = Number.NEGATIVE_INFINITY

  const followCalendar = async () => {
    if (performance.now() - lookedAtCalendarMs < CALENDAR_MS) return
    const days = settings.PORTICO_SIGNING_KEY_DAYS
    const turned = await work(postgres, 'system', now(), (w) => rotateWhenDue(w, files, days))
    if (!turned) lookedAtCalendarMs = performance.now()
  }
  const look = async () => {
    await followCalendar()
    rows = await readRows()
    const stands = standingOf(rows)
    if (stands !== standing) {
      await tellKeys(postgres, files)
      current = await open(rows)
      standing = standingOf(rows)
      log.info({ signing: signer(rows, options.known())?.kid }, 'keys are taken')
    }
    const certified = stampOf(certificates)
    if (certified !== shown) {
      options.onCertificates()
      shown = certified
      log.info('certificates are taken')
    }
  }
  let looking: Promise<void> | undefined
  const timer = setInterval(() => {
    looking ??= look()
      .catch((cause: unknown) =>
        log.warn({ cause }, 'keys could not be looked at; those held stay'),
      )
      .finally(() => (looking = undefined))
  }, LOOK_MS)

  const libraryFor = (req: IncomingMessage): Library => {
    const { late } = current
    if (!late || late.until < now().epochMilliseconds) return current.library
    return hasNonceOf(req, late.secret, now()) ? late.library : current.library
  }
  return {
    get provider() {
      return current.provider
    },
    prove: (exchange) => current.prove(exchange),
    serve: (req, res, path) => {
      if (path === '/token' && !current.canSign)
        throw cannotSign('a new key is on its way to the gateways', {
          headers: { 'retry-after': '1' },
        })
      return libraryFor(req)(req, res)
    },
    stop: async () => {
      clearInterval(timer)
      await looking
    },
  }
}
