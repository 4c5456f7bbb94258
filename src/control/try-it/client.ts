/** The sandbox application that the portal calls with for an organisation: its key is made here, sealed, and never leaves. */
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import type { Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { type JWK, newSigningJwk, publicJwk } from '#platform/jose.ts'
import { openText, sealText } from '#platform/sealed.ts'
import {
  type Authorities,
  findApplication,
  ApplicationId,
  type PartnerId,
  requestApplication,
  revokeApplication,
} from '#control/partners/index.ts'
import * as store from './store.ts'

/** Where the bank's pages would lead a browser back to; nothing answers there, the portal reads the address itself. */
export const REDIRECT_URI = 'https://localhost/try-it'

export interface TryItClient {
  readonly id: ApplicationId
  readonly key: JWK
}

export interface Keeping {
  readonly authorities: Authorities
  readonly offeredProducts: readonly string[]
  readonly sealingKey: Uint8Array
}

const context = (partnerId: PartnerId) => ({ of: 'try-it', partnerId })

/** The one that is there and still fits the offer. */
export const heldClient = async (
  db: Db,
  partnerId: PartnerId,
  { offeredProducts, sealingKey }: Keeping,
): Promise<TryItClient | undefined> => {
  const held = await store.find(db, partnerId)
  const application = held && (await findApplication(db, held.applicationId))
  if (!held || application?.status !== 'active') return undefined
  if (offeredProducts.some((product) => !application.products.includes(product))) return undefined
  const key = openText(sealingKey, context(partnerId), held.sealedKey)
  assert(key, 'the key of try-it was sealed with another key')
  return { id: held.applicationId, key: z.looseObject({ kty: z.string() }).parse(JSON.parse(key)) }
}

/** Makes one, in place of one that was stopped or knows fewer products than are offered now. */
export const makeClient = async (
  work: Work,
  partnerId: PartnerId,
  keeping: Keeping,
): Promise<TryItClient> => {
  const before = await store.lock(work, partnerId)
  const known = await heldClient(work, partnerId, keeping)
  if (known) return known
  const old = before && (await findApplication(work, before.applicationId))
  if (old?.status === 'active') await revokeApplication(work, { applicationId: old.id })
  const key = await newSigningJwk('ES256')
  const { application } = await requestApplication(
    work,
    keeping.authorities,
    partnerId,
    {
      cell: 'sandbox',
      name: 'Try it',
      authentication: 'private_key_jwt',
      senderConstraint: 'dpop',
      jwks: { keys: [z.looseObject({ kty: z.string() }).parse(publicJwk(key))] },
      redirectUris: [REDIRECT_URI],
      grantTypes: ['client_credentials', 'authorization_code'],
      products: [...keeping.offeredProducts],
      rehearsal: false,
    },
    keeping.offeredProducts,
  )
  const sealedKey = sealText(keeping.sealingKey, context(partnerId), JSON.stringify(key))
  await store.save(work, { partnerId, applicationId: application.id, sealedKey })
  return { id: application.id, key }
}
