/** What partners owe: months drafted from usage and contracts, issued by two people, booked, paid and credited. */
export { type Billing, contentsOf, draftMonth } from './drafting.ts'
export { Content, type Month } from './content.ts'
export { Invoice, InvoiceId, invoiceNotFound, InvoiceStatus } from './invoice.ts'
export { appliers, CreditAsked, proposeCredit, proposeIssue, recordPayment } from './issuing.ts'
export { outOfBalance, statementOf, StatementRow } from './ledger.ts'
export { monthBefore, monthNamed, monthOf } from './month.ts'
export { find as findInvoice, list as listInvoices, notesOf } from './store.ts'
export { type Difference, differencesIn } from './verify.ts'
