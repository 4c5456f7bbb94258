/** What partners owe: months drafted from usage and contracts, issued by two people, booked, paid and credited. */
import type { Applier } from '#control/approvals/index.ts'
import { collectionAppliers } from './collecting.ts'
import { issueAppliers } from './issuing.ts'
import { noteAppliers } from './notes.ts'

export { type Billing, contentsOf, digestOf, draftMonth, factsOf } from './drafting.ts'
export { collectDue, collectingJob, type CollectingDesk } from './collecting.ts'
export { compose } from './composing.ts'
export { inputOf, type PeriodFacts, type Terms, type Used } from './rateable.ts'
export { Content, Month } from './content.ts'
export { openPaper } from './documents/page.ts'
export { Invoice, InvoiceId, invoiceNotFound, InvoiceStatus } from './invoice.ts'
export { recordPayment, proposeIssue } from './issuing.ts'
export { creditedOf, CreditAsked, DebitAsked, proposeCredit, proposeDebit } from './notes.ts'
export { draftingJob, draftLastMonth, draftMonthOfAll } from './jobs.ts'
export {
  balanceOf,
  type Entry,
  outOfBalance,
  payableOf,
  post,
  receivableOf,
  statementOf,
  StatementRow,
} from './ledger.ts'
export { bounds, monthBefore, monthNamed, monthOf } from './month.ts'
export {
  find as findInvoice,
  list as listInvoices,
  notesOf,
  openInvoices,
  takeNumber,
} from './store.ts'
export { taxOf } from './dispute.ts'
export { frozenByInvoice, list as listDisputes } from './dispute-store.ts'
export { type Difference, differencesIn } from './verify.ts'

export const appliers: Readonly<Record<string, Applier>> = {
  ...issueAppliers,
  ...noteAppliers,
  ...collectionAppliers,
}
