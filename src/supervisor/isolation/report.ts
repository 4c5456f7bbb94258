/** The report on isolation as it is kept: signed, and in control's journal, from which nobody can take it back. */
import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import { canonical } from '#kernel/canonical.ts'
import { work } from '#journal/index.ts'
import { openPostgres } from '#platform/db.ts'
import { type JWK, publicJwk } from '#platform/jose.ts'
import { makeSigningKey, writeWhole } from '#platform/keys.ts'
import type { ProcessWorld } from '#platform/process.ts'
import { controlAddress } from '../installation.ts'

const Counts = z.object({
  attempts: z.number().int(),
  accepted: z.number().int(),
  ms: z.number().int(),
  counts: z.array(
    z.object({
      credential: z.string(),
      from: z.string(),
      to: z.string(),
      attempts: z.number().int(),
      accepted: z.number().int(),
    }),
  ),
})

export const IsolationReport = z.object({
  format: z.literal('portico.isolation/1'),
  at: z.string(),
  seed: z.number().int(),
  ok: z.boolean(),
  inProcess: Counts,
  /** Null where nothing was tried over the wire. */
  wire: Counts.extend({
    addresses: z.number().int(),
    operations: z.number().int(),
    surprises: z.array(z.string()),
  }).nullable(),
  walls: z.array(
    z.object({ wall: z.string(), tried: z.number().int(), open: z.array(z.string()) }),
  ),
  sandbox: z.object({
    tables: z.number().int(),
    rows: z.number().int(),
    real: z.array(z.object({ table: z.string(), kind: z.string(), shown: z.string() })),
  }),
})
export type IsolationReport = z.output<typeof IsolationReport>

export const SignedReport = IsolationReport.extend({
  sha256: z.string(),
  key: z.looseObject({ kty: z.string() }),
  signature: z.string(),
})
export type SignedReport = z.output<typeof SignedReport>

const digestOf = (report: IsolationReport) =>
  createHash('sha256').update(canonical(report)).digest('hex')

export const signReport = (report: IsolationReport, jwk: JWK): SignedReport => {
  const sha256 = digestOf(report)
  const key = createPrivateKey({ key: jwk, format: 'jwk' })
  return {
    ...report,
    sha256,
    key: z.looseObject({ kty: z.string() }).parse(publicJwk(jwk)),
    signature: sign(null, Buffer.from(canonical(report)), key).toString('base64url'),
  }
}

/** Whether a report is what was signed. Whoever asks compares its key with the installation's. */
export const holds = (signed: SignedReport): boolean => {
  const { sha256, key, signature, ...report } = signed
  const publicKey = createPublicKey({ key: key as JWK, format: 'jwk' })
  const plain = IsolationReport.parse(report)
  return (
    digestOf(plain) === sha256 &&
    verify(null, Buffer.from(canonical(plain)), publicKey, Buffer.from(signature, 'base64url'))
  )
}

/** So much of a line of the journal is a report's: it has at most 65,535 bytes, and one is usually below ten thousand. */
const IN_LINE_BYTES_MAX = 48_000

/** Signs it, keeps it as a file, and in the journal with its digest and counts. One that found very many holes is whole in the file alone. */
export const keepReport = async (
  world: ProcessWorld,
  report: IsolationReport,
): Promise<SignedReport> => {
  const { isolation } = world.layout
  const signed = signReport(
    report,
    await makeSigningKey(isolation.key, isolation.publicKey, 'EdDSA'),
  )
  const name = `${report.at.replaceAll(/[:.]/g, '-')}.json`
  writeWhole(join(isolation.reports, name), JSON.stringify(signed, null, 2))
  const db = openPostgres(controlAddress(world), { name: 'isolation report', max: 1 })
  try {
    await work(db, 'system', world.now(), (w) =>
      w.record('isolation.reported', signed.sha256, {
        ok: report.ok,
        attempts: report.inProcess.attempts + (report.wire?.attempts ?? 0),
        accepted: report.inProcess.accepted + (report.wire?.accepted ?? 0),
        wallsOpen: report.walls.reduce((all, { open }) => all + open.length, 0),
        realIdentifiers: report.sandbox.real.length,
        signature: signed.signature,
        ...(Buffer.byteLength(JSON.stringify(signed)) <= IN_LINE_BYTES_MAX && { report: signed }),
      }),
    )
  } finally {
    await db.close()
  }
  return signed
}
