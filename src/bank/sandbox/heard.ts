/** Every operation on worlds once, its refusals among them, for the test that walks the documents. */

/** Asks one operation, and answers its body once it has the status and the shape that its document says. */
type Expect = (
  status: number,
  operation: string,
  given: { path?: string; body?: object },
) => Promise<Record<string, unknown>>

/** Where somebody stands behind the core, each of them is the same refusal. */
export const hearSandbox = async (
  expect: Expect,
  { accountId, imagined }: { accountId: string; imagined: boolean },
): Promise<void> => {
  const said = (status: number) => (imagined ? status : 409)
  const created = await expect(said(201), 'createWorld', { body: { name: 'one' } })
  const worldId = imagined ? String(created['worldId']) : `world_${'0'.repeat(32)}`
  const path = `/sandbox/v1/worlds/${worldId}`
  await expect(409, 'createWorld', { body: { name: 'one' } })
  await expect(400, 'createWorld', { body: { name: 'One!' } })
  const movement = {
    accountId,
    amount: { amount: '25.00', currency: 'UZS' },
    counterparty: 'Anor Telecom MCHJ',
    text: 'Salary',
  }
  await expect(409, 'simulateInboundPayment', { body: movement })
  await expect(said(200), 'listWorlds', {})
  await expect(said(200), 'chooseWorld', { body: { worldId } })
  await expect(said(404), 'chooseWorld', { body: { worldId: `world_${'1'.repeat(32)}` } })
  await expect(said(201), 'simulateInboundPayment', { body: movement })
  await expect(400, 'simulateInboundPayment', {
    body: { ...movement, amount: { amount: '0.00', currency: 'UZS' } },
  })
  const unknown = { ...movement, accountId: `acc_${'0'.repeat(32)}` }
  await expect(said(404), 'simulateDirectDebit', { body: unknown })
  await expect(said(201), 'simulateDirectDebit', { body: movement })
  const expiry = { condition: 'CERTIFICATE_EXPIRED', seconds: 60 }
  await expect(said(201), 'simulateEntranceCondition', { body: expiry })
  await expect(400, 'simulateEntranceCondition', { body: { ...expiry, seconds: 601 } })
  await expect(imagined ? 401 : 200, 'listCards', {})
  await expect(said(201), 'simulateEntranceCondition', {
    body: { condition: 'LIMIT_REACHED', seconds: 60 },
  })
  await expect(imagined ? 429 : 200, 'listCards', {})
  await expect(said(201), 'simulateEntranceCondition', { body: { ...expiry, seconds: 0 } })
  await expect(200, 'listCards', {})
  await expect(said(200), 'getClock', {})
  await expect(said(200), 'turnClock', { body: { advanceBy: 'P1D' } })
  await expect(409, 'turnClock', { body: { advanceBy: 'PT0S' } })
  await expect(400, 'turnClock', { body: { advanceBy: 'P1M' } })
  const move = { pair: 'USD/UZS', percent: '-3.5' }
  await expect(said(201), 'simulateRateMove', { body: move })
  await expect(400, 'simulateRateMove', { body: { ...move, percent: '51' } })
  const verificationId = `verification_${'0'.repeat(32)}`
  const result = { verificationId, identity: 'CONFIRMED' }
  await expect(said(404), 'simulateVerificationResult', { body: result })
  await expect(400, 'simulateVerificationResult', { body: { ...result, identity: 'MAYBE' } })
  const storm = { kind: 'STORM', count: 3 }
  await expect(said(201), 'simulateWebhooks', { body: storm })
  await expect(400, 'simulateWebhooks', { body: { ...storm, count: 1_001 } })
  const decision = {
    requestUri: 'urn:ietf:params:oauth:request_uri:none',
    login: 'dilnoza',
    password: 'portico-demo',
    decision: 'APPROVE',
  }
  await expect(409, 'simulateConsentDecision', { body: decision })
  await expect(400, 'simulateConsentDecision', { body: { ...decision, decision: 'PERHAPS' } })
  const taken = await expect(said(201), 'takeSnapshot', { path: `${path}/snapshots` })
  const snapshotId = imagined ? String(taken['snapshotId']) : `snapshot_${'0'.repeat(32)}`
  await expect(said(200), 'listSnapshots', { path: `${path}/snapshots` })
  const restoration = `${path}/snapshots/${snapshotId}/restoration`
  await expect(said(200), 'restoreSnapshot', { path: restoration })
  await expect(said(200), 'resetWorld', { path: `${path}/reset` })
  await expect(409, 'removeWorld', { path: `${path}/removal` })
  await expect(said(200), 'chooseWorld', { body: { worldId: null } })
  await expect(said(200), 'removeWorld', { path: `${path}/removal` })
  await expect(said(404), 'removeWorld', { path: `${path}/removal` })
  const condition = { condition: 'OUTAGE', seconds: 60 }
  await expect(said(201), 'simulateCoreCondition', { body: condition })
  await expect(400, 'simulateCoreCondition', { body: { ...condition, seconds: 3_600 } })
  await expect(said(201), 'simulateCoreCondition', { body: { ...condition, seconds: 0 } })
}
