/** Where work comes from: each kind read off the room that knows it. */
import { cells } from '#kernel/cell.ts'
import { isBefore } from '#kernel/time.ts'
import { listGlass } from '#control/approvals/index.ts'
import { listActions, listMeetings, listRequests } from '#control/advisory/index.ts'
import { bounds, listDisputes, monthNamed, monthOf, openInvoices } from '#control/billing/index.ts'
import { listBudgets, spentOf } from '#control/budgets/index.ts'
import { certify } from '#control/certification/index.ts'
import { listContracts, statusAt } from '#control/contracts/index.ts'
import { listIncidents } from '#control/incidents/index.ts'
import { certificatesOfCell, listApplications, listPartners } from '#control/partners/index.ts'
import { type Evaluation, isMissed, judgeMonth, listLevels } from '#control/service-levels/index.ts'
import { answerBy, waitingSupport } from '#control/support/index.ts'
import { firstAnswers, listGaps } from '#control/usage/index.ts'
import { listWindDowns, stepsOf } from '#control/wind-downs/index.ts'
import { changesThatWait } from './changes.ts'
import type { Source } from './fact-world.ts'
import { type Fact, fact, type WorkKind } from './item.ts'
import { licenceSources } from './licence-facts.ts'

const DAY = 24
const NOTICE_DAYS = 60
const CERTIFICATE_NOTICE_DAYS = 30
const FIRST_CALL_DAYS = 2
const CERTIFICATION_HOURS = 24
/** Of those that wait to go live, the traffic of so many is read at a time. */
const CERTIFIED_AT_ONCE = 20
const INCIDENT_HOURS = { major: 4, significant: 24, minor: 72 } as const
const OVERDUE_DAYS = 1

