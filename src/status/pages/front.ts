/** How things stand: one sentence, planned work, every part with its ninety days, and what happened. */
import { cells as cellNames, type Cell } from '#kernel/cell.ts'
import { day as dayText, momentOf, share, span, timeOf } from '#kernel/format.ts'
import { type Html, html, type Piece } from '#platform/html.ts'
import type { Component, Day, PublicIncident, StatusFacts } from '../facts.ts'
import {
  type DayLevel,
  type Judged,
  levelOf,
  reached,
  type Standing,
  type State,
} from '../judging.ts'
import { componentName, reasonOf, textOf, titleOf } from '../naming.ts'
import { workState } from '../statuspage.ts'
import { say, type Word } from '../texts/index.ts'
import { type Around, document, there } from './frame.ts'
import { icons, tiles } from './ornament.ts'

const tones = {
  none: 'good',
  minor: 'warn',
  major: 'warn',
  critical: 'bad',
  maintenance: 'info',
  unknown: 'quiet',
} as const

const stateTones: Readonly<Record<State, readonly [tone: string, icon: Html]>> = {
  operational: ['good', icons.check],
  degraded_performance: ['warn', icons.warn],
  partial_outage: ['warn', icons.warn],
  major_outage: ['bad', icons.down],
  under_maintenance: ['info', icons.planned],
  unknown: ['quiet', icons.unknown],
}

const at = ({ language, page }: Around, instant: Temporal.Instant) =>
  momentOf(language, instant.toString(), page.zone)

/** The page for facts that were judged; without any it says that it knows nothing. */
export const front = (
  around: Around,
  standing: Standing | undefined,
  { now, staleMs }: { now: Temporal.Instant; staleMs: number },
): string => {
  const { language } = around
  if (!standing)
    return document(around, say(language, 'title'), [
      nowIs(around, 'unknown', 'overall.unknown', [say(language, 'nothing')]),
      own(around),
    ])
  const { facts } = standing
  return document(
    around,
    say(language, 'title'),
    html`<div
      id="live"
      data-age="${Math.max(0, Math.round(standing.ageMs))}"
      data-stale="${staleMs}"
      data-old="${say(language, 'pageOld')}"
    >
      ${summary(around, standing)}${planned(around, facts, now)}
      ${(['production', 'sandbox'] as const).map((cell) => partsOf(around, standing, cell))}
      ${table(around, standing)}${happened(around, facts)}${own(around)}
    </div>`,
  )
}

const nowIs = ({ language }: Around, tone: string, title: Word, lines: readonly Piece[]): Html =>
  html`<section class="now-is ${tone}">
    ${tiles}
    <div>
      <h1>${say(language, title)}</h1>
      ${lines.map((line) => html`<p>${line}</p>`)}
    </div>
  </section>`

const summary = (around: Around, standing: Standing): Html => {
  const { language, page } = around
  const { indicator, judged, stale, facts, ageMs } = standing
  if (stale)
    return nowIs(around, 'unknown', 'overall.unknown', [
      say(language, 'stale', { moment: at(around, facts.at), age: span(language, ageMs) }),
    ])
  const unknown = judged.filter(
    ({ state, component }) => state === 'unknown' && component.cell === 'production',
  )
  const title: Word =
    indicator === 'none' && unknown.length > 0 ? 'overall.measured' : `overall.${indicator}`
  const names = unknown.map(({ component }) => componentName(language, component)).join(', ')
  return nowIs(around, tones[indicator], title, [
    say(language, 'measured', { moment: at(around, facts.at), zone: page.zone }),
    ...(names ? [say(language, 'unmeasured', { parts: names })] : []),
  ])
}

const planned = (around: Around, facts: StatusFacts, now: Temporal.Instant): Html | undefined => {
  const { language, base } = around
  const coming = facts.maintenance.filter((work) => workState(work, now) !== 'completed')
  if (coming.length === 0) return undefined
  return html`<section class="plan" id="planned" aria-label="${say(language, 'planned')}">
    ${coming.slice(0, 10).map((work) => {
      const component = facts.components.find((c) => c.part === work.part)
      const what = componentName(language, component ?? { part: work.part, title: null })
      const under = workState(work, now) === 'in_progress'
      const ahead = work.startsAt.since(work.announcedAt).total('milliseconds')
      return html`<div class="note">
        ${icons.planned}
        <div>
          <b>${say(language, under ? 'planned.now' : 'planned.work', { what })}</b>
          ${say(language, 'planned.span', {
            from: at(around, work.startsAt),
            to: at(around, work.endsAt),
          })}
          ${reasonOf(language, work)}
          ${say(language, 'planned.told', { ahead: span(language, ahead) })}
          <a href="${base}/calendar.ics?lang=${language}">${say(language, 'calendar.add')}</a>
        </div>
      </div>`
    })}
  </section>`
}

