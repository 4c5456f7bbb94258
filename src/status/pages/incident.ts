/** One incident: everything that the bank said of it, the newest first. */
import { momentOf } from '#kernel/format.ts'
import { html } from '#platform/html.ts'
import type { PublicIncident, StatusFacts } from '../facts.ts'
import { textOf, titleOf } from '../naming.ts'
import { say } from '../texts/index.ts'
import { type Around, document, there } from './frame.ts'
import { lasted, severityTones, touchedParts } from './front.ts'

export const incidentPage = (
  around: Around,
  incident: PublicIncident,
  { components }: StatusFacts,
): string => {
  const { language, page } = around
  const moment = (at: Temporal.Instant) => momentOf(language, at.toString(), page.zone)
  return document(
    around,
    titleOf(language, incident),
    html`<article class="one">
      <p class="back"><a href="${there(around, '/')}">${say(language, 'back')}</a></p>
      <h1>${titleOf(language, incident)}</h1>
      <p class="facts">
        <span class="chip ${severityTones[incident.severity]}"
          >${say(language, `severity.${incident.severity}`)}</span
        >
        <span>${moment(incident.beganAt)}</span> <span>${lasted(around, incident)}</span>
      </p>
      ${touchedParts(around, incident, components)}
      <ol class="said">
        ${incident.updates.toReversed().map(
          (update) =>
            html`<li>
              <h2>${say(language, `update.${update.state}`)}</h2>
              <p class="small dim">
                <time datetime="${update.at.toString()}">${moment(update.at)}</time>
              </p>
              <p class="words">
                ${textOf(language, update) ?? say(language, `said.${update.state}`)}
              </p>
            </li>`,
        )}
      </ol>
    </article>`,
  )
}
