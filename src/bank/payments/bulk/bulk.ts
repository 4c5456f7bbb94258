/** A file of payments: announced, brought, read, authorised once, executed line by line. */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { Currency, Money as MoneyCodec, moneyJson } from '#kernel/money.ts'
import { problem } from '#kernel/problem.ts'
import { PlainDate } from '#kernel/time.ts'
import { CancellationReason, notCancellable, PaymentStatus, Text } from '../payment.ts'

export const BulkId = idOf('bulk')
export type BulkId = z.output<typeof BulkId>

const Instant = z.instanceof(Temporal.Instant)

/** OBIE file payments: awaiting upload, awaiting authorisation; then ISO 20022. */
export const BulkStatus = z.enum(['AWUP', 'AWAU', 'ACCP', 'ACSP', 'PART', 'ACSC', 'RJCT', 'CANC'])
export type BulkStatus = z.output<typeof BulkStatus>

export const bulkTransitions: Readonly<Record<BulkStatus, readonly BulkStatus[]>> = {
  AWUP: ['AWAU', 'RJCT', 'CANC'],
  AWAU: ['ACCP', 'ACSP', 'RJCT', 'CANC'],
  ACCP: ['ACSP', 'CANC'],
  ACSP: ['PART', 'ACSC', 'RJCT'],
  PART: [],
  ACSC: [],
  RJCT: [],
  CANC: [],
}

export const FileType = z.enum(['pain.001.001.09', 'csv', 'json'])
export type FileType = z.output<typeof FileType>

export const Bulk = z.object({
  id: BulkId,
  partnerId: z.string(),
  applicationId: z.string(),
  idempotencyKey: z.string(),
  bodySha256: z.string(),
  fileType: FileType,
  fileSha256: z.string(),
  fileReference: z.string().nullable(),
  lines: z.number(),
  sumMinor: z.bigint(),
  currency: Currency,
  requestedOn: z.instanceof(Temporal.PlainDate).nullable(),
  status: BulkStatus,
  reasonCode: z.string().nullable(),
  /** Who approved it and from which account it is paid, once it was authorised. */
  consentId: z.string().nullable(),
  debtorRef: z.string().nullable(),
  debtorAccountId: z.string().nullable(),
  debtorBank: z.string().nullable(),
  executeAt: Instant.nullable(),
  createdAt: Instant,
  updatedAt: Instant,
})
export type Bulk = z.output<typeof Bulk>

/** A line as it stands in the file, or why it cannot be paid. */
export const Line = z.object({
  bulkId: BulkId,
  line: z.number(),
  amountMinor: z.bigint().nullable(),
  creditorNumber: z.string().nullable(),
  creditorBank: z.string().nullable(),
  creditorName: z.string().nullable(),
  endToEndId: z.string().nullable(),
  remittance: z.string().nullable(),
  reasonCode: z.string().nullable(),
  detail: z.string().nullable(),
})
export type Line = z.output<typeof Line>

/** A line with what became of its payment. */
export const ReportLine = z.object({
  line: z.number(),
  amountMinor: z.bigint().nullable(),
  endToEndId: z.string().nullable(),
  reasonCode: z.string().nullable(),
  detail: z.string().nullable(),
  paymentId: z.string().nullable(),
  paymentStatus: PaymentStatus.nullable(),
  paymentReason: z.string().nullable(),
})
export type ReportLine = z.output<typeof ReportLine>

/** How many lines stand where. */
export const Tally = z.object({
  waiting: z.number(),
  refused: z.number(),
  underWay: z.number(),
  settled: z.number(),
  rejected: z.number(),
})
export type Tally = z.output<typeof Tally>

export const fileRefused = problem('payments/file-refused', 400, 'The file is refused')
export const notAwaiting = problem(
  'payments/bulk-not-awaiting',
  409,
  'The file does not await this',
)

export const LINES_MAX = 100_000
export const PARTS_MAX = 64
/** 960,000 characters of base64. */
export const PART_BYTES_MAX = 720_000

export const BulkRequest = z.strictObject({
  fileType: FileType,
  fileSha256: z.string().regex(/^[0-9a-f]{64}$/),
  numberOfTransactions: z.int().min(1).max(LINES_MAX),
  controlSum: MoneyCodec,
  fileReference: Text(40).optional(),
  requestedExecutionDate: PlainDate.optional(),
})
export type BulkRequest = z.output<typeof BulkRequest>

