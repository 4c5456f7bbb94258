/** A partner whose contract is in force, and the calls that its gateway tells of. */
import assert from 'node:assert/strict'
import { uuidv7 } from '#kernel/id.ts'
import { type Work, work } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'
import type { UsageRecord } from '#gateway/usage.ts'
import type { ChangeSet } from '#control/approvals/index.ts'
import {
  type Contract,
  countersignContract,
  listContracts,
  proposeOffer,
  signContract,
} from '#control/contracts/index.ts'
import { PartnerId, registerPartner } from '#control/partners/index.ts'
import { openMeter } from '#control/usage/index.ts'

export interface BilledPartner {
  readonly partnerId: PartnerId
  readonly contract: Contract
  /** Calls of one operation that were answered and delivered. */
  readonly calls: (
    count: number,
    at: Temporal.Instant,
    over?: Partial<UsageRecord>,
  ) => Promise<void>
}

export const billedPartner = async (
  db: Postgres,
  agreed: (
    now: Temporal.Instant,
    propose: (work: Work) => Promise<ChangeSet>,
  ) => Promise<ChangeSet>,
  {
    now,
    tier = 'Bronze',
    priceVersion = '2026-11',
  }: { now: Temporal.Instant; tier?: string; priceVersion?: string },
): Promise<BilledPartner> => {
  const { partner, person } = await work(db, 'system', now, (w) =>
    registerPartner(w, {
      organisation: 'Anor Telecom',
      legalName: 'Oʻzbek Anor Telekom MChJ',
      country: 'UZ',
      declaredStatuses: [],
      person: {
        name: 'Owner',
        email: `${uuidv7()}@partner.example`,
        password: 'a long pass phrase',
      },
    }),
  )
  const partnerId = PartnerId.parse(partner.id)
  const products = ['accounts', 'payments']
  await agreed(now, (w) => proposeOffer(w, { partnerId, tier, products, priceVersion }, 'Namuna'))
  const [contract] = await listContracts(db, { partnerId })
  assert.ok(contract)
  const { id, documentSha256 } = contract
  await work(db, `person:${person.id}`, now, (w) =>
    signContract(w, { partnerId, id }, documentSha256),
  )
  await work(db, 'system', now, (w) => countersignContract(w, id, documentSha256))
  const meter = openMeter()
  const source = { gateway: `gateway_${uuidv7()}`, boot: uuidv7() }
  let seq = 0
  return {
    partnerId,
    contract,
    calls: async (count, at, over = {}) => {
      const records = Array.from({ length: count }, (): UsageRecord => ({
        callId: uuidv7(at.epochMilliseconds),
        seq: ++seq,
        occurredAt: at.toString(),
        partnerId,
        applicationId: 'application_1',
        product: 'accounts',
        operation: 'getBalances',
        contractId: id,
        priceVersion,
        consentId: null,
        status: 200,
        code: null,
        billable: true,
        units: 1,
        latencyMs: 5,
        upstreamMs: 3,
        epoch: 1,
        ...over,
      }))
      await work(db, 'system', at, (w) => meter.take(w, 'production', { ...source, records }))
    },
  }
}
