/** Every operation of a customer's orders once, as a partner hears it: for the walk through the documents. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { z } from 'zod'

type Body = Record<string, unknown>
/** Calls an operation, and holds its status and its answer against what is expected. */
export type Expect = (
  status: number,
  operationId: string,
  given: { path?: string; body?: object; details?: object[]; query?: string; consentId?: string },
) => Promise<Body>

export interface Paid {
  readonly now: Temporal.Instant
  /** The account that pays. */
  readonly accountId: string
  /** A payment into the programme's account that has settled and was not split: who pays it, whom, how much. */
  readonly payment: {
    readonly instructedAmount: object
    readonly creditorAccount: unknown
    readonly creditorName: unknown
  }
}

const base = '/payments/v1'
const todayOf = ({ now }: Paid) => now.toZonedDateTimeISO('Asia/Tashkent').toPlainDate()

/** What is paid into the programme's account and shared out, and what the bank rejects. Answers what was paid. */
export const hearPayments = async (
  expect: Expect,
  { accountId, poor, seller }: { accountId: string; poor: string; seller: string },
): Promise<Paid['payment']> => {
  const programme = await expect(200, 'getProgrammeAccount', {})
  const payment = {
    instructedAmount: { amount: '1000.00', currency: 'UZS' },
    creditorAccount: programme['account'],
    creditorName: programme['name'],
  }
  const approval = { type: 'urn:bank:payment:v1', ...payment, accounts: [accountId] }
  const paid = await expect(201, 'createPayment', { body: payment, details: [approval] })
  assert.equal(paid['status'], 'ACSC')
  const path = `${base}/payments/${String(paid['paymentId'])}`
  await expect(200, 'getPayment', { path })
  await expect(404, 'getPayment', { path: `${base}/payments/payment_${'0'.repeat(32)}` })
  await expect(400, 'createPayment', {
    body: { ...payment, creditorName: 'Other' },
    details: [approval],
  })
  const tooMuch = { ...payment, instructedAmount: { amount: '999999999999.00', currency: 'UZS' } }
  const approvedTooMuch = { ...approval, ...tooMuch, accounts: [poor] }
  const rejected = await expect(201, 'createPayment', {
    body: tooMuch,
    details: [approvedTooMuch],
  })
  assert.deepEqual([rejected['status'], rejected['statusReason']], ['RJCT', 'AM04'])
  await hearSplit(expect, { paymentId: paid['paymentId'], seller })
  return payment
}

const hearSplit = async (
  expect: Expect,
  { paymentId, seller }: { paymentId: unknown; seller: string },
) => {
  const destination = {
    schemeName: 'UZ.AccountNumber',
    identification: seller,
    name: 'Seller',
  }
  const split = await expect(201, 'createSplitPayment', {
    body: {
      paymentId,
      grossAmount: { amount: '1000.00', currency: 'UZS' },
      legs: [
        { legId: 'now', destination, role: 'seller', sharePpm: 333_333 },
        { legId: 'later', destination, role: 'seller', releaseCondition: 'manual' },
      ],
      remainderTo: 'later',
    },
  })
  const path = `${base}/split-payments/${String(split['splitPaymentId'])}`
  const release = { path: `${path}/legs/later/release`, body: { reason: 'DELIVERED' } }
  await expect(200, 'releaseLeg', release)
  await expect(409, 'releaseLeg', release)
  const refund = {
    amount: { amount: '10.01', currency: 'UZS' },
    policy: 'PRO_RATA',
    reason: 'CUST',
  }
  await expect(201, 'createRefund', { path: `${path}/refunds`, body: refund })
  await expect(200, 'getSplitPayment', { path })
}

export const hearOrders = async (expect: Expect, paid: Paid): Promise<void> => {
  const { accountId, payment } = paid
  const accounts = [accountId]
  const type = 'urn:bank:payment:v1'
  const inDays = (days: number) => todayOf(paid).add({ days }).toString()
  const pay = async (more: object = {}) => {
    const body = { ...payment, ...more }
    return expect(201, 'createPayment', { body, details: [{ type, ...body, accounts }] })
  }
  const at = (made: Body, noun: string, id: string, rest = '') =>
    `${base}/${noun}/${String(made[id])}${rest}`

  const waiting = await pay({ requestedExecutionDate: inDays(30) })
  assert.equal(waiting['status'], 'ACCP')
  const cancellation = at(waiting, 'payments', 'paymentId', '/cancellation')
  await expect(200, 'cancelPayment', { path: cancellation, body: { reason: 'CUST' } })
  await expect(400, 'createPayment', {
    body: { ...payment, requestedExecutionDate: '2020-01-01' },
    details: [{ type, ...payment, requestedExecutionDate: '2020-01-01', accounts }],
  })

  const settled = await pay()
  const path = (rest: string) => at(settled, 'payments', 'paymentId', rest)
  await expect(409, 'cancelPayment', { path: path('/cancellation'), body: { reason: 'CUST' } })
  const recalled = await expect(201, 'createRecall', {
    path: path('/recalls'),
    body: { reason: 'DUPL', additionalInformation: 'Twice' },
  })
  await expect(409, 'createRecall', { path: path('/recalls'), body: { reason: 'CUST' } })
  const recall = at(recalled, 'recalls', 'recallId')
  await expect(200, 'getRecall', { path: recall })
  await expect(200, 'listRecalls', {})
  const accepted = await expect(200, 'answerRecall', {
    path: `${recall}/answer`,
    body: { decision: 'ACCEPT' },
  })
  assert.equal(accepted['returnStatus'], 'ACSC')
  await expect(409, 'answerRecall', {
    path: `${recall}/answer`,
    body: { decision: 'REJECT', reason: 'LEGL' },
  })
  const other = await pay()
  const refunds = at(other, 'payments', 'paymentId', '/refunds')
  const refund = { amount: { amount: '0.01', currency: 'UZS' }, reason: 'CUST' }
  await expect(201, 'createPaymentRefund', { path: refunds, body: refund })
  await expect(200, 'getPaymentDetails', { path: path('/details') })
  await expect(200, 'listPayments', { query: '?limit=2' })
  await expect(400, 'listPayments', { query: '?cursor=AAAA' })

  await hearStanding(expect, paid)
  await hearMandate(expect, paid)
  await hearFile(expect, paid)
  await hearProgramme(expect, paid)
  await expect(200, 'verifyPayee', {
    body: { creditorAccount: payment.creditorAccount, creditorName: 'Somebody Else' },
  })
}

