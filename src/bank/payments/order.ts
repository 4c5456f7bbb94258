/** A customer who approves orders, to try them with: one line makes the consent and the call of each kind. */
import { uuidv7 } from '#kernel/id.ts'
import { moneyJson } from '#kernel/money.ts'
import { sha256url } from '#platform/jose.ts'
import { callBy, enrol, newPartner, refs, type Trial, uzs } from '../trial.ts'
import { MandateRequest } from './mandates/mandate.ts'
import { PaymentRequest } from './payment.ts'
import { StandingRequest } from './standing/standing.ts'

export const openCustomer = async (trial: Trial, partnerId = newPartner()) => {
  const { subject, id } = await enrol(trial, partnerId, refs.payer.owner)
  const payee = async (ref: string, name: string) => {
    const { number, bankCode } = await trial.accountOf(ref)
    return {
      creditorAccount: {
        schemeName: 'UZ.AccountNumber' as const,
        identification: number,
        bankCode,
      },
      creditorName: name,
    }
  }
  const pottery = await payee(refs.pottery, 'Rishton Pottery')
  const accounts = [id(refs.payer.current)]
  /** A call with a fresh consent to what stands in the detail. */
  const consented = (operation: string, detail: { type: string }, body: object) =>
    callBy(partnerId, operation, {
      subject,
      consentId: `consent_${uuidv7()}`,
      details: [{ ...detail, accounts }],
      bodySha256: sha256url(JSON.stringify(body)),
    })

  return {
    partnerId,
    pottery,
    payee,
    consented,
    call: (operation: string) => callBy(partnerId, operation),
    /** A payment on a day. */
    dated: (minor: bigint, requestedExecutionDate: string, to: object = pottery) => {
      const body = { instructedAmount: moneyJson(uzs(minor)), ...to, requestedExecutionDate }
      return {
        caller: consented('createPayment', { type: 'urn:bank:payment:v1', ...body }, body),
        request: PaymentRequest.parse(body),
      }
    },
    standing: (minor: bigint, round: object) => {
      const body = { instructedAmount: moneyJson(uzs(minor)), ...pottery, standing: round }
      return {
        caller: consented('createStandingPayment', { type: 'urn:bank:payment:v1', ...body }, body),
        request: StandingRequest.parse(body),
      }
    },
    mandate: (most: bigint, limits: Readonly<Record<string, bigint>>, validTo: string) => {
      const body = {
        maxIndividual: moneyJson(uzs(most)),
        periodicLimits: Object.entries(limits).map(([period, minor]) => ({
          period,
          amount: moneyJson(uzs(minor)),
        })),
        payees: [pottery],
        validTo,
      }
      return {
        caller: consented('createMandate', { type: 'urn:bank:mandate:v1', ...body }, body),
        request: MandateRequest.parse(body),
      }
    },
  }
}
