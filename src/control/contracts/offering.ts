/** Offers and amendments: what two people of the bank propose, as the whole text that both sides will sign. */
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { Instant, isBefore } from '#kernel/time.ts'
import type { FieldError } from '#kernel/problem.ts'
import type { Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { type Applier, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import {
  findTier,
  listProducts,
  priceVersionNamed,
  type Product,
  productNotFound,
  type Tier,
  tierNotFound,
  tierNotSold,
} from '#control/catalogue/index.ts'
import { currentMatrix } from '#control/licences/index.ts'
import { findPartner, PartnerId, partnerNotFound } from '#control/partners/index.ts'
import { checkBackDated } from './back-dating.ts'
import { changedBetween, compiled, type Part } from './compiled.ts'
import {
  amendmentRefused,
  Contract,
  ContractId,
  contractNotFound,
  contractStep,
  goesOn,
  moved,
  offerRefused,
  statusAt,
} from './contract.ts'
import { contractDocument } from './document.ts'
import { type Promised, promiseFaults } from './level-terms.ts'
import { checkNotice } from './commercial.ts'
import { Early, type Notices, noticesOfTier } from './notices.ts'
import { baseOfThose } from './base.ts'
import { ruleOf, ruleUntil } from './rules.ts'
import * as store from './store.ts'
import { type Support, supportOfTier } from './support.ts'
import { settledWithheld, strangersIn, type Withheld } from './withheld.ts'
import { standingTemplate, templateNamed } from './wording.ts'

export interface Offer {
  readonly partnerId: PartnerId
  readonly tier: string
  readonly products: readonly string[]
  readonly priceVersion: string
  /** Whether every write and its answer must be signed. */
  readonly signatures?: 'required' | undefined
  /** What answers leave out beside what law and consent leave out: pointers of fields, by operation. */
  readonly withheld?: Withheld | undefined
  /** What is promised of products; each at most once. */
  readonly levels?: readonly Promised[] | undefined
  /** Without them: those of the tier. */
  readonly notices?: Notices | undefined
  /** Without it: that of the tier. */
  readonly support?: Support | undefined
  /** Without it: the newest. */
  readonly template?: string | undefined
  /** From when it rules; without it: from the countersignature. */
  readonly validFrom?: Temporal.Instant | undefined
  /** Why higher prices may come sooner than the contract that rules promises. */
  readonly early?: Exclude<Early, 'breach'> | undefined
}

/** What an amendment changes; what it does not name stays as both sides signed it, to the letter. */
export interface Amendment {
  readonly tier?: string | undefined
  readonly products?: readonly string[] | undefined
  readonly priceVersion?: string | undefined
  readonly levels?: readonly Promised[] | undefined
  readonly notices?: Notices | undefined
  /** Another tier brings its own support, unless some is named. */
  readonly support?: Support | undefined
  readonly template?: string | undefined
  readonly validFrom?: Temporal.Instant | undefined
  readonly early?: Exclude<Early, 'breach'> | undefined
  /** null: from then on no more. */
  readonly signatures?: 'required' | null | undefined
  readonly withheld?: Withheld | null | undefined
}

/** Proposes a contract to a partner. The change holds the whole text: what two people of the bank agree to is its hash. */
export const proposeOffer = async (
  work: Work,
  offer: Offer,
  bankName: string,
): Promise<ChangeSet> => {
  const tier = await soldTier(work, offer.tier)
  return proposeText(
    work,
    {
      ...offer,
      tierTerms: tier,
      notices: offer.notices ?? noticesOfTier(tier.name),
      support: offer.support ?? supportOfTier(tier.name),
    },
    bankName,
  )
}

/** Proposes other terms for an agreement in force: a further version of it, with the difference as what is decided. */
export const proposeAmendment = async (
  work: Work,
  id: ContractId,
  amendment: Amendment,
  bankName: string,
): Promise<ChangeSet> => {
  const contract = await store.find(work, id)
  if (!contract) throw contractNotFound('no contract has this id')
  const stands = statusAt(contract, work.now)
  if (stands !== 'active' && stands !== 'frozen')
    throw contractStep(`it is ${stands}; what rules can be amended`)
  goesOn(contract, await store.livingOf(work, contract.partnerId), work.now)
  const before = compiled(contract.document)
  const { tier: tierName, ...limits } = before.limits
  const { tier, signatures, withheld, ...asked } = amendment
  const kept = { name: tierName, sold: true, limits }
  return proposeText(
    work,
    {
      partnerId: contract.partnerId,
      products: asked.products ?? before.products,
      priceVersion: asked.priceVersion ?? before.prices.version,
      // The tier of the catalogue may have other limits by now: those that were signed stay, unless it is named.
      tierTerms: tier === undefined ? kept : await soldTier(work, tier),
      levels: asked.levels ?? before.levels,
      notices: asked.notices ?? before.notices,
      support:
        asked.support ??
        (tier === undefined && before.support ? before.support : supportOfTier(tier ?? tierName)),
      template: asked.template ?? (await standingTemplate(work, contract.template)),
      validFrom: asked.validFrom,
      early: asked.early,
      signatures: (signatures === undefined ? before.messages.signatures : signatures) ?? undefined,
      withheld: (withheld === undefined ? before.messages.withheld : withheld) ?? undefined,
      amends: contract,
    },
    bankName,
  )
}

const soldTier = async (db: Db, name: string): Promise<Tier> => {
  const tier = await findTier(db, name)
  if (!tier) throw tierNotFound(`no tier is called ${name}`)
  if (!tier.sold) throw tierNotSold(`${tier.name} is not sold`)
  return tier
}

interface Whole extends Omit<Offer, 'tier'> {
  readonly tierTerms: Tier
  readonly notices: Notices
  readonly support: Support
  readonly amends?: Contract
}

const proposeText = async (work: Work, whole: Whole, bankName: string): Promise<ChangeSet> => {
  const { amends, tierTerms: tier, validFrom } = whole
  const partner = await findPartner(work, whole.partnerId)
  if (!partner) throw partnerNotFound('there is no partner with this id')
  const prices = await priceVersionNamed(work, whole.priceVersion)
  const catalogue = await listProducts(work)
  const unknown = whole.products.filter((product) => !catalogue.some((p) => p.id === product))
  if (unknown.length > 0) throw offerRefused(`the catalogue has no ${unknown.join(', ')}`)
  const products = catalogue.filter((p) => whole.products.includes(p.id))
  const errors = [
    ...strangersIn(whole.withheld ?? {}, products),
    ...(await levelFaults(work, whole.levels ?? [], products)),
  ]
  if (errors.length > 0) throw offerRefused('its terms do not fit these products', { errors })
  const backDated = validFrom !== undefined && isBefore(validFrom, work.now)
  const id = ContractId.next()
  const version = amends ? amends.version + 1 : 1
  const { id: template, clauses } = await templateNamed(work, whole.template)
  const document = contractDocument({
    id,
    bankName,
    partner,
    tier,
    products,
    prices,
    template,
    clauses,
    levels: whole.levels ?? [],
    notices: whole.notices,
    support: whole.support,
    signatures: whole.signatures,
    withheld: settledWithheld(whole.withheld),
    ...(amends && { amends: { id: amends.id, sha256: amends.documentSha256, version } }),
    validFrom,
    backDated,
  })
  const changes = amends && changesOf(amends, { document: document.text, template })
  if (backDated) {
    const since = amends && (await ruleOf(work, amends))?.validFrom
    const of = amends ? compiled(amends.document).prices : prices
    checkBackDated({ validFrom, since, changes, before: of, after: prices }, work.now)
  }
  const held = await store.lockThoseOf(work, partner.id)
  const before = amends ?? held.find((c) => statusAt(c, work.now) === 'active')
  if (before)
    checkNotice(compiled(before.document), compiled(document.text), {
      begins: validFrom ?? work.now,
      now: work.now,
      early: whole.early,
    })
  return proposeChange(work, {
    kind: 'contracts.offer',
    subject: partner.id,
    before: summaryOf(before),
    after: {
      id,
      template,
      tier: tier.name,
      products: products.map((p) => p.id),
      priceVersion: prices.id,
      document: document.text,
      documentSha256: document.sha256,
      amends: amends?.id ?? null,
      version,
      validFrom: validFrom?.toString() ?? null,
      ...(whole.early && { early: whole.early }),
    },
    base: baseOfThose(held),
    reason: changes
      ? `version ${version}: ${changes.join(', ') || 'wording'}`
      : `tier ${tier.name} at prices ${prices.id}`,
    roles: ['head-of-platform', 'finance', 'partner-success'],
  })
}

/** What is enforced otherwise than before; other words alone are a change as well. */
const changesOf = (
  amends: Contract,
  made: { readonly document: string; readonly template: string },
): Part[] => {
  const changes = changedBetween(compiled(amends.document), compiled(made.document))
  if (changes.length === 0 && made.template === amends.template)
    throw amendmentRefused('it changes nothing of what was agreed')
  return changes
}

const levelFaults = async (
  db: Db,
  levels: readonly Promised[],
  products: readonly Product[],
): Promise<FieldError[]> => {
  if (levels.length === 0) return []
  const regulated = await regulatedPermissions(db)
  return levels.flatMap((level, i) => {
    const at = `/levels/${i}`
    const product = products.find((p) => p.id === level.product)
    if (!product)
      return [
        { pointer: `${at}/product`, code: 'unknown', detail: 'the contract does not open it' },
      ]
    if (levels.findIndex((l) => l.product === level.product) < i)
      return [{ pointer: `${at}/product`, code: 'twice', detail: 'another promise is about it' }]
    return promiseFaults(level, opensByLaw(product, regulated)).map((fault) => ({
      ...fault,
      pointer: `${at}${fault.pointer}`,
    }))
  })
}

const regulatedPermissions = async (db: Db): Promise<ReadonlySet<string>> =>
  new Set((await currentMatrix(db)).statuses.flatMap((s) => s.regulatedAccess))

const opensByLaw = ({ operations }: Product, regulated: ReadonlySet<string>) =>
  operations.some((o) => o.permissions.some((p) => regulated.has(p)))

/** Whether the law opens any operation of a product to some licence: then the same promise holds for all, without excuse. */
export const isRegulated = async (db: Db, product: string): Promise<boolean> => {
  const found = (await listProducts(db)).find((p) => p.id === product)
  if (!found) throw productNotFound(`the catalogue has no ${product}`)
  return opensByLaw(found, await regulatedPermissions(db))
}

const summaryOf = (contract: Contract | undefined) => {
  if (!contract) return null
  const { id, tier, products, priceVersion, template, version } = contract
  return { id, template, tier, products, priceVersion, version }
}

const OfferedTerms = Contract.pick({
  id: true,
  template: true,
  tier: true,
  products: true,
  priceVersion: true,
  document: true,
  documentSha256: true,
}).extend({
  amends: ContractId.nullable().default(null),
  version: z.int().default(1),
  validFrom: Instant.nullable().default(null),
  early: Early.optional(),
})

/** What was offered and not signed by both is open no more: what two people decide now was decided without it. */
export const withdrawOpen = async (
  work: Work,
  partnerId: PartnerId,
  because: Because,
): Promise<void> => {
  for (const open of await store.livingOf(work, partnerId))
    if (open.status === 'offered' || open.status === 'signed') await withdraw(work, open, because)
}

type Because = { readonly followedBy: ContractId } | { readonly endOf: ContractId | null }

/** Takes back what has not begun. */
export const withdraw = async (work: Work, open: Contract, because: Because): Promise<void> => {
  await store.save(work, moved(open, { to: 'withdrawn' }, work.now))
  if (open.activeFrom) await ruleUntil(work, open, open.activeFrom)
  await work.record('contracts.withdrawn', open.id, { partnerId: open.partnerId, ...because })
}

/** What an offer is compared with: the terms that it changes, or those in force. */
const toChange = async (
  work: Work,
  partnerId: PartnerId,
  { amends }: Pick<Contract, 'amends'>,
): Promise<Contract | undefined> =>
  amends === null
    ? (await store.livingOf(work, partnerId)).find((c) => statusAt(c, work.now) === 'active')
    : store.find(work, amends)

/** Once a second person agrees the text is offered; what was offered before and not signed by both is withdrawn. */
export const offerApplier: Applier = {
  base: async (work, change) =>
    baseOfThose(await store.lockThoseOf(work, PartnerId.parse(change.subject))),
  apply: async (work, change) => {
    const { early, ...terms } = OfferedTerms.parse(change.after)
    const partnerId = PartnerId.parse(change.subject)
    // The partner is told from now on, not since somebody proposed it.
    const begins = terms.validFrom ?? work.now
    const before = await toChange(work, partnerId, terms)
    if (before)
      checkNotice(compiled(before.document), compiled(terms.document), {
        begins,
        now: work.now,
        early,
      })
    await withdrawOpen(work, partnerId, { followedBy: terms.id })
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
    const { id, tier, products, priceVersion, documentSha256, amends, version } = terms
    assert(amends !== null || version === 1, 'only an amendment is a further version')
    await work.record('contracts.offered', id, {
      partnerId,
      tier,
      products,
      priceVersion,
      documentSha256,
      ...(amends !== null && { amends, version }),
    })
  },
}
