import assert from 'node:assert/strict'
import { createHash, createPublicKey, verify } from 'node:crypto'
import { test } from 'node:test'
import { z } from 'zod'
import { canonical } from '#kernel/canonical.ts'
import { relyingParty } from '#control/http/relying-party.ts'
import * as partners from '#control/partners/routes.ts'
import { consoleRoutes as staffRoutes } from '#control/staff/routes.ts'
import {
  type Bent,
  type SoftwareAuthenticator,
  softwareAuthenticator,
} from '#test/authenticator.ts'
import { openTestOffices, type Visitor } from '#test/offices.ts'
import { checkSignature } from './index.ts'

const offices = await openTestOffices({ portal: [partners.portalRoutes], console: [staffRoutes] })
const { ports } = offices.context.world
const portal = `http://localhost:${ports.portal}`
const Challenge = z.object({ challenge: z.string() })
const challengeAt = async (visit: Visitor, path: string, body: object = {}) =>
  Challenge.parse((await visit('POST', path, body)).body).challenge

/** A partner's person with a passkey beside their app. */
const holder = async (bent: Bent = {}) => {
  const partner = await offices.partner()
  const device = softwareAuthenticator(portal)
  const challenge = await challengeAt(partner.visit, '/api/me/passkeys/options')
  const made = await partner.visit('POST', '/api/me/passkeys', {
    name: 'work laptop',
    response: device.make(challenge, bent),
  })
  return { ...partner, device, made }
}
const enter = async (assertion: ReturnType<SoftwareAuthenticator['use']>) => {
  const visit = offices.visitor('portal')
  const answer = await visit('POST', '/api/passkey-sessions', { assertion })
  return { visit, status: answer.status, code: answer.body['code'] }
}
const anyChallenge = () => challengeAt(offices.visitor('portal'), '/api/passkey-challenges')

test('a passkey alone signs in: the device, and who opened it, are two factors', async () => {
  const { device, made, email } = await holder()
  assert.equal(made.status, 201)

  const { visit, status } = await enter(device.use(await anyChallenge()))

  assert.equal(status, 201)
  const me = await visit('GET', '/api/me')
  assert.equal(
    z.object({ person: z.object({ email: z.string() }) }).parse(me.body).person.email,
    email,
  )
  assert.equal(
    z.object({ standing: z.object({ factor: z.string() }) }).parse(me.body).standing.factor,
    'proven',
  )
})

const bents: readonly (readonly [string, Bent])[] = [
  ['of another origin', { origin: 'https://evil.example' }],
  ['of the other office', { origin: `http://localhost:${ports.console}` }],
  ['for another relying party', { rpId: 'evil.example' }],
  ['over another challenge', { challenge: Buffer.alloc(32, 7).toString('base64url') }],
  ['that nobody opened', { unverified: true }],
  ['from inside another page', { crossOrigin: true }],
]

for (const [what, bent] of bents)
  test(`an assertion ${what} is refused, and so is a new passkey`, async () => {
    const { device } = await holder()
    const { status, code } = await enter(device.use(await anyChallenge(), bent))
    assert.deepEqual([status, code], [403, 'sign-in/passkey-refused'])

    const { made } = await holder(bent)
    assert.deepEqual([made.status, made.body['code']], [403, 'sign-in/passkey-refused'])
  })

test('an assertion is heard once, also when two bring it at the same time', async () => {
  const { device } = await holder()
  const assertion = device.use(await anyChallenge())

  const answers = await Promise.all([1, 2, 3].map(() => enter(assertion)))

  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [201, 403, 403],
  )
})

test('a challenge is answered once, badly too, and within five minutes', async () => {
  const { device } = await holder()
  const spoilt = await anyChallenge()
  assert.equal((await enter(device.use(spoilt, { unverified: true }))).status, 403)
  assert.equal((await enter(device.use(spoilt))).status, 403)

  const old = await anyChallenge()
  offices.pass({ minutes: 5 })
  assert.equal((await enter(device.use(old))).status, 403)
})

test('a counter that goes back is a copied key', async () => {
  const { device } = await holder()
  assert.equal((await enter(device.use(await anyChallenge(), { counter: 40 }))).status, 201)
  assert.equal((await enter(device.use(await anyChallenge(), { counter: 40 }))).status, 403)
  assert.equal((await enter(device.use(await anyChallenge(), { counter: 39 }))).status, 403)
  assert.equal((await enter(device.use(await anyChallenge(), { counter: 41 }))).status, 201)
})

test('a challenge for one purpose or one person does not serve another', async () => {
  const [one, other] = [await holder(), await holder()]
  const factor = await challengeAt(one.visit, '/api/me/passkey-challenges')
  assert.equal((await enter(one.device.use(factor))).status, 403)

  const stolen = await challengeAt(other.visit, '/api/me/passkey-challenges')
  const answer = await one.visit('POST', '/api/sessions/current/factor', {
    assertion: one.device.use(stolen),
  })
  assert.equal(answer.body['code'], 'sign-in/passkey-refused')
  const own = await challengeAt(one.visit, '/api/me/passkey-challenges')
  const foreign = await one.visit('POST', '/api/sessions/current/factor', {
    assertion: other.device.use(own),
  })
  assert.equal(foreign.body['code'], 'sign-in/passkey-refused')
})

test('a removed passkey opens nothing, and the last second factor stays', async () => {
  const { device, visit } = await holder()
  assert.equal((await visit('DELETE', '/api/me/totp')).status, 204)
  const last = await visit('DELETE', `/api/me/passkeys/${device.id}`)
  assert.deepEqual([last.status, last.body['code']], [409, 'sign-in/last-factor'])

  const second = softwareAuthenticator(portal)
  const challenge = await challengeAt(visit, '/api/me/passkeys/options')
  await visit('POST', '/api/me/passkeys', { name: 'phone', response: second.make(challenge) })
  assert.equal((await visit('DELETE', `/api/me/passkeys/${device.id}`)).status, 204)
  assert.equal((await enter(device.use(await anyChallenge()))).status, 403)
  assert.equal((await enter(second.use(await anyChallenge()))).status, 201)
})

test('a signature is over one text by one person, and anybody can check it with a public key and SHA-256', async () => {
  const { device, visit, person } = await holder()
  const about = createHash('sha256').update('the contract').digest('hex')
  const rp = relyingParty(offices.context.world, 'portal')
  const now = offices.context.world.now()
  const signed = async (over: string, claimed: string) => {
    const challenge = await challengeAt(visit, '/api/me/passkey-challenges', { about: over })
    return checkSignature(
      offices.db,
      rp,
      device.use(challenge),
      { holder: person, about: claimed },
      now,
    )
  }
  await assert.rejects(signed('0'.repeat(64), about), { code: 'sign-in/passkey-refused' })

  const { statement, passkey, response } = await signed(about, about)

  const told = Buffer.from(response.clientDataJSON, 'base64url')
  const { challenge } = Challenge.parse(JSON.parse(told.toString('utf8')))
  const expected = createHash('sha256').update(canonical(statement)).digest('base64url')
  assert.deepEqual([statement.about, statement.signer, challenge], [about, person, expected])
  const cose = Buffer.from(passkey.publicKey, 'base64url')
  const [x = '', y = ''] = [cose.subarray(10, 42), cose.subarray(45, 77)].map((b) =>
    b.toString('base64url'),
  )
  const key = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' })
  const clientHash = createHash('sha256').update(told).digest()
  const data = Buffer.concat([Buffer.from(response.authenticatorData, 'base64url'), clientHash])
  assert.ok(verify('sha256', data, key, Buffer.from(response.signature, 'base64url')))
})
