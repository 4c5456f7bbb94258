import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'csv-parse/sync'
import { z } from 'zod'
import { billedPartner } from '#test/billed-partner.ts'
import { bankDocuments } from '#test/documents.ts'
import { approvedByTwo } from '#test/two-people.ts'
import { freshDatabase, noon } from '#test/world.ts'
import { type Actor, type Work, work } from '#journal/index.ts'
import { appliers as contractAppliers } from '#control/contracts/index.ts'
import { seedControl } from '#control/seed.ts'
import { ageingOf, ageOf } from './ageing.ts'
import { closeDispute, grantDispute, openDispute } from './disputing.ts'
import { invoicePdf } from './documents/invoice-paper.ts'
import { Language, tongueOf } from './documents/words.ts'
import { draftMonth } from './drafting.ts'
import { generalLedgerCsv, listGlAccounts, nameGlAccounts } from './general-ledger.ts'
import {
  appliers,
  bounds,
  findInvoice,
  type InvoiceId,
  listInvoices,
  monthNamed,
  outOfBalance,
  proposeCredit,
  proposeDebit,
  proposeIssue,
  recordPayment,
} from './index.ts'

const db = (await freshDatabase('control')).as('control')
await seedControl(db, noon, { documents: bankDocuments() })
const zone = 'Asia/Tashkent'
const billing = { bankName: 'Namuna Bank', zone }
const november = monthNamed('2026-11', zone)
const closing = bounds(november).to.add({ hours: 73 })
const agreed = approvedByTwo(db, new Map(Object.entries({ ...appliers, ...contractAppliers })))
const as = <T>(now: Temporal.Instant, body: (w: Work) => Promise<T>, actor: Actor = 'system') =>
  work(db, actor, now, body)

const issued = async () => {
  const partner = await billedPartner(db, agreed, { now: noon })
  await partner.calls(10, noon)
  await partner.calls(4, noon, { operation: 'listTransactions' })
  const [draft] = await as(closing, (w) => draftMonth(w, partner.partnerId, november, billing))
  assert.ok(draft)
  await agreed(closing, (w) => proposeIssue(w, draft.id))
  return { ...partner, id: draft.id }
}
const invoiceOf = async (id: InvoiceId) => {
  const found = await findInvoice(db, id)
  assert.ok(found)
  return found
}

test('an invoice is printed in each language with letters that its own typeface has, and the same again to the byte', async () => {
  const { id } = await issued()
  const invoice = await invoiceOf(id)
  for (const language of Language.options) {
    const printing = {
      invoice,
      language,
      titleOf: () => undefined,
      notedMinor: 0n,
      bankName: 'Namuna Bank',
      partnerName: 'Oʻzbek «Анор» MChJ',
      zone,
    }
    const pdf = await invoicePdf(printing)
    assert.equal(pdf.subarray(0, 5).toString('latin1'), '%PDF-')
    assert.deepEqual(await invoicePdf(printing), pdf)
    assert.match(pdf.toString('latin1'), /\+Onest/, 'the typeface is inside')
  }
})

test('amounts and days are written as each language writes them', () => {
  const day = Temporal.PlainDate.from('2026-11-05')
  assert.deepEqual(
    Language.options.map((l) => [tongueOf(l).amount('-1234567.80'), tongueOf(l).day(day)]),
    [
      ['−1,234,567.80', '5 November 2026'],
      ['−1\u00a0234\u00a0567,80', '5 ноября 2026 г.'],
      ['−1\u00a0234\u00a0567,80', '2026-yil 5-noyabr'],
    ],
  )
  assert.deepEqual(
    ['0', '12.345', '100', '1000', '12.333333333333…'].map((t) => tongueOf('en').amount(t)),
    ['0', '12.345', '100', '1,000', '12.333333333333…'],
  )
})

test('a dispute freezes its amount with tax and nothing else, until the bank has answered', async () => {
  const { partnerId, id } = await issued()
  const today = Temporal.PlainDate.from('2027-02-20')
  const own = { partnerId, id }
  const line = { section: 0, n: 1, reason: 'We did not make them.' }
  await assert.rejects(
    as(closing, (w) => openDispute(w, own, { ...line, amount: '240.01' })),
    { code: 'billing/dispute-refused' },
  )
  const dispute = await as(closing, (w) => openDispute(w, own, { ...line, amount: '60' }))
  assert.equal(dispute.frozenMinor, 6_720n)
  await assert.rejects(
    as(closing, (w) => openDispute(w, own, line)),
    { code: 'billing/dispute-refused' },
    'once at a time',
  )
  const stranger = await billedPartner(db, agreed, { now: noon })
  await assert.rejects(
    as(closing, (w) => openDispute(w, { partnerId: stranger.partnerId, id }, line)),
    { code: 'billing/not-found' },
  )
  await assert.rejects(
    as(closing, (w) =>
      closeDispute(w, dispute.id, { status: 'withdrawn', partnerId: stranger.partnerId }),
    ),
    { code: 'billing/dispute-not-found' },
  )
  // 600.00 and 72.00 of tax; of these 60.00 and 7.20 wait. Due on 4 January, so 47 days late.
  const [aged] = await ageingOf(db, today, partnerId)
  assert.deepEqual([aged?.minor.to60, aged?.disputedMinor], [60_480n, 6_720n])

  await agreed(closing, (w) => grantDispute(w, dispute.id, 'They were ours.'))
  const [after] = await ageingOf(db, today, partnerId)
  assert.deepEqual([after?.minor.to60, after?.disputedMinor], [60_480n, 0n])
  const second = await as(closing, (w) => openDispute(w, own, line))
  assert.equal(second.netMinor, 18_000n, 'what is left of the line')
  await as(closing, (w) =>
    closeDispute(w, second.id, { status: 'rejected', answer: 'They are yours.' }),
  )
  assert.equal((await ageingOf(db, today, partnerId))[0]?.disputedMinor, 0n)
  await assert.rejects(
    as(closing.add({ hours: 61 * 24 }), (w) => openDispute(w, own, { ...line, n: 0 })),
    { code: 'billing/dispute-refused' },
    'lines stand after sixty days',
  )
})

