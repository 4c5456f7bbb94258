import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { type Language, languages, pluralCategories } from '#kernel/format.ts'
import { type Catalogue, filled, type Message, namesIn, piecesOf } from '../text.ts'

const ui = resolve(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(resolve(ui, file), 'utf8')

const Spoken = z.record(z.string(), z.union([z.string(), z.record(z.string(), z.string())]))
const spokenIn = async (folder: string, language: Language): Promise<Catalogue> => {
  const found: Record<string, unknown> = await import(
    pathToFileURL(resolve(ui, folder, `${language}.ts`)).href
  )
  return Spoken.parse(found[language])
}

/** Every folder of messages that there is: a new one is judged without being named here. */
const folders = globSync('**/messages/en.ts', { cwd: ui })
  .map((file) => dirname(file))
  .filter((folder) => !folder.startsWith('dist'))
  .toSorted()

const catalogues: Readonly<Record<string, Record<Language, Catalogue>>> = Object.fromEntries(
  await Promise.all(
    folders.map(async (folder) => [
      dirname(folder),
      {
        en: await spokenIn(folder, 'en'),
        ru: await spokenIn(folder, 'ru'),
        uz: await spokenIn(folder, 'uz'),
      },
    ]),
  ),
)

const formsOf = (message: Message): string[] =>
  typeof message === 'string' ? [message] : Object.values(message)

/** Every message in one language, with the place that a failure names. */
const all = (language: Language) =>
  Object.entries(catalogues).flatMap(([front, spoken]) =>
    Object.entries(spoken[language]).map(([key, message]) => ({
      place: `${front} ${language} ${key}`,
      key,
      message,
      english: spoken.en[key] ?? '',
    })),
  )

test('every language says everything that English says, and nothing else', () => {
  for (const [front, spoken] of Object.entries(catalogues))
    for (const language of languages)
      assert.deepEqual(
        Object.keys(spoken[language]).toSorted(),
        Object.keys(spoken.en).toSorted(),
        `${front} ${language}`,
      )
})

test('a front that speaks a catalogue in English fetches it in the other languages too, and every catalogue is spoken', () => {
  const spoken = new Set<string>()
  for (const front of ['portal', 'console', 'kit']) {
    const source = read(`${front}/messages/index.ts`)
    const said = (language: Language) =>
      [...source.matchAll(new RegExp(`'([./\\w-]+)/${language}\\.ts'`, 'g'))]
        .map(([, folder = '']) => join(front, 'messages', folder))
        .toSorted()
    const english = said('en').filter((folder) => front === 'kit' || folder !== 'kit/messages')
    for (const language of languages.slice(1)) assert.deepEqual(said(language), english, front)
    for (const folder of english) spoken.add(folder)
  }
  const fronts = folders.filter((folder) => /^(kit|portal|console)\//.test(folder))
  assert.deepEqual([...spoken].toSorted(), fronts)
})

test('no front has two words of one name', () => {
  for (const front of ['portal', 'console']) {
    const source = read(`${front}/messages/index.ts`)
    const places = new Map<string, string>()
    for (const [, folder = ''] of source.matchAll(/'([./\w-]+)\/en\.ts'/g)) {
      const place = dirname(join(front, 'messages', folder))
      for (const key of Object.keys(catalogues[place]?.en ?? {})) {
        const before = places.get(key)
        assert.ok(before === undefined, `${key} of ${place} stands in ${before} too`)
        places.set(key, place)
      }
    }
  }
})

test('a translation names the same values as its English sentence', () => {
  for (const language of languages)
    for (const { place, message, english } of all(language))
      assert.deepEqual([...namesIn(message)].toSorted(), [...namesIn(english)].toSorted(), place)
})

test('a counted message has exactly the plural forms that its language distinguishes', () => {
  for (const language of languages)
    for (const { place, message, english } of all(language)) {
      assert.equal(typeof message, typeof english, place)
      if (typeof message !== 'string')
        assert.deepEqual(
          Object.keys(message).toSorted(),
          pluralCategories[language].toSorted(),
          place,
        )
    }
})

test('no message is empty, shouts, begs or is left in English', () => {
  for (const language of languages)
    for (const { place, message } of all(language))
      for (const form of formsOf(message)) {
        assert.notEqual(form.trim(), '', place)
        assert.doesNotMatch(form, /!|\bplease\b|\boops\b|пожалуйста|iltimos/iu, place)
        const words = form
          .replaceAll(/\{\w+\}|`[^`]*`|\b[A-Z][A-Za-z]*\b/gu, ' ')
          .replaceAll(/[^\p{L}]+/gu, ' ')
          .trim()
        if (language === 'ru' && words !== '') assert.match(words, /\p{Script=Cyrillic}/u, place)
      }
})

test('Uzbek writes oʻ and gʻ with U+02BB and the tutuq belgisi with U+02BC', () => {
  for (const { place, message } of all('uz'))
    for (const form of formsOf(message)) {
      assert.doesNotMatch(form, /[oOgG]['’‘`]/u, place)
      assert.doesNotMatch(form, /\p{Ll}['’‘`]\p{Ll}/u, place)
    }
})

test('pages speak every word of the catalogues, and none is left over', () => {
  for (const front of Object.keys(catalogues)) {
    const [top = ''] = front.split('/')
    const source = globSync(`${top === 'kit' ? '{kit,portal,console}' : top}/**/*.{ts,tsx}`, {
      cwd: ui,
    })
      .filter((file) => !file.includes('messages'))
      .map(read)
      .join('\n')
    const spoken = [...source.matchAll(/'([\w./-]+)'/g)].map((found) => found[1])
    const patterns = [...source.matchAll(/`([a-z-]+\.[^`]*\$\{[^`]*)`/g)].map(
      ([, template = '']) => new RegExp(`^${template.replaceAll(/\$\{[^}]*\}/g, '[\\w.-]+')}$`),
    )
    const families = [...source.matchAll(/word\('([\w-]+)',/g)].map((found) => `${found[1]}.`)
    const unspoken = Object.keys(catalogues[front]?.en ?? {}).filter(
      (key) =>
        !spoken.includes(key) &&
        !patterns.some((pattern) => pattern.test(key)) &&
        !families.some((family) => key.startsWith(family)),
    )
    assert.deepEqual(unspoken, [], front)
  }
})

test('values are put in their places, numbers as the language writes them', () => {
  const steps = {
    one: '{done} из {count} шага',
    few: '{done} из {count} шагов',
    many: '{done} из {count} шагов!',
  }

  assert.equal(filled('ru', steps, { done: 1, count: 21 }), '1 из 21 шага')
  assert.equal(filled('ru', steps, { done: 1, count: 3 }), '1 из 3 шагов')
  assert.equal(filled('ru', steps, { done: 1, count: 5 }), '1 из 5 шагов!')
  assert.equal(filled('en', '{n} calls', { n: 12500 }), '12\u00a0500 calls')
  assert.equal(filled('en', 'Type {name}', { name: '{n}' }), 'Type {n}')
})

test('bold and code in a message become pieces, and stray marks stay text', () => {
  assert.deepEqual(piecesOf('*If you approve*, run `a*b`'), [
    { kind: 'bold', text: 'If you approve' },
    { kind: 'plain', text: ', run ' },
    { kind: 'code', text: 'a*b' },
  ])
  assert.deepEqual(piecesOf('2 * 2'), [{ kind: 'plain', text: '2 * 2' }])
})
