/** The part of the core contract that is about who people are; `core.contract.ts` runs it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Core } from './core.ts'
import type { Examined } from './identity.ts'

interface IdentityWorld {
  /** A customer who was identified. */
  readonly person: string
  readonly organisation: string
  readonly nobody: { readonly customer: string }
}

export const identityContract = (open: () => { core: Core; world: IdentityWorld }): void => {
  const now = Temporal.Instant.from('2026-11-22T12:00:00Z')

  const customer = async (ref: string): Promise<Examined> => {
    const { core } = open()
    const found = await core.customer(ref)
    assert.ok(found)
    const identity = await core.identity(ref)
    const { kind, name, nationalId } = found
    return { kind, name, nationalId, bornOn: identity?.bornOn ?? null, since: now }
  }

  test('a customer is found by ref, with the number that the state gave them', async () => {
    const { core, world } = open()
    const person = await core.customer(world.person)
    const organisation = await core.customer(world.organisation)

    assert.equal(person?.ref, world.person)
    assert.equal(person?.kind, 'person')
    assert.match(person?.nationalId ?? '', /^\d{14}$/)
    assert.equal(organisation?.ref, world.organisation)
    assert.equal(organisation?.kind, 'organisation')
    assert.match(organisation?.nationalId ?? '', /^\d{9}$/)
  })

  test('a person was identified: born some time ago, living somewhere, as their name says', async () => {
    const { core, world } = open()
    const identity = await core.identity(world.person)
    const held = await core.customer(world.person)

    assert.ok(identity && held)
    assert.equal(identity.ref, world.person)
    assert.ok(held.name.includes(identity.familyName) && held.name.includes(identity.givenName))
    assert.match(identity.residence, /^[A-Z]{2}$/)
    assert.match(identity.citizenship, /^[A-Z]{2}$/)
    assert.ok(identity.bornOn.year > 1900)
    assert.ok(Temporal.PlainDate.compare(identity.bornOn, identity.verifiedOn) < 0)
  })

  test('an organisation, a stranger and a ref that cannot be one have no identity', async () => {
    const { core, world } = open()
    for (const ref of [world.organisation, world.nobody.customer, '', 'x', '1; --'])
      assert.equal(await core.identity(ref), undefined)
  })

  test('whoever says what the registers say is confirmed, and so is a company', async () => {
    const { core, world } = open()
    for (const ref of [world.person, world.organisation]) {
      const told = await core.examine(await customer(ref))
      assert.equal(told.identity, 'confirmed')
      assert.match(told.screening, /^(clear|review|unavailable)$/)
    }
  })

  test('another birthday under somebody’s number is contradicted', async () => {
    const { core, world } = open()
    const { bornOn, ...subject } = await customer(world.person)
    assert.ok(bornOn)
    const told = await core.examine({ ...subject, bornOn: bornOn.add({ days: 1 }) })
    assert.equal(told.identity, 'contradicted')
  })

  test('a name that no record could carry is answered too', async () => {
    const { core } = open()
    const odd = { kind: 'person', name: '名前 \u0001', nationalId: '1', bornOn: null, since: now }
    const told = await core.examine({ ...odd, kind: 'person' })
    assert.match(told.identity, /^(confirmed|contradicted|unclear)$/)
  })
}
