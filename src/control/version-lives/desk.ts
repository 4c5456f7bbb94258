/** Versions as the bank looks after them. Queries only: what is decided is decided in the room's commands. */
import { changesOf } from '#kernel/changes/index.ts'
import { isBefore } from '#kernel/time.ts'
import type { Db } from '#platform/db.ts'
import { type ChangeSet, listChanges, stillNeeded, viewOfChange } from '#control/approvals/index.ts'
import { listProducts } from '#control/catalogue/index.ts'
import { acknowledgements } from '#control/webhooks/index.ts'
import { noticeOf } from './coming.ts'
import { BrownoutAfter, ExtensionAfter } from './life.ts'
import { betasOf } from './pin.ts'
import * as store from './store.ts'
import { everyPartner } from './using.ts'
import { endOf } from './views.ts'

/** Every product with its versions, newest first. */
export const productLives = async (db: Db, now: Temporal.Instant) => {
  const lives = new Map((await store.lives(db)).map((life) => [life.version, life]))
  const products = await listProducts(db)
  const betas = betasOf(products)
  return products.map(({ id: product, versions, openapi }) => {
    const changes = changesOf(openapi)
    return {
      product,
      versions: versions.toReversed().map((version) => ({
        version,
        ...endOf(lives.get(version), undefined, now, betas.has(version)),
        changes: changes.filter(({ since }) => since === version).length,
      })),
    }
  })
}

const DECIDED_MAX = 1_000
const kinds = [
  'versions.deprecation',
  'versions.deprecation-withdrawal',
  'versions.extension',
  'versions.brownout',
  'versions.retirement',
] as const

const versionOf = ({ subject }: ChangeSet): string => subject.split(' ')[0] ?? ''

/** What waits for a second person of a version, and is not over. */
export const openProposals = async (
  db: Db,
  version: string,
  now: Temporal.Instant,
): Promise<ChangeSet[]> => {
  const open = await Promise.all(
    kinds.map((kind) => listChanges(db, { kind, status: 'proposed' }, DECIDED_MAX)),
  )
  return open.flat().filter((one) => versionOf(one) === version && isBefore(now, one.expiresAt))
}

const namesOf = async (db: Db) =>
  new Map((await everyPartner(db)).map(({ id, organisation }) => [id as string, organisation]))

/** Hours of refusal, what is proposed among them, the nearest first. */
export const hoursPlanned = async (db: Db, now: Temporal.Instant) => {
  const planned = (await store.brownouts(db)).map((one) => ({
    ...one,
    changeId: null,
    state: isBefore(now, one.startsAt)
      ? ('planned' as const)
      : isBefore(now, one.endsAt)
        ? ('running' as const)
        : ('over' as const),
  }))
  const waiting = await listChanges(
    db,
    { kind: 'versions.brownout', status: 'proposed' },
    DECIDED_MAX,
  )
  const proposed = waiting
    .filter((change) => isBefore(now, change.expiresAt))
    .map((change) => ({
      id: null,
      changeId: change.id,
      version: versionOf(change),
      ...BrownoutAfter.parse(change.after),
      state: 'proposed' as const,
    }))
  return [...planned, ...proposed].toSorted((a, b) =>
    Temporal.Instant.compare(a.startsAt, b.startsAt),
  )
}

/** What became of an asking for more time. */
export const states = ['proposed', 'granted', 'rejected', 'expired', 'void'] as const

const stateOf = (status: ChangeSet['status']): (typeof states)[number] =>
  status === 'applied' ? 'granted' : status

/** Who asked for more time, and what was decided; the newest first. */
export const extensionsAsked = async (db: Db, now: Temporal.Instant, version?: string) => {
  const asked = (await listChanges(db, { kind: 'versions.extension' }, DECIDED_MAX)).filter(
    (one) => version === undefined || versionOf(one) === version,
  )
  const names = await namesOf(db)
  return asked.map((change) => {
    const { partnerId, until } = ExtensionAfter.parse(change.after)
    const { id, status, proposedBy, proposedAt, decidedAt } = viewOfChange(change, now)
    return {
      changeId: id,
      version: versionOf(change),
      partnerId,
      organisation: names.get(partnerId) ?? null,
      until,
      reason: change.reason,
      state: stateOf(status),
      stillNeeded: status === 'proposed' ? stillNeeded(change) : 0,
      proposedBy,
      proposedAt,
      decidedAt,
    }
  })
}

/** What was announced, the nearest first, with who was told and who has said that they read it. */
export const announced = async (db: Db, now: Temporal.Instant) => {
  const today = now.toZonedDateTimeISO('UTC').toPlainDate().toString()
  const names = await namesOf(db)
  const told = new Map<string, { partnerId: string; acknowledged: boolean }[]>()
  const coming = await store.coming(db)
  for (const changeId of new Set(coming.map((one) => one.changeId)))
    if (changeId !== null)
      told.set(changeId, await acknowledgements(db, { key: noticeOf(changeId) }))
  return coming.map((one) => ({
    ...one,
    inEffect: one.takesEffect <= today,
    told: (one.changeId === null ? [] : (told.get(one.changeId) ?? [])).map((partner) => ({
      ...partner,
      organisation: names.get(partner.partnerId) ?? null,
    })),
  }))
}
