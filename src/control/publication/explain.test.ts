import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bankDocuments } from '#test/documents.ts'
import { openTestOffices, type Visitor } from '#test/offices.ts'
import { ApplicationId } from '#control/partners/index.ts'
import * as partners from '#control/partners/routes.ts'
import { seedControl } from '#control/seed.ts'
import * as staffRoutes from '#control/staff/routes.ts'
import * as licences from '#control/licences/routes.ts'
import { newSigningJwk, publicJwk } from '#platform/jose.ts'
import * as routes from './routes.ts'

const offices = await openTestOffices({
  portal: [partners.portalRoutes, licences.portalRoutes, routes.portalRoutes],
  console: [staffRoutes.consoleRoutes, licences.consoleRoutes, routes.consoleRoutes],
})
await seedControl(offices.db, offices.context.world.now(), { documents: bankDocuments() })
const compliance = await offices.staff('compliance')

const newApplication = async (visit: Visitor, over: object = {}) => {
  const { status, body } = await visit('POST', '/api/applications', {
    cell: 'sandbox',
    name: 'Program',
    authentication: 'private_key_jwt',
    senderConstraint: 'dpop',
    jwks: { keys: [publicJwk(await newSigningJwk('ES256'))] },
    redirectUris: [],
    grantTypes: ['client_credentials'],
    products: ['accounts'],
    ...over,
  })
  assert.ok(status < 300, JSON.stringify(body))
  return (body['application'] as { id: string }).id
}

interface Gate {
  gate: string
  verdict: string
  code: string | null
  giver: string | null
}
const explained = async (visit: Visitor, application: string, operation: string) => {
  const path = `/api/explain?application=${application}&operation=${operation}`
  const { status, body } = await visit('GET', path)
  assert.equal(status, 200, JSON.stringify(body))
  const gates = body['gates'] as Gate[]
  return {
    open: body['open'],
    order: gates.map((g) => g.gate),
    missing: gates.flatMap((g) =>
      g.verdict === 'missing' ? `${g.gate} ${g.code} ${g.giver}` : [],
    ),
  }
}

test('all gates of a call stand in their order, and those that are missing say who can give them', async () => {
  const { visit } = await offices.partner()
  const sandbox = await newApplication(visit)

  const balances = await explained(visit, sandbox, 'getBalances')
  assert.deepEqual(balances.order, [
    'partner',
    'licence',
    'contract',
    'attestation',
    'application',
    'consent',
    'limit',
  ])
  assert.deepEqual([balances.open, balances.missing], [true, []])
  const card = await explained(visit, sandbox, 'issueCard')
  assert.deepEqual(card.missing, ['application gateway/scope-missing partner'])

  const production = await newApplication(visit, { cell: 'production' })
  const asked = await explained(visit, production, 'getBalances')
  assert.equal(asked.open, false)
  assert.deepEqual(asked.missing, [
    'licence licences/missing partner',
    'contract licences/missing partner',
    'attestation licences/missing partner',
    'application gateway/token-invalid bank',
  ])
})

test('another partner’s application is as if it were not there', async () => {
  const { visit } = await offices.partner()
  const application = await newApplication(visit)
  const stranger = (await offices.partner()).visit
  const ask = async (id: string) => {
    const answer = await stranger('GET', `/api/explain?application=${id}&operation=getBalances`)
    return { ...answer.body, instance: '' }
  }

  assert.deepEqual(await ask(application), await ask(ApplicationId.next()))
  assert.equal((await explained(compliance, application, 'getBalances')).open, true)
})

test('a partner reads what it is and what it may do in each cell; the bank reads the same', async () => {
  const { visit, id } = await offices.partner()
  const stop = { permission: 'accounts.read', reason: 'test' }
  await compliance('POST', `/api/licences/${id}/suspension`, stop)
  const { body } = await visit('GET', '/api/licences')
  type Row = { permission: string; granted: boolean; gates: Gate[] }
  const permissions = body['permissions'] as Record<'sandbox' | 'production', Row[]>
  const of = (cell: 'sandbox' | 'production', permission: string) =>
    permissions[cell].find((p) => p.permission === permission)

  assert.equal(of('sandbox', 'cards.issue')?.granted, true)
  assert.equal(of('production', 'cards.issue')?.granted, false)
  const stopped = of('sandbox', 'accounts.read')
  assert.equal(stopped?.granted, false)
  assert.equal(stopped.gates.find((g) => g.gate === 'licence')?.code, 'licences/suspended')
  assert.deepEqual((await compliance('GET', `/api/licences/${id}`)).body, body)
})
