/** The Samarkand star and the icons of the status page. */
import { type Html, html } from '#platform/html.ts'

const STEP = 32
const COLUMNS = 27
const ROWS = 5

/** An eight-pointed star of radius 16 about a point. */
const star = (x: number, y: number) => {
  const points = Array.from({ length: 16 }, (_, point) => {
    const radius = point % 2 === 0 ? STEP / 2 : STEP / 2.613
    const angle = (point * Math.PI) / 8
    return `${(x + radius * Math.cos(angle)).toFixed(1)} ${(y + radius * Math.sin(angle)).toFixed(1)}`
  })
  return `M${points.join('L')}z`
}

/** Which stars are darker looks like chance and is always the same. */
const glaze = (column: number, row: number) =>
  [1, 1, 2, 1, 1, 1, 3, 1, 2, 1, 1][(column * 7 + row * 5) % 11]

/** A band of tiles behind the first sentence: the threshold. */
export const tiles: Html = html`<svg
  class="tiles"
  viewBox="0 0 ${COLUMNS * STEP} ${ROWS * STEP}"
  preserveAspectRatio="xMaxYMin slice"
  aria-hidden="true"
>
  ${[1, 2, 3].map((tone) => {
    const places = Array.from({ length: ROWS * COLUMNS }, (_, at) => ({
      column: at % COLUMNS,
      row: Math.floor(at / COLUMNS),
    })).filter(({ column, row }) => glaze(column, row) === tone)
    const stars = places.map(({ column, row }) =>
      star(column * STEP + STEP / 2, row * STEP + STEP / 2),
    )
    return html`<path class="t${tone}" d="${stars.join('')}" />`
  })}
</svg>`

export const mark: Html = html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
  <rect width="32" height="32" rx="7" fill="#0A6875" />
  <path
    d="M6 7.5h20M8.6 11.5V25M23.4 11.5V25"
    stroke="#fff"
    stroke-width="2.2"
    stroke-linecap="round"
  />
  <path d="M12.6 26v-7.6c0-2.7 1.7-3.9 3.4-6.4 1.7 2.5 3.4 3.7 3.4 6.4V26z" fill="#8FDDE5" />
</svg>`

const icon = (shapes: Html): Html =>
  html`<svg
    class="i"
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    ${shapes}
  </svg>`

/** lucide (ISC): bell, check, triangle-alert, circle-x, calendar-clock, circle-help, flask-conical, landmark. */
export const icons = {
  bell: icon(
    html`<path d="M10.268 21a2 2 0 0 0 3.464 0" /><path
        d="M3.262 15.326A1 1 0 0 0 4 17h16a1 1 0 0 0 .74-1.673C19.41 13.956 18 12.499 18 8A6 6 0 0 0 6 8c0 4.499-1.411 5.956-2.738 7.326"
      />`,
  ),
  check: icon(html`<path d="M20 6 9 17l-5-5" />`),
  warn: icon(
    html`<path d="m21.73 18-8-14a2 2 0 0 0-3.48 0l-8 14A2 2 0 0 0 4 21h16a2 2 0 0 0 1.73-3" /><path
        d="M12 9v4M12 17h.01"
      />`,
  ),
  down: icon(html`<circle cx="12" cy="12" r="10" /><path d="m15 9-6 6M9 9l6 6" />`),
  planned: icon(
    html`<path d="M16 14v2.2l1.6 1M16 2v4M8 2v4M3 10h5" /><path
        d="M21 7.5V6a2 2 0 0 0-2-2H5a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h3.5"
      /><circle cx="16" cy="16" r="6" />`,
  ),
  unknown: icon(
    html`<circle cx="12" cy="12" r="10" /><path
        d="M9.09 9a3 3 0 0 1 5.83 1c0 2-3 3-3 3M12 17h.01"
      />`,
  ),
  sandbox: icon(
    html`<path
      d="M14 2v6a2 2 0 0 0 .245.96l5.51 10.08A2 2 0 0 1 18 22H6a2 2 0 0 1-1.755-2.96l5.51-10.08A2 2 0 0 0 10 8V2M6.453 15h11.094M8.5 2h7"
    />`,
  ),
  production: icon(
    html`<path d="M10 18v-7M14 18v-7M18 18v-7M6 18v-7M3 22h18" /><path
        d="M11.12 2.198a2 2 0 0 1 1.76.006l7.866 3.847c.476.233.31.949-.22.949H3.474c-.53 0-.695-.716-.22-.949z"
      />`,
  ),
} as const
