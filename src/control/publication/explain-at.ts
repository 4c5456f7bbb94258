/** Why something was allowed, or was not, at a moment that has passed: read off what the gateways were told then. */
import { z } from 'zod'
import { PermissionVerdict } from '#gateway/snapshot.ts'
import { Cell } from '#kernel/cell.ts'
import { problem } from '#kernel/problem.ts'
import { Instant, isBefore } from '#kernel/time.ts'
import type { Db } from '#platform/db.ts'
import { listProducts, type Operation } from '#control/catalogue/index.ts'
import {
  ApplicationId,
  applicationNotFound,
  findApplication,
  type PartnerId,
} from '#control/partners/index.ts'
import { operationUnknown } from './explain.ts'
import { type DecidedCall, decidedCall, lastDecidedCall } from '#control/usage/index.ts'
import {
  Allowed,
  documentAt,
  documentOf,
  permissionsAt,
  permissionsOf,
} from './permission-versions.ts'

export const nothingPublished = problem(
  'publication/nothing-published',
  404,
  'No snapshot was in force at that moment',
)

export const callUnknown = problem('publication/call-unknown', 404, 'No such call is on record')

/** A call that was made, and the snapshot that its gateway had proven and decided it by. */
const Decided = z.object({
  callId: z.string(),
  at: Instant,
  status: z.int(),
  code: z.string().nullable(),
  consent: z.string().nullable(),
  snapshot: z.object({ epoch: z.int(), sha256: z.string().nullable() }),
  /** Whether control published that very document: the digest of the gateway is the one of the journal. */
  agrees: z.boolean(),
})

export const PastExplanation = z.object({
  at: Instant,
  application: z.string(),
  partner: z.string(),
  cell: Cell,
  operation: z.string(),
  /** The gateways’ document of that moment: its digest stands in the journal under `publication.published`. */
  snapshot: z.object({
    epoch: z.int(),
    sha256: z.string(),
    compiledAt: Instant,
    /** The line of the journal that says so; null for the moment until it was read. */
    line: z.int().nullable(),
  }),
  matrix: z.string(),
  /** Since when the partner’s permissions had stood so, in which document they came, and the digest of their text. */
  permissions: z
    .object({ since: Instant, epoch: z.int(), snapshotSha256: z.string(), sha256: z.string() })
    .nullable(),
  /** Whether every gate that does not depend on the call itself was open. */
  allowed: z.boolean(),
  /** The first gate that was missing, as the gateway would have said it. */
  refusal: z.object({ code: z.string(), detail: z.string() }).nullable(),
  /** Of each permission that opens the operation, what the snapshot said. */
  verdicts: z.record(z.string(), PermissionVerdict.nullable()),
  contract: z.object({ id: z.string(), tier: z.string(), priceVersion: z.string() }).nullable(),
  /** The last such call of the day before that moment, or the one that was asked about. */
  call: Decided.nullable(),
})
export type PastExplanation = z.output<typeof PastExplanation>

interface AskPast {
  readonly application: ApplicationId
  readonly operation: string
  readonly at: Temporal.Instant
  readonly own?: PartnerId
}

/** At a moment: by the document that was the newest then. */
export const explainPast = async (db: Db, ask: AskPast): Promise<PastExplanation> => {
  const { cell, partnerId, operation } = await subjectOf(db, ask)
  const document = await documentAt(db, cell, ask.at)
  if (!document) throw nothingPublished(`nothing was published to ${cell} by ${ask.at.toString()}`)
  const version = await permissionsAt(db, cell, partnerId, ask.at)
  const call = await lastDecidedCall(db, {
    partnerId,
    applicationId: ask.application,
    operation: operation.id,
    at: ask.at,
  })
  return explained(db, { ...ask, operation, cell, partnerId, document, version, call })
}

/** A call that was made: by the document that its gateway decided it by, whichever control thought newest. */
export const explainDecided = async (
  db: Db,
  { partnerId, callId }: { partnerId: PartnerId; callId: string },
): Promise<PastExplanation> => {
  const call = await decidedCall(db, partnerId, callId)
  if (!call) throw callUnknown('the partner made no call with this id')
  const { cell, epoch } = call
  const application = ApplicationId.parse(call.applicationId)
  const { operation } = await subjectOf(db, { application, operation: call.operation })
  const document = await documentOf(db, cell, epoch)
  if (!document) throw nothingPublished(`no document of ${cell} has the number ${epoch}`)
  const version = await permissionsOf(db, cell, partnerId, epoch)
  const at = call.occurredAt
  return explained(db, { application, operation, at, cell, partnerId, document, version, call })
}

