/** The credentials of one cell before the verifying functions of the other, as they stand in the processes. */
import { createPublicKey, hash, randomBytes, verify } from 'node:crypto'
import { assertAssertion } from '#authorization/provider/details.ts'
import { signedHeaders, webhookKeyOf } from '#courier/webhook-signature.ts'
import { openTokens } from '#gateway/callers/access-token.ts'
import { openProofs } from '#gateway/callers/proof.ts'
import type { Table } from '#gateway/snapshots/table.ts'
import { uuidv7 } from '#kernel/id.ts'
import { type Caller, callerSigner, callerVerifier } from '#platform/caller.ts'
import {
  importSigningKey,
  importVerifyKey,
  type JWK,
  newSigningJwk,
  publicJwk,
  signJws,
  thumbprint,
  verifyJws,
} from '#platform/jose.ts'
import { pairwise } from '#platform/keys.ts'
import { openText, sealText } from '#platform/publication.ts'
import { openUpstreamKey, sealUpstreamKey } from '#platform/registered-upstream.ts'
import { open, seal } from '#vault/envelope.ts'
import type { IssuerKey, TrialCell } from './cells.ts'
import type { Chance } from './chance.ts'
import { forged, waysToForge } from './forgery.ts'

/** One kind of credential, carried from one cell to the other. */
export interface Attack {
  /** Whether the cell that made it takes it: else a refusal elsewhere would prove nothing. */
  atHome(): Promise<boolean>
  /** Makes one, bends it, and shows it to the other cell. True: it was accepted. */
  tryOnce(chance: Chance): Promise<boolean> | boolean
}
export type MakesAttack = (from: TrialCell, to: TrialCell) => Promise<Attack>

const refused = (body: () => unknown): boolean => {
  try {
    body()
    return false
  } catch {
    return true
  }
}

type Issued = Pick<Table, 'issuer' | 'cell'>

const issuedBy = (cell: TrialCell): Issued => ({
  cell: cell.cell,
  issuer: {
    issuer: cell.addresses.issuer,
    audience: cell.addresses.audience,
    keys: new Map(cell.issuerKeys.map((k) => [k.signing.kid, k.verify])),
    keysId: cell.cell,
  },
})

const nowS = () => Math.floor(Date.now() / 1000)

const claimsOf = ({ cell, addresses }: TrialCell, cnf: object) => ({
  iss: addresses.issuer,
  aud: addresses.audience,
  sub: `sub_${'1'.repeat(32)}`,
  client_id: `application_${'1'.repeat(32)}`,
  scope: 'accounts payments cards:issue cards:reveal',
  jti: uuidv7(),
  iat: nowS(),
  exp: nowS() + 300,
  env: cell,
  partner_id: `partner_${'1'.repeat(32)}`,
  cnf,
})

const bindings = {
  dpop: { jkt: 'A'.repeat(43) },
  mtls: { 'x5t#S256': 'B'.repeat(43) },
}

const signed = (key: IssuerKey, claims: Record<string, unknown>, typ = 'at+jwt', kid?: string) =>
  signJws(claims, kid === undefined ? key.signing : { ...key.signing, kid }, { typ })

/** Claims of which any may already say what the other cell wants to hear. */
const bent = (chance: Chance, from: TrialCell, to: TrialCell, binding: object) => {
  const [own, theirs] = [claimsOf(from, binding), claimsOf(to, binding)]
  return {
    ...own,
    ...(!chance.once(4) && { iss: theirs.iss }),
    ...(!chance.once(4) && {
      aud: chance.of([theirs.aud, theirs.aud, [theirs.aud], [own.aud, theirs.aud]]),
    }),
    ...(!chance.once(4) && {
      env: chance.of([to.cell, to.cell, to.cell, [from.cell, to.cell], '']),
    }),
    ...(chance.once(8) && { cnf: chance.of([bindings.dpop, bindings.mtls, {}, { jkt: '' }]) }),
    ...(chance.once(4) && { client_id: `application_${'2'.repeat(32)}` }),
  }
}

/** One signature serves so many attempts: signing is dear, and most forgeries need no new one. */
const ATTEMPTS_A_SIGNATURE = 8

