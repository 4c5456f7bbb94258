/** How dated versions end, in the time that every contract promises; and which one an application speaks meanwhile. */
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { isBefore } from '#kernel/time.ts'
import type { Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { type Applier, baseOf, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import { listProducts } from '#control/catalogue/index.ts'
import type { Application, PartnerId } from '#control/partners/index.ts'
import { announce } from '#control/webhooks/index.ts'
import {
  type Brownout,
  BrownoutAfter,
  brownoutFault,
  BrownoutId,
  brownoutRefused,
  earliestSunset,
  ExtensionAfter,
  extensionRefused,
  type Life,
  mayRetire,
  pinRefused,
  type Retirement,
  versionAlive,
  versionEnding,
  versionNeeded,
  versionNewest,
  versionNotFound,
} from './life.ts'
import { betasJoined } from './betas.ts'
import { comingApplier } from './coming.ts'
import { betasOf, calendarOf, mayGoBack, pinnedVersion, type Pin, stableOf } from './pin.ts'
import * as store from './store.ts'
import { DEPRECATED, standingOn, type StandsOn } from './using.ts'
import { comingWithdrawal, deprecationWithdrawal } from './withdrawal.ts'
import { brownoutWords, deprecatedWords, extendedWords, retiredWords } from './words.ts'

export { judgeDocument } from './coming.ts'
export { type Endings, portalOf, readEndings } from './endings.ts'
export { Brownout, type Life, type Stage, stageOf, stages } from './life.ts'
export { betasJoined, joinBeta, leaveBeta } from './betas.ts'
export { betasOf, calendarOf, type Pin, pinnedVersion } from './pin.ts'
export { standingOn, type StandsOn } from './using.ts'

const makers = ['head-of-platform', 'api-product'] as const

const calendar = async (db: Db): Promise<string[]> => stableOf(await listProducts(db))

const dayOf = (instant: Temporal.Instant) =>
  instant.toZonedDateTimeISO('UTC').toPlainDate().toString()

/** The day on which a version may end, if that were announced now: nobody types it. */
export const sunsetFor = (stands: readonly StandsOn[], now: Temporal.Instant): Temporal.Instant =>
  earliestSunset(
    now,
    stands.map(({ noticeMonths }) => noticeMonths),
  )

/** Proposes that a version shall end, on the first day that all contracts allow. */
export const proposeDeprecation = async (
  work: Work,
  version: string,
  reason: string,
): Promise<ChangeSet> => {
  await endable(work, version)
  const sunsetAt = sunsetFor(await standingOn(work, version, work.now), work.now)
  return proposeChange(work, {
    kind: 'versions.deprecation',
    subject: version,
    before: null,
    after: { sunsetAt: sunsetAt.toString() },
    base: baseOf(null),
    reason,
    roles: [...makers],
  })
}

const endable = async (db: Db, version: string): Promise<void> => {
  const versions = await calendar(db)
  if (!versions.includes(version)) throw versionNotFound(`no version is of ${version}`)
  if (versions.at(-1) === version) throw versionNewest(`${version} is the newest`)
  if ((await store.lives(db)).some((life) => life.version === version))
    throw versionEnding(`${version} was deprecated before`)
}

const deprecation: Applier = {
  base: async (work, change) => baseOf((await store.lockLife(work, change.subject)) ?? null),
  apply: async (work, change) => {
    const version = change.subject
    const stands = await standingOn(work, version, work.now)
    // Counted from now, and not from when it was proposed: a promise does not shrink while two people think.
    const sunsetAt = sunsetFor(stands, work.now)
    await store.insertLife(work, { version, deprecatedAt: work.now, sunsetAt })
    await work.record('versions.deprecated', version, { sunsetAt: sunsetAt.toString() })
    const words = deprecatedWords({ version, newest: await newest(work), sunset: dayOf(sunsetAt) })
    for (const { partnerId } of stands)
      await announce(work, {
        partnerId,
        kind: DEPRECATED,
        subject: version,
        // It may be taken back, and announced once more.
        key: `${DEPRECATED} ${version} ${change.id}`,
        ...words,
        happensAt: sunsetAt,
        acknowledge: true,
      })
  },
}

const newest = async (db: Db): Promise<string> => {
  const day = (await calendar(db)).at(-1)
  assert(day !== undefined, 'a catalogue has a version')
  return day
}

const lifeOf = async (work: Work, version: string): Promise<Life> => {
  const life = await store.lockLife(work, version)
  if (!life) throw versionAlive(`${version} is not deprecated`)
  if (life.retiredAt) throw versionNotFound(`${version} has ended`)
  return life
}

/** Proposes more time for one partner. */
export const proposeExtension = async (
  work: Work,
  version: string,
  { partnerId, until, reason }: { partnerId: PartnerId; until: Temporal.Instant; reason: string },
): Promise<ChangeSet> => {
  const life = await lifeOf(work, version)
  await checkExtension(work, life, { partnerId, until })
  return proposeChange(work, {
    kind: 'versions.extension',
    subject: `${version} ${partnerId}`,
    before: null,
    after: { partnerId, until: until.toString() },
    base: baseOf(life.sunsetAt.toString()),
    reason,
    roles: [...makers, 'partner-success'],
  })
}

/** More time is more than everybody has, and more than this partner was given before. */
const checkExtension = async (
  work: Work,
  { version, sunsetAt }: Life,
  { partnerId, until }: { partnerId: string; until: Temporal.Instant },
): Promise<void> => {
  if (!isBefore(sunsetAt, until))
    throw extensionRefused(`${version} is served until ${dayOf(sunsetAt)} to everybody`)
  const held = await store.findExtension(work, partnerId, version)
  if (held && !isBefore(held.until, until))
    throw extensionRefused(`${version} is served until ${dayOf(held.until)} to them`)
}

/** The day that was agreed on, of the version that the subject begins with. */
const baseOfSunset: Applier['base'] = async (work, change) => {
  const [version = ''] = change.subject.split(' ')
  return baseOf((await store.lockLife(work, version))?.sunsetAt.toString() ?? null)
}

const extension: Applier = {
  base: baseOfSunset,
  apply: async (work, change) => {
    const [version = ''] = change.subject.split(' ')
    const { partnerId, until } = ExtensionAfter.parse(change.after)
    const { reason } = change
    // It may have ended, or they may have been given more, while two people thought.
    await checkExtension(work, await lifeOf(work, version), { partnerId, until })
    await store.saveExtension(work, { partnerId, version, until, reason }, work.now)
    await work.record('versions.extended', version, { partnerId, until: until.toString() })
    await announce(work, {
      partnerId,
      kind: 'version-extended',
      subject: version,
      key: `version-extended ${version} ${change.id}`,
      ...extendedWords({ version, until: dayOf(until) }),
      happensAt: until,
      acknowledge: false,
    })
  },
}

export type BrownoutInput = Omit<Brownout, 'id' | 'version'>

/** Proposes hours in which a version is refused, so that who did not hear of its end does. */
export const proposeBrownout = async (
  work: Work,
  version: string,
  input: BrownoutInput,
  reason: string,
): Promise<ChangeSet> => {
  const life = await lifeOf(work, version)
  await checkBrownout(work, { ...input, version }, life)
  const { cell, startsAt, endsAt, paymentsOf } = input
  return proposeChange(work, {
    kind: 'versions.brownout',
    subject: `${version} ${cell} ${startsAt.toString()}`,
    before: null,
    after: { cell, startsAt: startsAt.toString(), endsAt: endsAt.toString(), paymentsOf },
    base: baseOf(life.sunsetAt.toString()),
    reason,
    roles: [...makers, 'api-engineering'],
  })
}

const checkBrownout = async (work: Work, asked: Omit<Brownout, 'id'>, life: Life) => {
  const planned = (await store.brownouts(work)).filter((one) => one.version === asked.version)
  const fault = brownoutFault(asked, life, planned, work.now)
  if (fault !== undefined) throw brownoutRefused(fault)
}

const brownout: Applier = {
  base: baseOfSunset,
  apply: async (work, change) => {
    const [version = ''] = change.subject.split(' ')
    const hours = { version, ...BrownoutAfter.parse(change.after) }
    const { cell, paymentsOf } = hours
    const [startsAt, endsAt] = [hours.startsAt.toString(), hours.endsAt.toString()]
    await checkBrownout(work, hours, await lifeOf(work, version))
    const id = BrownoutId.next()
    await store.insertBrownout(work, { ...hours, id })
    await work.record('versions.brownout-planned', version, { cell, startsAt, endsAt })
    for (const { partnerId } of await standingOn(work, version, work.now))
      await announce(work, {
        partnerId,
        kind: 'version-brownout',
        subject: version,
        key: `version-brownout ${id}`,
        ...brownoutWords({
          version,
          cell,
          startsAt,
          endsAt,
          payments: paymentsOf.includes(partnerId),
        }),
        happensAt: hours.startsAt,
        acknowledge: false,
      })
  },
}

/** Whether a version may be refused to everybody now, and if not, why. */
export const retirementOf = async (
  db: Db,
  version: string,
  now: Temporal.Instant,
): Promise<Retirement> => {
  const life = (await store.lives(db)).find((one) => one.version === version)
  const stands = await standingOn(db, version, now)
  const lastCallAt = stands
    .map(({ lastProductionAt }) => lastProductionAt)
    .filter((at) => at !== null)
    .reduce<Temporal.Instant | undefined>((a, b) => (a && isBefore(b, a) ? a : b), undefined)
  const extendedUntil = (await store.extensions(db))
    .filter((one) => one.version === version)
    .map(({ until }) => until)
    .reduce<Temporal.Instant | undefined>((a, b) => (a && isBefore(b, a) ? a : b), undefined)
  const unacknowledged = stands
    .filter((one) => one.acknowledged !== true)
    .map(({ partnerId }) => partnerId)
  return mayRetire(life, { lastCallAt, extendedUntil, unacknowledged }, now)
}

/** What two people may put their names to, where somebody still stands on a version whose time has run out. */
const decidable = new Set(['still-used', 'unacknowledged'])

const checkRetirement = async (work: Work, version: string, despite: boolean): Promise<void> => {
  const retirement = await retirementOf(work, version, work.now)
  if (retirement.allowed || (despite && decidable.has(retirement.why))) return
  throw versionNeeded(`it is ${retirement.why.replaceAll('-', ' ')}`, {
    ...(decidable.has(retirement.why) && {
      hint: 'Tell them, give them more time, or propose it in spite of that and say why.',
    }),
  })
}

/** Proposes to refuse a version for good. `despite`: although somebody still calls, or has not said that it knows. */
export const proposeRetirement = async (
  work: Work,
  version: string,
  { despite, reason }: { despite: boolean; reason: string },
): Promise<ChangeSet> => {
  const life = await lifeOf(work, version)
  await checkRetirement(work, version, despite)
  return proposeChange(work, {
    kind: 'versions.retirement',
    subject: version,
    before: { sunsetAt: life.sunsetAt.toString() },
    after: { despite },
    base: baseOf(life.sunsetAt.toString()),
    reason,
    roles: [...makers],
  })
}

const retirement: Applier = {
  base: baseOfSunset,
  apply: async (work, change) => {
    const version = change.subject
    const { despite } = z.object({ despite: z.boolean() }).parse(change.after)
    await lifeOf(work, version)
    // Somebody may have begun to call between the two people.
    await checkRetirement(work, version, despite)
    const stands = await standingOn(work, version, work.now)
    await store.retire(work, version, despite ? change.reason : null, work.now)
    await work.record('versions.retired', version, { despite })
    const words = retiredWords({ version, newest: await newest(work) })
    for (const { partnerId } of stands)
      await announce(work, {
        partnerId,
        kind: 'version-retired',
        subject: version,
        key: `version-retired ${version}`,
        ...words,
        happensAt: null,
        acknowledge: false,
      })
  },
}

/** How versions end once a second person agrees. */
export const appliers = {
  'versions.deprecation': deprecation,
  'versions.extension': extension,
  'versions.brownout': brownout,
  'versions.retirement': retirement,
  'versions.deprecation-withdrawal': deprecationWithdrawal,
  'versions.coming': comingApplier,
  'versions.coming-withdrawal': comingWithdrawal,
} satisfies Readonly<Record<string, Applier>>

/**
 * Moves an application to another version: forward to any that is alive, or back to where it was, for three days. The
 * partner does it alone: nothing of what it may do changes.
 */
export const movePin = async (
  work: Work,
  application: Application,
  version: string,
): Promise<Pin> => {
  const products = await listProducts(work)
  const held = (await store.pins(work)).find((pin) => pin.applicationId === application.id)
  const now = pinnedVersion(application, products, held)
  if (application.status !== 'active') throw pinRefused(`the application is ${application.status}`)
  if (!calendarOf(products).includes(version)) throw versionNotFound(`no version is of ${version}`)
  if (version === now) throw pinRefused(`it speaks ${version} already`)
  if (betasOf(products).has(version) && !(await hasJoined(work, application.id, version)))
    throw pinRefused(`${version} is a beta, which this application did not ask for`)
  const lives = new Map((await store.lives(work)).map((life) => [life.version, life]))
  const life = lives.get(version)
  if (life?.retiredAt) throw pinRefused(`${version} has ended`)
  const isBack = held !== undefined && held.before === version && mayGoBack(held, work.now)
  if (life && !isBack) checkGain(life, lives.get(now), work.now)
  if (version < now && !isBack)
    throw pinRefused('an application goes back only to where it was, and within 72 hours', {
      hint: 'A single call may name any version in Api-Version.',
    })
  const pin = { applicationId: application.id, version, before: now, movedAt: work.now }
  await store.savePin(work, pin)
  await work.record('versions.pinned', application.id, {
    partnerId: application.partnerId,
    version,
    before: now,
  })
  return pin
}

/** To what ends itself an application moves only where that gives it more time than where it stands. */
const checkGain = (life: Life, here: Life | undefined, now: Temporal.Instant): void => {
  const { version, sunsetAt } = life
  const gains = here !== undefined && isBefore(here.sunsetAt, sunsetAt) && isBefore(now, sunsetAt)
  if (!gains)
    throw pinRefused(`${version} is deprecated and served until ${dayOf(sunsetAt)}`, {
      hint: 'Move to a version that does not end; a single call may name any in Api-Version.',
    })
}

const hasJoined = async (db: Db, applicationId: string, version: string): Promise<boolean> =>
  (await betasJoined(db)).get(applicationId)?.includes(version) ?? false

/** Where applications were moved to, by their ids. */
export const pinsByApplication = async (db: Db): Promise<ReadonlyMap<string, Pin>> =>
  new Map((await store.pins(db)).map((pin) => [pin.applicationId, pin]))
