/** What the bank offers: products with their documents, tiers with their limits, prices by version. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { canonical } from '#kernel/canonical.ts'
import { assert } from '#kernel/assert.ts'
import type { Work } from '#journal/index.ts'
import { type Db, isUniqueViolation } from '#platform/db.ts'
import { documentAt } from '#kernel/changes/index.ts'
import { type Applier, baseOf, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import {
  checkRevision,
  dueBy,
  joinedTrials,
  isBeta,
  type Judged,
  keyOf,
  markCarriedOut,
  promisesOn,
  type Published,
  retiredVersions,
  type Terms,
} from '#control/versions/index.ts'
import { finishedDraft, keepOwnPermission, mistakesOfWhole, upstreamApplier } from './bring.ts'
import {
  type Document,
  documentRefused,
  type Operation,
  operationsOf,
  readDocument,
} from './document.ts'
import {
  firstPrices,
  firstTerms,
  PriceVersion,
  priceVersionNotFound,
  priceVersionTaken,
  pricesFit,
  pricesRefused,
} from './price-version.ts'
import * as store from './store.ts'
import {
  checkByLaw,
  checkLimits,
  firstTiers,
  type Limits,
  REGULATED_TIER,
  Tier,
  tierNotFound,
} from './tier.ts'

export {
  annotateDraft,
  type DraftState,
  draftState,
  ownPermissionOf,
  proposeUpstream,
  saveDraft,
} from './bring.ts'
export {
  drafts as listDrafts,
  ownPermissions,
  upstream as findUpstream,
  upstreams as listUpstreams,
} from './bring-store.ts'
export { type Document, type Operation, productNotFound } from './document.ts'
export { type Field, fieldsOf } from './fields.ts'
export { PriceVersion, UnitPrice } from './price-version.ts'
export { followed, member } from './schema-walk.ts'
export { Limits, REGULATED_TIER, SANDBOX_TIER, Tier, tierNotFound, tierNotSold } from './tier.ts'
export {
  document as findDocument,
  edition,
  newestPrices,
  priceVersion as findPriceVersion,
  priceVersions as listPriceVersions,
  priceVersionsIn,
  productIds,
  published as publishedVersions,
  tier as findTier,
  tiers as listTiers,
} from './store.ts'

export interface Product {
  readonly id: string
  readonly title: string
  /** Day of the newest document. */
  readonly version: string
  /** Days of all documents, oldest first. */
  readonly versions: readonly string[]
  /** Since when each of them is served to everybody; one in trial, since it was last brought. */
  readonly servedSince: Readonly<Record<string, Temporal.Instant>>
  readonly openapi: Document
  readonly operations: readonly Operation[]
}

/** Products in the catalogue's order. */
export const listProducts = async (db: Db): Promise<Product[]> =>
  (await store.products(db)).map((row) => ({
    ...row,
    version: row.version.toString(),
    operations: operationsOf(row.id, row.openapi),
  }))

/** Imports a product's document, checked. The same document again changes nothing. */
const importDocument = async (work: Work, productId: string, raw: unknown): Promise<Document> => {
  const { document, operations } = readDocument(productId, raw)
  const { version, title } = document.info
  const sha256 = createHash('sha256').update(canonical(document)).digest('hex')
  if ((await store.digestOf(work, productId, version))?.sha256 === sha256) return document
  await store.saveProduct(work, productId, title)
  await store.saveDocument(work, productId, version, document, sha256, work.now)
  await importOlder(work, productId, document)
  await keepOwnPermission(work, productId, operations)
  await work.record('catalogue.document-imported', productId, { version, sha256 })
  return document
}

/** Versions that a document brings with it are published as it says they were; what is published stays. */
const importOlder = async (work: Work, productId: string, newest: Document): Promise<void> => {
  for (const version of newest['x-versions'] ?? []) {
    if (await store.digestOf(work, productId, version)) continue
    // What is in trial is the newest alone.
    const { 'x-stage': _, ...older } = documentAt(newest, version)
    const { document } = readDocument(productId, older)
    const sha256 = createHash('sha256').update(canonical(document)).digest('hex')
    await store.saveDocument(work, productId, version, document, sha256, work.now)
    await work.record('catalogue.document-imported', productId, { version, sha256 })
  }
}

export interface SeedDocument {
  readonly product: string
  readonly openapi: unknown
}

/**
 * The catalogue of a new bank: its products, the first tiers and the first list of prices. Run again it imports the
 * documents that this release brings and leaves tiers and prices as two people made them.
 */
