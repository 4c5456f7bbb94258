import { z } from 'zod'
import type { Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { Assertion, SignedStatement } from '#control/sign-in/index.ts'
import { ContractId } from './contract.ts'

/** What one sends to sign: the hash of what was read and, of who has a passkey, what it made of that hash. */
export const Signing = z.strictObject({
  documentSha256: z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256 in hex'),
  assertion: Assertion.exactOptional(),
})

/**
 * How one side signed. `passkey`: the device signed the text's hash, and the evidence checks without us.
 * `fresh-factor`: the signer had proven a second factor in the five minutes before.
 */
export const Signature = z.object({
  contractId: ContractId,
  side: z.enum(['partner', 'bank']),
  signer: z.string(),
  method: z.enum(['passkey', 'fresh-factor']),
  documentSha256: z.string(),
  evidence: z.union([SignedStatement, z.object({ provenAt: z.string() })]),
  signedAt: z.instanceof(Temporal.Instant),
})
export type Signature = z.output<typeof Signature>

/** Keeps how a side signed: once, and for ever. */
export const keepSignature = async (
  work: Work,
  signed: Omit<Signature, 'signer' | 'signedAt' | 'method'>,
): Promise<void> => {
  const { contractId, side, documentSha256, evidence } = signed
  const method = 'statement' in evidence ? 'passkey' : 'fresh-factor'
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