/** Access tokens, RFC 9068: bound to a key or to a certificate. */
const accessToken =
  (binding: keyof typeof bindings): MakesAttack =>
  async (from, to) => {
    const table = issuedBy(to)
    const tokens = openTokens()
    const seen = await signed(to.issuerKeys[0]!, claimsOf(to, bindings[binding]))
    const wanted = { iss: to.addresses.issuer, aud: to.addresses.audience, env: to.cell }
    const publicKeys = to.issuerKeys.map((k) => k.publicJwk)
    let held = ''
    let left = 0
    return {
      atHome: async () => {
        const all = await Promise.all(
          from.issuerKeys.map(async (key) =>
            openTokens().read(
              await signed(key, claimsOf(from, bindings[binding])),
              issuedBy(from),
              Date.now(),
            ),
          ),
        )
        return all.every(({ valid }) => valid)
      },
      tryOnce: async (chance) => {
        if (left-- <= 0) {
          const at = chance.once(8) ? 0 : 1 + chance.below(2)
          const key = from.issuerKeys[at]!
          const named = chance.of([key, to.issuerKeys[at]!, to.issuerKeys[at]!, ...to.issuerKeys])
          const kid = named.signing.kid
          const typ = chance.of(['at+jwt', 'at+jwt', 'application/at+jwt', 'JWT'])
          held = await signed(key, bent(chance, from, to, bindings[binding]), typ, kid)
          left = ATTEMPTS_A_SIGNATURE
        }
        const text = forged(held, chance.of(waysToForge), { chance, seen, publicKeys, wanted })
        return (await tokens.read(text, table, Date.now())).valid
      },
    }
  }

/** DPoP proofs, RFC 9449: made for one cell's gateway, with its nonce and for its token. */
const proof: MakesAttack = async (from, to) => {
  const jwk = await newSigningJwk('ES256')
  const key = await importSigningKey(jwk)
  const jkt = await thumbprint(publicJwk(jwk))
  const [own, theirs] = [openProofs(), openProofs()]
  const path = '/accounts/v1/accounts'
  const ath = (cell: TrialCell) => hash('sha256', `token of ${cell.cell}`, 'base64url')
  const make = (claims: object) =>
    signJws({ jti: uuidv7(), htm: 'GET', iat: nowS(), ...claims }, key, {
      typ: 'dpop+jwt',
      jwk: publicJwk(jwk),
    })
  const at = (cell: TrialCell) => ({
    method: 'GET',
    uri: `${cell.addresses.gateway}${path}`,
    ath: ath(cell),
    jkt,
  })
  const made = (chance: Chance) => {
    const uri = chance.of([from, to]).addresses.gateway + path
    const nonce = chance.of([own.nonce(), theirs.nonce(), randomBytes(18).toString('base64url')])
    const token = ath(chance.of([from, to]))
    const isTheirs = uri === at(to).uri && nonce === theirs.nonce() && token === ath(to)
    // With everything of the other cell it would be that cell's own proof, which anybody may make for their own token.
    return make({ htu: uri, nonce: isTheirs ? own.nonce() : nonce, ath: token })
  }
  const seen = await make({ htu: at(to).uri, nonce: theirs.nonce(), ath: ath(to) })
  await theirs.prove(seen, at(to), Date.now())
  let held = ''
  let left = 0
  return {
    atHome: async () =>
      (
        await own.prove(
          await make({ htu: at(from).uri, nonce: own.nonce(), ath: ath(from) }),
          at(from),
          Date.now(),
        )
      ).proven,
    tryOnce: async (chance) => {
      if (left-- <= 0) {
        held = await made(chance)
        left = ATTEMPTS_A_SIGNATURE
      }
      const means = {
        chance,
        seen,
        publicKeys: [publicJwk(jwk)],
        wanted: { htu: at(to).uri, nonce: theirs.nonce(), ath: ath(to) },
      }
      return (await theirs.prove(forged(held, chance.of(waysToForge), means), at(to), Date.now()))
        .proven
    },
  }
}

/**
 * Client assertions (RFC 7523), in the worst case: the same key is registered in both cells, which control refuses. What is
 * left to keep them apart is the audience, as our rule behind the library's check of the signature reads it.
 */
