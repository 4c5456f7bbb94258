/** A call by itself, proven: it is a leaf of its batch's tree, and the journal says the root of every batch. */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { leafHash, proofAmong, rootOver, type Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { dayOfCall } from './call-day.ts'
import type { PricedCall, Source } from './call-store.ts'

const BatchId = idOf('batch')
const HASH_BYTES = 32
export const sealedEvent = 'usage.calls-sealed'

/** What is proven of a call, and nothing that changes after it was counted. */
const ProvenCall = z.object({
  callId: z.string(),
  cell: z.string(),
  partnerId: z.string(),
  applicationId: z.string(),
  operation: z.string(),
  consentId: z.string().nullable(),
  status: z.int(),
  code: z.string().nullable(),
  units: z.coerce.number().int(),
  unitPrice: z.string(),
  epoch: z.coerce.number().int(),
})

/** RFC 8785: these members, in this order, and nothing between them. */
const textOf = (call: z.output<typeof ProvenCall>): string =>
  JSON.stringify({
    applicationId: call.applicationId,
    callId: call.callId,
    cell: call.cell,
    code: call.code,
    consentId: call.consentId,
    epoch: call.epoch,
    operation: call.operation,
    partnerId: call.partnerId,
    status: call.status,
    unitPrice: call.unitPrice,
    units: call.units,
  })

/** Says in the journal what tree stands over the calls of a batch; keeps the leaves, by which each is proven. */
export const sealCalls = async (
  work: Work,
  source: Source,
  calls: readonly PricedCall[],
): Promise<void> => {
  const { cell, gateway, boot } = source
  const leaves = calls.map((call) => leafHash(textOf({ ...call, cell })))
  const seqs = calls.map(({ seq }) => seq)
  const [from, to] = [Math.min(...seqs), Math.max(...seqs)]
  const id = BatchId.next()
  await work.run`
    insert into usage.sealed_batch (id, cell, gateway, boot, first_seq, last_seq, leaves)
    values (${id}, ${cell}, ${gateway}, ${boot}, ${from}, ${to}, ${Buffer.concat(leaves)})
  `
  const root = rootOver(leaves).toString('hex')
  await work.record(sealedEvent, id, { cell, gateway, boot, from, to, root })
}

const CallRow = ProvenCall.extend({ gateway: z.string(), boot: z.string(), seq: z.bigint() })
const Batch = z.object({ id: z.string(), leaves: z.instanceof(Uint8Array) })

export interface CallInBatch {
  /** The text whose SHA-256 behind a byte 0 is the leaf. */
  readonly text: string
  readonly batch: string
  readonly index: number
  readonly size: number
  readonly proof: readonly Buffer[]
}

/** A partner's own call in the batch that it came with; `undefined` where it was never sealed. */
export const callInBatch = async (
  db: Db,
  partnerId: string,
  callId: string,
): Promise<CallInBatch | undefined> => {
  const call = await db.maybe(CallRow)`
    select call_id as "callId", cell, partner_id as "partnerId", application_id as "applicationId", operation,
           consent_id as "consentId", status, code, units, unit_price as "unitPrice", epoch, gateway, boot, seq
      from usage.event
     where partner_id = ${partnerId} and day = ${dayOfCall(callId)} and call_id = ${callId}
  `
  if (!call) return undefined
  const text = textOf(call)
  const leaf = leafHash(text)
  const batches = await db.many(Batch)`
    select id, leaves
      from usage.sealed_batch
     where cell = ${call.cell} and gateway = ${call.gateway} and boot = ${call.boot}
       and last_seq >= ${call.seq} and first_seq <= ${call.seq}
     order by last_seq
     limit 10
  `
  for (const { id, leaves } of batches) {
    const all = Array.from({ length: leaves.length / HASH_BYTES }, (_, i) =>
      Buffer.from(leaves.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES)),
    )
    const index = all.findIndex((one) => one.equals(leaf))
    if (index >= 0)
      return { text, batch: id, index, size: all.length, proof: proofAmong(all, index) }
  }
  return undefined
}
