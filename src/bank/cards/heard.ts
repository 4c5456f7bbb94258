/** Everything that a partner can hear of cards, said once; for the test that holds every answer against its document. */
import assert from 'node:assert/strict'
import { z } from 'zod'

type Expect = (
  status: number,
  operation: string,
  given: { path?: string; body?: object; details?: object[]; query?: string },
) => Promise<Record<string, unknown>>

const none = '0'.repeat(32)
const hash = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'
/** The id in an answer; a refusal has none. */
const idIn = (answer: Record<string, unknown>, name: string): string | undefined =>
  z.string().safeParse(answer[name]).data
const uzs = (amount: string) => ({ amount, currency: 'UZS' })

export const hearCards = async (
  expect: Expect,
  { accountId, imagined }: { accountId: string; imagined: boolean },
): Promise<void> => {
  const idOf = async (name: string, answer: Promise<Record<string, unknown>>) =>
    z.string().parse((await answer)[name])
  const issued = (cardType: string, more: object = {}) => {
    const card = { cardType, currency: 'UZS' }
    const details = [{ type: 'urn:bank:card-issue:v1', ...card, accounts: [accountId] }]
    return { body: { ...card, ...more }, details }
  }
  /** Where a real network stands behind the core, nothing outside of the bank is made to happen. */
  const simulated = (
    status: number,
    operation: string,
    given: { path?: string; body?: object },
  ): Promise<Record<string, unknown>> => expect(imagined ? status : 409, operation, given)

  const first = await expect(201, 'issueCard', issued('virtual', { reference: 'subscriber-1' }))
  const card = z.string().parse(first['cardId'])
  const today = Temporal.Instant.from(z.string().parse(first['creationDateTime']))
    .toZonedDateTimeISO('Asia/Tashkent')
    .toPlainDate()
  const path = `/cards/v1/cards/${card}`
  await expect(200, 'getCard', { path })
  await expect(200, 'listCards', {})

  const controls = {
    limits: [{ interval: 'daily', amount: uzs('1000.00') }],
    merchantCategories: { mode: 'block', mccs: ['7995'] },
    countries: { mode: 'allow', codes: ['UZ'] },
    channels: ['chip'],
  }
  await expect(200, 'getControls', { path: `${path}/controls` })
  await expect(200, 'setControls', { path: `${path}/controls`, body: { ...controls, replaces: 0 } })
  await expect(409, 'setControls', { path: `${path}/controls`, body: { ...controls, replaces: 7 } })
  await expect(400, 'setControls', {
    path: `${path}/controls`,
    body: { limits: [{ interval: 'daily', amount: uzs('99999999.00') }], replaces: 1 },
  })
  await expect(200, 'getControls', { path: `${path}/controls`, query: '?version=1' })
  await expect(404, 'getControls', { path: `${path}/controls`, query: '?version=9' })

  await hearProgrammes(expect, simulated)
  const used = await hearUses(expect, simulated, { cardId: card, today: today.toString() })
  await hearDisputes(expect, simulated, used)

  const plastic = await idOf('cardId', expect(201, 'issueCard', issued('physical')))
  const ofPlastic = `/cards/v1/cards/${plastic}`
  await simulated(200, 'simulateShipping', {
    path: `/cards/v1/simulator/cards/${plastic}/shipping`,
    body: { status: 'shipped' },
  })
  const { lastFour } = await expect(200, 'getCard', { path: ofPlastic })
  if (imagined)
    await expect(200, 'activateCard', { path: `${ofPlastic}/activation`, body: { lastFour } })
  await expect(409, 'activateCard', {
    path: `${ofPlastic}/activation`,
    body: { lastFour: lastFour === '0001' ? '0002' : '0001' },
  })
  const lost = { path: `${ofPlastic}/replacement`, body: { reason: 'LOST' } }
  await expect(201, 'replaceCard', lost)
  await expect(409, 'replaceCard', lost)

  await expect(200, 'changeCardStatus', { path: `${path}/status`, body: { action: 'close' } })
  await expect(409, 'changeCardStatus', { path: `${path}/status`, body: { action: 'resume' } })
}

const hearProgrammes = async (expect: Expect, simulated: Expect): Promise<void> => {
  const draft = await expect(201, 'applyForProgramme', {
    body: {
      name: 'Field staff',
      cardTypes: ['virtual'],
      currencies: ['UZS'],
      controls: { limits: [] },
      standIn: { approveUpTo: [uzs('1000.00')] },
    },
  })
  const id = z.string().parse(draft['programmeId'])
  const path = `/cards/v1/card-programmes/${id}`
  await expect(200, 'getProgramme', { path })
  await expect(404, 'getProgramme', { path: `/cards/v1/card-programmes/programme_${none}` })
  await expect(200, 'listProgrammes', {})
  const launch = { path: `${path}/status`, body: { action: 'launch' } }
  await expect(409, 'changeProgrammeStatus', launch)
  await simulated(200, 'simulateProgrammeApproval', {
    path: `/cards/v1/simulator/card-programmes/${id}/approval`,
    body: {},
  })
  await simulated(200, 'changeProgrammeStatus', launch)
  await expect(200, 'setDecisionEndpoint', {
    path: `${path}/decision-endpoint`,
    body: { url: 'https://cards.partner.example/decisions' },
  })
  await expect(200, 'setDecisionEndpoint', {
    path: `${path}/decision-endpoint`,
    body: { url: null },
  })

  const holder = await expect(201, 'createCardholder', {
    body: { kycReference: 'verification-4711', reference: 'employee-12' },
  })
  const holderId = z.string().parse(holder['cardholderId'])
  const holderPath = `/cards/v1/cardholders/${holderId}`
  await expect(200, 'getCardholder', { path: holderPath })
  await expect(200, 'listCardholders', {})
  await expect(409, 'changeCardholderStatus', {
    path: `${holderPath}/status`,
    body: { action: 'block' },
  })
  await simulated(200, 'simulateVerification', {
    path: `/cards/v1/simulator/cardholders/${holderId}/verification`,
    body: {},
  })
  await expect(200, 'changeCardholderStatus', {
    path: `${holderPath}/status`,
    body: { action: 'close' },
  })
}

