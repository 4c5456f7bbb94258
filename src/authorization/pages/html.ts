/** Pages are made of the platform's HTML: what stands in it is escaped. */
export { type Html, html, type Piece } from '#platform/html.ts'