test('an invoice is paid when credits and debits are counted, and every series is without gaps', async () => {
  const { id } = await issued()
  await agreed(closing, (w) => proposeCredit(w, id, { section: 0, n: 0, units: '5', reason: 'r' }))
  await agreed(closing, (w) =>
    proposeDebit(w, id, { section: 0, n: 0, amount: '100', reason: 'r' }),
  )
  // 672.00, less 180.00 and its tax 21.60, more 100.00 and its tax 12.00.
  const pay = (amount: string, reference: string) =>
    as(closing, (w) => recordPayment(w, id, { amount, reference }))
  await assert.rejects(pay('582.41', `over-${id}`), { code: 'billing/payment-refused' })
  assert.equal((await pay('582.39', `part-${id}`)).status, 'partly_paid')
  assert.equal((await pay('0.01', `rest-${id}`)).status, 'paid')
  const all = await listInvoices(db, {}, 1_000)
  for (const series of ['INV', 'CRN', 'DBN']) {
    const numbers = all
      .flatMap((i) => (i.number?.startsWith(series) ? [Number(i.number.slice(4))] : []))
      .toSorted((a, b) => a - b)
    assert.deepEqual(
      numbers,
      numbers.map((_, i) => i + 1),
    )
  }
  assert.deepEqual(await outOfBalance(db), [])
})

test('two drafts that know the same late call cannot both be issued', async () => {
  const partner = await billedPartner(db, agreed, { now: noon })
  await partner.calls(1, noon)
  const draft = async (name: string, now: Temporal.Instant) => {
    const [made] = await as(now, (w) =>
      draftMonth(w, partner.partnerId, monthNamed(name, zone), billing),
    )
    assert.ok(made)
    return made.id
  }
  const first = await draft('2026-11', closing)
  await agreed(closing, (w) => proposeIssue(w, first))
  await partner.calls(2, noon.add({ hours: 1 }))
  const later = bounds(monthNamed('2026-12', zone)).to.add({ hours: 73 })
  const december = await draft('2026-12', later)
  const again = await draft('2026-11', later)
  await agreed(later, (w) => proposeIssue(w, again))
  await assert.rejects(
    as(later, (w) => proposeIssue(w, december)),
    { code: 'billing/wrong-step' },
  )
})

test('the general ledger is told every entry on the bank’s accounts; debits and credits of each posting are equal', async () => {
  await as(noon, (w) => nameGlAccounts(w, [{ account: 'receivable', code: '19997' }]))
  assert.equal((await listGlAccounts(db)).find((a) => a.account === 'receivable')?.code, '19997')
  let csv = ''
  const span = { from: noon, to: closing.add({ hours: 24 * 90 }), zone }
  for await (const piece of generalLedgerCsv(db, span)) csv += piece
  const rows: Record<string, string>[] = parse(csv, { columns: true })
  const { n } = await db.one(z.object({ n: z.bigint() }))`select count(*) as n from billing.entry`
  assert.equal(BigInt(rows.length), n)
  const minor = (text = '') => BigInt((text || '0.00').replace('.', ''))
  for (const own of Map.groupBy(rows, (r) => r['posting']).values())
    assert.equal(
      own.reduce((sum, r) => sum + minor(r['debit']) - minor(r['credit']), 0n),
      0n,
    )
  assert.ok(
    rows.every((r) => !r['account']?.startsWith('receivable') || r['gl_account'] === '19997'),
  )
})

test('an amount ages on the day after the last of its band', () => {
  const due = Temporal.PlainDate.from('2027-01-03')
  assert.deepEqual(
    [0, 1, 30, 31, 60, 61, 90, 91].map((days) => ageOf(due, due.add({ days }))),
    ['notDue', 'to30', 'to30', 'to60', 'to60', 'to90', 'to90', 'over90'],
  )
})
