/** Direct debits: what is due is taken by a mandate, once, and booked when the core has booked it. */
import { z } from 'zod'
import { Currency } from '#kernel/money.ts'
import { type Work, work } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'
import type { Job } from '#platform/jobs.ts'
import type { Log } from '#platform/log.ts'
import type { Client } from '#platform/rpc.ts'
import type {
  AccountFit,
  collectionContract,
  IncomeFit,
} from '#bank/payments/collections/desk-contract.ts'
import { type Applier, baseOf, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import { findPartner, PartnerId } from '#control/partners/index.ts'
import { amountText } from '#control/rating/index.ts'
import {
  AccountNumber,
  type Collection,
  CollectionId,
  incomeAccountRefused,
  Mandate,
  type MandateAsked,
  MandateId,
  mandateNotFound,
  mandateRefused,
  mandateStep,
  mayTry,
  nothingRejected,
  telling,
} from './collection.ts'
import * as collected from './collection-store.ts'
import { frozenByInvoice } from './dispute-store.ts'
import { type Invoice, InvoiceId } from './invoice.ts'
import { known as knownInvoice, recordPayment } from './issuing.ts'
import { ROLES } from './roles.ts'
import { payableOf, post } from './ledger.ts'
import * as store from './store.ts'

/** The bank of production, as far as it can be asked now. */
export type CollectingDesk = Client<typeof collectionContract>

const MANDATE = 'billing.mandate'
const INCOME = 'billing.income-account'

/** A partner names an account of its own. It may be collected from once two people of the bank agreed. */
export const giveMandate = async (
  w: Work,
  partnerId: PartnerId,
  asked: MandateAsked,
  fit: AccountFit,
): Promise<Mandate> => {
  if (!fit.fits) throw mandateRefused(`the bank says: ${fit.why}`)
  const id = MandateId.next()
  for (const before of await collected.mandates(w, { partnerId, status: 'asked' }))
    if (before.currency === asked.currency)
      await collected.saveMandate(w, { ...before, status: 'ended', endedAt: w.now })
  const mandate: Mandate = {
    ...asked,
    id,
    partnerId,
    holder: fit.holder,
    status: 'asked',
    givenAt: w.now,
    endedAt: null,
  }
  await collected.addMandate(w, mandate, w.actor)
  await w.record('billing.mandate-given', id, { partnerId, currency: asked.currency })
  return mandate
}

const known = async (w: Work, id: MandateId): Promise<Mandate> => {
  const mandate = await collected.lockMandate(w, id)
  if (!mandate) throw mandateNotFound('no mandate has this id')
  return mandate
}

/** Proposes to collect by it. Who decides sees whose account the core says it is, beside the partner's legal name. */
export const proposeMandate = async (w: Work, id: MandateId): Promise<ChangeSet> => {
  const mandate = await known(w, id)
  if (mandate.status !== 'asked') throw mandateStep(`it is ${mandate.status}`)
  const partner = await findPartner(w, PartnerId.parse(mandate.partnerId))
  const { currency, accountNumber, holderId, holder, partnerId } = mandate
  return proposeChange(w, {
    kind: MANDATE,
    subject: id,
    before: null,
    after: {
      partnerId,
      legalName: partner?.legalName ?? '',
      holder,
      holderId,
      accountNumber,
      currency,
    },
    base: baseOf([mandate.status]),
    reason: `collect invoices of ${partner?.legalName ?? partnerId} in ${currency}`,
    roles: [...ROLES],
  })
}

/** Either side ends it at once: nothing more is sent to the core, and what was sent is told to its end. */
export const endMandate = async (
  w: Work,
  own: { partnerId: string | undefined; id: MandateId },
): Promise<Mandate> => {
  const mandate = await known(w, own.id)
  if (own.partnerId !== undefined && mandate.partnerId !== own.partnerId)
    throw mandateNotFound('no mandate has this id')
  if (mandate.status === 'ended') throw mandateStep('it has ended')
  const ended: Mandate = { ...mandate, status: 'ended', endedAt: w.now }
  await collected.saveMandate(w, ended)
  await w.record('billing.mandate-ended', own.id, { partnerId: mandate.partnerId })
  return ended
}

const Income = z.object({ currency: Currency, accountNumber: AccountNumber })

/** Proposes where the bank wants its money of a currency: an account that the core says is open and of that currency. */
export const proposeIncomeAccount = async (
  w: Work,
  asked: z.output<typeof Income>,
  fit: IncomeFit,
): Promise<ChangeSet> => {
  if (!fit.fits) throw incomeAccountRefused(`the bank says: ${fit.why}`)
  const before = (await collected.incomeAccounts(w)).find((a) => a.currency === asked.currency)
  return proposeChange(w, {
    kind: INCOME,
    subject: asked.currency,
    before: before ? { accountNumber: before.accountNumber } : null,
    after: { ...asked, holder: fit.holder },
    base: baseOf(before?.accountNumber ?? null),
    reason: `collections in ${asked.currency} go to ${asked.accountNumber}`,
    roles: [...ROLES],
  })
}

export const collectionAppliers: Readonly<Record<string, Applier>> = {
  [MANDATE]: {
    base: async (w, { subject }) => baseOf([(await known(w, MandateId.parse(subject))).status]),
    apply: async (w, { subject }) => {
      const mandate = await known(w, MandateId.parse(subject))
      const { partnerId, currency } = mandate
      for (const old of await collected.mandates(w, { partnerId, status: 'active' }))
        if (old.currency === currency)
          await collected.saveMandate(w, { ...old, status: 'ended', endedAt: w.now })
      await collected.saveMandate(w, { ...mandate, status: 'active' })
      await w.record('billing.mandate-active', mandate.id, { partnerId, currency })
    },
  },
  [INCOME]: {
    base: async (w, { subject }) =>
      baseOf(
        (await collected.incomeAccounts(w)).find((a) => a.currency === subject)?.accountNumber ??
          null,
      ),
    apply: async (w, { id, after }) => {
      const account = Income.parse(after)
      await collected.saveIncomeAccount(w, account, { at: w.now, changeId: id })
      await w.record('billing.income-account-set', account.currency, {})
    },
  },
}

/** Somebody looked at why an invoice could not be collected: the next run tries it anew. Answers its collections. */
export const tryAgain = async (w: Work, id: InvoiceId): Promise<Collection[]> => {
  const { partnerId, number } = await knownInvoice(w, id)
  const cleared = await collected.clear(w, id, w.now)
  if (cleared === 0) throw nothingRejected('none of its collections was rejected since then')
  await w.record('billing.collections-cleared', id, { partnerId, invoice: number, cleared })
  return collected.collections(w, { invoiceId: id })
}

/** Writes down what is due now under a mandate: undisputed, and not under way. Answers how many collections that is. */
export const writeDue = async (w: Work, zone: string): Promise<number> => {
  const today = w.now.toZonedDateTimeISO(zone).toPlainDate()
  const income = new Map((await collected.incomeAccounts(w)).map((a) => [a.currency, a]))
  const frozen = await frozenByInvoice(w)
  let written = 0
  for (const mandate of await collected.mandates(w, { status: 'active' })) {
    const { partnerId, currency } = mandate
    const to = income.get(currency)
    if (!to) continue
    await store.hold(w, partnerId)
    for (const invoice of await store.openInvoices(w, partnerId)) {
      if (invoice.currency !== currency) continue
      if (Temporal.PlainDate.compare(invoice.dueOn, today) > 0) continue
      const amountMinor = invoice.openMinor - (frozen.get(invoice.id) ?? 0n)
      const before = await collected.collections(w, { invoiceId: invoice.id })
      const between = { mandateId: mandate.id, incomeAccount: to.accountNumber }
      if (amountMinor <= 0n || !mayTry(telling(before, between), w.now)) continue
      const id = CollectionId.next()
      await collected.addCollection(w, {
        ...between,
        id,
        invoiceId: invoice.id,
        partnerId,
        amountMinor,
        currency,
        status: 'asked',
        reasonCode: null,
        reference: null,
        askedAt: w.now,
        toldAt: w.now,
        clearedAt: null,
      })
      await w.record('billing.collection-asked', id, { partnerId, invoice: invoice.number })
      written++
    }
  }
  return written
}

/** Asks the bank what became of one, and books what was booked. */
const settle = async (
  db: Postgres,
  now: Temporal.Instant,
  desk: CollectingDesk,
  collection: Collection,
): Promise<void> => {
  const { id, partnerId, currency, amountMinor, incomeAccount } = collection
  const mandate = await collected.mandateOf(db, collection)
  const invoice = await store.find(db, InvoiceId.parse(collection.invoiceId))
  const told = await desk.collect({
    collectionId: id,
    partnerId,
    debtor: { number: mandate.accountNumber, holderId: mandate.holderId },
    creditor: { number: incomeAccount },
    amount: { minor: amountMinor, currency },
    text: invoice?.number ?? id,
    maySend: mandate.status === 'active',
  })
  if (told.status === 'open' || told.status === collection.status) return
  const { status, reasonCode, reference } = told
  await work(db, 'system', now, async (w) => {
    const held = await collected.lockCollection(w, id)
    if (held.status === 'booked' || held.status === 'rejected') return
    await collected.saveCollection(w, { ...held, status, reasonCode, reference, toldAt: w.now })
    await w.record('billing.collection-told', id, { partnerId, status, reasonCode })
    if (status === 'booked' && invoice) await bookCollected(w, held, invoice)
  })
}

/** What was paid otherwise meanwhile is not owed any more: the rest of what was collected is owed back. */
const bookCollected = async (
  w: Work,
  { id, partnerId, currency, amountMinor }: Collection,
  { id: invoiceId, exponent, number }: Invoice,
): Promise<void> => {
  await store.hold(w, partnerId)
  const open = (await store.openInvoices(w, partnerId)).find((i) => i.id === invoiceId)
  const owed = open?.openMinor ?? 0n
  const paid = amountMinor < owed ? amountMinor : owed
  if (paid > 0n)
    await recordPayment(w, invoiceId, { amount: amountText(paid, exponent), reference: id })
  if (amountMinor > paid)
    await post(w, { key: `collected-beyond:${id}`, text: `collected for ${number}`, currency }, [
      { account: 'bank', minor: amountMinor - paid },
      { account: payableOf(partnerId), minor: paid - amountMinor },
    ])
}

/** Writes what is due, then asks the bank about all that is open; answers how many were asked. */
export const collectDue = async (
  db: Postgres,
  { now, zone, log }: { now: () => Temporal.Instant; zone: string; log: Log },
  desk: CollectingDesk,
): Promise<number> => {
  await work(db, 'system', now(), (w) => writeDue(w, zone))
  const open = await collected.collections(db, { openOnly: true })
  for (const one of open)
    await settle(db, now(), desk, one).catch((cause: unknown) =>
      log.warn({ cause, collectionId: one.id }, 'a collection stays open; it is asked again'),
    )
  return open.length
}

/** Every quarter of an hour: due invoices under a mandate are collected, and what is open is asked after. */
export const collectingJob = (
  db: Postgres,
  world: { now: () => Temporal.Instant; zone: string; log: Log },
  desk: () => CollectingDesk,
): Job => ({
  name: 'billing-collect',
  cron: '*/15 * * * *',
  zone: world.zone,
  run: async () => void (await collectDue(db, world, desk())),
})
