import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import { isBefore } from '#kernel/time.ts'
import { PartnerId } from '#control/partners/index.ts'

export const ContractId = idOf('contract')
export type ContractId = z.output<typeof ContractId>

/** The agreement between the bank and a partner. Its terms never change: other terms are another contract. */
export const Contract = z.object({
  id: ContractId,
  partnerId: PartnerId,
  /** Version of the clauses. */
  template: z.string(),
  tier: z.string(),
  products: z.array(z.string()).min(1),
  priceVersion: z.string(),
  /** Canonical JSON (RFC 8785): the text that both sides sign, by its hash. */
  document: z.string(),
  /** Hex. */
  documentSha256: z.string(),
  /** `agreed`: both have signed, and its first instant lies ahead. */
  status: z.enum(['offered', 'withdrawn', 'signed', 'agreed', 'active', 'frozen', 'ended']),
  offeredAt: z.instanceof(Temporal.Instant),
  signedBy: z.string().nullable(),
  signedAt: z.instanceof(Temporal.Instant).nullable(),
  countersignedBy: z.string().nullable(),
  activeFrom: z.instanceof(Temporal.Instant).nullable(),
  /** The first instant at which it no longer rules. */
  endsAt: z.instanceof(Temporal.Instant).nullable(),
  /** Why it is frozen, or will be from its first instant. */
  stoppedBecause: z.string().nullable(),
  /** The agreement whose terms it changes; null: it stands for itself. */
  amends: ContractId.nullable(),
  /** Counted along what it amends. */
  version: z.int(),
  /** From when its text says that it rules; null: from the countersignature. */
  validFrom: z.instanceof(Temporal.Instant).nullable(),
})
export type Contract = z.output<typeof Contract>

export const contractNotFound = problem('contracts/not-found', 404, 'No such contract')
export const contractStep = problem('contracts/wrong-step', 409, 'The contract is not at this step')
export const documentDiffers = problem(
  'contracts/document-differs',
  409,
  'The signature is not about this text',
)
export const offerRefused = problem('contracts/offer-refused', 422, 'The offer cannot be made')
export const amendmentRefused = problem(
  'contracts/amendment-refused',
  422,
  'The amendment cannot be made',
)
export const noticeTooShort = problem(
  'contracts/notice-too-short',
  422,
  'The contract promises longer notice',
)
export const endTooEarly = problem('contracts/end-too-early', 422, 'The end lies in the past')

type Step =
  | { readonly to: 'withdrawn' }
  | { readonly to: 'signed'; readonly by: string; readonly documentSha256: string }
  | { readonly to: 'active'; readonly by: string; readonly documentSha256: string }
  | { readonly to: 'frozen'; readonly reason: string }
  | { readonly to: 'thawed' }
  | { readonly to: 'ended'; readonly at: Temporal.Instant }

/** From where each step may be taken. */
const steps: Readonly<Record<Step['to'], readonly Contract['status'][]>> = {
  withdrawn: ['offered', 'signed', 'agreed'],
  signed: ['offered'],
  active: ['signed'],
  frozen: ['active'],
  thawed: ['frozen'],
  ended: ['active', 'frozen', 'agreed'],
}

/**
 * offered → signed → (agreed →) active ⇄ frozen → ended; what has not begun → withdrawn. The only way between the states.
 * A beginning or an end that lies ahead is written down now and comes by itself.
 */
export const moved = (contract: Contract, step: Step, now: Temporal.Instant): Contract => {
  const from = statusAt(contract, now)
  if (!steps[step.to].includes(from)) throw contractStep(`it is ${from}`)
  switch (step.to) {
    case 'signed':
      sameText(contract, step.documentSha256)
      return { ...contract, status: 'signed', signedBy: step.by, signedAt: now }
    case 'active':
      sameText(contract, step.documentSha256)
      return beginning(contract, step.by, now)
    case 'thawed':
      return { ...contract, status: 'active', stoppedBecause: null }
    case 'frozen':
      return { ...contract, status: 'frozen', stoppedBecause: step.reason }
    case 'ended':
      return isBefore(now, step.at)
        ? { ...contract, endsAt: step.at }
        : { ...contract, status: 'ended', endsAt: now }
    case 'withdrawn':
      return { ...contract, status: 'withdrawn', activeFrom: null }
  }
}

/** By its own text it may begin later. It is enforced from no earlier instant, whatever its prices rule. */
const beginning = (contract: Contract, by: string, now: Temporal.Instant): Contract => {
  const { validFrom } = contract
  return validFrom !== null && isBefore(now, validFrom)
    ? { ...contract, status: 'agreed', countersignedBy: by, activeFrom: validFrom }
    : { ...contract, status: 'active', countersignedBy: by, activeFrom: now }
}

const sameText = (contract: Contract, documentSha256: string) => {
  if (contract.documentSha256 !== documentSha256)
    throw documentDiffers('the hash is not the one of this document', {
      hint: 'Read the contract again and sign what it says now.',
    })
}

/** The state at a moment: one whose end has come has ended, one whose time has come rules. No job has to say so. */
export const statusAt = (
  {
    status,
    endsAt,
    activeFrom,
    stoppedBecause,
  }: Pick<Contract, 'status' | 'endsAt' | 'activeFrom' | 'stoppedBecause'>,
  now: Temporal.Instant,
): Contract['status'] => {
  const begun = status === 'agreed' && activeFrom !== null && !isBefore(now, activeFrom)
  const since = begun ? (stoppedBecause === null ? 'active' : 'frozen') : status
  const over = endsAt !== null && !isBefore(now, endsAt)
  return over && (since === 'active' || since === 'frozen' || since === 'agreed') ? 'ended' : since
}

/**
 * Throws unless an agreement goes on, so that its terms can change: an end that two people decided is not undone by other
 * terms. That it ends where terms begin that both have signed is no end of it.
 */
export const goesOn = (
  contract: Pick<Contract, 'id' | 'status' | 'endsAt' | 'activeFrom' | 'stoppedBecause'>,
  living: readonly Pick<Contract, 'id' | 'status' | 'endsAt'>[],
  now: Temporal.Instant,
): void => {
  const stands = statusAt(contract, now)
  if (stands === 'ended') throw contractStep('what it changes has ended')
  const { endsAt } = living.find((c) => c.status === 'agreed') ?? contract
  if (endsAt !== null)
    throw contractStep(`what it changes ends at ${endsAt.toString()}`, {
      hint: 'To go on takes an offer of its own, which two people decide.',
    })
}

/** Whose move it is before it is in force. */
export const waitsFor = (contract: Pick<Contract, 'status'>): 'partner' | 'bank' =>
  contract.status === 'offered' ? 'partner' : 'bank'
