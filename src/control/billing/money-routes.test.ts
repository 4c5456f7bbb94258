/** The rooms of money at their doors: who may ask, what is refused, and what only two people can do. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bankDocuments } from '#test/documents.ts'
import { openTestOffices, type Visitor } from '#test/offices.ts'
import * as approvals from '#control/approvals/routes.ts'
import * as budgets from '#control/budgets/routes.ts'
import * as partners from '#control/partners/routes.ts'
import { appliers as shareAppliers } from '#control/revenue-share/index.ts'
import * as shares from '#control/revenue-share/routes.ts'
import { seedControl } from '#control/seed.ts'
import { appliers as levelAppliers } from '#control/service-levels/index.ts'
import * as levels from '#control/service-levels/routes.ts'
import * as staffRoutes from '#control/staff/routes.ts'
import { consoleIncomeAccounts, portalCollections } from './collection-routes.ts'
import { appliers, type CollectingDesk } from './index.ts'
import * as routes from './routes.ts'

/** The bank on the other end of the line knows one account, of one holder. */
const own = { accountNumber: '2'.repeat(20), holderId: '900000101', currency: 'UZS' }
const desk: CollectingDesk = {
  account: async ({ number, holderId }) =>
    number === own.accountNumber && holderId === own.holderId
      ? { fits: true, holder: 'ANOR MCHJ' }
      : { fits: false, why: 'no-account-of-the-holder' },
  incomeAccount: async ({ number }) =>
    number === '1'.repeat(20)
      ? { fits: true, holder: 'NAMUNA BANK' }
      : { fits: false, why: 'other-currency' },
  collect: () => Promise.reject(new Error('nothing is due')),
}
const offices = await openTestOffices(
  {
    portal: [
      partners.portalRoutes,
      routes.portalRoutes,
      portalCollections(() => desk),
      budgets.portalRoutes,
      levels.portalRoutes,
      shares.portalRoutes,
    ],
    console: [
      staffRoutes.consoleRoutes,
      approvals.consoleRoutes,
      routes.consoleRoutes,
      consoleIncomeAccounts(() => desk),
      budgets.consoleRoutes,
      levels.consoleRoutes,
      shares.consoleRoutes,
    ],
  },
  new Map(Object.entries({ ...appliers, ...levelAppliers, ...shareAppliers })),
)
await seedControl(offices.db, offices.context.world.now(), { documents: bankDocuments() })
const [finance, head, auditor] = [
  await offices.staff('finance'),
  await offices.staff('head'),
  await offices.staff('auditor'),
]
const partner = await offices.partner()
const stranger = await offices.partner()

const decided = async (by: Visitor, { body }: Awaited<ReturnType<Visitor>>) => {
  const { id, hash } = body['change'] as { id: string; hash: string }
  return by('POST', `/api/approvals/${id}/decision`, { decision: 'approve', hash })
}
const listOf = async (visit: Visitor, path: string) =>
  (await visit('GET', path)).body['data'] as Record<string, unknown>[]

test('a mandate is given for an account of one’s own, and collects once two people of the bank agreed', async () => {
  const give = (over: object) => partner.visit('POST', '/api/mandates', { ...own, ...over })
  assert.equal((await give({ accountNumber: '12' })).status, 400)
  const theirs = await give({ holderId: '900000102' })
  assert.deepEqual([theirs.status, theirs.body['code']], [422, 'billing/mandate-refused'])
  const given = await give({})
  assert.deepEqual([given.status, given.body['status']], [201, 'asked'])
  const id = String(given.body['id'])

  assert.equal((await auditor('POST', `/api/mandates/${id}/acceptance`)).status, 403)
  const asked = await finance('POST', `/api/mandates/${id}/acceptance`)
  assert.equal(asked.status, 202)
  assert.equal((await decided(finance, asked)).status, 403, 'who proposed does not decide')
  assert.equal((await decided(head, asked)).status, 200)
  assert.deepEqual(
    (await listOf(partner.visit, '/api/mandates')).map((m) => m['status']),
    ['active'],
  )
  assert.equal((await stranger.visit('POST', `/api/mandates/${id}/end`)).status, 404)
  assert.equal((await partner.visit('POST', `/api/mandates/${id}/end`)).body['status'], 'ended')
  assert.deepEqual(await listOf(stranger.visit, '/api/mandates'), [])
})

test('the account that collections go to fits, and takes two people', async () => {
  const put = (by: Visitor, accountNumber = '1'.repeat(20)) =>
    by('PUT', '/api/income-accounts/UZS', { accountNumber })
  assert.equal((await put(auditor)).status, 403)
  const wrong = await put(finance, '9'.repeat(20))
  assert.deepEqual([wrong.status, wrong.body['code']], [422, 'billing/income-account-refused'])
  const asked = await put(finance)
  const accounts = async () => (await finance('GET', '/api/mandates')).body['incomeAccounts']
  assert.deepEqual(await accounts(), [])
  assert.equal((await decided(head, asked)).status, 200)
  assert.deepEqual(await accounts(), [{ currency: 'UZS', accountNumber: '1'.repeat(20) }])
})

test('only finance says that what stood in the way of an invoice was looked at', async () => {
  const path = `/api/invoices/invoice_${'0'.repeat(32)}/collection-retry`
  assert.equal((await auditor('POST', path)).status, 403)
  assert.equal((await finance('POST', path)).status, 404)
})

test('a credit is granted by two people and seen by its partner alone', async () => {
  const path = `/api/partners/${partner.id}/prepaid-credits`
  const credit = { title: 'Paid ahead', currency: 'UZS', amount: '500.00' }
  assert.equal((await auditor('POST', path, { ...credit, source: 'given' })).status, 403)
  const unpaid = await finance('POST', path, { ...credit, source: 'paid' })
  assert.equal(unpaid.body['code'], 'billing/prepaid-refused')
  const asked = await finance('POST', path, { ...credit, source: 'paid', reference: 'P-1' })
  assert.deepEqual(await listOf(partner.visit, '/api/prepaid-credits'), [])
  assert.equal((await decided(head, asked)).status, 200)
  assert.deepEqual(
    (await listOf(partner.visit, '/api/prepaid-credits')).map((c) => [c['left'], c['source']]),
    [['500.00', 'paid']],
  )
  assert.deepEqual(await listOf(stranger.visit, '/api/prepaid-credits'), [])
})

test('budgets, promises and shares answer their own partner, and refuse what is not for it', async () => {
  const budget = { currency: 'UZS', amount: '1000', thresholds: [80, 50] }
  const wrong = await partner.visit('PUT', '/api/budgets', budget)
  assert.deepEqual([wrong.status, wrong.body['code']], [422, 'budgets/refused'])
  const set = await partner.visit('PUT', '/api/budgets', { ...budget, thresholds: [50, 80] })
  assert.ok(set.status < 300)
  assert.equal((await listOf(partner.visit, '/api/budgets')).length, 1)
  assert.deepEqual(await listOf(stranger.visit, '/api/budgets'), [])
  for (const path of ['/api/service-levels', '/api/revenue-shares', '/api/revenue-statements'])
    assert.deepEqual(await listOf(partner.visit, path), [], path)
  const nobody = offices.visitor('portal')
  for (const path of ['/api/budgets', '/api/mandates', '/api/prepaid-credits', '/api/invoices'])
    assert.equal((await nobody('GET', path)).status, 401, path)
})
