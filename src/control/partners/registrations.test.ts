import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { consoleRoutes as approvalRoutes } from '#control/approvals/routes.ts'
import { consoleRoutes as staffRoutes } from '#control/staff/routes.ts'
import { openTestOffices, type Visitor } from '#test/offices.ts'
import { newKey } from '#test/partner-keys.ts'
import { doing } from '#test/world.ts'
import {
  ApplicationRequest,
  findApplication,
  registerApplication,
  updateRegistered,
} from './index.ts'
import { consoleRoutes, portalRoutes } from './routes.ts'

const offices = await openTestOffices({
  portal: [portalRoutes],
  console: [staffRoutes, approvalRoutes, consoleRoutes],
})
const staff = await Promise.all([offices.staff('success'), offices.staff('compliance')])
const offered = ['accounts', 'payments', 'cards']
const limits = {
  redirectUris: ['https://shop.example/back'],
  grantTypes: ['authorization_code'],
  products: ['accounts'],
}

const Asked = z.object({
  registration: z.object({ id: z.string() }),
  change: z.object({ id: z.string(), hash: z.string() }),
})
const approve = async (change: { id: string; hash: string }): Promise<void> => {
  for (const visit of staff)
    await visit('POST', `/api/approvals/${change.id}/decision`, {
      decision: 'approve',
      hash: change.hash,
    })
}
const draw = (visit: Visitor, id: string) =>
  visit('POST', `/api/initial-access-tokens/${id}/token`, {})
const asking = async (more: object = {}) =>
  ApplicationRequest.parse({
    cell: 'production',
    name: 'Shop',
    authentication: 'private_key_jwt',
    senderConstraint: 'dpop',
    jwks: { keys: [(await newKey()).jwk] },
    ...limits,
    ...more,
  })
const work = doing(offices.db)

test('in production a token comes after two people, once, and registers what they read and nothing else', async () => {
  const { visit } = await offices.partner()
  assert.equal(
    (await visit('POST', '/api/initial-access-tokens', { cell: 'production' })).status,
    400,
  )
  const answer = await visit('POST', '/api/initial-access-tokens', { cell: 'production', limits })
  assert.equal(answer.status, 202)
  assert.equal(answer.body['token'], undefined)
  const { registration, change } = Asked.parse(answer.body)
  assert.equal((await draw(visit, registration.id)).status, 409)
  assert.equal((await draw((await offices.partner()).visit, registration.id)).status, 404)
  await approve(change)

  const drawn = await draw(visit, registration.id)
  assert.equal(drawn.status, 201)
  assert.equal((await draw(visit, registration.id)).status, 409)
  const token = z.string().parse(drawn.body['token'])
  const register = async (cell: 'sandbox' | 'production', more: object = {}) => {
    const ask = await asking(more)
    return work((w) =>
      registerApplication(w, offices.context.authorities, { cell, token }, ask, offered),
    )
  }
  await assert.rejects(register('sandbox'), { code: 'partners/registration-token-invalid' })
  await assert.rejects(register('production', { redirectUris: ['https://evil.example/back'] }), {
    code: 'partners/application-refused',
  })
  const { application } = await register('production')
  assert.equal(application.status, 'active')
  await assert.rejects(register('production'), { code: 'partners/registration-token-invalid' })

  const ask = await asking({ redirectUris: ['https://shop.example/other'] })
  await assert.rejects(
    work((w) => updateRegistered(w, application, ask, offered)),
    { code: 'partners/changed-in-portal' },
  )
  const { cell: _, rehearsal: __, ...update } = ask
  const put = await visit('PUT', `/api/applications/${application.id}`, update)
  assert.equal(put.status, 202)
  const held = () => findApplication(offices.db, application.id)
  assert.deepEqual((await held())?.redirectUris, limits.redirectUris)
  await approve(Asked.shape.change.parse(put.body['change']))
  assert.deepEqual((await held())?.redirectUris, ['https://shop.example/other'])
})
