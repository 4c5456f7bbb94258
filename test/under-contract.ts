/** A partner with a contract in force, without offices: offered by two people of the bank, signed by both sides. */
import assert from 'node:assert/strict'
import { uuidv7 } from '#kernel/id.ts'
import { work } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'
import {
  appliers,
  countersignContract,
  listContracts,
  type Offer,
  proposeOffer,
  signContract,
} from '#control/contracts/index.ts'
import { PartnerId, registerPartner } from '#control/partners/index.ts'
import { approvedByTwo } from './two-people.ts'

/** Puts terms in force between the bank and a partner that is there already. */
export const inForce = async (
  db: Postgres,
  now: Temporal.Instant,
  offer: Offer,
  person: string,
): Promise<string> => {
  const agreed = approvedByTwo(db, new Map(Object.entries(appliers)))
  await agreed(now, (w) => proposeOffer(w, offer, 'Namuna'))
  const { partnerId } = offer
  const [contract] = await listContracts(db, { partnerId })
  assert.ok(contract)
  const { id, documentSha256 } = contract
  await work(db, `person:${person}`, now, (w) => signContract(w, { partnerId, id }, documentSha256))
  await work(db, 'system', now, (w) => countersignContract(w, id, documentSha256))
  return id
}

/** A partner that nobody has seen before, under these terms. */
export const underContract = async (
  db: Postgres,
  now: Temporal.Instant,
  terms: Omit<Offer, 'partnerId'>,
) => {
  const { partner, person } = await work(db, 'system', now, (w) =>
    registerPartner(w, {
      organisation: 'Anor',
      legalName: 'Anor LLC',
      country: 'UZ',
      declaredStatuses: [],
      person: { name: 'P', email: `${uuidv7()}@p.example`, password: 'a long pass phrase' },
    }),
  )
  const partnerId = PartnerId.parse(partner.id)
  const contractId = await inForce(db, now, { partnerId, ...terms }, person.id)
  return { partnerId, contractId, actor: `person:${person.id}` as const }
}
