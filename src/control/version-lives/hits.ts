/** Whom a finding hits: partners and their applications, by what they were seen to send and get in 400 days. */
import type { Fact } from '#gateway/field-facts.ts'
import { factOf, madeFact } from '#gateway/field-facts.ts'
import type { Cell } from '#kernel/cell.ts'
import { isBefore } from '#kernel/time.ts'
import type { Db } from '#platform/db.ts'
import { noticesOfTier, standingContracts } from '#control/contracts/index.ts'
import { listApplications } from '#control/partners/index.ts'
import { factsSeen, type VersionUse, versionUse } from '#control/usage/index.ts'
import { noticesOf, subjectIn, trialIn } from '#control/versions/index.ts'
import { betasJoined } from './betas.ts'
import { readingsNamed } from './readings.ts'
import { NOTICE_MONTHS } from './life.ts'
import { lookBackFrom } from './using.ts'

export interface HitApplication {
  readonly id: string
  readonly name: string | null
  readonly cell: Cell
  /** Calls of the operation, in the versions that the finding is about. */
  readonly calls: number
  readonly lastAt: Temporal.Instant | null
  /**
   * `seen`: its own calls show what would be refused or missed; `assumed`: they do not tell, or were made before anybody
   * looked so closely; `said`: its partner says that it reads that; `holds`: it has the product, whether it calls or not.
   */
  readonly by: 'seen' | 'assumed' | 'holds' | 'said'
}

export interface Hit {
  readonly partnerId: string
  readonly calls: number
  readonly callsADay: number
  readonly lastAt: Temporal.Instant | null
  readonly noticeMonths: number
  readonly applications: HitApplication[]
}

export interface AskedAbout {
  readonly product: string
  readonly operation: string | undefined
  readonly id: string
  readonly text: string
  /** Callers of this day alone; absent: of all. */
  readonly callersOf?: string
}

interface SeenOf {
  /** Since when everything that it does is seen. */
  since: string
  readonly facts: Fact[]
}

type Named = Pick<VersionUse, 'cell' | 'applicationId' | 'version' | 'operation'>
const nameOf = ({ cell, applicationId, version, operation }: Named) =>
  [cell, applicationId, version, operation].join(' ')

const readSeen = async (db: Db, since: Temporal.PlainDate, operations: readonly string[]) => {
  const seen = new Map<string, SeenOf>()
  for (const row of await factsSeen(db, { since, operations })) {
    const known = seen.get(nameOf(row)) ?? { since: '9999-12-31', facts: [] }
    seen.set(nameOf(row), known)
    if (row.fact === madeFact) known.since = row.firstOn
    else known.facts.push(factOf(row.fact))
  }
  return seen
}

/** The member of an answer that a finding is about; undefined where it is about another thing, or the whole answer. */
const answerFieldIn = (text: string): string | undefined => {
  const { place = '', path = '#' } = subjectIn(text) ?? {}
  return /^\d/.test(place) && path !== '#' ? path : undefined
}

