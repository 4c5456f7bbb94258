/** What happened: what was allowed when, how calls went, and what went wrong. */
import { cells } from '#kernel/cell.ts'
import type { Db } from '#platform/db.ts'
import { linesOf, listIncidents } from '#control/incidents/index.ts'
import { Allowed, permissionVersions } from '#control/publication/index.ts'
import {
  answers,
  consentsUsed,
  downtimes,
  epochs,
  outcomes,
  performance,
} from '#control/usage/index.ts'
import { statistics, statisticsColumns } from './statistics.ts'
import { type Asked, ids, text, type Who } from './asked.ts'
import { type Pack, type Row, section, type Section } from './pack.ts'

/** What was allowed, in the gateways' own words, from when on. */
export const permissionsSection = async (
  db: Db,
  { partnerId, from, to }: Asked,
): Promise<Section> => {
  const rows: Row[] = []
  for (const cell of cells)
    for (const v of await permissionVersions(db, { cell, partnerId, from, to })) {
      const { partner } = Allowed.parse(JSON.parse(v.body))
      rows.push({
        cell,
        since: v.at.toString(),
        epoch: Number(v.epoch),
        snapshotSha256: v.snapshotSha256,
        matrix: v.matrix,
        partner: partner.status,
        contract: partner.contract?.id ?? null,
        granted: Object.entries(partner.permissions)
          .filter(([, verdict]) => verdict.granted)
          .map(([permission]) => permission)
          .toSorted(),
        sha256: v.sha256,
        body: v.body,
      })
    }
  return section(
    'Permissions as the gateways held them: each row holds until the next one of its cell',
    [
      'cell',
      'since',
      'epoch',
      'snapshotSha256',
      'matrix',
      'partner',
      'contract',
      'granted',
      'sha256',
      'body',
    ],
    rows,
  )
}

export const usageSections = async (db: Db, asked: Asked): Promise<Pack['sections']> => {
  const { partnerId, from, to, bank } = asked
  const production = { cell: 'production', partnerId, from, to } as const
  const everybody = { cell: 'production', from, to } as const
  const down = await downtimes(db, everybody)
  const speed = (rows: Awaited<ReturnType<typeof performance>>): Row[] =>
    rows.map((row) => ({
      ...row,
      day: row.day.toString(),
      errorRate: Number((row.errors / row.calls).toFixed(6)),
    }))
  const columns = [
    'day',
    'product',
    'calls',
    'errors',
    'errorRate',
    'meanMs',
    'p50Ms',
    'p95Ms',
    'p99Ms',
  ]
  return {
    calls: section(
      'Production calls by how they ended; a refusal by its code',
      ['operation', 'status', 'code', 'calls'],
      await outcomes(db, production),
    ),
    snapshots: section(
      'Snapshots that these calls were decided by',
      ['epoch', 'calls'],
      (await epochs(db, production)).map(({ epoch, calls }) => ({ epoch: Number(epoch), calls })),
    ),
    consents: section(
      'Consents that production calls were made by, with the first and the last use',
      ['consentId', 'firstAt', 'lastAt', 'calls', 'refused'],
      (await consentsUsed(db, production)).map((c) => ({
        ...c,
        firstAt: c.firstAt.toString(),
        lastAt: c.lastAt.toString(),
      })),
      100_000,
    ),
    serviceLevels: section(
      'Availability and response times of this partner’s production calls, by day and product',
      columns,
      speed(await performance(db, production, bank.zone)),
    ),
    performance: section(
      'The same of all partners together',
      columns,
      speed(await performance(db, everybody, bank.zone)),
    ),
    statistics: section(
      'Availability and performance of the interface for all partners, day by day, as they are published (Delegated Regulation (EU) 2018/389, article 32(4); EBA/GL/2018/07, guidelines 2 and 3)',
      statisticsColumns,
      statistics(await answers(db, everybody, bank.zone), down, { from, to, zone: bank.zone }),
    ),
    downtimes: section(
      'When production answered nobody: five calls in a row or more (EBA/GL/2018/07, guideline 2.4)',
      ['since', 'until', 'calls'],
      down.map((d) => ({
        since: d.since.toString(),
        until: d.until.toString(),
        calls: d.calls,
      })),
    ),
  }
}

export const incidentsSection = async (
  db: Db,
  { partnerId, from, to, reader }: Asked,
  who: Who,
): Promise<Section> => {
  const incidents = await listIncidents(db, { partnerId, from, to }, 1_000)
  const lines = Map.groupBy(await linesOf(db, ids(incidents)), (line) => line.incidentId)
  return section(
    'Incidents that touched the partner, with what was found, done and reported',
    ['id', 'title', 'severity', 'cell', 'beganAt', 'endedAt', 'openedBy', 'openedAt', 'record'],
    incidents
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .map((i) => ({
        id: i.id,
        title: i.title,
        severity: i.severity,
        cell: i.cell,
        beganAt: i.beganAt.toString(),
        endedAt: text(i.endedAt),
        openedBy: who(i.openedBy),
        openedAt: i.openedAt.toString(),
        record: (reader === 'partner' ? [] : (lines.get(i.id) ?? [])).map(
          (line) => `${line.at.toString()} ${line.kind}: ${line.said}`,
        ),
      })),
  )
}