export const seedCatalogue = async (
  work: Work,
  documents: readonly SeedDocument[],
): Promise<void> => {
  for (const { product, openapi } of documents) await importDocument(work, product, openapi)
  for (const tier of firstTiers)
    if ((await store.insertTier(work, tier, work.now)) > 0)
      await work.record('catalogue.tier-added', tier.name, { limits: tier.limits })
  if (await store.newestPrices(work)) return
  const operations = (await listProducts(work)).flatMap((p) => p.operations.map((o) => o.id))
  await publish(work, {
    id: '2026-11',
    currency: 'UZS',
    unitPrices: Object.fromEntries(operations.map((o) => [o, firstPrices[o] ?? '0'])),
    terms: firstTerms,
  })
}

type Prices = Omit<PriceVersion, 'publishedAt'>

const publish = async (work: Work, prices: Prices) => {
  await store.insertPrices(work, { ...prices, publishedAt: work.now })
  await work.record('catalogue.prices-published', prices.id, {
    sha256: baseOf([prices.unitPrices, prices.terms]),
  })
}

/**
 * Proposes other limits for a tier. Once a second person agrees they stand in every contract offered from then on; those
 * that are signed keep theirs. For the sandbox and for access by law they hold at once.
 */
export const proposeLimits = async (
  work: Work,
  name: string,
  limits: Limits,
  reason: string,
): Promise<ChangeSet> => {
  const tier = await store.tier(work, name)
  if (!tier) throw tierNotFound(`no tier is called ${name}`)
  checkLimits(limits, await operationsOnOffer(work))
  if (name === REGULATED_TIER) checkByLaw(limits)
  return proposeChange(work, {
    kind: 'catalogue.limits',
    subject: name,
    before: z.json().parse(tier.limits),
    after: z.json().parse(limits),
    base: baseOf(tier.limits),
    reason,
    roles: ['head-of-platform', 'api-product', 'api-engineering'],
  })
}

/** Proposes a list of prices. It must price every operation on offer. */
export const proposePrices = async (
  work: Work,
  prices: Prices,
  reason: string,
): Promise<ChangeSet> => {
  await checkPrices(work, prices)
  const newest = await store.newestPrices(work)
  return proposeChange(work, {
    kind: 'catalogue.prices',
    subject: prices.id,
    before: newest
      ? z.json().parse({ id: newest.id, unitPrices: newest.unitPrices, terms: newest.terms })
      : null,
    after: z.json().parse(prices),
    base: baseOf(newest?.id ?? null),
    reason,
    roles: ['head-of-platform', 'finance'],
  })
}

const checkPrices = async (work: Work, prices: Prices) => {
  if (await store.priceVersion(work, prices.id))
    throw priceVersionTaken(`${prices.id} is published; a price version never changes`)
  const operations = (await listProducts(work)).flatMap((p) => p.operations.map((o) => o.id))
  const errors = pricesFit(prices, operations)
  if (errors.length > 0) throw pricesRefused(`${errors.length} price(s) are wrong`, { errors })
}

/** Proposes a product's document: a new version of a product, or a new product. */
export const proposeDocument = async (
  work: Work,
  productId: string,
  raw: unknown,
  reason: string,
): Promise<ChangeSet> => {
  const { document } = await wholeDocument(work, productId, raw)
  const { version } = document.info
  checkDay(version, work.now)
  await checkPromises(work, productId, document)
  const known = (await store.digestOf(work, productId, version))?.sha256 ?? null
  return proposeChange(work, {
    kind: 'catalogue.document',
    subject: productId,
    before: known,
    after: z.json().parse(document),
    base: baseOf(known),
    reason,
    roles: ['head-of-platform', 'api-product', 'api-engineering'],
  })
}

/** Proposes what a finished draft says: the product's first version, or a further one. */
export const proposeDraft = async (
  work: Work,
  productId: string,
  reason: string,
): Promise<ChangeSet> =>
  proposeDocument(work, productId, await finishedDraft(work, productId), reason)

/** The document, checked beside the rest of the catalogue and by the gateway's own compiler. */
const wholeDocument = async (db: Db, productId: string, raw: unknown) => {
  const read = readDocument(productId, raw)
  const errors = await mistakesOfWhole(db, productId, raw, read.operations)
  if (errors.length > 0)
    throw documentRefused(`${productId}: ${errors.length} place(s) are wrong`, { errors })
  return read
}

