/** What the bank promised a partner and how it kept it, and how card data can reach the partner at all. */
import { isBefore } from '#kernel/time.ts'
import type { Db } from '#platform/db.ts'
import { currentMatrix, endOf, type Evidence } from '#control/licences/index.ts'
import type { Application } from '#control/partners/index.ts'
import { isMissed, judgeMonth } from '#control/service-levels/index.ts'
import { outcomes } from '#control/usage/index.ts'
import type { Asked } from './asked.ts'
import { type Row, section, type Section } from './pack.ts'

/** Every month that the period touches, by its first day. */
const monthsOf = ({ from, to, bank: { zone } }: Asked): Temporal.PlainDate[] => {
  const last = to.subtract({ nanoseconds: 1 }).toZonedDateTimeISO(zone).toPlainDate()
  const months = []
  for (
    let month = from.toZonedDateTimeISO(zone).toPlainDate().with({ day: 1 });
    Temporal.PlainDate.compare(month, last) <= 0;
    month = month.add({ months: 1 })
  )
    months.push(month)
  return months
}

/** Promises of the contract, judged by whole months, for credits are. */
export const promisesSection = async (db: Db, asked: Asked): Promise<Section> => {
  const { zone } = asked.bank
  const rows: Row[] = []
  for (const start of monthsOf(asked)) {
    const month = { zone, start: start.toString(), end: start.add({ months: 1 }).toString() }
    for (const judged of await judgeMonth(db, asked.partnerId, month, asked.to))
      for (const { objective, good, total, reached } of judged.evaluation.objectives)
        rows.push({
          month: start.toString().slice(0, 7),
          product: judged.level.terms.product,
          objective,
          good,
          total,
          reached,
          missed: isMissed({
            evaluation: {
              ...judged.evaluation,
              objectives: judged.evaluation.objectives.filter((o) => o.objective === objective),
            },
          }),
          sha256: judged.sha256,
        })
  }
  return section(
    'Service levels that the contract promises, by month: what was reached, and the digest of the judgement',
    ['month', 'product', 'objective', 'good', 'total', 'reached', 'missed', 'sha256'],
    rows,
  )
}

const CARD_EVIDENCE = 'pci_'

/**
 * What a partner has to do with card data: its attestations, the keys that numbers are sealed to, and how often they were
 * asked for. A number leaves the vault in two ways only: sealed to such a key, or on the vault's own page.
 */
export const cardScopeSection = async (
  db: Db,
  asked: Asked,
  {
    evidence,
    applications,
  }: { evidence: readonly Evidence[]; applications: readonly Application[] },
): Promise<Section> => {
  const { partnerId, from, to } = asked
  const matrix = await currentMatrix(db)
  const attestations = evidence
    .filter(({ type }) => type.startsWith(CARD_EVIDENCE))
    .map((e) => ({
      what: 'attestation',
      name: e.type,
      detail: [matrix.evidence[e.type]?.title ?? '', ...e.shows, e.state].join('; '),
      since: e.submittedAt.toString(),
      until: endOf(e, matrix.evidence[e.type])?.toString() ?? null,
      calls: null,
    }))
  const keys = applications
    .filter((a) => a.revealKey !== null && isBefore(a.requestedAt, to))
    .map((a) => ({
      what: 'key that numbers are sealed to',
      name: a.id,
      detail: `${a.cell}, ${a.status}, kid ${String(a.revealKey?.kid ?? '')}`,
      since: a.requestedAt.toString(),
      until: null,
      calls: null,
    }))
  const reveals = (await outcomes(db, { cell: 'production', partnerId, from, to }))
    .filter(({ operation }) => operation === 'revealCard')
    .map(({ status, code, calls }) => ({
      what: 'calls for a number',
      name: 'revealCard',
      detail: [status, code ?? ''].join(' ').trim(),
      since: from.toString(),
      until: to.toString(),
      calls,
    }))
  const touches = attestations.length + keys.length + reveals.length > 0
  return section(
    touches
      ? 'Card data and this partner: attestations, keys that numbers are sealed to, calls for a number (PCI DSS v4.0.1, 12.8)'
      : 'Card data and this partner: it has no attestation and no key that a number could be sealed to, and asked for none',
    ['what', 'name', 'detail', 'since', 'until', 'calls'],
    [...attestations, ...keys, ...reveals],
  )
}
