import { assert } from '#kernel/assert.ts'
import type { Work } from '#journal/index.ts'
import { isUniqueViolation } from '#platform/db.ts'
import { type Applier, baseOf, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import { findPartner, PartnerId, partnerNotFound } from '#control/partners/index.ts'
import {
  checkStatuses,
  licenceSuspendedAlready,
  permissionUnknown,
  Suspension,
  SuspensionId,
  suspensionNotFound,
} from './licence.ts'
import { type Matrix, permissionOf, statusOf } from './matrix.ts'
import * as store from './store.ts'

export type Stopped = Pick<Suspension, 'kind' | 'name'>

/** Stops a status or a permission of a partner in both cells, at once: stopping is never slower than starting. */
export const suspendLicence = async (
  work: Work,
  partnerId: PartnerId,
  { kind, name }: Stopped,
  reason: string,
): Promise<Suspension> => {
  if (!(await findPartner(work, partnerId)))
    throw partnerNotFound('there is no partner with this id')
  const matrix = await store.currentMatrix(work)
  const permissions = permissionsOf(matrix, { kind, name })
  const suspension: Suspension = {
    id: SuspensionId.next(),
    partnerId,
    kind,
    name,
    reason,
    by: work.actor,
    at: work.now,
    liftedAt: null,
  }
  try {
    await store.insertSuspension(work, suspension)
  } catch (error) {
    if (isUniqueViolation(error)) throw licenceSuspendedAlready(`${kind} ${name} is suspended`)
    throw error
  }
  await work.record('licences.suspended', partnerId, { kind, name, permissions })
  return suspension
}

/** The permissions that a stop is about. */
const permissionsOf = (matrix: Matrix, { kind, name }: Stopped): string[] => {
  if (kind === 'permission') {
    if (!permissionOf(matrix, name)) throw permissionUnknown(`${name} is no permission`)
    return [name]
  }
  checkStatuses(matrix, [name])
  return Object.entries(statusOf(matrix, name)?.permissions ?? {})
    .filter(([, entry]) => entry.value !== 'denied')
    .map(([permission]) => permission)
}

/** Proposes to lift a stop. */
export const proposeReinstatement = async (
  work: Work,
  partnerId: PartnerId,
  stopped: Stopped,
  reason: string,
): Promise<ChangeSet> => {
  const suspension = await store.lockSuspension(work, partnerId, stopped)
  if (!suspension) throw suspensionNotFound(`${stopped.kind} ${stopped.name} is not suspended`)
  const { kind, name } = stopped
  return proposeChange(work, {
    kind: 'licences.reinstatement',
    subject: partnerId,
    before: { kind, name, suspended: suspension.reason },
    after: { kind, name },
    base: baseOf(suspension.id),
    reason,
    roles: ['compliance', 'head-of-platform'],
  })
}

const Named = Suspension.pick({ kind: true, name: true })

export const reinstatementApplier: Applier = {
  base: async (work, change) => {
    const partnerId = PartnerId.parse(change.subject)
    const suspension = await store.lockSuspension(work, partnerId, Named.parse(change.after))
    return baseOf(suspension?.id)
  },
  apply: async (work, change) => {
    const partnerId = PartnerId.parse(change.subject)
    const stopped = Named.parse(change.after)
    const suspension = await store.lockSuspension(work, partnerId, stopped)
    assert(suspension, 'the base has just found it')
    await store.lift(work, suspension.id, work.now)
    await work.record('licences.reinstated', partnerId, { ...stopped, change: change.id })
  },
}
