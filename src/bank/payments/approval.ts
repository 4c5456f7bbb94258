/** What every order of a customer begins with: what they approved, who pays, whom, and whether it was ordered before. */
import type { z } from 'zod'
import type { Alias } from '../accounts/index.ts'
import {
  type Caller,
  consentExceeded,
  consentMissing,
  idempotencyOf,
  keyReused,
} from '../partner-call.ts'
import { type CreditorAccount, differsFromConsent, type Payment } from './payment.ts'

/** The detail of the consent that the order is covered by, or the gate that it does not pass. */
export const approvalOf = <T>(
  caller: Caller,
  detail: z.ZodType<T>,
  {
    covers,
    order,
    bound,
  }: {
    covers: (approved: T) => boolean
    /** What is ordered, in the partner's words. */
    order: string
    /** What of it the customer saw. */
    bound: string
  },
): { consentId: string; detail: T } => {
  const approved = caller.details.flatMap((one) => detail.safeParse(one).data ?? [])
  const { consentId } = caller
  if (consentId === null || approved.length === 0)
    throw consentMissing(`the token carries no consent to ${order}`, { gate: 'partner' })
  const covering = approved.find(covers)
  if (!covering)
    throw differsFromConsent(`${bound} must be those of the consent`, { gate: 'partner' })
  return { consentId, detail: covering }
}

/** Who orders it, under which consent, from which account. */
export const orderedBy = (
  caller: Caller,
  consentId: string,
  debtor: Pick<Alias, 'accountRef' | 'accountId'>,
) => ({
  partnerId: caller.partnerId,
  applicationId: caller.applicationId,
  ...idempotencyOf(caller),
  consentId,
  debtorRef: debtor.accountRef,
  debtorAccountId: debtor.accountId,
})

interface Payee {
  readonly creditorAccount: CreditorAccount
  readonly creditorName: string
  readonly endToEndIdentification?: string | undefined
  readonly remittanceInformation?: string | undefined
}

/** Whom it pays, and with which words; an account without a bank is at the debtor's. */
export const paidTo = (payee: Payee, debtorBank: string) => {
  const { identification, bankCode } = payee.creditorAccount
  return {
    creditorNumber: identification,
    creditorBank: bankCode ?? debtorBank,
    creditorBankGiven: bankCode !== undefined,
    creditorName: payee.creditorName,
    endToEndId: payee.endToEndIdentification ?? null,
    remittance: payee.remittanceInformation ?? null,
  }
}

/** A payment of which nothing is known yet. */
export const received = (now: Temporal.Instant) => ({
  status: 'RCVD' as const,
  reasonCode: null,
  createdAt: now,
  updatedAt: now,
})

/** What a customer allowed once was done, by this kind of order or another. */
export const consentUsed = () =>
  consentExceeded('this consent has paid; ask the customer for another', { gate: 'customer' })

/** Asked again after a crash it is the same order; a second one of the same consent is refused. */
export const sameAgain = <T extends Pick<Payment, 'bodySha256'>>(
  held: T | undefined,
  caller: Caller,
  order: string,
): T => {
  if (!held) throw consentUsed()
  if (held.bodySha256 !== idempotencyOf(caller).bodySha256)
    throw keyReused(`choose a new key for a new ${order}`)
  return held
}
