/** HTML whose values are escaped unless they are HTML themselves: a partner's name can never become a tag. */
export interface Html {
  readonly html: string
}

export type Piece = Html | string | number | null | undefined | false | readonly Piece[]

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const isHtml = (piece: Html | readonly Piece[]): piece is Html => 'html' in piece

const rendered = (piece: Piece): string => {
  if (piece === null || piece === undefined || piece === false) return ''
  if (typeof piece === 'object') return isHtml(piece) ? piece.html : piece.map(rendered).join('')
  return String(piece).replaceAll(/[&<>"']/g, (sign) => escapes[sign] ?? '')
}

export const html = (strings: TemplateStringsArray, ...pieces: readonly Piece[]): Html => ({
  html: strings.map((text, i) => text + rendered(pieces[i])).join(''),
})
