/** Tokens and proofs of somebody else, used again, bent or made up (TH5, TH6, TH8; RFC 8725, RFC 9449 §11). */
import { createHash } from 'node:crypto'
import { chanceFrom } from '../../isolation/chance.ts'
import { forged } from '../../isolation/forgery.ts'
import { wireWays } from '../../isolation/kind.ts'
import { type Attack, type Attempt, judged } from '../attack.ts'
import type { Ground } from '../ground.ts'

const nobodys = `/payments/v1/payments/payment_${'0'.repeat(32)}`
const athOf = (token: string) => createHash('sha256').update(token).digest('base64url')
const unproven = [
  'gateway/sender-unproven',
  'gateway/token-invalid',
  'gateway/token-malformed',
  'gateway/wrong-environment',
]

/** A nonce of the gateway, as anybody gets one. */
const nonceOf = async ({ ask, sandbox, victim }: Ground): Promise<string> => {
  const { holder } = victim
  const { accessToken } = holder
  const url = `${sandbox.gateway}${nobodys}`
  const dpop = await holder.proof('GET', url, { ath: athOf(accessToken) })
  const { headers } = await ask(url, { headers: { authorization: `DPoP ${accessToken}`, dpop } })
  return headers.get('dpop-nonce') ?? ''
}

const stolenToken: Attack = {
  threat: 'TH5',
  has: 'an access token of another partner, seen in a log',
  tries: 'to call with it: as Bearer, without a proof, with a proof of the attacker’s own key',
  expects: '401',
  run: async (ground) => {
    const { ask, sandbox, victim, attacker } = ground
    const { accessToken } = victim.holder
    const url = `${sandbox.gateway}${nobodys}`
    const nonce = await nonceOf(ground)
    const dpop = await attacker.holder.proof('GET', url, { ath: athOf(accessToken), nonce })
    const say = async (what: string, headers: Record<string, string>) =>
      judged(what, await ask(url, { headers }), [401], unproven)
    return [
      await say('as Bearer', { authorization: `Bearer ${accessToken}` }),
      await say('without a proof', { authorization: `DPoP ${accessToken}` }),
      await say('another key’s proof', { authorization: `DPoP ${accessToken}`, dpop }),
      await say('the token in the address', { authorization: `DPoP x`, dpop }),
    ]
  },
}

const replayedProof: Attack = {
  threat: 'TH6',
  has: 'a whole request of another partner, seen on the way: token and proof',
  tries: 'to send it again, to another address, with another method',
  expects: 'the first is answered, 401 ever after',
  run: async (ground) => {
    const { ask, sandbox, victim } = ground
    const { holder } = victim
    const { accessToken } = holder
    const url = `${sandbox.gateway}${nobodys}`
    const nonce = await nonceOf(ground)
    const dpop = await holder.proof('GET', url, { ath: athOf(accessToken), nonce })
    const headers = { authorization: `DPoP ${accessToken}`, dpop }
    const genuine = await ask(url, { headers })
    if (genuine.status === 401)
      throw new Error(`the genuine call is refused: ${JSON.stringify(genuine.body)}`)
    const more = await holder.proof('GET', url, { ath: athOf(accessToken), nonce })
    const elsewhere = { authorization: headers.authorization, dpop: more }
    return [
      judged('sent again', await ask(url, { headers }), [401], unproven),
      judged(
        'to another address',
        await ask(`${sandbox.gateway}/payments/v1/recalls`, { headers: elsewhere }),
        [401],
        unproven,
      ),
      judged(
        'with another method',
        await ask(`${url}/cancellation`, { method: 'POST', headers: elsewhere, body: '{}' }),
        [401],
        unproven,
      ),
    ]
  },
}

const swappedCertificate: Attack = {
  threat: 'TH8',
  has: 'a certificate-bound token of another partner, and a good certificate of its own',
  tries: 'the token with its own certificate, with none, and with the owner’s named in a header',
  expects: '401',
  run: async ({ askAs, ask, sandbox, victim, attacker }) => {
    const authorization = `Bearer ${victim.own.accessToken}`
    const path = '/cards/v1/cards'
    const stolen = victim.certified.identity?.certificate ?? ''
    const der = stolen.replace(/-----[^-]+-----|\s/g, '')
    const hopes: Record<string, string>[] = [
      { 'client-cert': `:${der}:` },
      { 'x-forwarded-client-cert': `Cert="${encodeURIComponent(stolen)}"` },
      { 'x-ssl-cert': encodeURIComponent(stolen), 'x-client-verify': 'SUCCESS' },
    ]
    const attempts = [
      judged(
        'its own certificate',
        await askAs(attacker.certified, `${sandbox.gatewayMtls}${path}`, {
          headers: { authorization },
        }),
        [401],
        unproven,
      ),
      judged(
        'no certificate',
        await ask(`${sandbox.gateway}${path}`, { headers: { authorization } }),
        [401],
        unproven,
      ),
    ]
    for (const hope of hopes)
      attempts.push(
        judged(
          `the owner’s named in ${Object.keys(hope)[0]}`,
          await ask(`${sandbox.gateway}${path}`, { headers: { authorization, ...hope } }),
          [400, 401],
        ),
      )
    return attempts
  },
}

const confusedAlgorithms: Attack = {
  threat: 'TH8',
  has: 'the issuer’s public keys and a token of its own',
  tries:
    'every known way to bend a JWS: alg none, HMAC with the public key, jku, jwk, crit, kid as a path',
  expects: '401',
  run: async (ground) => {
    const { ask, sandbox, attacker, victim } = ground
    const jwks = await ask(`${sandbox.issuer}/jwks`)
    const published = jwks.body['keys']
    const publicKeys = Array.isArray(published) ? published : []
    if (publicKeys.length === 0) throw new Error('the issuer publishes no keys')
    const url = `${sandbox.gateway}${nobodys}`
    const { holder } = attacker
    const { accessToken } = holder
    const nonce = await nonceOf(ground)
    const chance = chanceFrom(Date.now())
    const wanted = {
      partner_id: victim.partner.id,
      scope: 'payments payments:split accounts cards:reveal',
      client_id: victim.holder.applicationId,
    }
    const means = { chance, seen: victim.holder.accessToken, publicKeys, wanted }
    const attempts: Attempt[] = []
    const show = async (what: string, token: string) => {
      const dpop = await holder.proof('GET', url, { ath: athOf(token), nonce })
      const answer = await ask(url, { headers: { authorization: `DPoP ${token}`, dpop } })
      attempts.push(judged(what, answer, [401], unproven))
    }
    for (const way of wireWays.filter((name) => name !== 'as it is'))
      for (let n = 0; n < 3; n++) {
        const token = forged(accessToken, way, means)
        if (token !== accessToken) await show(way, token)
      }
    const [head = '', body = '', mac = ''] = accessToken.split('.')
    const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as object
    for (const kid of ['../../../../dev/null', "' or '1'='1", 'http://169.254.169.254/', ''])
      await show(
        `kid ${JSON.stringify(kid)}`,
        `${Buffer.from(JSON.stringify({ ...header, kid })).toString('base64url')}.${body}.${mac}`,
      )
    return attempts
  },
}

export const tokenAttacks: Readonly<Record<string, Attack>> = {
  'stolen token without its key': stolenToken,
  'replayed DPoP proof': replayedProof,
  'swapped certificate': swappedCertificate,
  'confused algorithms and keys in headers': confusedAlgorithms,
}