const keys: readonly (readonly [DayLevel, Word])[] = [
  ['good', 'level.good'],
  ['partly', 'level.partly'],
  ['down', 'level.down'],
  ['planned', 'level.planned'],
  ['unknown', 'level.unknown'],
]

const partsOf = (around: Around, { judged, facts }: Standing, cell: Cell): Html => {
  const { language } = around
  const of = judged.filter(({ component }) => component.cell === cell)
  return html`<section aria-labelledby="in-${cell}">
    <header class="sec">
      <h2 id="in-${cell}">
        <span class="chip ${cell}">${icons[cell]}${say(language, `cell.${cell}`)}</span>
      </h2>
      ${
        cell === 'production'
          ? html`<span class="chart-key"
              >${keys.map(
                ([level, word]) =>
                  html`<span><i class="u-key u-${level}"></i>${say(language, word)}</span>`,
              )}</span
            >`
          : html`<span class="small dim">${say(language, 'sandbox.about')}</span>`
      }
    </header>
    <ul class="comps">
      ${of.map((one) => componentOf(around, one, facts))}
    </ul>
  </section>`
}

const DAYS = 90
const PITCH = 6
const heights: Readonly<Record<DayLevel, number>> = {
  good: 18,
  partly: 24,
  down: 28,
  planned: 14,
  unknown: 6,
}

/** The ninety days up to the day of the last facts, the oldest first; those without a measure too. */
const daysOf = (component: Component, facts: StatusFacts, zone: string) => {
  const last = facts.at.toZonedDateTimeISO(zone).toPlainDate()
  const measured = new Map(component.days.map((day) => [day.day, day]))
  return Array.from({ length: DAYS }, (_, i) => {
    const name = last.subtract({ days: DAYS - 1 - i }).toString()
    return { name, day: measured.get(name) }
  })
}

/** The bars of the days of one level, as one shape. */
const stripOf = (levels: readonly DayLevel[], level: DayLevel): string =>
  levels
    .map((own, i) =>
      own === level ? `M${i * PITCH} ${28 - heights[level]}h4v${heights[level]}h-4z` : '',
    )
    .join('')

const componentOf = (
  around: Around,
  { component, state, id }: Judged,
  facts: StatusFacts,
): Html => {
  const { language, page } = around
  const name = componentName(language, component)
  const [tone, icon] = stateTones[state]
  const days = daysOf(component, facts, page.zone)
  const levels = days.map(({ day }) => levelOf(day))
  const sum = keys
    .map(([level]) => [level, levels.filter((l) => l === level).length] as const)
    .filter(([, count]) => count > 0)
    .map(([level, count]) => say(language, `strip.${level}`, { count }))
    .join(', ')
  const percent = reached(component.days)
  return html`<li id="${id}">
    <div class="c-h">
      <h3>${name}</h3>
      <span class="v ${tone}">${icon}${say(language, `state.${state}`)}</span>
    </div>
    <svg
      class="uptime"
      viewBox="0 0 ${DAYS * PITCH - 2} 28"
      preserveAspectRatio="none"
      role="img"
      aria-label="${say(language, 'strip', { part: name, days: DAYS, sum })}"
    >
      ${keys.map(([level]) => html`<path class="u-${level}" d="${stripOf(levels, level)}" />`)}
    </svg>
    <div class="c-f">
      <span>${dayText(language, days[0]?.name ?? '')}</span>
      <span class="num"
        >${percent === undefined ? say(language, 'noShare') : share(language, percent)}</span
      >
      <span>${say(language, 'today')}</span>
    </div>
  </li>`
}

