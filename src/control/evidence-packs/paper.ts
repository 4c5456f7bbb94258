/** The pack as a person reads it. Long lists stand in the tables; here is what they come to. */
import { openPaper } from '#control/billing/index.ts'
import { csvOf, type Pack, type Row, type Section } from './pack.ts'
import { sha256Of } from './manifest.ts'

/** Sections that are told line by line: what the line says first, and what stands at its right. */
interface Telling {
  readonly title: string
  readonly line: (row: Row) => [string, string]
  /** Rows that say nothing on paper; they stand in the table. */
  readonly leavesOut?: (row: Row) => boolean
}
const told: Readonly<Record<string, Telling>> = {
  matrices: { title: 'Licence matrix', line: (r) => [say(r, 'version'), day(r, 'loadedAt')] },
  licences: {
    title: 'Licence statuses',
    line: (r) => [say(r, 'status'), `${day(r, 'since')} – ${day(r, 'until') || 'open'}`],
  },
  stops: {
    title: 'Stops',
    line: (r) => [
      `${say(r, 'what')}: ${say(r, 'name')}. ${say(r, 'reason')}`,
      `${day(r, 'at')} – ${day(r, 'liftedAt') || 'open'}`,
    ],
  },
  evidence: {
    title: 'Evidence',
    line: (r) => [
      `${say(r, 'title')}, ${say(r, 'issuer')}: ${say(r, 'state')}`,
      `until ${day(r, 'countsUntil') || 'further notice'}`,
    ],
  },
  decisions: {
    title: 'Decisions',
    line: (r) => [
      `${say(r, 'kind')}: ${say(r, 'reason')}`,
      `${say(r, 'status')} ${day(r, 'decidedAt')}`,
    ],
  },
  contracts: {
    title: 'Contracts',
    line: (r) => [
      `${say(r, 'tier')}, prices ${say(r, 'priceVersion')}: ${say(r, 'status')}`,
      `${day(r, 'activeFrom') || 'not in force'} – ${day(r, 'endsAt') || 'open'}`,
    ],
  },
  permissions: {
    title: 'Permissions',
    line: (r) => [
      `${say(r, 'cell')}, epoch ${say(r, 'epoch')}: ${say(r, 'granted') || 'nothing granted'}`,
      `from ${minute(r, 'since')}`,
    ],
  },
  calls: {
    title: 'Production calls',
    line: (r) => [
      `${say(r, 'operation')} ${say(r, 'status')} ${say(r, 'code')}`.trim(),
      say(r, 'calls'),
    ],
  },
  serviceLevels: {
    title: 'Availability and response times',
    line: (r) => [
      `${say(r, 'day')} ${say(r, 'product')}: ${say(r, 'calls')} calls, ${say(r, 'errors')} in error`,
      `mean ${say(r, 'meanMs')} ms, 99 % ${say(r, 'p99Ms')} ms`,
    ],
  },
  consentLines: {
    title: 'Consents given and ended',
    line: (r) => [`${say(r, 'move')} by ${say(r, 'by')}: ${say(r, 'consentId')}`, minute(r, 'at')],
  },
  promises: {
    title: 'Service levels that were promised',
    line: (r) => [
      `${say(r, 'month')} ${say(r, 'product')}, ${say(r, 'objective')}: ${say(r, 'reached')}`,
      r['missed'] === true ? 'missed' : 'kept',
    ],
  },
  statistics: {
    title: 'Availability and performance, as published',
    leavesOut: (r) => r['requests'] === 0 && r['downtimeSeconds'] === 0,
    line: (r) => [
      `${say(r, 'day')}: up ${say(r, 'uptimePercent')} %, ${say(r, 'requests')} requests, ${say(r, 'errorPercent') || '0'} % in error`,
      ['accountInformationMs', 'paymentInitiationMs', 'fundsConfirmationMs']
        .map((service) => say(r, service) || '–')
        .join(' / ')
        .concat(' ms'),
    ],
  },
  cardScope: {
    title: 'Card data',
    line: (r) => [
      `${say(r, 'what')}: ${say(r, 'name')}, ${say(r, 'detail')}`,
      say(r, 'calls') || `until ${day(r, 'until') || 'further notice'}`,
    ],
  },
  recertifications: {
    title: 'Certified again',
    line: (r) => [
      `${say(r, 'occasion')}, due ${day(r, 'dueAt')}: ${say(r, 'state')}`,
      day(r, 'decidedAt') || 'open',
    ],
  },
  downtimes: {
    title: 'Times without an answer',
    line: (r) => [`${say(r, 'calls')} calls`, `${minute(r, 'since')} – ${minute(r, 'until')}`],
  },
  incidents: {
    title: 'Incidents',
    line: (r) => [
      `${say(r, 'title')} (${say(r, 'severity')})`,
      `${minute(r, 'beganAt')} – ${minute(r, 'endedAt') || 'open'}`,
    ],
  },
}

const LINES = 200

const say = (row: Row, column: string): string => {
  const cell = row[column]
  return Array.isArray(cell) ? cell.join(', ') : String(cell ?? '')
}
const day = (row: Row, column: string) => say(row, column).slice(0, 10)
const minute = (row: Row, column: string) => say(row, column).slice(0, 16).replace('T', ' ')

export const packPdf = async (pack: Pack): Promise<Buffer> => {
  const { partner, bank, period } = pack
  const to = Temporal.Instant.from(period.to)
  const paper = openPaper({
    title: `Evidence pack ${partner.organisation}`,
    language: 'en',
    // Of the period, not of the moment in which it was made: the same facts give the same bytes.
    at: to,
  })
  paper.head({ issuer: bank.name, title: 'Evidence pack', number: '' })
  paper.facts(
    [
      ['Partner', `${partner.legalName} (${partner.country})\n${partner.id}`],
      ['Declared statuses', partner.declaredStatuses.join(', ') || 'none'],
    ],
    [
      ['From', period.from],
      ['To, exclusive', period.to],
      ['Standing', partner.status],
    ],
  )
  for (const [name, section] of Object.entries(pack.sections)) {
    const way = told[name]
    if (!way) continue
    paper.chapter(way.title, `${section.about}. ${countOf(section)}`)
    const rows = section.rows.filter((row) => !way.leavesOut?.(row)).slice(0, LINES)
    for (const row of rows) {
      const [text, amount] = way.line(row)
      paper.row({ text, amount })
    }
    const left = section.rows.length - rows.length
    if (left > 0) paper.note(`${left} more in csv/${name}.csv.`)
  }
  paper.chapter('What belongs to this pack', 'Tables, and the SHA-256 of their bytes')
  for (const [name, section] of Object.entries(pack.sections))
    paper.note(`csv/${name}.csv  ${section.rows.length} rows  ${sha256Of(csvOf(section))}`)
  paper.note(
    'manifest.json names every file by its SHA-256; manifest.sig is the bank’s Ed25519 signature over it. “portico evidence verify FILE” checks all of it, and every line of the journal against the checkpoint that was signed, without the platform.',
  )
  return paper.bytes((page, pages) => `Page ${page} of ${pages}`)
}

const countOf = ({ rows, cut }: Section): string =>
  `${rows.length} row${rows.length === 1 ? '' : 's'}${cut ? ', and more that are not in this pack' : ''}.`
