/** The Samarkand star and the few icons of the plain pages. */
import { type Html, html } from './html.ts'

const CELL = 28
const COLUMNS = 20
const ROWS = 3

/** An eight-pointed star in a cell of 28: two squares, one turned. */
const star = (column: number, row: number): Html => {
  const points = [
    [28, 14],
    [23.9, 18.1],
    [23.9, 23.9],
    [18.1, 23.9],
    [14, 28],
    [9.9, 23.9],
    [4.1, 23.9],
    [4.1, 18.1],
    [0, 14],
    [4.1, 9.9],
    [4.1, 4.1],
    [9.9, 4.1],
    [14, 0],
    [18.1, 4.1],
    [23.9, 4.1],
    [23.9, 9.9],
  ].map(([x = 0, y = 0]) => `${(x + column * CELL).toFixed(1)},${(y + row * CELL).toFixed(1)}`)
  // Which stars are darker looks like chance and is always the same.
  const glaze = [1, 1, 2, 1, 1, 1, 3, 1, 2, 1, 1][(column * 7 + row * 5) % 11] ?? 1
  return html`<polygon class="t${glaze}" points="${points.join(' ')}" />`
}

/** A band of tiles: on thresholds only. */
export const tiles: Html = html`<svg
  class="tiles"
  viewBox="0 0 ${COLUMNS * CELL} ${ROWS * CELL}"
  preserveAspectRatio="xMaxYMin slice"
  aria-hidden="true"
>
  <rect class="t0" width="${COLUMNS * CELL}" height="${ROWS * CELL}" />
  ${Array.from({ length: ROWS * COLUMNS }, (_, i) => star(i % COLUMNS, Math.floor(i / COLUMNS)))}
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

/** lucide (ISC): eye, eye-off, ban, clock, circle-alert, check, flask-conical, pen-line. */
export const icons = {
  sees: icon(
    html`<path
        d="M2.062 12.348a1 1 0 0 1 0-.696 10.75 10.75 0 0 1 19.876 0 1 1 0 0 1 0 .696 10.75 10.75 0 0 1-19.876 0"
      /><circle cx="12" cy="12" r="3" />`,
  ),
  seesNot: icon(
    html`<path
        d="M10.733 5.076a10.744 10.744 0 0 1 11.205 6.575 1 1 0 0 1 0 .696 10.747 10.747 0 0 1-1.444 2.49"
      /><path d="M14.084 14.158a3 3 0 0 1-4.242-4.242" /><path
        d="M17.479 17.499a10.75 10.75 0 0 1-15.417-5.151 1 1 0 0 1 0-.696 10.75 10.75 0 0 1 4.446-5.143"
      /><path d="m2 2 20 20" />`,
  ),
  never: icon(html`<circle cx="12" cy="12" r="10" /><path d="M4.929 4.929 19.07 19.071" />`),
  clock: icon(html`<circle cx="12" cy="12" r="10" /><path d="M12 6v6l4 2" />`),
  signs: icon(html`<path d="M12 20h9" /><path d="M16.5 3.5a2.12 2.12 0 0 1 3 3L7 19l-4 1 1-4Z" />`),
  wrong: icon(html`<circle cx="12" cy="12" r="10" /><path d="M12 8v4M12 16h.01" />`),
  done: icon(html`<path d="M20 6 9 17l-5-5" />`),
  flask: icon(
    html`<path
      d="M14 2v6a2 2 0 0 0 .245.96l5.51 10.08A2 2 0 0 1 18 22H6a2 2 0 0 1-1.755-2.96l5.51-10.08A2 2 0 0 0 10 8V2M6.453 15h11.094M8.5 2h7"
    />`,
  ),
} as const