/** What the strips show in colour, in words: every day that was not as promised. */
const table = (around: Around, { judged, facts }: Standing): Html => {
  const { language, page } = around
  const rows = judged.flatMap(({ component }) =>
    daysOf(component, facts, page.zone)
      .filter((one): one is { name: string; day: Day } => one.day !== undefined)
      .map(({ name, day }) => ({ component, name, day, level: levelOf(day) }))
      .filter(({ level }) => level !== 'good' && level !== 'unknown'),
  )
  return html`<details class="as-table">
    <summary>${say(language, 'table')}</summary>
    <div class="scroll" role="region" tabindex="0" aria-label="${say(language, 'table.caption')}">
      ${
        rows.length === 0
          ? html`<p>${say(language, 'table.none')}</p>`
          : html`<table>
              <caption>
                ${say(language, 'table.caption')}
              </caption>
              <thead>
                <tr>
                  ${(['table.day', 'table.part', 'table.level', 'table.share'] as const).map(
                    (word) => html`<th scope="col">${say(language, word)}</th>`,
                  )}
                </tr>
              </thead>
              <tbody>
                ${rows
                  .toSorted((a, b) => (a.name < b.name ? 1 : -1))
                  .map(
                    ({ component, name, day, level }) =>
                      html`<tr>
                        <th scope="row">${dayText(language, name)}</th>
                        <td>
                          ${say(language, `cell.${component.cell}`)},
                          ${componentName(language, component)}
                        </td>
                        <td>${say(language, `level.${level}`)}</td>
                        <td class="num">${shareOf(around, day)}</td>
                      </tr>`,
                  )}
              </tbody>
            </table>`
      }
    </div>
  </details>`
}

const shareOf = ({ language }: Around, day: Day) => {
  const percent = reached([day])
  return percent === undefined ? say(language, 'noShare') : share(language, percent)
}

export const severityTones = { minor: 'quiet', significant: 'warn', major: 'bad' } as const

const happened = (around: Around, { incidents, components }: StatusFacts): Html => {
  const { language, page } = around
  return html`<section aria-labelledby="happened">
    <header class="sec"><h2 id="happened">${say(language, 'happened')}</h2></header>
    ${
      incidents.length === 0
        ? html`<p class="none">${say(language, 'happened.none')}</p>`
        : html`<ol class="inc">
            ${incidents.slice(0, 50).map((incident) => {
              const { id, severity, beganAt, endedAt, updates } = incident
              const last = updates.at(-1)
              return html`<li>
                <div class="when">
                  <b
                    >${dayText(language, beganAt.toZonedDateTimeISO(page.zone).toPlainDate().toString())}</b
                  >
                  <span>${lasted(around, { beganAt, endedAt })}</span>
                </div>
                <div>
                  <h3>
                    <a href="${there(around, `/incidents/${id}`)}"
                      >${titleOf(language, incident)}</a
                    >
                    <span class="chip ${severityTones[severity]}"
                      >${say(language, `severity.${severity}`)}</span
                    >
                  </h3>
                  ${
                    last &&
                    html`<p>
                      <b>${say(language, `update.${last.state}`)}.</b>
                      ${textOf(language, last) ?? say(language, `said.${last.state}`)}
                    </p>`
                  }
                  ${touchedParts(around, incident, components)}
                </div>
              </li>`
            })}
          </ol>`
    }
  </section>`
}

export const lasted = (
  around: Around,
  { beganAt, endedAt }: Pick<PublicIncident, 'beganAt' | 'endedAt'>,
): string =>
  endedAt
    ? span(around.language, endedAt.since(beganAt).total('milliseconds'))
    : say(around.language, 'ongoing', { moment: timeOf(beganAt.toString(), around.page.zone) })

export const touchedParts = (
  { language }: Around,
  { cell, parts }: PublicIncident,
  components: readonly Component[],
): Html | undefined => {
  if (cell === null && parts.length === 0) return undefined
  const names = parts.map((part) =>
    componentName(language, components.find((c) => c.part === part) ?? { part, title: null }),
  )
  const where = cellNames
    .filter((name) => name === cell)
    .map((name) => say(language, `cell.${name}`))
  return html`<p class="small dim">
    ${say(language, 'touches', { parts: [...where, ...names].join(', ') })}
  </p>`
}

/** What a partner alone may see stands where it signs in. */
const own = ({ language, portal }: Around): Html =>
  html`<section class="yours" aria-labelledby="own">
    <div>
      <h2 id="own">${say(language, 'own')}</h2>
      <p>${say(language, 'own.about')}</p>
    </div>
    <a class="b" href="${portal}/production/status">${say(language, 'signIn')}</a>
  </section>`