const hearStanding = async (expect: Expect, paid: Paid) => {
  const { accountId, payment } = paid
  const first = todayOf(paid).add({ days: 30 }).toString()
  const standing = { frequency: { type: 'MNTH', pointInTime: '05' }, firstPaymentDate: first }
  const body = { ...payment, standing }
  const made = await expect(201, 'createStandingPayment', {
    body,
    details: [{ type: 'urn:bank:payment:v1', ...body, accounts: [accountId] }],
  })
  const path = `${base}/standing-payments/${String(made['standingPaymentId'])}`
  await expect(200, 'getStandingPayment', { path })
  await expect(200, 'cancelStandingPayment', {
    path: `${path}/cancellation`,
    body: { reason: 'CUST' },
  })
}

const hearMandate = async (expect: Expect, { accountId, payment, now }: Paid) => {
  const { instructedAmount, ...payee } = payment
  const body = {
    maxIndividual: instructedAmount,
    periodicLimits: [{ period: 'month', amount: instructedAmount }],
    payees: [payee],
    validTo: now.add({ hours: 24 * 90 }).toString(),
  }
  const details = [{ type: 'urn:bank:mandate:v1', ...body, accounts: [accountId] }]
  const made = await expect(201, 'createMandate', { body, details })
  const path = `${base}/mandates/${String(made['mandateId'])}`
  const consentId = String(made['consentId'])
  const pay = { path: `${path}/payments`, body: payment, details, consentId }
  await expect(201, 'createMandatePayment', pay)
  await expect(409, 'createMandatePayment', pay)
  await expect(200, 'getMandate', { path })
}

const hearFile = async (expect: Expect, { accountId, payment }: Paid) => {
  const { instructedAmount, creditorAccount, creditorName } = payment
  const { identification } = z.object({ identification: z.string() }).parse(creditorAccount)
  const money = z.object({ amount: z.string(), currency: z.string() }).parse(instructedAmount)
  const rows = [
    ['creditorAccount', 'creditorName', 'amount', 'currency'],
    [identification, String(creditorName), money.amount, money.currency],
    ['1', String(creditorName), money.amount, money.currency],
  ]
  // RFC 4180 §2.5–2.7: a name may hold a comma or quotation marks.
  const quoted = (field: string) => `"${field.replaceAll('"', '""')}"`
  const file = Buffer.from(rows.map((row) => `${row.map(quoted).join(',')}\n`).join(''))
  const doubled = { ...money, amount: `${Number.parseInt(money.amount, 10) * 2}.00` }
  const facts = {
    fileSha256: createHash('sha256').update(file).digest('hex'),
    numberOfTransactions: 2,
  }
  const announcement = { ...facts, fileType: 'csv', controlSum: doubled }
  const made = await expect(201, 'createBulkPayment', { body: announcement })
  const path = `${base}/bulk-payments/${String(made['bulkPaymentId'])}`
  const upload = { part: 1, parts: 1, content: file.toString('base64') }
  const wrong = { ...upload, content: Buffer.from('x').toString('base64') }
  await expect(400, 'uploadBulkFile', { path: `${path}/file`, body: wrong })
  const read = await expect(200, 'uploadBulkFile', { path: `${path}/file`, body: upload })
  assert.equal(read['status'], 'AWAU')
  const body = { instructedAmount: doubled, bulk: facts }
  const details = [{ type: 'urn:bank:payment:v1', ...body, accounts: [accountId] }]
  await expect(200, 'authoriseBulkPayment', { path: `${path}/authorisation`, body, details })
  await expect(200, 'getBulkReport', { path: `${path}/report` })
  await expect(200, 'getBulkPayment', { path })
  const again = await expect(201, 'createBulkPayment', { body: announcement })
  await expect(200, 'cancelBulkPayment', {
    path: `${base}/bulk-payments/${String(again['bulkPaymentId'])}/cancellation`,
    body: { reason: 'CUST' },
  })
}

const hearProgramme = async (expect: Expect, given: Paid) => {
  const { payment } = given
  const account = { schemeName: 'UZ.AccountNumber', identification: '80208000400000009009' }
  const body = {
    legalName: 'Chirchiq Bakery MCHJ',
    registrationNumber: '980009009',
    merchantCategoryCode: '5462',
    account,
  }
  const merchant = await expect(201, 'registerSubMerchant', { body })
  const subMerchantId = merchant['subMerchantId']
  // No register knows it: once that is found out it may be named again, three times at most.
  const again = () =>
    expect(409, 'registerSubMerchant', { body: { ...body, registrationNumber: '980009008' } })
  await again().catch(again).catch(again)
  await expect(200, 'getSubMerchant', { path: `${base}/sub-merchants/${String(subMerchantId)}` })
  await expect(200, 'listSubMerchants', {})
  const date = todayOf(given).toString()
  const closingBalance = payment.instructedAmount
  await expect(201, 'stateProgrammeBalance', { body: { date, closingBalance } })
  await expect(200, 'listReconciliations', {})
}
