import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bankDocuments } from '#test/documents.ts'
import { openTestOffices, type Visitor } from '#test/offices.ts'
import { uuidv7 } from '#kernel/id.ts'
import { work } from '#journal/index.ts'
import type { UsageRecord } from '#gateway/usage.ts'
import * as approvals from '#control/approvals/routes.ts'
import { appliers as catalogueAppliers } from '#control/catalogue/index.ts'
import * as catalogue from '#control/catalogue/routes.ts'
import { appliers as contractAppliers } from '#control/contracts/index.ts'
import * as contracts from '#control/contracts/routes.ts'
import * as partners from '#control/partners/routes.ts'
import { seedControl } from '#control/seed.ts'
import * as staffRoutes from '#control/staff/routes.ts'
import { openMeter } from '#control/usage/index.ts'
import { appliers, Content, differencesIn, draftLastMonth, outOfBalance } from './index.ts'
import * as routes from './routes.ts'

const offices = await openTestOffices(
  {
    portal: [partners.portalRoutes, contracts.portalRoutes, routes.portalRoutes],
    console: [
      staffRoutes.consoleRoutes,
      approvals.consoleRoutes,
      catalogue.consoleRoutes,
      contracts.consoleRoutes,
      routes.consoleRoutes,
    ],
  },
  new Map([
    ...Object.entries(appliers),
    ...Object.entries(contractAppliers),
    ...Object.entries(catalogueAppliers),
  ]),
)
const { db, context } = offices
const now = () => context.world.now()
await seedControl(db, now(), { documents: bankDocuments() })
const signedIn = async () => ({
  success: await offices.staff('success'),
  head: await offices.staff('head'),
  finance: await offices.staff('finance'),
})
let { success, head, finance } = await signedIn()
const meter = openMeter()

const agreed = async (by: Visitor, asked: Awaited<ReturnType<Visitor>>) => {
  assert.equal(asked.status, 202, JSON.stringify(asked.body))
  const { id, hash } = asked.body['change'] as { id: string; hash: string }
  const { status, body } = await by('POST', `/api/approvals/${id}/decision`, {
    decision: 'approve',
    hash,
  })
  assert.equal(status, 200, JSON.stringify(body))
  return body
}

interface View {
  id: string
  status: string
  number: string | null
  net: string
  tax: string
  gross: string
  paid: string
}

/** A partner whose contract is in force, and who may call. */
const underContract = async (tier: string, priceVersion = '2026-11') => {
  const partner = await offices.partner()
  await agreed(
    head,
    await success('POST', '/api/contracts', {
      partnerId: partner.id,
      tier,
      products: ['accounts'],
      priceVersion,
    }),
  )
  const { data } = (await partner.visit('GET', '/api/contracts')).body as {
    data: { id: string; documentSha256: string }[]
  }
  const [{ id, documentSha256 } = { id: '', documentSha256: '' }] = data
  assert.equal(
    (await partner.visit('POST', `/api/contracts/${id}/signature`, { documentSha256 })).status,
    200,
  )
  assert.equal(
    (await success('POST', `/api/contracts/${id}/countersignature`, { documentSha256 })).status,
    200,
  )
  const gateway = { gateway: `gateway_${uuidv7()}`, boot: uuidv7() }
  let seq = 0
  const calls = async (count: number, at: Temporal.Instant, over: Partial<UsageRecord> = {}) => {
    const records = Array.from({ length: count }, (): UsageRecord => {
      const callId = uuidv7(at.epochMilliseconds)
      return {
        callId,
        seq: ++seq,
        occurredAt: at.toString(),
        partnerId: partner.id,
        applicationId: `application_${partner.id.slice(8)}`,
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
      }
    })
    await work(db, 'system', now(), (w) => meter.take(w, 'production', { ...gateway, records }))
    return records
  }
  return { ...partner, contractId: id, calls, gateway, skip: () => void seq++ }
}

const drafted = async (partnerId: string, month: string): Promise<View[]> => {
  const { status, body } = await finance('POST', '/api/invoice-drafts', { partnerId, month })
  assert.equal(status, 201, JSON.stringify(body))
  return body['data'] as View[]
}
const issued = async (partnerId: string, month: string): Promise<View> => {
  const [draft] = await drafted(partnerId, month)
  assert.ok(draft)
  await agreed(head, await finance('POST', `/api/invoices/${draft.id}/issue`))
  return (await finance('GET', `/api/invoices/${draft.id}`)).body['invoice'] as View
}
const contentOf = async (id: string) =>
  Content.parse((await finance('GET', `/api/invoices/${id}`)).body['content'])

/** Nobody stays signed in for days. */
const pass = async (days: number) => {
  offices.pass({ hours: days * 24 })
  ;({ success, head, finance } = await signedIn())
}