const clientAssertion: MakesAttack = async (from, to) => {
  const jwk = await newSigningJwk('ES256')
  const key = await importSigningKey(jwk)
  const registered = await importVerifyKey(publicJwk(jwk), 'ES256')
  const rule = assertAssertion(
    () => Temporal.Now.instant(),
    () => true,
  )
  const make = (aud: unknown, id = 'application_1') =>
    signJws({ iss: id, sub: id, aud, jti: uuidv7(), iat: nowS(), exp: nowS() + 60 }, key, {
      typ: 'JWT',
    })
  const accepts = async (text: string, { addresses }: TrialCell): Promise<boolean> => {
    const claims = await verifyJws(text, registered)
    if (!claims) return false
    // Of its context the rule reads the issuer, of the client how it is bound.
    const context = { oidc: { issuer: addresses.issuer } }
    const client = { tlsClientCertificateBoundAccessTokens: false }
    try {
      await Reflect.apply(rule, undefined, [context, claims, {}, client])
      return true
    } catch {
      return false
    }
  }
  const [own, theirs] = [from.addresses, to.addresses]
  const audiences: readonly unknown[] = [
    own.issuer,
    [own.issuer],
    [theirs.issuer],
    [own.issuer, theirs.issuer],
    `${theirs.issuer}/`,
    `${theirs.issuer}/token`,
    `${theirs.issuer}/request`,
    theirs.issuer.toUpperCase(),
    theirs.issuerMtls,
    theirs.gateway,
    { issuer: theirs.issuer },
    null,
  ]
  const seen = await make(theirs.issuer, 'application_2')
  let held = ''
  let left = 0
  return {
    atHome: async () => accepts(await make(own.issuer), from),
    tryOnce: async (chance) => {
      if (left-- <= 0) {
        held = await make(chance.of(audiences))
        left = ATTEMPTS_A_SIGNATURE
      }
      const means = {
        chance,
        seen,
        publicKeys: [publicJwk(jwk)],
        wanted: { aud: theirs.issuer, iss: 'application_1', sub: 'application_1' },
      }
      return accepts(forged(held, chance.of(waysToForge), means), to)
    },
  }
}

/** The header with which a gateway says to its bank or vault who calls. */
const callerHeader =
  (upstream: 'bank' | 'vault'): MakesAttack =>
  async (from, to) => {
    const caller = (): Caller => ({
      callId: uuidv7(),
      interactionId: uuidv7(),
      operation: 'revealCard',
      partnerId: `partner_${'1'.repeat(32)}`,
      applicationId: `application_${'1'.repeat(32)}`,
      subject: null,
      consentId: null,
      details: [],
      revealKey: null,
      idempotencyKey: null,
      epoch: 1,
      bodySha256: hash('sha256', '', 'base64url'),
      at: Temporal.Now.instant(),
      withinMs: 25_000,
    })
    const other = upstream === 'bank' ? 'vault' : 'bank'
    // Of the other cell, and of the other door of the same cell: bank and vault do not believe each other's gateway key.
    const signers = [from.callerKeys[upstream], from.callerKeys[other], to.callerKeys[other]].map(
      callerSigner,
    )
    const judge = callerVerifier(to.callerKeys[upstream])
    const seen = callerSigner(to.callerKeys[upstream])(caller())
    const [seenBody = '', seenSeal = ''] = seen.split('.')
    const bends: readonly ((header: string, chance: Chance) => string)[] = [
      (header) => header,
      (header) => `${header.split('.')[0]}.${seenSeal}`,
      (header) => `${seenBody}.${header.split('.')[1]}`,
      (header) => `${header}.${seenSeal}`,
      (header) => `${header.split('.')[0]}.`,
      (header, chance) => header.slice(0, 1 + chance.below(header.length - 1)),
      (header, chance) => {
        const at = chance.below(seen.length)
        const letter = seen[at] === 'A' ? 'B' : 'A'
        return header && seen[at] !== '.' && at < seenBody.length
          ? seen.slice(0, at) + letter + seen.slice(at + 1)
          : header
      },
    ]
    return {
      atHome: async () => {
        const held = callerSigner(from.callerKeys[upstream])(caller())
        return !refused(() =>
          callerVerifier(from.callerKeys[upstream])(held, Temporal.Now.instant()),
        )
      },
      tryOnce: (chance) => {
        const header = chance.of(bends)(chance.of(signers)(caller()), chance)
        return !refused(() => judge(header, Temporal.Now.instant()))
      },
    }
  }

/** Published documents: one key of control's signs those of both cells, and the envelope says for whom each is. */
const publication: MakesAttack = async (from, to) => {
  const key = await newSigningJwk('EdDSA')
  const stranger = await newSigningJwk('EdDSA')
  const audience = 'gateway'
  const make = (cell: TrialCell, epoch: number, by: JWK) =>
    sealText(
      {
        cell: cell.cell,
        audience,
        epoch,
        compiledAt: '2026-11-22T12:00:00Z',
        content: JSON.stringify({ cell: cell.cell, epoch }),
      },
      by,
    )
  const read = (text: string, cell: TrialCell) =>
    openText(Buffer.from(text), { cell: cell.cell, audience, key: publicJwk(key), above: 0 })
  const swap = (text: string, chance: Chance) =>
    chance.once(2)
      ? text.replace(`"cell":"${from.cell}"`, `"cell":"${to.cell}"`)
      : text.replaceAll(`"${from.cell}"`, `"${to.cell}"`)
  let held = ''
  let left = 0
  return {
    atHome: async () => !refused(() => read(make(from, 1, key), from)),
    tryOnce: (chance) => {
      if (left-- <= 0) {
        held = chance.of([
          () => make(from, 1 + chance.below(1e6), key),
          () => make(to, 1 + chance.below(1e6), stranger),
        ])()
        left = 4
      }
      const { signature, ...rest } = JSON.parse(held) as Record<string, unknown>
      const text = chance.of([
        () => held,
        () => swap(held, chance),
        () => JSON.stringify({ ...rest, cell: to.cell, signature }),
        () => JSON.stringify({ ...rest, cell: [from.cell, to.cell], signature }),
        () => JSON.stringify({ ...rest, cell: to.cell, signature: '' }),
        () => `${held.slice(0, -1)},"cell":"${to.cell}"}`,
        () => JSON.stringify({ ...rest, audience: 'authorization', signature }),
      ])()
      return !refused(() => read(text, to))
    },
  }
}