/** Whether one of two members is the other, or stands in it. */
const isPart = (one: string, other: string): boolean =>
  one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`)

export const isCommercial = (rule: string): boolean => rule.startsWith('commercial-')

/** Facts about who uses what of these operations, read once for all findings. */
export const openHits = async (db: Db, now: Temporal.Instant, operations: readonly string[]) => {
  const since = lookBackFrom(now)
  const today = now.toZonedDateTimeISO('UTC').toPlainDate()
  const uses = Map.groupBy(await versionUse(db, { since }), (use) => use.operation)
  const seen = await readSeen(db, since, operations)
  const joined = await betasJoined(db)
  const readings = await readingsNamed(db, operations)
  const contracts = await standingContracts(db, now)
  const applications = await listApplications(db, { status: 'active' }, 1_000_000)
  const names = new Map(applications.map(({ id, name }) => [id as string, name]))
  const monthsOf = (partnerId: string): number => {
    const contract = contracts.get(partnerId)
    return contract
      ? (contract.notices ?? noticesOfTier(contract.tier)).breakingMonths
      : NOTICE_MONTHS
  }
  const byOf = (
    use: VersionUse,
    notices: ReturnType<typeof noticesOf>,
    answered: string | undefined,
  ): 'seen' | 'assumed' | 'said' | null => {
    if (!notices) return 'assumed'
    const said = readings.get(`${use.applicationId} ${use.operation}`)
    if (said && answered) return said.some((field) => isPart(field, answered)) ? 'said' : null
    const own = seen.get(nameOf(use))
    if (own && notices(own.facts)) return 'seen'
    return own && own.since <= use.firstOn ? null : 'assumed'
  }
  const callersOf = ({ operation, callersOf: spoken, id, text }: AskedAbout) => {
    const trial = trialIn(text)
    const notices = noticesOf({ id, text: trial?.text ?? text })
    const answered = answerFieldIn(trial?.text ?? text)
    const everybody = isCommercial(id) && !trial
    const day = trial?.day ?? spoken
    return (uses.get(operation ?? '') ?? [])
      .filter(({ version }) => everybody || day === undefined || version === day)
      .flatMap((use) => {
        const by = byOf(use, notices, answered)
        return by === null ? [] : [{ ...use, by }]
      })
  }
  /** Terms hit who holds the product, whether it has called yet or not; so does what belongs to no operation. */
  const holdersOf = ({ product, operation, id, text }: AskedAbout) => {
    const trial = trialIn(text)
    const holds = applications.filter(({ products }) => products.includes(product))
    // Who asked for a trial was promised to be told, whatever it called.
    if (trial) return holds.filter((one) => joined.get(one.id)?.includes(trial.day))
    return isCommercial(id) || operation === undefined ? holds : []
  }

  return (asked: AskedAbout): Hit[] => {
    const rows: (HitApplication & { partnerId: string; firstOn: string })[] = callersOf(asked).map(
      ({ partnerId, applicationId: id, cell, calls, lastAt, firstOn, by }) => ({
        partnerId,
        id,
        name: names.get(id) ?? null,
        cell,
        calls,
        lastAt,
        firstOn,
        by,
      }),
    )
    const calling = new Set(rows.map(({ id }) => id))
    for (const { id, name, cell, partnerId } of holdersOf(asked))
      if (!calling.has(id))
        rows.push({
          partnerId,
          id,
          name,
          cell,
          calls: 0,
          lastAt: null,
          firstOn: today.toString(),
          by: 'holds',
        })
    return [...Map.groupBy(rows, (row) => row.partnerId)]
      .map(([partnerId, own]) => hitOf(partnerId, own, { months: monthsOf(partnerId), today }))
      .toSorted((a, b) => b.calls - a.calls)
  }
}

const later = (a: Temporal.Instant | null, b: Temporal.Instant | null) =>
  a === null || (b !== null && isBefore(a, b)) ? b : a

/** An application that speaks two versions is one application. */
const together = (rows: readonly HitApplication[]): HitApplication[] =>
  [...Map.groupBy(rows, ({ id }) => id).values()].flatMap((own) => {
    const [first] = own
    if (!first) return []
    const { id, name, cell } = first
    return {
      id,
      name,
      cell,
      calls: own.reduce((sum, { calls }) => sum + calls, 0),
      lastAt: own.map(({ lastAt }) => lastAt).reduce(later, null),
      by: own.some(({ by }) => by === 'seen') ? 'seen' : first.by,
    }
  })

const hitOf = (
  partnerId: string,
  own: readonly (HitApplication & { firstOn: string })[],
  { months, today }: { months: number; today: Temporal.PlainDate },
): Hit => {
  const calls = own.reduce((sum, one) => sum + one.calls, 0)
  const first = own.map(({ firstOn }) => firstOn).reduce((a, b) => (a < b ? a : b))
  const days = Temporal.PlainDate.from(first).until(today).days + 1
  return {
    partnerId,
    calls,
    callsADay: Math.round((calls / Math.max(days, 1)) * 100) / 100,
    lastAt: own.map(({ lastAt }) => lastAt).reduce(later, null),
    noticeMonths: months,
    applications: together(own),
  }
}
