/** What looks like abuse: read off the rows of calls, told once, with an action that two people decide about. */
import { assert } from '#kernel/assert.ts'
import { cells } from '#kernel/cell.ts'
import { problem } from '#kernel/problem.ts'
import { type Work, work } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'
import type { Job } from '#platform/jobs.ts'
import { type Applier, baseOf, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import {
  freezePartner,
  listFreezes,
  listSuspensions,
  suspendLicence,
} from '#control/licences/index.ts'
import { ApplicationId, findApplication, revokeApplication } from '#control/partners/index.ts'
import { behaviour, usual } from '#control/usage/index.ts'
import { Action, type Finding, FindingId, findingsIn } from './finding.ts'
import * as store from './store.ts'

export { Action, Finding, FindingId, findingsIn, FindingKind } from './finding.ts'
export { list as listFindings } from './store.ts'

export const findingNotFound = problem('abuse/not-found', 404, 'No such finding')

const ACTION_CHANGE = 'abuse.action'
const HOURS = 24
const USUAL_DAYS = 14

/** Looks at the last day of every application; answers what is new. Sandbox data is nobody's: there only guessing counts. */
export const lookForAbuse = async (work: Work): Promise<Finding[]> => {
  const from = work.now.subtract({ hours: HOURS })
  const before = from.subtract({ hours: USUAL_DAYS * 24 })
  const found: Finding[] = []
  for (const cell of cells) {
    const usualOf = new Map(
      (await usual(work, { cell, from: before, to: from })).map((u) => [u.applicationId, u]),
    )
    for (const day of await behaviour(work, { cell, from, to: work.now }))
      for (const { action, ...seen } of findingsIn(day, usualOf.get(day.applicationId))) {
        if (cell === 'sandbox' && seen.kind !== 'guessing') continue
        const { applicationId } = day
        const finding = await told(work, { ...seen, cell, applicationId }, action, from)
        if (finding) found.push(finding)
      }
  }
  return found
}

type Seen = Pick<Finding, 'kind' | 'measured' | 'detail' | 'cell'> & {
  readonly applicationId: string
}

const told = async (
  work: Work,
  { kind, measured, detail, cell, applicationId: whose }: Seen,
  action: Action,
  since: Temporal.Instant,
): Promise<Finding | undefined> => {
  const application = await findApplication(work, ApplicationId.parse(whose))
  if (application?.status !== 'active') return undefined
  const { id: applicationId, partnerId } = application
  if (await store.wasSaid(work, { applicationId, kind }, since)) return undefined
  const id = FindingId.next()
  const change = await proposeChange(work, {
    kind: ACTION_CHANGE,
    subject: id,
    before: { partnerId, applicationId, cell, kind, detail, measured },
    after: action,
    base: baseOf('open'),
    reason: detail,
    roles: ['compliance', 'head-of-platform', 'partner-success'],
  })
  const finding: Finding = {
    id,
    partnerId,
    applicationId,
    cell,
    kind,
    measured,
    detail,
    foundAt: work.now,
    status: 'open',
    changeId: change.id,
    decidedAt: null,
  }
  await store.insert(work, finding)
  await work.record('abuse.found', partnerId, { finding: id, applicationId, cell, kind, measured })
  return finding
}

const lockOf = async (work: Work, change: ChangeSet): Promise<Finding> => {
  const finding = await store.lock(work, FindingId.parse(change.subject))
  assert(finding, 'a finding is never deleted')
  return finding
}

/** What is stopped already stays so: the action has nothing left to do. */
const take = async (work: Work, finding: Finding, action: Action): Promise<void> => {
  const { partnerId, applicationId, detail } = finding
  switch (action.do) {
    case 'freeze': {
      const frozen = (await listFreezes(work, partnerId)).some((f) => f.liftedAt === null)
      if (!frozen) await freezePartner(work, partnerId, detail)
      return
    }
    case 'suspend-permission': {
      const { permission: name } = action
      const stops = await listSuspensions(work, partnerId)
      const isStopped = stops.some((s) => s.kind === 'permission' && s.name === name)
      if (!isStopped) await suspendLicence(work, partnerId, { kind: 'permission', name }, detail)
      return
    }
    case 'revoke-application': {
      const application = await findApplication(work, applicationId)
      if (application?.status === 'active') await revokeApplication(work, { applicationId })
    }
  }
}

export const appliers: Readonly<Record<string, Applier>> = {
  [ACTION_CHANGE]: {
    base: async (work, change) => baseOf((await lockOf(work, change)).status),
    apply: async (work, change) => {
      const finding = await lockOf(work, change)
      const action = Action.parse(change.after)
      await take(work, finding, action)
      await store.decide(work, finding.id, 'acted', work.now)
      await work.record('abuse.acted', finding.partnerId, {
        finding: finding.id,
        action: action.do,
      })
    },
    dropped: async (work, change) => {
      const finding = await lockOf(work, change)
      if (finding.status !== 'open') return
      await store.decide(work, finding.id, 'dismissed', work.now)
      await work.record('abuse.dismissed', finding.partnerId, { finding: finding.id })
    },
  },
}

/** Every hour. */
export const abuseJob = (
  db: Postgres,
  { now, zone }: { now: () => Temporal.Instant; zone: string },
): Job => ({
  name: 'abuse-look',
  cron: '17 * * * *',
  zone,
  run: async () => {
    await work(db, 'system', now(), lookForAbuse)
  },
})