/** Each kind of work, by the room that knows of it. */
export const sources: Readonly<Record<WorkKind, Source>> = {
  approval: ({ db, now }) => changesThatWait(db, now, 'approval'),

  'abuse-finding': ({ db, now }) => changesThatWait(db, now, 'abuse-finding'),

  'glass-review': async ({ db }) =>
    (await listGlass(db))
      .filter((g) => g.reviewedAt === null)
      .map((g) =>
        fact({
          kind: 'glass-review',
          subject: g.changeId,
          about: g.reason,
          since: g.brokenAt,
          dueAt: g.reviewDue,
          barred: [g.brokenBy],
        }),
      ),

  ...licenceSources,

  'contract-countersignature': async ({ db }) =>
    (await listContracts(db, { status: 'signed' }, 1_000)).map((c) =>
      fact({
        kind: 'contract-countersignature',
        subject: c.id,
        about: c.tier,
        partnerId: c.partnerId,
        since: c.signedAt ?? c.offeredAt,
      }),
    ),

  'contract-unsigned': async ({ db }) =>
    (await listContracts(db, { status: 'offered' }, 1_000)).map((c) =>
      fact({
        kind: 'contract-unsigned',
        subject: c.id,
        about: c.tier,
        partnerId: c.partnerId,
        since: c.offeredAt,
      }),
    ),

  'contract-ending': async ({ db, now }) => {
    const open = [
      ...(await listContracts(db, { status: 'active' }, 10_000)),
      ...(await listContracts(db, { status: 'frozen' }, 10_000)),
    ]
    return open.flatMap((c) => {
      if (!c.endsAt || statusAt(c, now) === 'ended') return []
      const since = c.endsAt.subtract({ hours: NOTICE_DAYS * DAY })
      if (isBefore(now, since)) return []
      const { id: subject, tier: about, partnerId, endsAt: dueAt } = c
      return [fact({ kind: 'contract-ending', subject, about, partnerId, since, dueAt })]
    })
  },

  'certificate-ending': async ({ db, now }) => {
    const applications = new Map(
      (await listApplications(db, { cell: 'production', status: 'active' })).map((a) => [a.id, a]),
    )
    // The last to end counts: it is the successor of the others.
    const last = new Map(
      (await certificatesOfCell(db, 'production', now))
        .toSorted((a, b) => Temporal.Instant.compare(a.notAfter, b.notAfter))
        .map((c) => [c.applicationId, c.notAfter]),
    )
    return [...last].flatMap(([subject, dueAt]) => {
      const application = applications.get(subject)
      const since = dueAt.subtract({ hours: CERTIFICATE_NOTICE_DAYS * DAY })
      if (!application || isBefore(now, since)) return []
      const { name: about, partnerId } = application
      return [fact({ kind: 'certificate-ending', subject, about, partnerId, since, dueAt })]
    })
  },

  'certification-stuck': async ({ db, now }) => {
    const waiting = (await listApplications(db, { cell: 'production', status: 'requested' }))
      .filter((a) => isBefore(a.requestedAt.add({ hours: CERTIFICATION_HOURS }), now))
      .toSorted((a, b) => Temporal.Instant.compare(a.requestedAt, b.requestedAt))
      .slice(0, CERTIFIED_AT_ONCE)
    const stuck: Fact[] = []
    for (const { id: subject, name: about, partnerId, products, requestedAt: since } of waiting) {
      const checks = await certify(db, partnerId, products, now)
      if (checks.some((c) => c.verdict !== 'shown'))
        stuck.push(fact({ kind: 'certification-stuck', subject, about, partnerId, since }))
    }
    return stuck
  },

  'first-call-missing': async ({ db, now }) => {
    const partners = (await listPartners(db)).filter(
      (p) =>
        p.status === 'active' &&
        isBefore(p.registeredAt.add({ hours: FIRST_CALL_DAYS * DAY }), now),
    )
    const ids = partners.map((p) => p.id)
    const called = new Set<string>()
    for (const cell of cells)
      for (const { partnerId } of await firstAnswers(db, cell, ids)) called.add(partnerId)
    return partners
      .filter((p) => !called.has(p.id))
      .map((p) =>
        fact({
          kind: 'first-call-missing',
          subject: p.id,
          about: p.organisation,
          partnerId: p.id,
          since: p.registeredAt,
        }),
      )
  },

  incident: async ({ db, now }) =>
    (await listIncidents(db, { from: now }, 500))
      .filter((i) => i.endedAt === null)
      .map((i) =>
        fact({
          kind: 'incident',
          subject: i.id,
          about: i.title,
          since: i.openedAt,
          dueAt: i.openedAt.add({ hours: INCIDENT_HOURS[i.severity] }),
        }),
      ),

  'wind-down-step': async ({ db, now }) =>
    (await listWindDowns(db))
      .filter((plan) => plan.endedAt === null)
      .flatMap((plan) => {
        // Steps are taken in their order; the end comes by itself.
        const next = stepsOf(plan, now).find((s) => s.doneAt === null && s.step !== 'ended')
        return next
          ? [
              fact({
                kind: 'wind-down-step',
                subject: `${plan.id}.${next.step}`,
                about: next.step,
                partnerId: plan.partnerId,
                since: plan.begunAt,
                dueAt: next.by,
              }),
            ]
          : []
      }),

  'endpoint-failing': async ({ db, couriers }) => {
    const known = new Set((await listPartners(db)).map((p): string => p.id))
    const failing: Fact[] = []
    for (const cell of cells) {
      if (!couriers.hears(cell)) continue
      for (const e of (await couriers.of(cell).standings({ partnerId: null })).data) {
        const since = e.failingSince ?? e.deadSince
        if (since && known.has(e.partnerId))
          failing.push(
            fact({
              kind: 'endpoint-failing',
              subject: `${cell}.${e.endpointId}`,
              about: e.url,
              partnerId: e.partnerId,
              since,
            }),
          )
      }
    }
    return failing
  },

  'usage-gap': async ({ db }) =>
    (await listGaps(db)).map((gap) =>
      fact({
        kind: 'usage-gap',
        subject: `${gap.cell}.${gap.gateway}.${gap.boot}.${gap.from}`.replaceAll(/[^\w.:-]/g, '-'),
        about: `${gap.cell} ${gap.gateway}: ${gap.from}–${gap.to}`,
        since: gap.heardAt,
      }),
    ),

  'reconciliation-difference': async ({ banks }) => {
    const open: Fact[] = []
    for (const cell of cells) {
      if (!banks.hears(cell)) continue
      for (const difference of (await banks.of(cell).report({ days: 1 })).differences)
        if (difference.status === 'open')
          open.push(
            fact({
              kind: 'reconciliation-difference',
              subject: `${cell}.${difference.differenceId}`,
              about: `${difference.kind} ${difference.day.toString()}`,
              since: difference.foundAt,
            }),
          )
    }
    return open
  },

  'invoice-dispute': async ({ db }) =>
    (await listDisputes(db, { status: 'open' }, 1_000)).map((d) =>
      fact({
        kind: 'invoice-dispute',
        subject: d.id,
        about: d.reason,
        partnerId: d.partnerId,
        since: d.openedAt,
        doneAt: d.invoiceId,
      }),
    ),

  'invoice-overdue': async ({ db, now, zone }) =>
    (await openInvoices(db)).flatMap(({ id, partnerId, number, dueOn }) => {
      const since = dueOn?.add({ days: OVERDUE_DAYS }).toZonedDateTime(zone).toInstant()
      if (!since || isBefore(now, since)) return []
      return [fact({ kind: 'invoice-overdue', subject: id, about: number ?? id, partnerId, since })]
    }),

  'forecast-breach': async ({ db, now, zone }) => {
    const name = monthOf(now, zone)
    const { from, to } = bounds(monthNamed(name, zone))
    const passedMs = BigInt(now.epochMilliseconds - from.epochMilliseconds)
    // A day foretells no month.
    if (passedMs < BigInt(DAY * 3_600_000)) return []
    const wholeMs = BigInt(to.epochMilliseconds - from.epochMilliseconds)
    const breaches: Fact[] = []
    for (const budget of await listBudgets(db)) {
      const spent = await spentOf(db, budget, { from, to: now })
      if ((spent * wholeMs) / passedMs <= budget.limitMinor) continue
      breaches.push(
        fact({
          kind: 'forecast-breach',
          subject: `${budget.id}.${name}`,
          about: name,
          partnerId: budget.partnerId,
          since: isBefore(budget.setAt, from) ? from.add({ hours: DAY }) : budget.setAt,
        }),
      )
    }
    return breaches
  },

  'level-breach': async ({ db, now, zone }) => {
    const name = monthOf(now, zone)
    const month = monthNamed(name, zone)
    const promised = new Set((await listLevels(db)).map((l) => l.partnerId))
    const breaches: Fact[] = []
    for (const partnerId of promised)
      for (const judged of (await judgeMonth(db, partnerId, month, now)).filter(isMissed))
        breaches.push(
          fact({
            kind: 'level-breach',
            subject: `${judged.level.id}.${name}`,
            about: judged.level.terms.product,
            partnerId,
            since: firstBad(judged.evaluation, bounds(month).from),
          }),
        )
    return breaches
  },

  'support-request': async ({ db }) =>
    (await waitingSupport(db)).map((r) =>
      fact({
        kind: 'support-request',
        subject: r.id,
        about: r.subject,
        partnerId: r.partnerId,
        since: r.waitsSince,
        dueAt: answerBy(r),
      }),
    ),

  'advisory-request': async ({ db, now }) =>
    (await listRequests(db, { status: 'open' }, 500))
      .filter((r) => !isBefore(now, r.closesAt))
      .map((r) =>
        fact({
          kind: 'advisory-request',
          subject: r.id,
          about: r.title,
          partnerId: r.partnerId,
          since: r.closesAt,
        }),
      ),

  'advisory-minutes': async ({ db, zone }) =>
    (await listMeetings(db))
      .filter((m) => m.status === 'held')
      .map((m) =>
        fact({
          kind: 'advisory-minutes',
          subject: m.id,
          about: m.quarter,
          since: m.heldOn.toZonedDateTime(zone).toInstant(),
        }),
      ),

  'advisory-action': async ({ db, zone }) => {
    // What is not published yet may still be written anew.
    const published = new Set(
      (await listMeetings(db)).filter((m) => m.status === 'published').map((m): string => m.id),
    )
    return (await listActions(db, { open: true }))
      .filter((a) => published.has(a.meetingId))
      .map((a) =>
        fact({
          kind: 'advisory-action',
          subject: a.id,
          about: a.said,
          queues: [a.owner],
          since: a.addedAt,
          dueAt: a.dueOn.add({ days: 1 }).toZonedDateTime(zone).toInstant(),
          doneAt: a.meetingId,
        }),
      )
  },
}

/** When it went wrong for the first time; the month's beginning where no time is told apart. */
const firstBad = (
  { worst, answers = [] }: Pick<Evaluation, 'worst' | 'answers'>,
  from: Temporal.Instant,
): Temporal.Instant => {
  const late = answers.filter(({ inTime }) => !inTime).map(({ dueAt }) => dueAt)
  const [first] = [...worst.map(({ minute }) => minute), ...late].toSorted()
  return first === undefined ? from : Temporal.Instant.from(first)
}
