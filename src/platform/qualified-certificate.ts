/**
 * What a qualified certificate says of a payment service provider (ETSI TS 119 495): its number at its supervisor, and the
 * roles that it is authorised for. The statement stands in an extension that general readers leave as bytes (RFC 3739 §3.2.6).
 */
import 'reflect-metadata'
import { createHash, X509Certificate } from 'node:crypto'
import * as x509 from '@peculiar/x509'

export const paymentRoles = ['PSP_AS', 'PSP_PI', 'PSP_AI', 'PSP_IC'] as const
export type PaymentRole = (typeof paymentRoles)[number]

export interface QualifiedCertificate {
  readonly sha256: string
  /** `PSDUZ-CBU-4711`: subject attribute 2.5.4.97 (ETSI EN 319 412-1 §5.1.4). */
  readonly organisationIdentifier: string
  readonly roles: readonly PaymentRole[]
  /** Names of roles that this standard does not know. */
  readonly unknownRoles: readonly string[]
  readonly authority: { readonly name: string; readonly id: string }
  /** For a website, for a seal, or for neither (ETSI EN 319 412-5 §4.2.3). */
  readonly use: 'qwac' | 'qsealc' | null
  readonly notBefore: Temporal.Instant
  readonly notAfter: Temporal.Instant
}

const QC_STATEMENTS = '1.3.6.1.5.5.7.1.3'
const PSD2 = '0.4.0.19495.2'
const QC_TYPE = '0.4.0.1862.1.6'
const uses: Readonly<Record<string, 'qwac' | 'qsealc'>> = {
  '0.4.0.1862.1.6.2': 'qsealc',
  '0.4.0.1862.1.6.3': 'qwac',
}
/** TS 119 495 annex A: 0.4.0.19495.1.1 to 1.4. */
const roleOids: Readonly<Record<string, PaymentRole>> = Object.fromEntries(
  paymentRoles.map((role, i) => [`0.4.0.19495.1.${i + 1}`, role]),
)

interface Node {
  readonly tag: number
  readonly bytes: Buffer
}

class Malformed extends Error {}

/** The nodes that stand one after the other in DER (X.690 §8.1). Lengths of more than three bytes belong to no statement. */
const nodesIn = (der: Buffer): Node[] => {
  const nodes: Node[] = []
  for (let at = 0; at < der.length;) {
    const tag = der[at] ?? 0
    const first = der[at + 1]
    if (first === undefined) throw new Malformed('it ends within a length')
    const more = first < 0x80 ? 0 : first - 0x80
    if (more > 3 || first === 0x80) throw new Malformed('a length is not of DER')
    const length = more === 0 ? first : der.readUIntBE(at + 2, more)
    const from = at + 2 + more
    if (from + length > der.length) throw new Malformed('it ends within a value')
    nodes.push({ tag, bytes: der.subarray(from, from + length) })
    at = from + length
  }
  return nodes
}

const SEQUENCE = 0x30
const OID = 0x06

const oidOf = ({ tag, bytes }: Node): string => {
  if (tag !== OID) throw new Malformed('an identifier is expected')
  const arcs: number[] = []
  let arc = 0
  for (const byte of bytes) {
    arc = arc * 128 + (byte & 0x7f)
    if (byte < 0x80) {
      arcs.push(arc)
      arc = 0
    }
  }
  const [first = 0, ...rest] = arcs
  const top = Math.min(2, Math.floor(first / 40))
  return [top, first - top * 40, ...rest].join('.')
}

const partsOf = (node: Node | undefined): Node[] => {
  if (node?.tag !== SEQUENCE) throw new Malformed('a sequence is expected')
  return nodesIn(node.bytes)
}

const textOf = (node: Node | undefined): string => node?.bytes.toString('utf8') ?? ''

const psd2Of = (statement: Node | undefined) => {
  const [roles, name, id] = partsOf(statement)
  const named = partsOf(roles).map((role) => {
    const [oid, text] = partsOf(role)
    return { role: oid && roleOids[oidOf(oid)], name: textOf(text) }
  })
  return {
    roles: named.flatMap(({ role }) => role ?? []),
    unknownRoles: named.flatMap(({ role, name: said }) => (role ? [] : [said])),
    authority: { name: textOf(name), id: textOf(id) },
  }
}

/** Reads a PEM; undefined where it is no certificate with this statement, or one that is not in its shape. */
export const readQualifiedCertificate = (pem: string): QualifiedCertificate | undefined => {
  try {
    const { raw, validFromDate, validToDate } = new X509Certificate(pem)
    const certificate = new x509.X509Certificate(new Uint8Array(raw))
    const extension = certificate.getExtension(QC_STATEMENTS)
    const [organisationIdentifier] = certificate.subjectName.getField('2.5.4.97')
    if (!extension || organisationIdentifier === undefined) return undefined
    const [list] = nodesIn(Buffer.from(extension.value))
    const statements = new Map(
      partsOf(list).map((one) => {
        const [id, info] = partsOf(one)
        if (!id) throw new Malformed('a statement without its name')
        return [oidOf(id), info] as const
      }),
    )
    if (!statements.has(PSD2)) return undefined
    const type = statements.get(QC_TYPE)
    const [use] = type ? partsOf(type).flatMap((oid) => uses[oidOf(oid)] ?? []) : []
    return {
      ...psd2Of(statements.get(PSD2)),
      sha256: createHash('sha256').update(raw).digest('hex'),
      organisationIdentifier,
      use: use ?? null,
      notBefore: Temporal.Instant.fromEpochMilliseconds(validFromDate.getTime()),
      notAfter: Temporal.Instant.fromEpochMilliseconds(validToDate.getTime()),
    }
  } catch {
    return undefined
  }
}
