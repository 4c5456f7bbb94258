import assert from 'node:assert/strict'
import { test } from 'node:test'
import { html } from './html.ts'
import { languageOf } from './language.ts'
import { say, type TextKey, texts } from './texts/index.ts'

const keys = Object.keys(texts.en) as TextKey[]
const wordsOf = (text: string) =>
  [...text.matchAll(/\{(\w+)\}/g)]
    .map(([, word = '']) => word)
    .toSorted((a, b) => a.localeCompare(b))

test('every sentence exists in all three languages, with the same words to fill in', () => {
  for (const language of ['ru', 'uz'] as const) {
    assert.deepEqual(Object.keys(texts[language]), keys)
    for (const key of keys) {
      assert.ok(texts[language][key].trim(), `${language}.${key}`)
      assert.deepEqual(wordsOf(texts[language][key]), wordsOf(texts.en[key]), `${language}.${key}`)
    }
  }
})

test('no sentence was left in English, and each is written in its own letters', () => {
  // Words that are the same in Uzbek.
  const same = ['login', 'cardVirtual']
  for (const key of keys) {
    assert.match(texts.ru[key], /[а-яё]/i, `ru.${key}`)
    if (!same.includes(key)) assert.notEqual(texts.uz[key], texts.en[key], `uz.${key}`)
    assert.doesNotMatch(texts.uz[key], /[а-яё]|[og]['’‘`]/i, `uz.${key}: oʻ and gʻ take U+02BB`)
    assert.doesNotMatch(texts.uz[key], /\w['’‘`]\w/, `uz.${key}: tutuq is U+02BC`)
    assert.doesNotMatch(texts.en[key], /!|please/i, `en.${key}`)
  }
})

test('a word is filled in wherever it stands, and nothing else is', () => {
  assert.equal(say('en', 'endsOn', { date: '1 Jan 2027', days: 3 }), '1 Jan 2027 (3 days)')
  assert.equal(say('uz', 'who', { partner: '{days}' }), '{days} kim?')
})

test('what is not HTML is escaped wherever it stands', () => {
  const name = '<b>"\'&'
  assert.equal(
    html`<p title="${name}">${name}</p>`.html,
    '<p title="&lt;b&gt;&quot;&#39;&amp;">&lt;b&gt;&quot;&#39;&amp;</p>',
  )
  assert.equal(html`${[html`<i>${1}</i>`, false, undefined, null, 'x']}`.html, '<i>1</i>x')
})

test('an unknown or missing wish for a language leads to English', () => {
  const none = { chosen: null, cookie: undefined, uiLocales: undefined, acceptLanguage: undefined }
  assert.equal(languageOf(none), 'en')
  assert.equal(languageOf({ ...none, acceptLanguage: 'uz-Latn-UZ, ru;q=0.9' }), 'uz')
  assert.equal(languageOf({ ...none, acceptLanguage: 'ru;q=0, uz;q=0.1' }), 'uz')
  assert.equal(languageOf({ ...none, chosen: 'xx', cookie: 'ru' }), 'ru')
})
