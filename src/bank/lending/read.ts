/** What a customer lets a partner see of their loans, whichever partner brought them. */
import { z } from 'zod'
import { customerRefOf } from '../customers/index.ts'
import { type Caller, consentExceeded, consentMissing, notFound } from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import { loanIdAt } from './accept.ts'
import { arrearsOf, type Debt } from './debt.ts'
import { arrearsJson, debtOf, type Loan, loanJson, type LoanRef, scheduleJson } from './loan.ts'
import * as loans from './loan-store.ts'
import * as store from './store.ts'

/** RFC 9396: the loans by this partner's names for them, or all; and what may be seen of them. */
const ReadDetail = z.looseObject({
  type: z.literal('urn:bank:lending-read:v1'),
  loans: z.array(z.string()).optional(),
  permissions: z.array(z.string()).optional(),
  purpose: z.looseObject({ code: z.string() }).optional(),
})
type ReadDetail = z.output<typeof ReadDetail>

interface Seen {
  readonly loan: Loan
  readonly debt: Debt
  readonly loanId: LoanRef
}

const detailsOf = ({ consentId, details }: Caller): ReadDetail[] => {
  const found = details.flatMap((detail) => ReadDetail.safeParse(detail).data ?? [])
  if (consentId === null || found.length === 0)
    throw consentMissing('the token carries no consent to see loans', { gate: 'partner' })
  return found
}

const seenBy = async ({ db, keys }: BankWorld, caller: Caller, details: readonly ReadDetail[]) => {
  const { partnerId, subject } = caller
  const customerRef = subject === null ? undefined : await customerRefOf(db, partnerId, subject)
  if (customerRef === undefined) throw notFound()
  const named = (await loans.ofCustomer(db, customerRef)).map((loan) => ({
    loan,
    loanId: loanIdAt(keys, partnerId, loan.ref),
  }))
  const allowed = named.filter(({ loanId }) =>
    details.some((detail) => detail.loans?.includes(loanId) ?? true),
  )
  const lines = await loans.instalments(
    db,
    allowed.map(({ loan }) => loan.ref),
  )
  return allowed.map(({ loan, loanId }): Seen => ({
    loan,
    loanId,
    debt: debtOf(loan, lines.get(loan.ref) ?? []),
  }))
}

const one = async (
  bank: BankWorld,
  caller: Caller,
  loanId: LoanRef,
  details = detailsOf(caller),
): Promise<Seen> => {
  const found = (await seenBy(bank, caller, details)).find((seen) => seen.loanId === loanId)
  if (!found) throw notFound()
  return found
}

const presented = async (bank: BankWorld, { loan, debt, loanId }: Seen) => {
  const fund = await store.fund(bank.db, loan.currency)
  return loanJson(loan, debt, { fund, loanId, today: today(bank) })
}

export const listLoans = async (bank: BankWorld, caller: Caller) => {
  const seen = await seenBy(bank, caller, detailsOf(caller))
  return { data: await Promise.all(seen.map((one) => presented(bank, one))), next: null }
}

export const getLoan = async (bank: BankWorld, caller: Caller, loanId: LoanRef) =>
  presented(bank, await one(bank, caller, loanId))

export const getSchedule = async (bank: BankWorld, caller: Caller, loanId: LoanRef) => {
  const { loan, debt } = await one(bank, caller, loanId)
  return { data: scheduleJson(loan, debt, today(bank)), next: null }
}

/** O33: only where the customer allowed the detail, and the partner said what for. */
export const getArrears = async (bank: BankWorld, caller: Caller, loanId: LoanRef) => {
  const detailed = detailsOf(caller).filter(
    ({ permissions, purpose }) => permissions?.includes('ReadLoansDetail') && purpose !== undefined,
  )
  if (detailed.length === 0)
    throw consentExceeded('arrears are seen with ReadLoansDetail and a stated purpose', {
      gate: 'customer',
    })
  const { loan, debt } = await one(bank, caller, loanId, detailed)
  return arrearsJson(loan, arrearsOf(debt, today(bank)), loanId)
}

const today = ({ now, zone }: BankWorld) => now().toZonedDateTimeISO(zone).toPlainDate()
