/** What bank and partner agreed: products, tier and prices in one text that both signed. */
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { isBefore } from '#kernel/time.ts'
import type { Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { type Applier, baseOf, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import {
  findTier,
  type Limits,
  listProducts,
  priceVersionNamed,
  tierNotFound,
  tierNotSold,
} from '#control/catalogue/index.ts'
import { findPartner, PartnerId, partnerNotFound } from '#control/partners/index.ts'
import type { ContractFact } from '#control/licences/index.ts'
import {
  Contract,
  ContractId,
  contractNotFound,
  endTooEarly,
  moved,
  offerRefused,
  statusAt,
  waitsFor,
} from './contract.ts'
import { contractDocument, TEMPLATE } from './document.ts'
import * as store from './store.ts'
import { settledWithheld, strangersIn, type Withheld } from './withheld.ts'

export { Contract, ContractId, contractNotFound, statusAt, waitsFor } from './contract.ts'
export {
  type ContractFilter,
  type ContractPeriod,
  contractsInForce,
  find as findContract,
  list as listContracts,
  partnersUnderContract,
} from './store.ts'
export { Withheld, withheldFields } from './withheld.ts'

export interface Offer {
  readonly partnerId: PartnerId
  readonly tier: string
  readonly products: readonly string[]
  readonly priceVersion: string
  /** Whether every write and its answer must be signed. */
  readonly signatures?: 'required' | undefined
  /** What answers leave out beside what law and consent leave out: pointers of fields, by operation. */
  readonly withheld?: Withheld | undefined
}

/** Proposes a contract to a partner. The change holds the whole text: what two people of the bank agree to is its hash. */
export const proposeOffer = async (
  work: Work,
  offer: Offer,
  bankName: string,
): Promise<ChangeSet> => {
  const partner = await findPartner(work, offer.partnerId)
  if (!partner) throw partnerNotFound('there is no partner with this id')
  const tier = await findTier(work, offer.tier)
  if (!tier) throw tierNotFound(`no tier is called ${offer.tier}`)
  if (!tier.sold) throw tierNotSold(`${tier.name} is not sold`)
  const prices = await priceVersionNamed(work, offer.priceVersion)
  const catalogue = await listProducts(work)
  const unknown = offer.products.filter((id) => !catalogue.some((p) => p.id === id))
  if (unknown.length > 0) throw offerRefused(`the catalogue has no ${unknown.join(', ')}`)

  const products = catalogue.filter((p) => offer.products.includes(p.id))
  const withheld = settledWithheld(offer.withheld)
  const errors = strangersIn(offer.withheld ?? {}, products)
  if (errors.length > 0)
    throw offerRefused('what is to be withheld is not in these products', { errors })
  const id = ContractId.next()
  const { signatures } = offer
  const terms = { id, bankName, partner, tier, products, prices, signatures, withheld }
  const document = contractDocument(terms)
  const held = await store.lockThoseOf(work, partner.id)
  return proposeChange(work, {
    kind: 'contracts.offer',
    subject: partner.id,
    before: summaryOf(held.find((c) => statusAt(c, work.now) === 'active')),
    after: {
      id,
      template: TEMPLATE,
      tier: tier.name,
      products: products.map((p) => p.id),
      priceVersion: prices.id,
      document: document.text,
      documentSha256: document.sha256,
    },
    base: baseOfThose(held),
    reason: `tier ${tier.name} at prices ${prices.id}`,
    roles: ['head-of-platform', 'finance', 'partner-success'],
  })
}

const summaryOf = (contract: Contract | undefined) => {
  if (!contract) return null
  const { id, tier, products, priceVersion } = contract
  return { id, tier, products, priceVersion }
}

const baseOfThose = (contracts: readonly Contract[]) =>
  baseOf(contracts.map(({ id, status, endsAt }) => [id, status, endsAt?.toString() ?? null]))

/** The partner's signatory signs this very text. */
export const signContract = async (
  work: Work,
  own: { partnerId: PartnerId; id: ContractId },
  documentSha256: string,
): Promise<Contract> => {
  const contract = await store.lock(work, own.id)
  // One of another organisation is as if it were not there.
  if (contract?.partnerId !== own.partnerId) throw contractNotFound('no contract has this id')
  const after = moved(contract, { to: 'signed', by: work.actor, documentSha256 }, work.now)
  await store.save(work, after)
  await work.record('contracts.signed', after.id, { partnerId: after.partnerId, documentSha256 })
  return after
}

/** The bank signs the same text, and it is in force. What ruled before has ended. */
export const countersignContract = async (
  work: Work,
  id: ContractId,
  documentSha256: string,
): Promise<Contract> => {
  const { partnerId } = await known(work, id)
  const all = await store.lockThoseOf(work, partnerId)
  const contract = await store.lock(work, id)
  assert(contract, 'a contract is never deleted')
  const after = moved(contract, { to: 'active', by: work.actor, documentSha256 }, work.now)
  for (const old of all.filter((c) => c.status === 'active' || c.status === 'frozen')) {
    await store.save(work, { ...old, status: 'ended', endsAt: endOfOld(old, work.now) })
    const { products } = old
    await work.record('contracts.ended', old.id, { partnerId, products, followedBy: id })
  }
  await store.save(work, after)
  await work.record('contracts.activated', id, { partnerId, documentSha256 })
  return after
}

/** One whose time was over before keeps its own end. */
const endOfOld = ({ endsAt }: Contract, now: Temporal.Instant) =>
  endsAt !== null && isBefore(endsAt, now) ? endsAt : now

const known = async (db: Db, id: ContractId): Promise<Contract> => {
  const contract = await store.find(db, id)
  if (!contract) throw contractNotFound('no contract has this id')
  return contract
}

/** Stops what the contract opens, at once. One person is enough; to go on takes two. */
export const freezeContract = async (
  work: Work,
  id: ContractId,
  reason: string,
): Promise<Contract> => {
  const contract = await store.lock(work, id)
  if (!contract) throw contractNotFound('no contract has this id')
  const after = moved(contract, { to: 'frozen', reason }, work.now)
  await store.save(work, after)
  const { partnerId, products } = after
  await work.record('contracts.frozen', id, { partnerId, products })
  return after
}

/** Proposes to let a frozen contract go on. */
export const proposeThaw = (work: Work, id: ContractId, reason: string): Promise<ChangeSet> =>
  proposeStep(work, id, 'contracts.thaw', { status: 'active' }, reason, (contract) =>
    moved(contract, { to: 'thawed' }, work.now),
  )

/** Proposes an end. It comes by itself at its instant. */
export const proposeEnd = (
  work: Work,
  id: ContractId,
  endsAt: Temporal.Instant,
  reason: string,
): Promise<ChangeSet> => {
  if (isBefore(endsAt, work.now)) throw endTooEarly(`${endsAt.toString()} is over`)
  return proposeStep(work, id, 'contracts.end', { endsAt: endsAt.toString() }, reason, (contract) =>
    moved(contract, { to: 'ended', at: endsAt }, work.now),
  )
}

const proposeStep = async (
  work: Work,
  id: ContractId,
  kind: string,
  after: ChangeSet['after'],
  reason: string,
  mayTake: (contract: Contract) => void,
): Promise<ChangeSet> => {
  const contract = await store.lock(work, id)
  if (!contract) throw contractNotFound('no contract has this id')
  mayTake(contract)
  return proposeChange(work, {
    kind,
    subject: id,
    before: { status: contract.status, endsAt: contract.endsAt?.toString() ?? null },
    after,
    base: baseOfThose([contract]),
    reason,
    roles: ['head-of-platform', 'finance', 'partner-success'],
  })
}

const baseOfOne = async (work: Work, change: ChangeSet) => {
  const contract = await store.lock(work, ContractId.parse(change.subject))
  return baseOfThose(contract ? [contract] : [])
}

const OfferedTerms = Contract.pick({
  id: true,
  template: true,
  tier: true,
  products: true,
  priceVersion: true,
  document: true,
  documentSha256: true,
})
const EndTerms = z.object({ endsAt: z.string() })

/** How changes of this room take effect once a second person agrees. */
export const appliers: Readonly<Record<string, Applier>> = {
  'contracts.offer': {
    base: async (work, change) =>
      baseOfThose(await store.lockThoseOf(work, PartnerId.parse(change.subject))),
    apply: async (work, change) => {
      const terms = OfferedTerms.parse(change.after)
      const partnerId = PartnerId.parse(change.subject)
      for (const open of await store.list(work, { partnerId }))
        if (open.status === 'offered' || open.status === 'signed') {
          await store.save(work, moved(open, { to: 'withdrawn' }, work.now))
          await work.record('contracts.withdrawn', open.id, { partnerId, followedBy: terms.id })
        }
      const contract: Contract = {
        ...terms,
        partnerId,
        status: 'offered',
        offeredAt: work.now,
        signedBy: null,
        signedAt: null,
        countersignedBy: null,
        activeFrom: null,
        endsAt: null,
        stoppedBecause: null,
      }
      await store.insert(work, contract, change.id)
      const { id, tier, products, priceVersion, documentSha256 } = terms
      await work.record('contracts.offered', id, {
        partnerId,
        tier,
        products,
        priceVersion,
        documentSha256,
      })
    },
  },
  'contracts.thaw': {
    base: baseOfOne,
    apply: async (work, change) => {
      const contract = await known(work, ContractId.parse(change.subject))
      await store.save(work, moved(contract, { to: 'thawed' }, work.now))
      await work.record('contracts.thawed', contract.id, { partnerId: contract.partnerId })
    },
  },
  'contracts.end': {
    base: baseOfOne,
    apply: async (work, change) => {
      const contract = await known(work, ContractId.parse(change.subject))
      const at = Temporal.Instant.from(EndTerms.parse(change.after).endsAt)
      const after = moved(contract, { to: 'ended', at }, work.now)
      await store.save(work, after)
      const { partnerId, products, endsAt } = after
      const event = after.status === 'ended' ? 'contracts.ended' : 'contracts.end-set'
      const facts = { partnerId, products, endsAt: endsAt?.toString() ?? null }
      await work.record(event, contract.id, facts)
    },
  },
}

/** A partner's standing contract, as the licences and the gateway ask for it. */
export interface Standing extends ContractFact {
  readonly id: ContractId
  readonly tier: string
  readonly priceVersion: string
  /** As they stand in the signed text: a tier that changes later changes the next contract. */
  readonly limits: Limits
  /** Whether its text asks that writes and their answers be signed. */
  readonly signatures?: 'required' | null
  /** What its text leaves out of answers. It still does while it is frozen: to be stopped opens nothing. */
  readonly withheld: Withheld
}

/** One that was only offered binds nobody yet, and one that ended does no more. */
const hasRuled = (contract: Parameters<typeof statusAt>[0], now: Temporal.Instant): boolean =>
  ['active', 'frozen'].includes(statusAt(contract, now))

/** The standing contract of one partner, or of all where none is named, by partner. */
export const standingContracts = async (
  db: Db,
  now: Temporal.Instant,
  partnerId?: PartnerId,
): Promise<ReadonlyMap<string, Standing>> =>
  new Map(
    (await store.standing(db, partnerId)).map((contract) => [
      contract.partnerId,
      {
        id: contract.id,
        tier: contract.tier,
        priceVersion: contract.priceVersion,
        limits: contract.limits,
        signatures: contract.signatures,
        withheld: hasRuled(contract, now) ? (contract.withheld ?? {}) : {},
        products: contract.products,
        until: contract.endsAt,
        inForce: statusAt(contract, now) === 'active',
        waitsFor: waitsFor(contract),
      },
    ]),
  )
