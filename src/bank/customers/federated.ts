/** Customers who sign in at the bank's own OpenID provider: the core knows them, we give them a name. */
import { randomBytes } from 'node:crypto'
import { assert } from '#kernel/assert.ts'
import { work } from '#journal/index.ts'
import type { BankWorld } from '../world.ts'
import { CustomerId, signInRefused } from './customer.ts'
import { hashPassword } from './password.ts'
import * as store from './store.ts'

/** Sign-ins take their turns at the core as if they were one partner's calls. */
const TURN = 'sign-in'

type FederatedWorld = Pick<BankWorld, 'db' | 'now' | 'coreFor'>

/** Whom the core knows by this name; a customer who is here for the first time gets an id that stays. */
export const signInByReference = async (
  { db, now, coreFor }: FederatedWorld,
  { reference }: { reference: string },
): Promise<{ customerId: string; displayName: string }> => {
  const known = await store.findByRef(db, reference)
  const name = known?.displayName ?? (await coreFor(TURN).customer(reference))?.name
  if (name === undefined) throw signInRefused('the core does not know this customer')
  // Nobody knows this password: such a customer has no other way in.
  const password = known ? undefined : await hashPassword(randomBytes(32).toString('base64url'))
  return work(db, 'system', now(), async (w) => {
    if (password !== undefined) {
      const id = CustomerId.next()
      const added = await store.add(w, {
        id,
        coreRef: reference,
        displayName: name,
        login: `federated:${reference}`.toLowerCase(),
        password,
        secondFactor: 'shown',
        totpSecret: null,
        totpLastStep: null,
      })
      if (added > 0) await w.record('customers.added', id, { federated: true })
    }
    const customer = await store.findByRef(w, reference)
    assert(customer, 'a customer that was found or added is there')
    await w.record('customers.signed-in', customer.id, { federated: true })
    return { customerId: customer.id, displayName: customer.displayName }
  })
}
