/** What becomes of each field, and what of it partners really get. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { uuidv7 } from '#kernel/id.ts'
import { bankDocuments } from '#test/documents.ts'
import { openTestOffices } from '#test/offices.ts'
import * as approvals from '#control/approvals/routes.ts'
import { appliers } from '#control/contracts/index.ts'
import * as contracts from '#control/contracts/routes.ts'
import * as licences from '#control/licences/routes.ts'
import * as partners from '#control/partners/routes.ts'
import { seedControl } from '#control/seed.ts'
import * as staffRoutes from '#control/staff/routes.ts'
import { takeFields } from '#control/usage/index.ts'
import { newSigningJwk, publicJwk } from '#platform/jose.ts'
import { CallExplanation } from './explain.ts'
import * as routes from './routes.ts'

const offices = await openTestOffices(
  {
    portal: [
      partners.portalRoutes,
      licences.portalRoutes,
      contracts.portalRoutes,
      routes.portalRoutes,
    ],
    console: [
      staffRoutes.consoleRoutes,
      licences.consoleRoutes,
      approvals.consoleRoutes,
      contracts.consoleRoutes,
      routes.consoleRoutes,
    ],
  },
  new Map(Object.entries(appliers)),
)
const now = offices.context.world.now()
await seedControl(offices.db, now, { documents: bankDocuments() })
const compliance = await offices.staff('compliance')

const Report = z.object({
  operations: z.array(
    z.object({
      operation: z.string(),
      answers: z.number(),
      suggestion: z.string().nullable(),
      fields: z.array(z.object({ field: z.string(), released: z.number() })),
    }),
  ),
})

const { visit, id: partnerId } = await offices.partner()
const made = await visit('POST', '/api/applications', {
  cell: 'sandbox',
  name: 'Program',
  authentication: 'private_key_jwt',
  senderConstraint: 'dpop',
  jwks: { keys: [publicJwk(await newSigningJwk('ES256'))] },
  redirectUris: [],
  grantTypes: ['client_credentials'],
  products: ['accounts'],
})
const { application } = z.object({ application: z.object({ id: z.string() }) }).parse(made.body)

const fieldsBy = async (more: string) => {
  const path = `/api/explain?application=${application.id}&operation=listTransactions${more}`
  const { body } = await visit('GET', path)
  const { fields } = CallExplanation.pick({ fields: true }).parse(body)
  return new Map(fields.map((f) => [f.field, f]))
}
const note = '/data/*/transactionInformation'

test('each field says why it is there or not, by the consent that was named', async () => {
  const unnamed = await fieldsBy('')
  assert.equal(unnamed.get(note)?.action, 'at-call')
  assert.equal(unnamed.get('/data/*/amount/amount')?.action, 'release')

  const basic = await fieldsBy('&consent=ReadTransactionsBasic')
  assert.equal(basic.get(note)?.action, 'drop')
  assert.match(basic.get(note)?.detail ?? '', /ReadTransactionsDetail/)

  const detail = await fieldsBy('&consent=ReadTransactionsBasic,ReadTransactionsDetail')
  assert.equal(detail.get(note)?.action, 'release')
  assert.equal(detail.get(note)?.dataClass, 'personal')
})

test('a report is counted once, and what was granted and never left is a suggestion', async () => {
  const batch = {
    gateway: `gateway_${uuidv7()}`,
    boot: uuidv7(),
    seq: 1,
    rows: [
      {
        partnerId,
        operation: 'getBalances',
        answers: 40,
        lastAt: now.toString(),
        fields: [{ pointer: '/data/*/amount/amount', answers: 39 }],
      },
    ],
  }
  await offices.db.transaction((tx) => takeFields(tx, 'sandbox', batch, now))
  await offices.db.transaction((tx) => takeFields(tx, 'sandbox', batch, now))
  const { status, body } = await compliance('GET', `/api/fields?partner=${partnerId}&cell=sandbox`)
  assert.equal(status, 200, JSON.stringify(body))
  const of = (name: string) => Report.parse(body).operations.find((o) => o.operation === name)

  assert.equal(of('getBalances')?.answers, 40)
  assert.equal(
    of('getBalances')?.fields.find((f) => f.field === '/data/*/amount/amount')?.released,
    39,
  )
  assert.match(of('getBalances')?.suggestion ?? '', /never left in 40 answers: .*\/data\/\*\/type/)
  assert.match(of('listTransactions')?.suggestion ?? '', /never answered/)
})

test('a field that the contract leaves out is not granted any more, and explain says who left it out', async () => {
  const success = await offices.staff('success')
  const head = await offices.staff('head')
  const offer = {
    partnerId,
    tier: 'Gold',
    products: ['accounts'],
    priceVersion: '2026-11',
    withheld: { getBalances: ['/data/*/type'], listTransactions: [note] },
  }
  const Change = z.object({ change: z.object({ id: z.string(), hash: z.string() }) })
  const { change } = Change.parse((await success('POST', '/api/contracts', offer)).body)
  const yes = { decision: 'approve', hash: change.hash }
  assert.equal((await head('POST', `/api/approvals/${change.id}/decision`, yes)).status, 200)
  const Listed = z.object({
    data: z.array(z.object({ id: z.string(), documentSha256: z.string() })),
  })
  const [contract] = Listed.parse((await visit('GET', '/api/contracts')).body).data
  assert.ok(contract)
  const { id, documentSha256 } = contract
  await visit('POST', `/api/contracts/${id}/signature`, { documentSha256 })
  await success('POST', `/api/contracts/${id}/countersignature`, { documentSha256 })

  const detail = await fieldsBy('&consent=ReadTransactionsBasic,ReadTransactionsDetail')
  assert.equal(detail.get(note)?.action, 'drop')
  assert.match(detail.get(note)?.detail ?? '', /the contract leaves it out/)
  assert.equal(detail.get('/data/*/amount/amount')?.action, 'release')
  const { body } = await compliance('GET', `/api/fields?partner=${partnerId}&cell=sandbox`)
  const balances = Report.parse(body).operations.find((o) => o.operation === 'getBalances')
  assert.ok(!balances?.fields.some((f) => f.field === '/data/*/type'))
  assert.ok(!balances?.suggestion?.includes('/data/*/type'))
})
