/** Statements drafted from what happened, issued by two people, and what was earned paid out or set against what is owed. */
import { z } from 'zod'
import { isDeepStrictEqual } from 'node:util'
import { assert } from '#kernel/assert.ts'
import { idOf } from '#kernel/id.ts'
import type { Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { type Applier, baseOf, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import {
  balanceOf,
  type Billing,
  bounds,
  digestOf,
  frozenByInvoice,
  InvoiceId,
  type Month,
  openInvoices,
  payableOf,
  post,
  recordPayment,
  takeNumber,
} from '#control/billing/index.ts'
import { findPartner, PartnerId, partnerNotFound } from '#control/partners/index.ts'
import { amountText, ENGINE, exponentOf, minorText } from '#control/rating/index.ts'
import { type BusinessRow, businessEvents, countedFor } from '#control/usage/index.ts'
import type { Agreement } from './agreement.ts'
import {
  countedEvents,
  type Happened,
  partOf,
  sharedMinor,
  type ShareLine,
  type StatementContent,
  summed,
} from './share.ts'
import {
  payoutRefused,
  type Statement,
  StatementId,
  statementNotFound,
  statementStep,
} from './statement.ts'
import * as store from './store.ts'

const ROLES = ['finance', 'head-of-platform'] as const
const ISSUE = 'revenue-share.issue'
const PAYOUT = 'revenue-share.payout'
/** After a month's end, what is still told of it comes into the draft. */
const GRACE_HOURS = 72
/** Months of before that a statement looks at again. */
const EARLIER_MONTHS = 3

const PayoutId = idOf('payout')

/** What happened in a month under an agreement: the part of the month in which it ruled. */
const happenedIn = async (db: Db, agreement: Agreement, month: Month): Promise<Happened[]> => {
  const { basis, partnerId, currency, startsOn, endsOn } = agreement
  const span = {
    ...month,
    start: startsOn > month.start ? startsOn : month.start,
    end: endsOn !== null && endsOn < month.end ? endsOn : month.end,
  }
  if (span.start >= span.end) return []
  const rows = (await businessEvents(db, { partnerId, kinds: [basis], ...bounds(span) })).filter(
    (e) => e.currency === currency,
  )
  const subjects = rows.flatMap((e) => e.reverses ?? [])
  const before = new Map<string, BusinessRow>()
  if (subjects.length > 0)
    for (const row of await countedFor(db, { partnerId, kind: basis, subjects }))
      before.set(row.subject, row)
  return rows.map(({ id, occurredAt, amountMinor, reverses }) => {
    const original = before.get(reverses ?? '')
    return {
      id,
      at: occurredAt,
      minor: amountMinor,
      takesBack: original ? { at: original.occurredAt } : null,
    }
  })
}

const monthsUpTo = (month: Month): Month[] => {
  const start = Temporal.PlainDate.from(month.start)
  return Array.from({ length: EARLIER_MONTHS + 1 }, (_, back) => {
    const from = start.subtract({ months: back })
    return { zone: month.zone, start: from.toString(), end: from.add({ months: 1 }).toString() }
  })
}

/** What a party earned in a month, and what became known of earlier ones that it has a statement of; a content a currency. */
export const statementsOf = async (
  db: Db,
  partnerId: PartnerId,
  month: Month,
  { bankName }: Billing,
): Promise<StatementContent[]> => {
  const partner = await findPartner(db, partnerId)
  if (!partner) throw partnerNotFound('there is no partner with this id')
  const months = monthsUpTo(month)
  const booked = await store.booked(db, partnerId, months.at(-1)?.start ?? month.start)
  const lines = new Map<string, ShareLine[]>()
  for (const agreement of await store.agreements(db, partnerId)) {
    const exponent = exponentOf(agreement.currency)
    assert(exponent !== undefined, 'a share has a currency of ISO 4217')
    for (const each of months) {
      const before = booked.find((b) => b.agreementId === agreement.id && b.month === each.start)
      if (each.start !== month.start && !before) continue
      const events = countedEvents(await happenedIn(db, agreement, each), agreement, exponent)
      const line = lineOf(agreement, partnerId, events, {
        month: each.start,
        bookedMinor: before?.minor ?? 0n,
        exponent,
      })
      if (/[1-9]/.test(line.amount))
        lines.set(agreement.currency, [...(lines.get(agreement.currency) ?? []), line])
    }
  }
  return [...lines].map(([currency, own]) => {
    const exponent = exponentOf(currency)
    assert(exponent !== undefined, 'a share has a currency of ISO 4217')
    return {
      format: 'portico.share-statement/1',
      engine: ENGINE,
      bank: { name: bankName },
      partner: { id: partner.id, legalName: partner.legalName, country: partner.country },
      currency,
      exponent,
      period: month,
      lines: own,
      ...summed(own, exponent),
    }
  })
}

const lineOf = (
  agreement: Agreement,
  partnerId: string,
  events: ShareLine['events'],
  { month, bookedMinor, exponent }: { month: string; bookedMinor: bigint; exponent: number },
): ShareLine => {
  const { id, title, basis, incomePercent, sharePercent, perEvent, taxPercent } = agreement
  const shared = sharedMinor(events, agreement, exponent)
  const weights = agreement.parties.map((p) => p.weight)
  const position = agreement.parties.findIndex((p) => p.partnerId === partnerId)
  const whole = partOf(shared, weights, position)
  return {
    agreementId: id,
    title,
    basis,
    month,
    incomePercent,
    sharePercent,
    perEvent,
    events,
    shared: amountText(shared, exponent),
    weights,
    position,
    whole: amountText(whole, exponent),
    booked: amountText(bookedMinor, exponent),
    amount: amountText(whole - bookedMinor, exponent),
    taxPercent,
  }
}

/** Drafts a party's month anew; what was drafted of it before is gone. */
export const draftStatements = async (
  work: Work,
  partnerId: PartnerId,
  month: Month,
  billing: Billing,
): Promise<Statement[]> => {
  await store.hold(work, partnerId)
  await store.dropDrafts(work, partnerId, month.start)
  const drafts: Statement[] = []
  for (const content of await statementsOf(work, partnerId, month, billing)) {
    const { currency, exponent, totals } = content
    const statement: Statement = {
      id: StatementId.next(),
      partnerId,
      currency,
      exponent,
      periodStart: Temporal.PlainDate.from(month.start),
      periodEnd: Temporal.PlainDate.from(month.end),
      status: 'draft',
      number: null,
      content,
      sha256: digestOf(content),
      netMinor: minorText(totals.net, exponent),
      taxMinor: minorText(totals.tax, exponent),
      draftedAt: work.now,
      issuedAt: null,
    }
    await store.add(work, statement)
    drafts.push(statement)
  }
  if (drafts.length > 0)
    await work.record('revenue-share.drafted', partnerId, {
      month: month.start.slice(0, 7),
      drafts: drafts.map(({ id, sha256 }) => ({ id, sha256 })),
    })
  return drafts
}

const known = async (work: Work, id: StatementId): Promise<Statement> => {
  const statement = await store.lock(work, id)
  if (!statement) throw statementNotFound('no statement has this id')
  return statement
}

/** What was booked must be what it was drafted beside. */
const sameBooked = async (work: Work, { partnerId, content, exponent }: Statement) => {
  await store.hold(work, partnerId)
  const first = content.lines.map((l) => l.month).toSorted()[0] ?? content.period.start
  const booked = await store.booked(work, partnerId, first)
  for (const { agreementId, month, booked: beside } of content.lines) {
    const now = booked.find((b) => b.agreementId === agreementId && b.month === month)?.minor ?? 0n
    if (!isDeepStrictEqual(amountText(now, exponent), beside))
      throw statementStep('more of its months was stated since it was drafted', {
        hint: 'Draft the month anew.',
      })
  }
}

/** Proposes that a statement be issued, when its month is over and what was late has arrived. */
export const proposeStatement = async (work: Work, id: StatementId): Promise<ChangeSet> => {
  const statement = await known(work, id)
  if (statement.status !== 'draft') throw statementStep(`it is ${statement.status}`)
  const { to } = bounds(statement.content.period)
  const open = to.add({ hours: GRACE_HOURS })
  if (Temporal.Instant.compare(statement.draftedAt, open) < 0)
    throw statementStep(
      `it must be drafted after ${open.toString()}, when late values have arrived`,
    )
  await sameBooked(work, statement)
  const { sha256, partnerId, currency, content } = statement
  return proposeChange(work, {
    kind: ISSUE,
    subject: id,
    before: null,
    after: { sha256, partnerId, ...content.totals, currency },
    base: baseOf([statement.status, sha256]),
    reason: `${content.period.start.slice(0, 7)} for ${content.partner.legalName}`,
    roles: [...ROLES],
  })
}

const issueApplier: Applier = {
  base: async (work, { subject }) => {
    const statement = await store.lock(work, StatementId.parse(subject))
    return statement ? baseOf([statement.status, statement.sha256]) : baseOf(null)
  },
  apply: async (work, { subject }) => {
    const statement = await known(work, StatementId.parse(subject))
    await sameBooked(work, statement)
    const { id, partnerId, content, currency, exponent, netMinor, taxMinor } = statement
    const number = await takeNumber(work, 'SBS')
    await store.issue(work, id, number, work.now)
    await store.book(
      work,
      id,
      partnerId,
      content.lines.map(({ agreementId, month, amount }) => ({
        agreementId,
        month,
        minor: minorText(amount, exponent),
      })),
    )
    await post(work, { key: `share:${id}`, text: number, currency }, [
      { account: 'partner_share', minor: netMinor },
      { account: 'tax', minor: taxMinor },
      { account: payableOf(partnerId), minor: -(netMinor + taxMinor) },
    ])
    await work.record('revenue-share.issued', id, {
      number,
      partnerId,
      ...content.totals,
      currency,
    })
  },
}

/** What the bank owes a partner now, by currency, in minor units. */
export const earned = async (db: Db, partnerId: string): Promise<ReadonlyMap<string, bigint>> =>
  new Map((await balanceOf(db, payableOf(partnerId))).map((b) => [b.currency, -b.minor]))

const Asked = z.strictObject({
  kind: z.enum(['transfer', 'netting']),
  currency: z.string(),
  minor: z.string(),
})

/**
 * Proposes to pay out what a partner earned, or to set it against what it owes (which no fiscal document follows from).
 * Netting takes what both have; a transfer takes all that is owed by the bank.
 */
export const proposePayout = async (
  work: Work,
  {
    partnerId,
    kind,
    currency,
  }: { partnerId: PartnerId; kind: 'transfer' | 'netting'; currency: string },
): Promise<ChangeSet> => {
  const payable = (await earned(work, partnerId)).get(currency) ?? 0n
  const owed = (await open(work, partnerId, currency)).reduce((sum, i) => sum + i.openMinor, 0n)
  const minor = kind === 'transfer' ? payable : payable < owed ? payable : owed
  if (minor <= 0n)
    throw payoutRefused(kind === 'transfer' ? 'nothing is earned' : 'nothing can be set off')
  return proposeChange(work, {
    kind: PAYOUT,
    subject: partnerId,
    before: null,
    after: { kind, currency, minor: minor.toString() },
    base: payoutBase(payable, owed),
    reason: `${kind} of ${amountText(minor, exponentOf(currency) ?? 2)} ${currency}`,
    roles: [...ROLES],
  })
}

const payoutBase = (payable: bigint, owed: bigint) => baseOf([payable.toString(), owed.toString()])

/** Open invoices without what is disputed, the longest due first. */
const open = async (db: Db, partnerId: string, currency: string) => {
  const frozen = await frozenByInvoice(db, partnerId)
  return (await openInvoices(db, partnerId))
    .filter((i) => i.currency === currency)
    .map((i) => ({ ...i, openMinor: i.openMinor - (frozen.get(i.id) ?? 0n) }))
    .filter((i) => i.openMinor > 0n)
}

const payoutApplier: Applier = {
  base: async (work, { subject, after }) => {
    await store.hold(work, subject)
    const { currency } = Asked.parse(after)
    const payable = (await earned(work, subject)).get(currency) ?? 0n
    const owed = (await open(work, subject, currency)).reduce((sum, i) => sum + i.openMinor, 0n)
    return payoutBase(payable, owed)
  },
  apply: async (work, change) => {
    const { kind, currency, minor: text } = Asked.parse(change.after)
    const partnerId = change.subject
    const minor = BigInt(text)
    const id = PayoutId.next()
    const reference = `${kind === 'netting' ? 'NET' : 'PAY'}-${id.slice(-12)}`
    await store.addPayout(
      work,
      { id, partnerId, kind, currency, minor, reference, paidAt: work.now },
      change.id,
    )
    if (kind === 'transfer')
      await post(work, { key: `payout:${id}`, text: `payout ${reference}`, currency }, [
        { account: payableOf(partnerId), minor },
        { account: 'bank', minor: -minor },
      ])
    else {
      let left = minor
      for (const invoice of await open(work, partnerId, currency)) {
        const piece = invoice.openMinor < left ? invoice.openMinor : left
        if (piece === 0n) break
        left -= piece
        await recordPayment(work, InvoiceId.parse(invoice.id), {
          amount: amountText(piece, invoice.exponent),
          reference: `${reference}-${invoice.number}`,
          from: payableOf(partnerId),
        })
      }
      assert(left === 0n, 'what is set off is owed on both sides')
    }
    await work.record('revenue-share.paid-out', partnerId, {
      kind,
      currency,
      minor: text,
      reference,
    })
  },
}

export const settlingAppliers: Readonly<Record<string, Applier>> = {
  [ISSUE]: issueApplier,
  [PAYOUT]: payoutApplier,
}