interface Used {
  readonly transactionId: string
  readonly authorizationId: string
}

/** One use that is cleared, refunded and looked up; one that is declined; one that is reversed. */
const hearUses = async (
  expect: Expect,
  simulated: Expect,
  { cardId, today }: { cardId: string; today: string },
): Promise<Used> => {
  const use = {
    cardId,
    amount: uzs('100.00'),
    merchant: { name: 'Korzinka', mcc: '5411', country: 'UZ' },
    channel: 'chip',
  }
  const approved = await simulated(201, 'simulateAuthorization', { body: use })
  await simulated(201, 'simulateAuthorization', { body: { ...use, channel: 'atm' } })
  const second = await simulated(201, 'simulateAuthorization', { body: use })
  const authorizationId = idIn(approved, 'authorizationId') ?? `authorization_${none}`
  const reversedId = idIn(second, 'authorizationId') ?? `authorization_${none}`
  const at = (id: string, what: string) => `/cards/v1/simulator/authorizations/${id}/${what}`
  const found = authorizationId.endsWith(none) ? 404 : 200
  await expect(found, 'getAuthorization', { path: `/cards/v1/authorizations/${authorizationId}` })
  await simulated(200, 'simulateClearing', {
    path: at(authorizationId, 'clearings'),
    body: { amount: uzs('60.00'), final: true },
  })
  await expect(409, 'simulateClearing', {
    path: at(authorizationId, 'clearings'),
    body: { amount: uzs('1.00') },
  })
  await simulated(200, 'simulateRefund', {
    path: at(authorizationId, 'refunds'),
    body: { amount: uzs('10.00') },
  })
  await simulated(200, 'simulateReversal', { path: at(reversedId, 'reversals'), body: {} })
  await expect(200, 'listAuthorizations', { query: `?cardId=${cardId}&limit=2` })
  const page = await expect(200, 'listCardTransactions', {})
  const rows = z.array(z.looseObject({ transactionId: z.string(), kind: z.string() }))
  const cleared = rows.parse(page['data']).find(({ kind }) => kind === 'cleared')
  const transactionId = cleared?.transactionId ?? `movement_${none}`
  await expect(found, 'getCardTransaction', {
    path: `/cards/v1/card-transactions/${transactionId}`,
  })
  const day = `/cards/v1/reconciliations/${today}`
  await expect(200, 'getReconciliation', { path: day })
  await expect(200, 'listReconciliationLines', { path: `${day}/lines`, query: '?limit=2' })
  await expect(400, 'getReconciliation', { path: '/cards/v1/reconciliations/2026-13-40' })
  return { transactionId, authorizationId }
}

const hearDisputes = async (
  expect: Expect,
  simulated: Expect,
  { transactionId }: Used,
): Promise<void> => {
  const body = { transactionId, reason: 'NOT_RECEIVED', amount: uzs('20.00') }
  const real = !transactionId.endsWith(none)
  const dispute = await expect(real ? 201 : 404, 'openDispute', { body })
  const path = `/cards/v1/disputes/${idIn(dispute, 'disputeId') ?? `dispute_${none}`}`
  const may = real ? 200 : 404
  if (real) {
    const more = { ...body, amount: uzs('60.00') }
    await expect(409, 'openDispute', { body: more })
    await expect(409, 'changeDisputeStatus', {
      path: `${path}/status`,
      body: { action: 'submit' },
    })
  }
  await expect(may, 'addEvidence', {
    path: `${path}/evidence`,
    body: { kind: 'RECEIPT', sha256: hash, mediaType: 'application/pdf', sizeBytes: 48_213 },
  })
  await expect(may, 'changeDisputeStatus', { path: `${path}/status`, body: { action: 'submit' } })
  const outcome = path.replace('/v1/disputes', '/v1/simulator/disputes')
  for (const word of ['in_review', 'won'])
    await simulated(200, 'simulateDisputeOutcome', {
      path: `${outcome}/outcome`,
      body: { outcome: word },
    })
  const settled = await expect(may, 'getDispute', { path })
  if (real) assert.equal(settled['status'], 'won')
  await expect(200, 'listDisputes', {})
}