// Noon of 22 November in UTC; the trial's months are those of Tashkent.
test('a month is drafted from the calls, issued by two people after late calls had their time, and paid', async () => {
  const partner = await underContract('Silver')
  await partner.calls(40, now())
  await partner.calls(3, now(), { status: 404, billable: false, code: 'gateway/not-found' })
  await partner.calls(2, now(), { operation: 'listTransactions' })

  const preview = (await partner.visit('GET', '/api/invoices/preview')).body[
    'contents'
  ] as unknown[]
  const [previewed] = preview.map((c) => Content.parse(c))
  assert.ok(previewed)
  const [draft] = await drafted(partner.id, '2026-11')
  assert.ok(draft)
  // 40 × 36 + 2 × 60, and nine of thirty days of 4,500,000.
  assert.equal(draft.net, '1351560.00')
  assert.equal(draft.tax, '162187.20')
  assert.equal(previewed.totals.gross, draft.gross)
  assert.deepEqual((await partner.visit('GET', '/api/invoices')).body['data'], [])
  assert.equal(
    (await finance('POST', `/api/invoices/${draft.id}/issue`)).body['code'],
    'billing/wrong-step',
  )

  await pass(12)
  assert.equal(
    (await finance('POST', `/api/invoices/${draft.id}/issue`)).body['code'],
    'billing/wrong-step',
  )
  const invoice = await issued(partner.id, '2026-11')

  assert.deepEqual([invoice.status, invoice.gross], ['final', '1513747.20'])
  assert.match(invoice.number ?? '', /^INV-\d{6}$/)
  const content = await contentOf(invoice.id)
  assert.deepEqual(differencesIn(content), [])
  assert.deepEqual(
    content.sections[0]?.lines.map(({ title, amount }) => [title, amount]),
    [
      ['getBalances', '1440.00'],
      ['listTransactions', '120.00'],
      ['Silver, by the month', '1350000.00'],
    ],
  )
  const pay = (amount: string, reference: string) =>
    finance('POST', `/api/invoices/${invoice.id}/payments`, { amount, reference })
  assert.equal((await pay('2000000', 'P-0')).body['code'], 'billing/payment-refused')
  assert.equal((await pay('1000000.00', 'P-1')).body['status'], 'partly_paid')
  assert.equal((await pay('1000000.00', 'P-1')).body['paid'], '1000000.00')
  assert.equal((await pay('513747.20', 'P-2')).body['status'], 'paid')
  await partner.visit('POST', '/api/sessions', partner.credentials())
  const { data } = (await partner.visit('GET', '/api/statement')).body as {
    data: { balance: string }[]
  }
  assert.deepEqual(
    data.map((d) => d.balance),
    ['1513747.20', '513747.20', '0.00'],
  )
  assert.deepEqual(await outOfBalance(db), [])
})

test('what becomes known after a month was issued is a line of the next invoice, and a second run bills nothing', async () => {
  const partner = await underContract('Bronze')
  const late = now()
  await partner.calls(10, late)
  await pass(45)
  const first = await issued(partner.id, late.toString().slice(0, 7))
  assert.equal(first.net, '360.00')
  await partner.calls(5, late)
  await partner.calls(1, now())

  const month = now().toZonedDateTimeISO('Asia/Tashkent').toPlainDate().toString().slice(0, 7)
  assert.deepEqual(
    await drafted(partner.id, late.toString().slice(0, 7)).then((d) => d.map((i) => i.net)),
    ['180.00'],
  )
  const [next] = await drafted(partner.id, month)
  assert.ok(next)
  const content = await contentOf(next.id)
  assert.deepEqual(
    content.sections.map((s) => [s.period.start.slice(0, 7), s.lines.map((l) => l.amount)]),
    [
      [month, ['36.00']],
      [late.toString().slice(0, 7), ['180.00']],
    ],
  )
  assert.equal(next.net, '216.00')
})

test('a gap in what a gateway told stops every issue, and says so', async () => {
  const partner = await underContract('Bronze')
  await partner.calls(1, now())
  partner.skip()
  await partner.calls(1, now())
  const month = now().toString().slice(0, 7)
  await pass(45)
  const [draft] = await drafted(partner.id, month)
  const refused = await finance('POST', `/api/invoices/${draft?.id}/issue`)
  assert.deepEqual([refused.status, refused.body['code']], [409, 'billing/usage-incomplete'])
  await work(
    db,
    'system',
    now(),
    (w) => w.run`delete from usage.cursor where gateway = ${partner.gateway.gateway}`,
  )
})

