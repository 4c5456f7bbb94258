/** Styles and fonts of the pages, held in memory and served by us: nothing is fetched from another host. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { mark } from './ornament.ts'

export interface Asset {
  readonly type: string
  readonly body: Buffer
  readonly etag: string
}

const asset = (type: string, content: string | Buffer): Asset => {
  const body = Buffer.from(content)
  const digest = createHash('sha256').update(body).digest('base64url')
  return { type, body, etag: `"${digest.slice(0, 22)}"` }
}

const css = 'text/css; charset=utf-8'
/** The kit's tokens are the only place where a colour is written. */
const TOKENS = join(import.meta.dirname, '../../../ui/kit/styles/tokens.css')
const ours = (name: string) => readFileSync(join(import.meta.dirname, name))
/** What the three languages need; the font has more. */
const WANTED = /-(latin|latin-ext|cyrillic|cyrillic-ext)-wght-normal\.woff2$/

/** By path. */
export const loadAssets = (): ReadonlyMap<string, Asset> => {
  const onest = dirname(
    createRequire(import.meta.url).resolve('@fontsource-variable/onest/package.json'),
  )
  const faces = readFileSync(join(onest, 'index.css'), 'utf8')
    .split(/(?=\/\* onest-)/)
    .filter((face) => WANTED.test(/url\(([^)]+)\)/.exec(face)?.[1] ?? ''))
    .join('')
    .replaceAll('./files/', '/assets/fonts/')
  const fonts = readdirSync(join(onest, 'files')).filter((name) => WANTED.test(name))
  return new Map([
    ['/assets/tokens.css', asset(css, readFileSync(TOKENS))],
    ['/assets/frame.css', asset(css, ours('frame.css'))],
    ['/assets/parts.css', asset(css, ours('parts.css'))],
    ['/assets/fonts.css', asset(css, faces)],
    [
      '/assets/mark.svg',
      asset('image/svg+xml', mark.html.replace('<svg', '<svg xmlns="http://www.w3.org/2000/svg"')),
    ],
    ...fonts.map(
      (name) =>
        [
          `/assets/fonts/${name}`,
          asset('font/woff2', readFileSync(join(onest, 'files', name))),
        ] as const,
    ),
  ])
}
