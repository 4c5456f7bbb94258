/** A call of a product that has versions, as a gateway tells of it. */
export const callOfVersion = (told: {
  readonly partnerId: string
  readonly applicationId: string
  readonly version: string
  readonly operation: string
  readonly at: Temporal.Instant
}) => {
  const { at, ...of } = told
  return {
    ...of,
    callId: crypto.randomUUID().replaceAll('-', ''),
    seq: 1,
    occurredAt: at.toString(),
    bornAt: at.toString(),
    day: at.toString().slice(0, 10),
    product: 'cards',
    contractId: null,
    priceVersion: null,
    consentId: null,
    status: 200,
    code: null,
    billable: true,
    units: 1,
    latencyMs: 1,
    upstreamMs: 1,
    epoch: 1,
  }
}
