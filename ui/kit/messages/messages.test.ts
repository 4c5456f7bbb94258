import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { type Language, languages, pluralCategories } from '#kernel/format.ts'
import { en as approvalsEn } from '../../console/approvals/messages/en.ts'
import { ru as approvalsRu } from '../../console/approvals/messages/ru.ts'
import { uz as approvalsUz } from '../../console/approvals/messages/uz.ts'
import { en as complianceEn } from '../../console/compliance/messages/en.ts'
import { ru as complianceRu } from '../../console/compliance/messages/ru.ts'
import { uz as complianceUz } from '../../console/compliance/messages/uz.ts'
import { en as consoleEn } from '../../console/messages/en.ts'
import { ru as consoleRu } from '../../console/messages/ru.ts'
import { uz as consoleUz } from '../../console/messages/uz.ts'
import { en as callsEn } from '../../portal/calls/messages/en.ts'
import { ru as callsRu } from '../../portal/calls/messages/ru.ts'
import { uz as callsUz } from '../../portal/calls/messages/uz.ts'
import { en as tryItEn } from '../../portal/try-it/messages/en.ts'
import { ru as tryItRu } from '../../portal/try-it/messages/ru.ts'
import { uz as tryItUz } from '../../portal/try-it/messages/uz.ts'
import { en as consoleMoneyEn } from '../../console/money/messages/en.ts'
import { ru as consoleMoneyRu } from '../../console/money/messages/ru.ts'
import { uz as consoleMoneyUz } from '../../console/money/messages/uz.ts'
import { en as operationsEn } from '../../console/operations/messages/en.ts'
import { ru as operationsRu } from '../../console/operations/messages/ru.ts'
import { uz as operationsUz } from '../../console/operations/messages/uz.ts'
import { en as moneyEn } from '../../portal/money/messages/en.ts'
import { ru as moneyRu } from '../../portal/money/messages/ru.ts'
import { uz as moneyUz } from '../../portal/money/messages/uz.ts'
import { en as webhooksEn } from '../../portal/webhooks/messages/en.ts'
import { ru as webhooksRu } from '../../portal/webhooks/messages/ru.ts'
import { uz as webhooksUz } from '../../portal/webhooks/messages/uz.ts'
import { en as portalEn } from '../../portal/messages/en.ts'
import { ru as portalRu } from '../../portal/messages/ru.ts'
import { uz as portalUz } from '../../portal/messages/uz.ts'
import { en as referenceEn } from '../../portal/reference/messages/en.ts'
import { ru as referenceRu } from '../../portal/reference/messages/ru.ts'
import { uz as referenceUz } from '../../portal/reference/messages/uz.ts'
import { en as consoleAdvisoryEn } from '../../console/advisory/messages/en.ts'
import { ru as consoleAdvisoryRu } from '../../console/advisory/messages/ru.ts'
import { uz as consoleAdvisoryUz } from '../../console/advisory/messages/uz.ts'
import { en as consoleWorkEn } from '../../console/work/messages/en.ts'
import { ru as consoleWorkRu } from '../../console/work/messages/ru.ts'
import { uz as consoleWorkUz } from '../../console/work/messages/uz.ts'
import { en as portalAdvisoryEn } from '../../portal/advisory/messages/en.ts'
import { ru as portalAdvisoryRu } from '../../portal/advisory/messages/ru.ts'
import { uz as portalAdvisoryUz } from '../../portal/advisory/messages/uz.ts'
import { en as kitAdvisoryEn } from '../advisory/messages/en.ts'
import { ru as kitAdvisoryRu } from '../advisory/messages/ru.ts'
import { uz as kitAdvisoryUz } from '../advisory/messages/uz.ts'
import { en as portalGoLiveEn } from '../../portal/go-live/messages/en.ts'
import { ru as portalGoLiveRu } from '../../portal/go-live/messages/ru.ts'
import { uz as portalGoLiveUz } from '../../portal/go-live/messages/uz.ts'
import { en as termsEn } from '../contract-terms/messages/en.ts'
import { ru as termsRu } from '../contract-terms/messages/ru.ts'
import { uz as termsUz } from '../contract-terms/messages/uz.ts'
import { type Catalogue, filled, type Message, namesIn, piecesOf } from '../text.ts'
import { en as kitEn } from './en.ts'
import { ru as kitRu } from './ru.ts'
import { uz as kitUz } from './uz.ts'

const catalogues: Record<string, Record<Language, Catalogue>> = {
  kit: { en: kitEn, ru: kitRu, uz: kitUz },
  'portal/go-live': { en: portalGoLiveEn, ru: portalGoLiveRu, uz: portalGoLiveUz },
  'kit/contract-terms': { en: termsEn, ru: termsRu, uz: termsUz },
  'kit/advisory': { en: kitAdvisoryEn, ru: kitAdvisoryRu, uz: kitAdvisoryUz },
  'portal/advisory': { en: portalAdvisoryEn, ru: portalAdvisoryRu, uz: portalAdvisoryUz },
  'console/work': { en: consoleWorkEn, ru: consoleWorkRu, uz: consoleWorkUz },
  'console/advisory': { en: consoleAdvisoryEn, ru: consoleAdvisoryRu, uz: consoleAdvisoryUz },
  portal: { en: portalEn, ru: portalRu, uz: portalUz },
  console: { en: consoleEn, ru: consoleRu, uz: consoleUz },
  'console/approvals': { en: approvalsEn, ru: approvalsRu, uz: approvalsUz },
  'console/money': { en: consoleMoneyEn, ru: consoleMoneyRu, uz: consoleMoneyUz },
  'console/operations': { en: operationsEn, ru: operationsRu, uz: operationsUz },
  'console/compliance': { en: complianceEn, ru: complianceRu, uz: complianceUz },
  'portal/calls': { en: callsEn, ru: callsRu, uz: callsUz },
  'portal/try-it': { en: tryItEn, ru: tryItRu, uz: tryItUz },
  'portal/money': { en: moneyEn, ru: moneyRu, uz: moneyUz },
  'portal/webhooks': { en: webhooksEn, ru: webhooksRu, uz: webhooksUz },
  'portal/reference': { en: referenceEn, ru: referenceRu, uz: referenceUz },
}

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
  const ui = resolve(import.meta.dirname, '../..')
  for (const front of Object.keys(catalogues)) {
    const places = front === 'kit' ? '{kit,portal,console}' : front.split('/')[0]
    const source = globSync(`${places}/**/*.{ts,tsx}`, {
      cwd: ui,
    })
      .filter((file) => !file.includes('messages'))
      .map((file) => readFileSync(resolve(ui, file), 'utf8'))
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