test('credits are cumulative, never more than the line, and stand in the books', async () => {
  const partner = await underContract('Bronze')
  await partner.calls(3, now(), { operation: 'listTransactions' })
  const month = now().toString().slice(0, 7)
  await pass(45)
  const invoice = await issued(partner.id, month)
  const credit = (units: string) =>
    finance('POST', `/api/invoices/${invoice.id}/credit-notes`, {
      section: 0,
      n: 0,
      units,
      reason: 'They were ours.',
    })
  const body = await credit('1')
  assert.equal(body.status, 202)
  await agreed(head, body)
  const { creditNotes } = (await finance('GET', `/api/invoices/${invoice.id}`)).body as {
    creditNotes: View[]
  }
  assert.deepEqual(
    creditNotes.map((n) => [n.number?.slice(0, 4), n.net, n.tax]),
    [['CRN-', '-60.00', '-7.20']],
  )
  const tooMuch = await finance('POST', `/api/invoices/${invoice.id}/credit-notes`, {
    section: 0,
    n: 0,
    amount: '120.01',
    reason: 'More than there is.',
  })
  assert.equal(tooMuch.body['code'], 'billing/credit-refused')
  assert.deepEqual(await outOfBalance(db), [])
  const stranger = await offices.partner()
  assert.equal((await stranger.visit('GET', `/api/invoices/${invoice.id}`)).status, 404)
})

test('what was issued cannot be altered by anybody, and an altered data file is found out', async () => {
  const partner = await underContract('Bronze')
  await partner.calls(7, now())
  const month = now().toString().slice(0, 7)
  await pass(45)
  const invoice = await issued(partner.id, month)
  await assert.rejects(db.run`update billing.invoice set net_minor = 1 where id = ${invoice.id}`)
  await assert.rejects(db.run`delete from billing.invoice where id = ${invoice.id}`)
  await assert.rejects(db.run`update billing.entry set minor = minor + 1`)
  const content = await contentOf(invoice.id)
  const forged = structuredClone(content)
  forged.sections[0]!.lines[0]!.amount = '1.00'
  assert.ok(differencesIn(forged).length > 0)
  const inflated = structuredClone(content)
  inflated.sections[0]!.input.charges![0] = {
    ...inflated.sections[0]!.input.charges![0]!,
    quantity: '8',
  } as never
  assert.ok(differencesIn(inflated).length > 0)
})

test('prices over many calls are in the contract and on the invoice; broken ones are refused with their place', async () => {
  const { data } = (await finance('GET', '/api/catalogue')).body as {
    data: { operations: { id: string }[] }[]
  }
  const operations = data.flatMap((p) => p.operations.map((o) => o.id))
  const tiers = (upTo: string) => [
    { upTo, unit: '30' },
    { upTo: null, unit: '10' },
  ]
  const publish = (id: string, edge: string, balances = '0') =>
    finance('POST', '/api/catalogue/prices', {
      id,
      currency: 'UZS',
      unitPrices: { ...Object.fromEntries(operations.map((o) => [o, '1'])), getBalances: balances },
      terms: {
        charges: [
          {
            id: 'balances',
            title: 'Balances',
            counts: ['getBalances'],
            price: { model: 'graduated', tiers: tiers(edge) },
          },
        ],
      },
      reason: 'graduated balances',
    })
  const broken = await publish('2027-01', '-5')
  assert.equal(broken.status, 422)
  assert.ok(
    (broken.body['errors'] as { pointer: string }[]).some(
      (e) => e.pointer === '/terms/charges/0/price/tiers/0/upTo',
    ),
    JSON.stringify(broken.body),
  )
  assert.equal((await publish('2027-01', '10', '36')).status, 422, 'it would be billed twice')
  await agreed(head, await publish('2027-01', '10'))

  const partner = await underContract('Bronze', '2027-01')
  await partner.calls(12, now())
  const [draft] = await drafted(partner.id, now().toString().slice(0, 7))
  assert.equal(draft?.net, '320.00')
  const content = await contentOf(draft?.id ?? '')
  const line = content.sections[0]?.lines.find((l) => l.title === 'Balances')
  assert.deepEqual(
    line?.parts?.map((p) => [p.quantity, p.price]),
    [
      ['10', '30'],
      ['2', '10'],
    ],
  )
})

test('a month that is over is drafted by itself, once, and not before late calls had their time', async () => {
  const partner = await underContract('Bronze')
  await partner.calls(4, now())
  const zone = 'Asia/Tashkent'
  const drafts = async () =>
    (
      ((await finance('GET', `/api/invoices?partner=${partner.id}`)).body['data'] ?? []) as View[]
    ).map((i) => i.net)
  const billing = { bankName: 'Namuna', zone }
  const end = now()
    .toZonedDateTimeISO(zone)
    .with({ day: 1, hour: 0 })
    .add({ months: 1 })
    .toInstant()
  await draftLastMonth(db, end.add({ hours: 71 }), billing)
  assert.deepEqual(await drafts(), [])
  await Promise.all([1, 2, 3].map(() => draftLastMonth(db, end.add({ hours: 73 }), billing)))
  assert.deepEqual(await drafts(), ['144.00'])
  await draftLastMonth(db, end.add({ hours: 99 }), billing)
  assert.deepEqual(await drafts(), ['144.00'])
})
