/** Styles, script and fonts of the page, read once and held: the page needs no disk but its own. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

export interface Asset {
  readonly type: string
  readonly body: Buffer
  readonly etag: string
}

const types = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
} as const

const asset = (type: keyof typeof types, content: string | Buffer): Asset => {
  const body = Buffer.from(content)
  const digest = createHash('sha256').update(body).digest('base64url')
  return { type: types[type], body, etag: `"${digest.slice(0, 22)}"` }
}

const ui = join(import.meta.dirname, '../../ui')
/** What the three languages need; the font has more. */
const WANTED = /-(latin|latin-ext|cyrillic|cyrillic-ext)-wght-normal\.woff2$/

/** By path. The kit's tokens are the only place where a colour is written. */
export const loadAssets = (): ReadonlyMap<string, Asset> => {
  const onest = dirname(
    createRequire(import.meta.url).resolve('@fontsource-variable/onest/package.json'),
  )
  const faces = readFileSync(join(onest, 'index.css'), 'utf8')
    .split(/(?=\/\* onest-)/)
    .filter((face) => WANTED.test(/url\(([^)]+)\)/.exec(face)?.[1] ?? ''))
    .join('')
    // Beside the style sheet, wherever that is served.
    .replaceAll('./files/', 'fonts/')
  const read = (path: string) => readFileSync(join(ui, path))
  const fonts = readdirSync(join(onest, 'files')).filter((name) => WANTED.test(name))
  return new Map([
    ['/assets/tokens.css', asset('css', read('kit/styles/tokens.css'))],
    ['/assets/status.css', asset('css', read('status/status.css'))],
    ['/assets/fonts.css', asset('css', faces)],
    ['/assets/status.js', asset('js', read('status/status.js'))],
    ['/assets/appearance.js', asset('js', read('kit/public/appearance.js'))],
    ['/assets/mark.svg', asset('svg', read('kit/public/mark.svg'))],
    ...fonts.map(
      (name) =>
        [
          `/assets/fonts/${name}`,
          asset('woff2', readFileSync(join(onest, 'files', name))),
        ] as const,
    ),
  ])
}
