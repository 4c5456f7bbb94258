/** Versions in trial: an application is served by one only after it asked for it, and is told ninety days before it changes. */
import type { Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { listProducts } from '#control/catalogue/index.ts'
import type { Application } from '#control/partners/index.ts'
import { betaRefused, versionNotFound } from './life.ts'
import { betasOf, pinnedVersion } from './pin.ts'
import * as store from './store.ts'

/** Asks for a version in trial. The partner does it alone, and for this application alone. */
export const joinBeta = async (
  work: Work,
  application: Application,
  version: string,
): Promise<void> => {
  if (application.status !== 'active') throw betaRefused(`the application is ${application.status}`)
  if (!betasOf(await listProducts(work)).has(version))
    throw versionNotFound(`no version in trial is of ${version}`)
  await store.joinBeta(work, application.id, version, work.now)
  await work.record('versions.beta-joined', application.id, {
    partnerId: application.partnerId,
    version,
  })
}

/** From now on it is not served by it any more. */
export const leaveBeta = async (
  work: Work,
  application: Application,
  version: string,
): Promise<void> => {
  const pin = (await store.pins(work)).find((one) => one.applicationId === application.id)
  if (pinnedVersion(application, await listProducts(work), pin) === version)
    throw betaRefused('the application speaks it; move it to another version first')
  await store.leaveBeta(work, application.id, version)
  await work.record('versions.beta-left', application.id, {
    partnerId: application.partnerId,
    version,
  })
}

/** Versions in trial that each application asked for, by its id. */
export const betasJoined = async (db: Db): Promise<ReadonlyMap<string, readonly string[]>> => {
  const uses = Map.groupBy(await store.betaUses(db), (use) => use.applicationId)
  return new Map([...uses].map(([id, own]) => [id, own.map(({ version }) => version)]))
}
