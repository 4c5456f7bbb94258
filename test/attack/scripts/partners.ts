/** One partner at the things of another: ids, members that nobody offered, answers that tell too much (TH1 to TH4). */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { uuidv7 } from '#kernel/id.ts'
import { type Attack, type Attempt, codeOf, judged } from '../attack.ts'
import type { Ground } from '../ground.ts'

const cardOperations = (cardId: string) =>
  [
    ['GET', `/cards/v1/cards/${cardId}`, undefined],
    ['POST', `/cards/v1/cards/${cardId}/status`, { action: 'close', reason: 'PROGRAMME' }],
    ['POST', `/cards/v1/cards/${cardId}/activation`, { lastFour: '0000' }],
    ['POST', `/cards/v1/cards/${cardId}/replacement`, { reason: 'LOST' }],
  ] as const

const withoutIds = (body: Readonly<Record<string, unknown>>, id: string) =>
  JSON.stringify({ ...body, instance: '', decisionId: '' }).replaceAll(id, 'ID')

const otherIds: Attack = {
  threat: 'TH2, TH4',
  has: 'the id of a card that another partner issued',
  tries: 'every operation of cards on it, and the same on an id that nobody has',
  expects: '403 or 404, and the same bytes for both ids',
  run: async ({ attacker, victim }) => {
    const attempts: Attempt[] = []
    const unknown = `card_${uuidv7().replaceAll('-', '')}`
    for (const [at, [method, path, body]] of cardOperations(victim.cardId).entries()) {
      const call = (to: string) =>
        attacker.certified.call(attacker.own, method, to, body ? { body } : {})
      const answer = await call(path)
      const nobodys = await call(cardOperations(unknown)[at]?.[1] ?? '')
      attempts.push(judged(`${method} ${path.replace(victim.cardId, '…')}`, answer, [403, 404]))
      const same =
        withoutIds(answer.body, victim.cardId) === withoutIds(nobodys.body, unknown) &&
        answer.status === nobodys.status
      attempts.push({
        what: `${method} tells another’s id from nobody’s`,
        refused: same,
        said: same
          ? 'the same answer'
          : `${JSON.stringify(answer.body)} / ${JSON.stringify(nobodys.body)}`,
      })
    }
    return attempts
  },
}

/** Two applications of one partner: what a customer gave to one is not the other's. */
const confusedDeputy: Attack = {
  threat: 'TH1, TH2',
  has: 'a second application of the very partner whose first one has a customer’s consent',
  tries: 'the first one’s card, payment and consent with the second one’s token',
  expects: '403 or 404',
  run: async ({ attacker, victim, ask, sandbox }) => {
    const { holder } = attacker
    const consentId = z.string().parse(victim.consented.details[0]?.['consentId'])
    const url = `${sandbox.issuer}/consents/v1/consents/${consentId}`
    const reading = async (nonce?: string) => {
      const ath = createHash('sha256').update(holder.accessToken).digest('base64url')
      const dpop = await holder.proof('GET', url, { ath, ...(nonce && { nonce }) })
      return ask(url, { headers: { authorization: `DPoP ${holder.accessToken}`, dpop } })
    }
    const first = await reading()
    const consent =
      first.status === 401 ? await reading(first.headers.get('dpop-nonce') ?? '') : first
    const issue = await attacker.certified.call(attacker.own, 'POST', '/cards/v1/cards', {
      body: { cardType: 'virtual', currency: 'UZS' },
    })
    const dispute = await victim.certified.call(victim.own, 'POST', '/cards/v1/cards', {
      body: { cardType: 'virtual', currency: 'UZS' },
    })
    return [
      judged('another application’s consent, read', consent, [403, 404]),
      judged('a card without a consent of its own', issue, [403]),
      judged('the same application, outside of its consent', dispute, [403]),
    ]
  },
}

const massAssignment: Attack = {
  threat: 'TH3',
  has: 'its own good token, and an idea of what the rows behind are called',
  tries: 'members that are not offered: status, partner, limits, roles, prices',
  expects: '400, or nothing came of it',
  run: async ({ attacker, victim }) => {
    const card = await victim.certified.call(victim.consented, 'POST', '/cards/v1/cards', {
      body: {
        cardType: 'virtual',
        currency: 'UZS',
        status: 'ACTIVE',
        partnerId: attacker.partner.id,
      },
    })
    const proto = await victim.certified.call(victim.consented, 'POST', '/cards/v1/cards', {
      body: JSON.parse(
        '{"cardType":"virtual","currency":"UZS","__proto__":{"admin":true}}',
      ) as object,
    })
    const { office } = attacker.partner
    const profile = await office('POST', '/applications', {
      cell: 'sandbox',
      name: 'Taken over',
      authentication: 'private_key_jwt',
      senderConstraint: 'dpop',
      jwks: { keys: [] },
      redirectUris: [],
      grantTypes: ['client_credentials'],
      products: ['payments'],
      status: 'active',
      partnerId: victim.partner.id,
      limits: { rate: { perSecond: 1e6, burst: 1e6 } },
    })
    const person = await office('POST', '/people', {
      name: 'X',
      email: `x-${uuidv7()}@partner.example`,
      role: 'owner',
      partnerId: victim.partner.id,
      status: 'active',
    })
    return [
      judged('a card with a status and another’s name', card, [400]),
      judged('a card with __proto__', proto, [400]),
      judged('an application for another partner, already active', profile, [400, 403, 404, 422]),
      judged('a colleague at another partner', person, [400, 403, 404, 422]),
    ]
  },
}

const harvest: Attack = {
  threat: 'TH4',
  has: 'its own good token, and a list of account numbers',
  tries: 'to find out by asking who owns which account, some hundred times',
  expects: '429 long before the list ends, and no name in any answer',
  run: async ({ attacker }: Ground) => {
    const ASKED = 150
    let refusedAt = 0
    let named = 0
    let last = ''
    for (let n = 0; n < ASKED && refusedAt === 0; n++) {
      const answer = await attacker.certified.call(
        attacker.own,
        'POST',
        '/accounts/v1/ownership-verifications',
        {
          body: {
            account: {
              schemeName: 'UZ.AccountNumber',
              identification: `8020600088000000${String(1_000 + n).padStart(4, '0')}`,
              bankCode: '09998',
            },
            name: 'Somebody Unknown',
            purpose: 'CONTRACT',
            legalReference: 'none',
          },
        },
      )
      if (/Rahimova|Petrova|Dilnoza|Olga/.test(JSON.stringify(answer.body))) named++
      if (answer.status === 429) refusedAt = n + 1
      last = `${answer.status} ${codeOf(answer.body)}`
    }
    return [
      {
        what: 'asking on and on',
        refused: refusedAt > 0,
        said: refusedAt > 0 ? `${last} at question ${refusedAt}` : `${ASKED} answered, ${last}`,
      },
      { what: 'a name in an answer', refused: named === 0, said: `${named} answers with a name` },
    ]
  },
}

export const partnerAttacks: Readonly<Record<string, Attack>> = {
  'ids of another partner': otherIds,
  'confused deputy across applications': confusedDeputy,
  'members that nobody offered': massAssignment,
  'harvest of owners of accounts': harvest,
}