const subjectOf = async (
  db: Db,
  ask: Pick<AskPast, 'application' | 'operation' | 'own'>,
): Promise<{ cell: Cell; partnerId: PartnerId; operation: Operation }> => {
  const application = await findApplication(db, ask.application)
  if (!application || (ask.own !== undefined && application.partnerId !== ask.own))
    throw applicationNotFound('there is no application with this id')
  const operation = (await listProducts(db))
    .flatMap((p) => p.operations)
    .find((o) => o.id === ask.operation)
  if (!operation) throw operationUnknown(`no product has an operation ${ask.operation}`)
  return { cell: application.cell, partnerId: application.partnerId, operation }
}

type Document = NonNullable<Awaited<ReturnType<typeof documentAt>>>
type Version = Awaited<ReturnType<typeof permissionsAt>>

const explained = async (
  db: Db,
  of: {
    application: ApplicationId
    operation: Operation
    at: Temporal.Instant
    cell: Cell
    partnerId: PartnerId
    document: Document
    version: Version
    call: DecidedCall | undefined
  },
): Promise<PastExplanation> => {
  const { application, operation, at, cell, partnerId, document, version, call } = of
  const allowed = version && Allowed.parse(JSON.parse(version.body))
  const refusal = refusalAt(allowed, application, operation, at)
  const own = allowed?.applications.find((a) => a.id === application)
  const verdicts = own?.permissions ?? allowed?.partner.permissions ?? {}
  const contract = allowed?.partner.contract
  return {
    at,
    application,
    partner: partnerId,
    cell,
    operation: operation.id,
    snapshot: {
      epoch: Number(document.epoch),
      sha256: document.sha256,
      compiledAt: document.compiledAt,
      line: document.line === null ? null : Number(document.line),
    },
    matrix: version?.matrix ?? '',
    permissions: version
      ? {
          since: version.at,
          epoch: Number(version.epoch),
          snapshotSha256: version.snapshotSha256,
          sha256: version.sha256,
        }
      : null,
    allowed: refusal === null,
    refusal,
    verdicts: Object.fromEntries(operation.permissions.map((p) => [p, verdicts[p] ?? null])),
    contract: contract
      ? { id: contract.id, tier: contract.tier, priceVersion: contract.priceVersion }
      : null,
    call: call ? await decidedOf(db, call) : null,
  }
}

const decidedOf = async (db: Db, call: DecidedCall): Promise<z.output<typeof Decided>> => {
  const { callId, occurredAt, status, code, consentId, cell, epoch, snapshotSha256 } = call
  const published = await documentOf(db, cell, epoch)
  return {
    callId,
    at: occurredAt,
    status,
    code,
    consent: consentId,
    snapshot: { epoch: Number(epoch), sha256: snapshotSha256 },
    agrees: snapshotSha256 !== null && published?.sha256 === snapshotSha256,
  }
}

type Refusal = PastExplanation['refusal']

/** The gates in the gateway’s order, by the words of that day’s snapshot. */
export const refusalAt = (
  allowed: Allowed | undefined,
  applicationId: string,
  operation: Pick<Operation, 'permissions' | 'scope' | 'risk'>,
  at: Temporal.Instant,
): Refusal => {
  const application = allowed?.applications.find((a) => a.id === applicationId)
  if (!allowed || !application || application.status !== 'active')
    return { code: 'gateway/token-invalid', detail: 'the application was not served' }
  if (allowed.partner.status !== 'active')
    return { code: 'partners/suspended', detail: 'the bank had suspended the partner' }
  const verdicts = application.permissions ?? allowed.partner.permissions
  const missing = operation.permissions.map((p) => missingAt(verdicts[p], operation.risk, at))
  if (!missing.includes(null))
    return missing[0] ?? { code: 'licences/missing', detail: 'the operation names no permission' }
  if (!application.scopes.includes(operation.scope))
    return { code: 'gateway/scope-missing', detail: `it could not ask for ${operation.scope}` }
  return null
}

const missingAt = (
  verdict: PermissionVerdict | undefined,
  risk: Operation['risk'],
  at: Temporal.Instant,
): Refusal => {
  if (!verdict) return { code: 'licences/missing', detail: 'nothing granted it' }
  if (!verdict.granted) return { code: verdict.code, detail: verdict.detail }
  const { until, writesUntil } = verdict
  if (until !== null && !isBefore(at, Temporal.Instant.from(until)))
    return { code: 'licences/expired', detail: `it had ended at ${until}` }
  const isOver = writesUntil !== undefined && !isBefore(at, Temporal.Instant.from(writesUntil))
  return risk === 'high' && isOver
    ? { code: 'licences/expired', detail: `it had been read only since ${writesUntil}` }
    : null
}