export const FilePart = z
  .strictObject({
    part: z.int().min(1).max(PARTS_MAX),
    parts: z.int().min(1).max(PARTS_MAX),
    content: z.base64().min(4).max(960_000),
  })
  .refine(({ part, parts }) => part <= parts, { error: 'is past the last part', path: ['part'] })
export type FilePart = z.output<typeof FilePart>

const Facts = z.strictObject({
  fileSha256: z.string(),
  numberOfTransactions: z.int(),
})

export const BulkAuthorisation = z.strictObject({ instructedAmount: MoneyCodec, bulk: Facts })
export type BulkAuthorisation = z.output<typeof BulkAuthorisation>

/** What the customer approved (RFC 9396), with the account that they picked. */
export const BulkDetail = z.looseObject({
  type: z.literal('urn:bank:payment:v1'),
  ...BulkAuthorisation.shape,
  accounts: z.tuple([z.string()]),
})

/** Dynamic linking: sum, number and hash are those of this file. */
export const isOf = (facts: BulkAuthorisation, bulk: Bulk): boolean =>
  facts.instructedAmount.minor === bulk.sumMinor &&
  facts.instructedAmount.currency === bulk.currency &&
  facts.bulk.fileSha256 === bulk.fileSha256 &&
  facts.bulk.numberOfTransactions === bulk.lines

/** The only way from one status to another. */
export const movedBulk = (
  bulk: Bulk,
  to: { status: BulkStatus; reasonCode?: string },
  now: Temporal.Instant,
): Bulk => {
  if (!bulkTransitions[bulk.status].includes(to.status)) throw notAwaiting(`it is ${bulk.status}`)
  return { ...bulk, status: to.status, reasonCode: to.reasonCode ?? null, updatedAt: now }
}

export const cancelledBulk = (bulk: Bulk, reasonCode: string, now: Temporal.Instant): Bulk => {
  if (!bulkTransitions[bulk.status].includes('CANC')) throw notCancellable(`it is ${bulk.status}`)
  return movedBulk(bulk, { status: 'CANC', reasonCode: CancellationReason.parse(reasonCode) }, now)
}

/** What a file is when none of its lines waits or is under way any more; undefined before. */
export const outcomeOf = (tally: Tally): 'ACSC' | 'PART' | 'RJCT' | undefined => {
  if (tally.waiting + tally.underWay > 0) return undefined
  if (tally.settled === 0) return 'RJCT'
  return tally.rejected + tally.refused === 0 ? 'ACSC' : 'PART'
}

export const bulkJson = (bulk: Bulk, lines: Tally) => ({
  bulkPaymentId: bulk.id,
  status: bulk.status,
  ...(bulk.reasonCode !== null && { statusReason: bulk.reasonCode }),
  fileType: bulk.fileType,
  fileSha256: bulk.fileSha256,
  ...(bulk.fileReference !== null && { fileReference: bulk.fileReference }),
  numberOfTransactions: bulk.lines,
  controlSum: moneyJson({ minor: bulk.sumMinor, currency: bulk.currency }),
  ...(bulk.requestedOn !== null && { requestedExecutionDate: bulk.requestedOn.toString() }),
  ...(bulk.executeAt !== null && { expectedExecutionDateTime: bulk.executeAt.toString() }),
  ...(bulk.debtorAccountId !== null && { debtorAccount: { accountId: bulk.debtorAccountId } }),
  creationDateTime: bulk.createdAt.toString(),
  statusUpdateDateTime: bulk.updatedAt.toString(),
  lines,
})

export const lineJson = (line: ReportLine, currency: Bulk['currency']) => ({
  line: line.line,
  status: line.paymentStatus ?? (line.reasonCode === null ? 'RCVD' : 'RJCT'),
  ...((line.paymentReason ?? line.reasonCode) !== null && {
    statusReason: line.paymentReason ?? line.reasonCode,
  }),
  ...(line.detail !== null && { detail: line.detail }),
  ...(line.paymentId !== null && { paymentId: line.paymentId }),
  ...(line.amountMinor !== null && {
    amount: moneyJson({ minor: line.amountMinor, currency }),
  }),
  ...(line.endToEndId !== null && { endToEndIdentification: line.endToEndId }),
})
