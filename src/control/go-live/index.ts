/** The way to production: a checklist that follows from the products a partner chooses, with whose move each step is. */
import type { Db } from '#platform/db.ts'
import { findChange, listChanges } from '#control/approvals/index.ts'
import { listProducts, productNotFound } from '#control/catalogue/index.ts'
import { certify } from '#control/certification/index.ts'
import { type Contract, listContracts, statusAt } from '#control/contracts/index.ts'
import {
  currentMatrix,
  type Evidence,
  evidenceFor,
  licenceFacts,
  listEvidence,
  listLicenceApplications,
  shownState,
} from '#control/licences/index.ts'
import {
  type Application,
  listApplications,
  listPeople,
  type Partner,
} from '#control/partners/index.ts'
import { firstAnswers } from '#control/usage/index.ts'
import { service } from '#control/work-queues/index.ts'
import { type Step, stepOf, type Wait, waitedMs } from './checklist.ts'

export { Step, StepName } from './checklist.ts'

export interface Checklist {
  readonly products: readonly string[]
  readonly steps: readonly Step[]
  /** When its first call in production was answered well. */
  readonly liveAt: Temporal.Instant | null
  /** Since it registered, until it was live: how long the bank was waited for, and how long the partner. */
  readonly bankMs: number
  readonly partnerMs: number
}

interface Asked {
  readonly partner: Partner
  /** Empty: those that its applications name. */
  readonly products: readonly string[]
  readonly bankCountry: string
  readonly now: Temporal.Instant
}

/** Everything between a partner and production, by the facts as they are now. */
export const checklistOf = async (db: Db, asked: Asked): Promise<Checklist> => {
  const { partner, now } = asked
  const applications = await listApplications(db, { partnerId: partner.id })
  const catalogue = await listProducts(db)
  const unknown = asked.products.filter((id) => !catalogue.some((p) => p.id === id))
  if (unknown.length > 0) throw productNotFound(`the catalogue has no ${unknown.join(', ')}`)
  const named = asked.products.length > 0 ? asked.products : productsOf(applications)
  const products = catalogue.filter((p) => named.includes(p.id)).map((p) => p.id)
  const operations = catalogue.filter((p) => products.includes(p.id)).flatMap((p) => p.operations)
  const permissions = [...new Set(operations.flatMap((o) => o.permissions))]

  const people = await peopleStep(db, partner)
  const licence = await licenceSteps(db, asked, permissions)
  const certification = await certificationSteps(db, asked, products)
  const isLicensed = licence.steps.every((s) => s.state === 'done')
  const contract = await contractStep(db, asked, { products, isLicensed })
  const application = await applicationStep(db, asked, applications, {
    products,
    ready: contract.step.state === 'done' && isLicensed,
  })
  const [first] = await firstAnswers(db, 'production', [partner.id])
  const liveAt = first?.at ?? null
  const last = stepOf({
    step: 'first-call',
    state: liveAt ? 'done' : application.step.state === 'done' ? 'open' : 'later',
    since: liveAt,
  })
  const end = liveAt ?? now
  const bankMs = waitedMs(
    [...licence.waits, ...contract.waits, ...application.waits].filter(
      ({ from }) => Temporal.Instant.compare(from, end) < 0,
    ),
  )
  const wholeMs = end.epochMilliseconds - partner.registeredAt.epochMilliseconds
  return {
    products,
    steps: [people, ...licence.steps, ...certification, contract.step, application.step, last],
    liveAt,
    bankMs,
    partnerMs: Math.max(0, wholeMs - bankMs),
  }
}

/** What its programs of production use; of the sandbox where there are none. */
const productsOf = (applications: readonly Application[]): string[] => {
  const of = (cell: Application['cell']) =>
    applications
      .filter((a) => a.cell === cell && (a.status === 'active' || a.status === 'requested'))
      .flatMap((a) => a.products)
  const production = of('production')
  return [...new Set(production.length > 0 ? production : of('sandbox'))]
}

/** Somebody whose address is proven may sign. */
const peopleStep = async (db: Db, { id }: Partner): Promise<Step> => {
  const signs = (await listPeople(db, id)).some(
    (p) => p.status === 'active' && p.emailProven && p.roles.includes('signatory'),
  )
  return stepOf({ step: 'people', state: signs ? 'done' : 'open' })
}

interface Found {
  readonly steps: Step[]
  readonly waits: Wait[]
}

const licenceSteps = async (
  db: Db,
  { partner, bankCountry, now }: Asked,
  permissions: readonly string[],
): Promise<Found> => {
  const matrix = await currentMatrix(db)
  const { held } = (await licenceFacts(db, partner.id))(partner.id)
  const [latest] = await listLicenceApplications(db, partner.id)
  const statuses = [
    ...held.map((h) => h.status),
    ...(latest?.status === 'open' ? latest.statuses : []),
  ]
  // Who has asked for nothing yet is taken at its own word.
  const taken = statuses.length > 0 ? statuses : partner.declaredStatuses
  const sameHomeState = partner.country === bankCountry
  const { types, closed } = evidenceFor(matrix, taken, permissions, { sameHomeState })
  const onFile = await listEvidence(db, { partnerId: partner.id }, 1_000)
  const steps: Step[] = []
  const waits: Wait[] = []
  for (const type of types) {
    const documents = onFile.filter((e) => e.type === type)
    steps.push(evidenceStep(type, documents, matrix.evidence[type], now))
    for (const { submittedAt, verifiedAt, state } of documents)
      if (verifiedAt || state === 'submitted' || state === 'in-review')
        waits.push({ from: submittedAt, to: verifiedAt ?? now })
  }
  const open = latest?.status === 'open' ? latest : undefined
  const { hours } = service['licence-application']
  if (open) waits.push({ from: open.appliedAt, to: now })
  steps.push(
    stepOf({
      step: 'licence',
      state: open ? 'waiting' : held.length > 0 && closed.length === 0 ? 'done' : 'open',
      since: open?.appliedAt ?? null,
      dueAt: open ? open.appliedAt.add({ hours: hours ?? 0 }) : null,
      about: closed.length > 0 ? closed.join(', ') : null,
    }),
  )
  return { steps, waits }
}

