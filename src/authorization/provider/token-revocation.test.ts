import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { z } from 'zod'
import { unprovenJws } from '#platform/jose.ts'
import { openHouse } from '#test/authorization/house.ts'
import { hangUp, newApplication } from '#test/authorization/partner.ts'
import { authenticated, newKeys, post, proof } from '#test/authorization/wire.ts'

const house = await openHouse()
after(hangUp)
const app = await newApplication(house)
const other = await newApplication(house)
const token = `${house.issuer}/token`
const Denied = z.object({ kind: z.string(), id: z.string() })

const newToken = async (): Promise<string> => {
  const form = { grant_type: 'client_credentials', ...(await authenticated(house, app)) }
  const dpop = await proof(await newKeys(), token)
  return (await post(app.via(false), token, form, { dpop })).body.access_token ?? ''
}

const revoke = async (by: typeof app, given: string) => {
  const form = { token: given, ...(await authenticated(house, by)) }
  const { status, body } = await post(by.via(false), `${token}/revocation`, form)
  return { status, body }
}
const jtiOf = (given: string) => String(unprovenJws(given)?.claims['jti'])
const denied = (jti: string) => house.database.owner.many(Denied)`
  select kind, id from revocations.revocation where id = ${jti}
`

test('RFC 7009 §2.1: an access token that its application gives back is denied to every gateway, and recorded', async () => {
  const given = await newToken()

  const answer = await revoke(app, given)

  assert.deepEqual(answer, { status: 200, body: {} })
  const id = jtiOf(given)
  assert.deepEqual(await denied(id), [{ kind: 'token', id }])
  const lines = await house.database.owner.many(z.object({ body: z.string() }))`
    select body from journal.entry where body like ${`%"tokens.revoked"%`}
  `
  assert.ok(lines.some(({ body }) => body.includes(id)))
  assert.ok(lines.every(({ body }) => !body.includes(given)))
})

test('RFC 7009 §2.2: a foreign, a forged and an unknown token are answered alike, and nothing is denied', async () => {
  const given = await newToken()
  const [head = '', body = ''] = given.split('.')
  const forged = `${head}.${body}.${'A'.repeat(342)}`

  const answers = [
    await revoke(other, given),
    await revoke(app, forged),
    await revoke(app, `${head}.e30.AAAA`),
    await revoke(app, 'unknown'),
  ]

  for (const answer of answers) assert.deepEqual(answer, { status: 200, body: {} })
  assert.deepEqual(await denied(jtiOf(given)), [])
})

test('RFC 7009 §2.1: who does not prove to be the application revokes nothing', async () => {
  const given = await newToken()
  const form = { token: given, client_id: app.id }
  const { status, body } = await post(app.via(false), `${token}/revocation`, form)
  assert.deepEqual([status, body.error], [401, 'invalid_client'])
  assert.deepEqual(await denied(jtiOf(given)), [])
})