/** What a cell keeps sealed: keys of registered systems, card data. */
const sealedSecret: MakesAttack = async (from, to) => {
  const place = (cell: TrialCell) => ({ cell: cell.cell, id: 'scores' })
  const row = { table: 'vault.card', column: 'sealed_number', cardId: 'card_1' }
  return {
    atHome: async () =>
      openUpstreamKey(
        sealUpstreamKey('pem', from.upstreamKey, place(from)),
        from.upstreamKey,
        place(from),
      ) === 'pem' &&
      open(seal(Buffer.from('x'), from.vaultKey, row), from.vaultKey, row).toString() === 'x',
    tryOnce: (chance) => {
      if (chance.once(2)) {
        const [key, said] = chance.of([
          [from.upstreamKey, place(to)],
          [from.upstreamKey, place(from)],
          // Copied by somebody who has both keys, and put in the other cell's place.
          [to.upstreamKey, place(from)],
        ] as const)
        const sealed = sealUpstreamKey('pem', key, said)
        return !refused(() => openUpstreamKey(sealed, to.upstreamKey, place(to)))
      }
      const sealed = seal(Buffer.from(String(chance.below(1e9))), from.vaultKey, row)
      return !refused(() => open(sealed, to.vaultKey, row))
    },
  }
}

/** Webhooks, as a partner checks them with the key that the other cell publishes (Standard Webhooks 1.0.0, v1a). */
const webhook: MakesAttack = async (from, to) => {
  const publicKey = (cell: TrialCell) =>
    createPublicKey({ key: publicJwk(cell.webhookJwk), format: 'jwk' })
  const send = (cell: TrialCell, body: string) =>
    signedHeaders(webhookKeyOf(cell.webhookJwk), {
      id: `msg_${uuidv7()}`,
      at: Temporal.Now.instant(),
      body,
    })
  const holds = (headers: ReturnType<typeof send>, body: string, cell: TrialCell) => {
    const text = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
    const given = Buffer.from(headers['webhook-signature'].split(',')[1] ?? '', 'base64')
    return verify(null, Buffer.from(text), publicKey(cell), given)
  }
  return {
    atHome: async () => holds(send(from, '{}'), '{}', from),
    tryOnce: (chance) => {
      const body = JSON.stringify({ env: chance.of([from.cell, to.cell]), n: chance.below(1e9) })
      return holds(send(from, body), body, to)
    },
  }
}

/** A partner's names of accounts and customers: the same partner and account have another name in the other cell. */
const pairwiseId: MakesAttack = async (from, to) => ({
  atHome: async () =>
    pairwise(from.pairwiseKey, 'acc', 'p', '1') === pairwise(from.pairwiseKey, 'acc', 'p', '1'),
  tryOnce: (chance) => {
    const [partner, ref] = [`partner_${chance.below(100)}`, `${chance.below(1e9)}`]
    return (
      pairwise(from.pairwiseKey, 'acc', partner, ref) ===
      pairwise(to.pairwiseKey, 'acc', partner, ref)
    )
  },
})

/** Every kind, and how many of a hundred attempts it gets: the more doors open to it, the more. */
export const attacks: Readonly<Record<string, { weight: number; make: MakesAttack }>> = {
  'access token bound to a key': { weight: 21, make: accessToken('dpop') },
  'access token bound to a certificate': { weight: 21, make: accessToken('mtls') },
  'DPoP proof': { weight: 16, make: proof },
  'client assertion': { weight: 6, make: clientAssertion },
  'caller header before the bank': { weight: 10, make: callerHeader('bank') },
  'caller header before the vault': { weight: 8, make: callerHeader('vault') },
  'published document': { weight: 8, make: publication },
  'sealed secret': { weight: 4, make: sealedSecret },
  webhook: { weight: 4, make: webhook },
  'pairwise identifier': { weight: 2, make: pairwiseId },
}