const evidenceStep = (
  type: string,
  documents: readonly Evidence[],
  policy: Parameters<typeof shownState>[1],
  now: Temporal.Instant,
): Step => {
  const accepted = documents.find((e) => shownState(e, policy, now) === 'accepted')
  if (accepted)
    return stepOf({
      step: 'evidence',
      about: type,
      state: 'done',
      since: accepted.verifiedAt,
      dueAt: accepted.validTo,
    })
  const waiting = documents.find((e) => e.state === 'submitted' || e.state === 'in-review')
  if (!waiting) {
    const remark = documents.find((e) => e.state === 'rejected')?.remark ?? null
    return stepOf({ step: 'evidence', about: type, state: 'open', detail: remark })
  }
  const { hours } = service['evidence-verification']
  return stepOf({
    step: 'evidence',
    about: type,
    state: 'waiting',
    since: waiting.submittedAt,
    dueAt: waiting.submittedAt.add({ hours: hours ?? 0 }),
  })
}

const certificationSteps = async (
  db: Db,
  { partner, now }: Asked,
  products: readonly string[],
): Promise<Step[]> => {
  const checks = Map.groupBy(await certify(db, partner.id, products, now), (c) => c.product)
  return [...checks].map(([product, own]) => {
    const left = own.filter((c) => c.verdict !== 'shown')
    return stepOf({
      step: 'certification',
      about: product,
      state: left.length === 0 ? 'done' : 'open',
      detail: left.length === 0 ? null : left.map((c) => c.how).join(' '),
      checks: left.map((c) => c.id),
    })
  })
}

const contractStep = async (
  db: Db,
  { partner, now }: Asked,
  { products, isLicensed }: { products: readonly string[]; isLicensed: boolean },
): Promise<{ step: Step; waits: Wait[] }> => {
  const contracts = await listContracts(db, { partnerId: partner.id })
  const at = (status: Contract['status']) => contracts.find((c) => statusAt(c, now) === status)
  const waits = contracts.flatMap(({ signedAt, activeFrom, status }) =>
    signedAt && (activeFrom || status === 'signed')
      ? [{ from: signedAt, to: activeFrom ?? now }]
      : [],
  )
  const active = at('active')
  const [offered, signed] = [at('offered'), at('signed')]
  const step = (found: Partial<Step> & Pick<Step, 'state'>) =>
    stepOf({ step: 'contract', ...found })
  const promised = (
    kind: 'contract-countersignature' | 'contract-unsigned',
    from: Temporal.Instant,
  ) => from.add({ hours: service[kind].hours ?? 0 })
  if (active && products.every((p) => active.products.includes(p)))
    return { step: step({ state: 'done', since: active.activeFrom, dueAt: active.endsAt }), waits }
  if (signed) {
    const since = signed.signedAt ?? now
    const dueAt = promised('contract-countersignature', since)
    return { step: step({ state: 'waiting', since, dueAt, about: signed.id }), waits }
  }
  if (offered) {
    const { offeredAt: since, id: about } = offered
    const dueAt = promised('contract-unsigned', since)
    return { step: step({ state: 'open', since, dueAt, about }), waits }
  }
  // The bank makes the offer, once it knows what the partner is.
  return { step: step({ state: isLicensed ? 'waiting' : 'later' }), waits }
}

const applicationStep = async (
  db: Db,
  { now }: Asked,
  applications: readonly Application[],
  { products, ready }: { products: readonly string[]; ready: boolean },
): Promise<{ step: Step; waits: Wait[] }> => {
  const own = applications.filter((a) => a.cell === 'production')
  const waits: Wait[] = []
  let promisedAt: Temporal.Instant | null = null
  for (const { id, status } of own) {
    const [change] = await listChanges(db, { subject: id, kind: 'partners.application' }, 1)
    const whole = change && (await findChange(db, change.id))
    if (!whole) continue
    waits.push({ from: whole.proposedAt, to: whole.decidedAt ?? now })
    if (status === 'requested') promisedAt = whole.expiresAt
  }
  const covers = (a: Application) => products.every((p) => a.products.includes(p))
  const live = own.find((a) => a.status === 'active' && covers(a))
  const waiting = own.find((a) => a.status === 'requested')
  return {
    waits,
    step: stepOf({
      step: 'application',
      state: live ? 'done' : waiting ? 'waiting' : ready ? 'open' : 'later',
      about: live?.name ?? waiting?.name ?? null,
      since: live?.requestedAt ?? waiting?.requestedAt ?? null,
      dueAt: live ? null : promisedAt,
    }),
  }
}
