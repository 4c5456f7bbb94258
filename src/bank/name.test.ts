import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compareNames } from './name.ts'

const person = (given: string, held: string) => compareNames(given, held, 'person')
const company = (given: string, held: string) => compareNames(given, held, 'organisation')

test('script, apostrophes, case, order and spaces do not matter', () => {
  for (const [given, held] of [
    ['Dilnoza Rahimova', 'Rahimova Dilnoza Akmal qizi'],
    ['РАХИМОВА ДИЛНОЗА', 'Rahimova Dilnoza Akmal qizi'],
    ['Раҳимова Дилноза Акмал қизи', 'Rahimova Dilnoza Akmal qizi'],
    ["  o'g'iloy   TO'XTAYEVA ", 'Тўхтаева Ўғилой Эркин қизи'],
    ['Oʻgʻiloy Toʻxtayeva', 'Тўхтаева Ўғилой'],
    ['O‘g‘iloy To‘xtayeva', 'Toʼxtayeva Oʼgʼiloy'],
    ['Ulugbek Gulomov', 'Ғуломов Улуғбек'],
    ['Jasur Gʻulomov', 'Гуломов Джасур Хикмат угли'],
    ['Kodirov Rustam', 'Қодиров Рустам Шавкат ўғли'],
    ['Qodirov Rustam Shavkat', 'Қодиров Рустам Шавкат ўғли'],
    ['Timur Akhmedov', 'Аҳмедов Тимур Равшанович'],
    ['Lola Abdullayeva Kim', 'Абдуллаева-Ким Лола Юрьевна'],
    ['Ольга Ким', 'Kim Olga Viktorovna'],
  ] as const)
    assert.equal(person(given, held), 'MATCH', `${given} is ${held}`)
})

test('the father’s name may be left out on either side, and must not be another', () => {
  assert.equal(person('Karimov Aziz', 'Karimov Aziz Anvar oʻgʻli'), 'MATCH')
  assert.equal(person('Karimov Aziz Anvar oʻgʻli', 'Karimov Aziz'), 'MATCH')
  assert.equal(person('Karimov Aziz Sobir oʻgʻli', 'Karimov Aziz Anvar oʻgʻli'), 'NO_MATCH')
})

test('one slip is close', () => {
  assert.equal(person('Dilnoza Rahimovaa', 'Rahimova Dilnoza'), 'MATCH', 'double letters fold')
  assert.equal(person('Dilnoza Rahinova', 'Rahimova Dilnoza'), 'CLOSE_MATCH')
  assert.equal(person('Diloza Rahimova', 'Rahimova Dilnoza'), 'CLOSE_MATCH')
  assert.equal(person('D. Rahimova', 'Rahimova Dilnoza'), 'CLOSE_MATCH')
  assert.equal(person('Rahimov Dilnoza', 'Rahimova Dilnoza'), 'CLOSE_MATCH')
  assert.equal(company('Bozr Market', '«Бозор Маркет» МЧЖ'), 'CLOSE_MATCH')
  assert.equal(company('BozorMarket MCHJ', '«Бозор Маркет» МЧЖ'), 'CLOSE_MATCH')
})

test('another name is none', () => {
  assert.equal(person('Olga Kim', 'Rahimova Dilnoza'), 'NO_MATCH')
  assert.equal(person('Dilnoza Karimova', 'Rahimova Dilnoza'), 'NO_MATCH')
  assert.equal(person('Rahimova', 'Rahimova Dilnoza'), 'NO_MATCH', 'a family name is not a person')
  assert.equal(person('Dilnoza', 'Rahimova Dilnoza'), 'NO_MATCH')
  assert.equal(person('D R', 'Rahimova Dilnoza'), 'NO_MATCH', 'two initials are anybody')
  assert.equal(person('Ali Kim', 'Kim Olga'), 'NO_MATCH')
  assert.equal(company('Market', '«Бозор Маркет» МЧЖ'), 'NO_MATCH')
  assert.equal(person('... --', 'Rahimova Dilnoza'), 'NO_MATCH')
})

test('a company’s legal form does not matter', () => {
  assert.equal(company('Bozor Market MCHJ', '«Бозор Маркет» МЧЖ'), 'MATCH')
  assert.equal(company('BOZOR MARKET', '«Бозор Маркет» МЧЖ'), 'MATCH')
  assert.equal(company('ООО Бозор Маркет', '«Бозор Маркет» МЧЖ'), 'MATCH')
})

test('every name matches itself, in any order of its words, and no text breaks the comparison', () => {
  const word = fc.stringMatching(/^[A-Z][a-z]{3,9}$/)
  fc.assert(
    fc.property(word, word, (given, family) => {
      assert.equal(person(`${given} ${family}`, `${family} ${given}`), 'MATCH')
    }),
  )
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 140 }), (text) => {
      assert.match(person(text, 'Rahimova Dilnoza'), /^(NO_MATCH|CLOSE_MATCH|MATCH)$/)
    }),
  )
})
