import { z } from 'zod'
import type { Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { Assertion, SignedStatement } from '#control/sign-in/index.ts'
import { listEvidence } from '#control/licences/index.ts'
import type { PartnerId } from '#control/partners/index.ts'
import { ContractId } from './contract.ts'
import {
  ESigner,
  type ESignatures,
  isOfOrganisation,
  type OrganisationNumbers,
  signerIsAnother,
} from './e-signature.ts'

/** What one sends to sign: the hash of what was read and, of who has a passkey, what it made of that hash. */
export const Signing = z.strictObject({
  documentSha256: z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256 in hex'),
  assertion: Assertion.exactOptional(),
  /** Of who signs with a national e-signature: PKCS#7 over the hash as 64 hexadecimal digits, in base64. */
  pkcs7: z.base64().max(65_536).exactOptional(),
})

/** The evidence of a national e-signature: it is checked again by whoever has the authority's roots. */
export const ESigned = z.object({ pkcs7: z.string(), signer: ESigner })
export type ESigned = z.output<typeof ESigned>

/**
 * How one side signed. `passkey`: the device signed the text's hash, and the evidence checks without us.
 * `fresh-factor`: the signer had proven a second factor in the five minutes before. `e-signature`: a certificate of the
 * state's authority signed the text's hash, for this organisation.
 */
export const Signature = z.object({
  contractId: ContractId,
  side: z.enum(['partner', 'bank']),
  signer: z.string(),
  method: z.enum(['passkey', 'fresh-factor', 'e-signature']),
  documentSha256: z.string(),
  evidence: z.union([SignedStatement, ESigned, z.object({ provenAt: z.string() })]),
  signedAt: z.instanceof(Temporal.Instant),
})
export type Signature = z.output<typeof Signature>

/** Keeps how a side signed: once, and for ever. */
export const keepSignature = async (
  work: Work,
  signed: Omit<Signature, 'signer' | 'signedAt' | 'method'>,
): Promise<void> => {
  const { contractId, side, documentSha256, evidence } = signed
  const method =
    'statement' in evidence ? 'passkey' : 'pkcs7' in evidence ? 'e-signature' : 'fresh-factor'
  const signer = work.actor.replace(/^[a-z]+:/, '')
  await work.run`
    insert into contracts.signature
      (contract_id, side, signer, method, document_sha256, evidence, signed_at)
    values
      (${contractId}, ${side}, ${signer}, ${method}, ${documentSha256}, ${JSON.stringify(evidence)}::text::jsonb,
       ${work.now})
  `
}

export const listSignatures = (db: Db, contractId: ContractId) =>
  db.many(Signature)`
    select contract_id as "contractId", side, signer, method, document_sha256 as "documentSha256", evidence,
           signed_at as "signedAt"
      from contracts.signature
     where contract_id = ${contractId}
     order by signed_at, side
     limit 2
  `

const EVIDENCE_MAX = 1_000

/** The organisation's numbers, as they stand in documents that two people of the bank have accepted. */
const numbersOf = async (db: Db, partnerId: PartnerId): Promise<OrganisationNumbers> => {
  const accepted = (await listEvidence(db, { partnerId }, EVIDENCE_MAX)).filter(
    (e) => e.state === 'accepted',
  )
  const all = (name: string) => new Set(accepted.flatMap((e) => e.identifiers[name] ?? []))
  return { inn: all('inn'), pinfl: all('pinfl') }
}

/** The evidence of a national e-signature over this hash, by somebody whom the authority knows as this organisation. */
export const eSigned = async (
  work: Work,
  eSignatures: ESignatures,
  partnerId: PartnerId,
  { documentSha256, pkcs7 }: { documentSha256: string; pkcs7: string },
): Promise<ESigned> => {
  const bytes = Buffer.from(pkcs7, 'base64')
  const signer = eSignatures.verify(bytes, Buffer.from(documentSha256, 'ascii'), work.now)
  if (!isOfOrganisation(signer, await numbersOf(work, partnerId)))
    throw signerIsAnother('no accepted document of this organisation shows the signer’s number', {
      hint: 'Hand in an extract of the state register that shows the tax number (inn), or sign by passkey.',
    })
  return { pkcs7, signer }
}
