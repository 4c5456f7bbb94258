import { createHash } from 'node:crypto'
import { z } from 'zod'
import { isBefore } from '#kernel/time.ts'
import type { Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { problem } from '#kernel/problem.ts'
import { Assertion, factorsOf, SignedStatement } from '#control/sign-in/index.ts'
import { currentMatrix, listEvidence, shownState } from '#control/licences/index.ts'
import type { PartnerId } from '#control/partners/index.ts'
import { ContractId } from './contract.ts'
import {
  ESigner,
  type ESignatures,
  isOfOrganisation,
  type OrganisationNumbers,
  signerIsAnother,
} from './e-signature.ts'

export const passkeyAsked = problem('contracts/passkey-asked', 403, 'Sign it with your passkey')

/** Who has a passkey signs by it: a code alone, read over a shoulder, binds nobody who could have done more. */
export const askPasskey = async (
  db: Db,
  holder: Parameters<typeof factorsOf>[1],
  { assertion }: Pick<z.output<typeof Signing>, 'assertion'>,
): Promise<void> => {
  if (assertion !== undefined) return
  const { passkeys } = await factorsOf(db, holder)
  if (passkeys.length > 0)
    throw passkeyAsked('you have one', {
      hint: 'POST /api/me/passkey-challenges with the hash of the text, and send what the device made of it.',
    })
}

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

/** What is left of it when the law asks for it no more: that there was one, by its digest. */
const Erased = z.object({ erasedAt: z.string(), sha256: z.string() })

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
  evidence: z.union([SignedStatement, ESigned, Erased, z.object({ provenAt: z.string() })]),
  signedAt: z.instanceof(Temporal.Instant),
})
export type Signature = z.output<typeof Signature>

/** What a colleague of the signer sees of an e-signature: the certificate inside the PKCS#7 names the person's number. */
const ESignedByColleague = z.object({ pkcs7Sha256: z.string(), signer: ESigner })

/** A signature as a reader may see it. */
export const SeenSignature = Signature.extend({
  evidence: z.union([...Signature.shape.evidence.options, ESignedByColleague]),
})
export type SeenSignature = z.output<typeof SeenSignature>

const DIGITS_SHOWN = 2
const masked = (number: string): string => number.slice(-DIGITS_SHOWN).padStart(number.length, '•')

/** The signer's own personal number is the signer's: everybody else of the organisation sees that there is one. */
export const seenBy = (signature: Signature, personId: string): SeenSignature => {
  const { evidence, signer: signedBy } = signature
  if (!('pkcs7' in evidence) || signedBy === personId) return signature
  const { pkcs7, signer } = evidence
  const pkcs7Sha256 = createHash('sha256').update(Buffer.from(pkcs7, 'base64')).digest('hex')
  const pinfl = signer.pinfl && masked(signer.pinfl)
  return { ...signature, evidence: { pkcs7Sha256, signer: { ...signer, pinfl } } }
}

/** Keeps how a side signed: once, and for ever. */
export const keepSignature = async (
  work: Work,
  signed: Omit<Signature, 'signer' | 'signedAt' | 'method' | 'evidence'> & {
    evidence: Exclude<Signature['evidence'], z.output<typeof Erased>>
  },
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

/** On a clock: who signed by e-signature is forgotten five years after the end of what they signed. Answers how many. */
export const eraseSigners = async (work: Work): Promise<number> => {
  const erased = await work.many(Signature.pick({ contractId: true, side: true }))`
    update contracts.signature s
       set evidence = jsonb_build_object('erasedAt', ${work.now.toString()}::text,
                                         'sha256', encode(sha256(convert_to(s.evidence::text, 'UTF8')), 'hex'))
      from contracts.contract c
     where c.id = s.contract_id and s.method = 'e-signature' and not s.evidence ? 'erasedAt'
       and coalesce(c.ends_at, case when c.status = 'withdrawn' then c.signed_at end)
           <= ${work.now}::timestamptz - interval '5 years'
    returning s.contract_id as "contractId", s.side
  `
  for (const { contractId, side } of erased)
    await work.record('contracts.signer-erased', contractId, { side })
  return erased.length
}

const EVIDENCE_MAX = 1_000

/** The organisation's numbers, as they stand in documents that two people of the bank have accepted and that hold now. */
const numbersOf = async (work: Work, partnerId: PartnerId): Promise<OrganisationNumbers> => {
  const { evidence } = await currentMatrix(work)
  const accepted = await listEvidence(work, { partnerId, state: 'accepted' }, EVIDENCE_MAX)
  const holding = accepted.filter(
    (e) =>
      shownState(e, evidence[e.type], work.now) === 'accepted' &&
      (e.validFrom === null || !isBefore(work.now, e.validFrom)),
  )
  const all = (name: string) => new Set(holding.flatMap((e) => e.identifiers[name] ?? []))
  return {
    inn: all('inn'),
    pinfl: all('pinfl'),
    isAlone: accepted.every((e) => e.identifiers['inn'] === undefined),
  }
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
