import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bankDocuments } from '#test/documents.ts'
import { openTestOffices, type Visitor } from '#test/offices.ts'
import { newSigningJwk, publicJwk } from '#platform/jose.ts'
import * as partnersRoutes from '#control/partners/routes.ts'
import { seedControl } from '#control/seed.ts'
import * as routes from './routes.ts'

const now = Temporal.Instant.from('2026-11-24T10:00:00Z')
const portal = [partnersRoutes.portalRoutes, routes.portalRoutes]
const offices = await openTestOffices({ portal, console: [] }, new Map(), { now })
await seedControl(offices.db, now, { documents: bankDocuments() })
const [partner, other] = [await offices.partner(), await offices.partner()]
const made = await partner.visit('POST', '/api/applications', {
  cell: 'sandbox',
  name: 'Program',
  authentication: 'private_key_jwt',
  senderConstraint: 'dpop',
  jwks: { keys: [publicJwk(await newSigningJwk('ES256'))] },
  redirectUris: [],
  grantTypes: ['client_credentials'],
  products: ['accounts', 'cards'],
})
const { id: application } = made.body['application'] as { id: string }
const listed = async (visit: Visitor, path: string) => (await visit('GET', path)).body['data']

test('a partner says which fields its program reads, of operations and fields that there are', async () => {
  const path = `/api/applications/${application}/readings`
  const say = (operation: string, fields: string[], visit = partner.visit) =>
    visit('POST', path, { operation, fields })
  assert.equal(
    (await say('getCard', ['/cardId', '/lastFour', '/last4'])).status,
    200,
    'old names too',
  )
  const wrong = await say('getCard', ['/cardId', '/pin'])
  assert.deepEqual([wrong.status, wrong.body['code']], [422, 'versions/reading-refused'])
  assert.equal((await say('createPayment', [])).body['code'], 'versions/reading-refused')
  assert.equal(
    (await say('getCard', [], other.visit)).body['code'],
    'partners/application-not-found',
  )
  assert.deepEqual(await listed(partner.visit, path), [
    { operation: 'getCard', fields: ['/cardId', '/last4', '/lastFour'] },
  ])
  assert.equal((await partner.visit('POST', `${path}/getCard/removal`)).status, 200)
  assert.deepEqual(await listed(partner.visit, path), [])
})
