import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8')

type Scheme = 'light' | 'dark'
const schemes: readonly Scheme[] = ['light', 'dark']

/** Every colour token in both schemes, read from the stylesheet itself. */
const tokens = new Map<string, Record<Scheme, string>>()
for (const [, name = '', light = '', dark = ''] of css.matchAll(
  /--([\w-]+):\s*light-dark\(\s*(#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\s*\)/gi,
))
  if (!tokens.has(name)) tokens.set(name, { light, dark })
for (const [, name = '', both = ''] of css.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})\s*;/gi))
  tokens.set(name, { light: both, dark: both })

const channel = (hex: string) => {
  const share = Number.parseInt(hex, 16) / 255
  return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
}

/** WCAG 2.2, relative luminance. */
const luminance = (colour: string) =>
  0.2126 * channel(colour.slice(1, 3)) +
  0.7152 * channel(colour.slice(3, 5)) +
  0.0722 * channel(colour.slice(5, 7))

const contrast = (a: string, b: string) => {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

const colour = (name: string, scheme: Scheme): string => {
  const token = tokens.get(name)
  assert.ok(token, `tokens.css has no colour ${name}`)
  return token[scheme]
}

const grounds = ['canvas', 'surface', 'sunken', 'raised', 'hover', 'selected'] as const
const statuses = ['good', 'warn', 'bad', 'quiet'] as const
const classes = ['public', 'personal', 'financial', 'card', 'secret'] as const

/** Text, the grounds that it meets, and in which schemes: code and the rail are dark in both. */
const read: readonly (readonly [text: string, grounds: readonly string[]])[] = [
  ['ink', [...grounds, 'accent-soft', 'sandbox-soft', 'production-soft']],
  ['ink-2', [...grounds, 'accent-soft', 'good-soft', 'warn-soft', 'bad-soft', 'sandbox-soft']],
  ['ink-3', ['canvas', 'surface', 'sunken', 'hover', 'raised', 'quiet-soft']],
  ['accent', ['canvas', 'surface', 'sunken', 'hover', 'raised', 'accent-soft']],
  ['accent-ink', ['accent-soft', 'selected']],
  ['ink-on-fill', ['accent-fill', 'accent-hover']],
  ['production-ink', ['production-fill']],
  ['sandbox-ink', ['sandbox-fill', 'sandbox-fill-2', 'sandbox-soft']],
  ...statuses.map((status) => [status, [`${status}-soft`, 'surface']] as const),
  ...classes.map((name) => [`class-${name}-fg`, [`class-${name}-bg`]] as const),
  ...['ink', 'dim', 'key', 'string', 'number', 'word'].map(
    (part) => [`code-${part}`, ['shade']] as const,
  ),
]

/** Shapes that mean something: controls, focus, charts, stones. */
const seen: readonly (readonly [shape: string, grounds: readonly string[]])[] = [
  ['line-control', ['canvas', 'surface']],
  ['focus', [...grounds, 'accent-soft', 'shade']],
  ['accent-fill', ['canvas', 'surface']],
  ...['good', 'warn', 'bad'].map((status) => [`${status}-fill`, ['surface']] as const),
  ...[1, 2, 3, 4, 5].map((series) => [`chart-${series}`, ['surface']] as const),
]

const faults = (
  pairs: readonly (readonly [string, readonly string[]])[],
  least: number,
): { checked: number; found: string[] } => {
  let checked = 0
  const found = pairs.flatMap(([front, backs]) =>
    backs.flatMap((back) =>
      schemes.flatMap((scheme) => {
        checked++
        const ratio = contrast(colour(front, scheme), colour(back, scheme))
        return ratio >= least ? [] : [`${front} on ${back}, ${scheme}: ${ratio.toFixed(2)}`]
      }),
    ),
  )
  return { checked, found }
}

test('text has a contrast of 4.5 to 1 on every ground that it meets, light and dark', () => {
  const { checked, found } = faults(read, 4.5)
  assert.deepEqual(found, [])
  assert.ok(checked > 100)
})

test('controls, focus, stones and charts have a contrast of 3 to 1', () => {
  assert.deepEqual(faults(seen, 3).found, [])
})

test('contrast is computed as WCAG computes it', () => {
  assert.equal(contrast('#000000', '#ffffff'), 21)
  assert.equal(contrast('#777777', '#ffffff').toFixed(2), '4.48')
})
