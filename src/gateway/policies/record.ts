/** One line for a call, durable before its answer leaves, and one in the log. No body, no personal data (G62, G63). */
import type { Call, Gateway } from '../call.ts'
import { identityOf } from '../call.ts'
import type { UsageIntent } from '../usage.ts'

/**
 * A write is told of before the bank is asked, so that a process that ends in between leaves a trace: it is billed once,
 * or not at all, and never forgotten. A read needs none: it moves nothing, and is only billed with its record.
 */
export const intend = async (call: Call, gateway: Gateway): Promise<void> => {
  const { claim, operation } = call
  if (operation.idempotency === null || call.upstream) return
  await Promise.all([
    gateway.spool.intend({ ...factsOf(call), idempotencyKey: claim?.key ?? null }),
    claim && gateway.claims.sent(claim),
  ])
}

/** Records a call of a proven caller. Only such calls are usage: what proves nothing belongs to nobody. */
export const record = async (call: Call, gateway: Gateway): Promise<void> => {
  const { answer, operation } = call
  if (!call.identity || !answer || call.unrecorded) return
  const { application } = identityOf(call)
  // By the same pure question that a new snapshot will be asked (agreement.ts): what came after it is not its matter.
  gateway.decisions.note(application, operation.id, call.permission !== undefined)
  const { sighting } = call
  sighting?.form.answered(answer.status, sighting)
  await gateway.spool.append({
    ...factsOf(call),
    status: answer.status,
    code: answer.refusal?.code ?? null,
    billable: answer.refusal === undefined && !call.replayed,
    latencyMs: rounded(performance.now() - call.startedMs),
    upstreamMs: call.upstreamMs === null ? null : rounded(call.upstreamMs),
  })
  sighting?.told()
}

/** What is known of a call before it is answered. */
const factsOf = (call: Call): Omit<UsageIntent, 'idempotencyKey'> => {
  const { application, token } = identityOf(call)
  const { partner } = application
  const { claim } = call
  const facts = call.sighting?.texts()
  return {
    callId: call.id,
    occurredAt: new Date(call.atMs).toISOString(),
    partnerId: partner.id,
    applicationId: application.id,
    product: call.operation.product,
    operation: call.operation.id,
    ...(call.version !== undefined && { version: call.version }),
    contractId: partner.contract?.id ?? null,
    priceVersion: partner.contract?.priceVersion ?? null,
    consentId: token.consentId,
    units: call.operation.units,
    ...(claim && { chargeId: claim.chargeId }),
    epoch: call.table.epoch,
    snapshotSha256: call.table.sha256,
    ...(facts && { facts }),
  }
}

const rounded = (ms: number) => Math.round(ms * 1000) / 1000

/** The access log: ids and figures, for every call that got as far as an operation. */
export const tell = (call: Call, gateway: Gateway): void => {
  const { answer, identity } = call
  const tookMs = performance.now() - call.startedMs
  gateway.seeing.call(call, tookMs)
  const line = {
    callId: call.id,
    interactionId: call.interactionId,
    operation: call.operation.id,
    partnerId: identity?.application.partner.id,
    applicationId: identity?.application.id,
    status: answer?.status,
    code: answer?.refusal?.code,
    ms: rounded(tookMs),
    upstreamMs: call.upstreamMs === null ? undefined : rounded(call.upstreamMs),
    epoch: call.table.epoch,
    replayed: call.replayed || undefined,
    keptS: call.keptS,
  }
  const cause = answer?.refusal?.particulars.cause
  if (answer && answer.status >= 500) gateway.log.warn({ ...line, cause }, 'call failed')
  else gateway.calls.info(line, 'call')
}
