/** A system that the bank puts behind the gateway: what may be said of one, and what is wrong with what was said. */
import { createPrivateKey } from 'node:crypto'
import { z } from 'zod'

import { Cell as CellSchema } from '#kernel/cell.ts'
import { type FieldError, problem } from '#kernel/problem.ts'
import { refusalOfAddress } from '#platform/address-guard.ts'
import {
  certificatesIn,
  RegisteredUpstream,
  sealUpstreamKey,
  UpstreamId,
  type UpstreamGuard,
} from '#platform/registered-upstream.ts'
import { isIP } from 'node:net'

export const upstreamRefused = problem(
  'catalogue/upstream-refused',
  422,
  'The system cannot be put behind the gateway',
)
export const upstreamNotFound = problem('catalogue/upstream-not-found', 404, 'No such system')
export const upstreamOfOtherCell = problem(
  'catalogue/upstream-of-other-cell',
  409,
  'The address belongs to the other cell',
)

const Pem = z.string().max(65_536)

/** As somebody writes it down. */
export const UpstreamInput = z.strictObject({
  id: UpstreamId.refine((id) => id !== 'bank' && id !== 'vault', 'is one of the cell’s own'),
  cell: CellSchema,
  address: z.string().max(500),
  /** Said by whoever knows that nothing encrypts the way to it. */
  plaintext: z.boolean().default(false),
  ca: Pem.optional(),
  certificate: Pem.optional(),
  key: Pem.optional(),
})
export type UpstreamInput = z.output<typeof UpstreamInput>

/** As it is kept, and as the cell's gateways get it. */
export const Upstream = RegisteredUpstream.extend({ cell: CellSchema })
export type Upstream = z.output<typeof Upstream>

export const originOf = ({ address }: { address: string }): string => new URL(address).origin

/** The system as it would be registered; throws `catalogue/upstream-refused` with every place that is wrong. */
export const readUpstream = (
  input: UpstreamInput,
  guard: UpstreamGuard,
  now: Temporal.Instant,
): Upstream => {
  const { id, cell, ca, certificate, key } = input
  const errors: FieldError[] = []
  const wrong = (member: string, code: string, detail: string) =>
    errors.push({ pointer: `/${member}`, code, detail })
  const address = addressIn(input, guard, wrong)
  if (ca !== undefined) checkAuthority(ca, now, wrong)
  if (certificate !== undefined || key !== undefined)
    checkPair(certificate, key, address, now, wrong)
  if (errors.length > 0) throw upstreamRefused(`${errors.length} place(s) are wrong`, { errors })
  return {
    id,
    cell,
    address,
    ca: ca ?? null,
    certificate: certificate ?? null,
    sealedKey: key === undefined ? null : sealUpstreamKey(key, guard.sealingKey(), { cell, id }),
  }
}

type Wrong = (member: string, code: string, detail: string) => void

const addressIn = (
  { address, plaintext }: UpstreamInput,
  guard: UpstreamGuard,
  wrong: Wrong,
): string => {
  if (!URL.canParse(address)) {
    wrong('address', 'format', 'it is like https://scores.bank.example/api')
    return ''
  }
  const url = new URL(address)
  const { protocol, hostname } = url
  if (protocol !== 'https:' && !(protocol === 'http:' && plaintext))
    wrong(
      'address',
      'not-https',
      'it is https; http is taken only where plaintext is declared as well',
    )
  if (url.username || url.password || url.search || url.hash)
    wrong('address', 'too-much', 'it is a host, perhaps a port and a path, and nothing more')
  if (!/^(?:\/|(?:\/[A-Za-z0-9._~-]+)+\/?)$/.test(url.pathname))
    wrong('address', 'path', 'its path is of plain segments')
  const bare = hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port || (protocol === 'https:' ? 443 : 80))
  const literal = isIP(bare) > 0 ? bare : bare === 'localhost' ? '127.0.0.1' : undefined
  const why = literal && refusalOfAddress(guard, bare, port, literal)
  if (why !== undefined) wrong('address', 'guarded', why)
  return url.origin + url.pathname.replace(/\/$/, '')
}

const endsOf = (pem: { validFrom: string; validTo: string }) => ({
  from: new Date(pem.validFrom).getTime(),
  to: new Date(pem.validTo).getTime(),
})

const checkAuthority = (pem: string, now: Temporal.Instant, wrong: Wrong) => {
  const found = certificatesIn(pem)
  if (!found) return wrong('ca', 'format', 'it is one certificate in PEM, or several')
  if (found.some((one) => !one.ca))
    wrong('ca', 'no-authority', 'a certificate in it is no authority')
  if (found.some((one) => endsOf(one).to <= now.epochMilliseconds))
    wrong('ca', 'ended', 'a certificate in it has ended')
}

const checkPair = (
  certificate: string | undefined,
  key: string | undefined,
  address: string,
  now: Temporal.Instant,
  wrong: Wrong,
) => {
  if (address.startsWith('http:'))
    wrong('certificate', 'plaintext', 'nobody sees a certificate over http')
  const [own] = (certificate !== undefined && certificatesIn(certificate)) || []
  if (!own) return wrong('certificate', 'format', 'it is a certificate in PEM, its chain behind it')
  const { from, to } = endsOf(own)
  if (to <= now.epochMilliseconds || from > now.epochMilliseconds)
    wrong('certificate', 'ended', 'it is not valid now')
  if (!keyFits(own, key))
    wrong('key', 'mismatch', 'it is not the private key of the certificate, in PEM and unencrypted')
}

const keyFits = (
  certificate: { checkPrivateKey: (key: ReturnType<typeof createPrivateKey>) => boolean },
  key: string | undefined,
): boolean => {
  try {
    return key !== undefined && certificate.checkPrivateKey(createPrivateKey(key))
  } catch {
    return false
  }
}

/** What a second person reads, without what is nobody's to read. */
export const shownUpstream = ({ sealedKey, ca, certificate, ...rest }: Upstream) => {
  const [own] = (certificate !== null && certificatesIn(certificate)) || []
  return {
    ...rest,
    ca: ca !== null,
    showsCertificateUntil: own && sealedKey !== null ? new Date(own.validTo).toISOString() : null,
  }
}