const AHEAD_DAYS = 400

/** A day is never taken back, and the next one is later: a slip of the pen would shut the calendar for years. */
const checkDay = (version: string, now: Temporal.Instant): void => {
  const last = now.toZonedDateTimeISO('UTC').toPlainDate().add({ days: AHEAD_DAYS }).toString()
  if (version > last)
    throw documentRefused(`${version} is more than ${AHEAD_DAYS} days ahead`, {
      errors: [
        {
          pointer: '/info/version',
          code: 'too-far',
          detail: `a version is of ${last} at the latest`,
        },
      ],
    })
}

/** What callers of every day that is alive were promised by a product, and what may be broken of it. */
export const standingPromises = async (
  db: Db,
  productId: string,
  today: Temporal.PlainDate,
): Promise<{ promised: Published[]; terms: Terms }> => {
  const retired = await retiredVersions(db)
  const products = await listProducts(db)
  const trials = products.flatMap(({ id, version, openapi }) =>
    isBeta(openapi) ? [{ id, version }] : [],
  )
  const inTrial = new Set(trials.map(({ version }) => version))
  const living = new Set(
    products
      .flatMap(({ versions }) => versions)
      .filter((day) => !retired.has(day) && !inTrial.has(day)),
  )
  return {
    promised: promisesOn(await store.published(db, productId), [...living].toSorted()),
    terms: {
      today,
      due: await dueBy(db, productId, today),
      trials: trials.filter(({ id }) => id !== productId).map(({ version }) => version),
      joined: await joinedTrials(db),
    },
  }
}

/** What callers of every day that is alive were promised holds, or its end was announced and has come. */
const checkPromises = async (
  work: Work,
  productId: string,
  document: Document,
): Promise<readonly Judged[]> => {
  const today = work.now.toZonedDateTimeISO('UTC').toPlainDate()
  const { promised, terms } = await standingPromises(work, productId, today)
  return checkRevision(promised, { version: document.info.version, document }, terms)
}

const documentApplier: Applier = {
  base: async (work, change) => {
    const { document } = readDocument(change.subject, change.after)
    return baseOf(
      (await store.digestOf(work, change.subject, document.info.version))?.sha256 ?? null,
    )
  },
  apply: async (work, change) => {
    // The catalogue may have changed between the two people.
    const { document } = await wholeDocument(work, change.subject, change.after)
    const findings = await checkPromises(work, change.subject, document)
    await importDocument(work, change.subject, change.after)
    await markCarriedOut(work, change.subject, findings.filter(({ due }) => due).map(keyOf), {
      day: work.now.toZonedDateTimeISO('UTC').toPlainDate(),
      at: work.now,
    })
  },
}

const operationsOnOffer = async (db: Db) =>
  (await listProducts(db)).flatMap((p) => [...p.operations])

const limitsApplier: Applier = {
  base: async (work, change) => {
    const tier = await store.lockTier(work, change.subject)
    return baseOf(tier?.limits ?? null)
  },
  apply: async (work, change) => {
    const tier = await store.tier(work, change.subject)
    assert(tier, 'a tier whose change is applied exists')
    const limits = Tier.shape.limits.parse(change.after)
    // A document may have changed between the two people.
    checkLimits(limits, await operationsOnOffer(work))
    await store.saveLimits(work, { ...tier, limits }, work.now)
    await work.record('catalogue.limits-changed', tier.name, { change: change.id, limits })
  },
}

const pricesApplier: Applier = {
  base: async (work) => baseOf((await store.newestPrices(work))?.id ?? null),
  apply: async (work, change) => {
    const prices = PriceVersion.omit({ publishedAt: true }).parse(change.after)
    try {
      await publish(work, prices)
    } catch (error) {
      if (isUniqueViolation(error)) throw priceVersionTaken(`${prices.id} is published`)
      throw error
    }
  },
}

/** How the catalogue's changes take effect once a second person agrees. */
export const appliers = {
  'catalogue.document': documentApplier,
  'catalogue.limits': limitsApplier,
  'catalogue.prices': pricesApplier,
  'catalogue.upstream': upstreamApplier,
} satisfies Readonly<Record<string, Applier>>

/** The price version of this name; throws `catalogue/price-version-not-found`. */
export const priceVersionNamed = async (db: Db, id: string): Promise<PriceVersion> => {
  const prices = await store.priceVersion(db, id)
  if (!prices) throw priceVersionNotFound(`no price version is called ${id}`)
  return prices
}
