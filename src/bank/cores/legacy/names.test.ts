import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import iconv from 'iconv-lite'
import { carried, properName, sentence } from './names.ts'

test('a name in capitals becomes a name', () => {
  assert.equal(properName('КОДИРОВ РУСТАМ ШАВКАТ ЎГЛИ'), 'Кодиров Рустам Шавкат ўгли')
  assert.equal(properName('  САИДОВА   НОДИРА ГАЙРАТ КИЗИ  '), 'Саидова Нодира Гайрат кизи')
  assert.equal(properName('АБДУЛЛАЕВА-КИМ ЛОЛА ЮРЬЕВНА'), 'Абдуллаева-Ким Лола Юрьевна')
  assert.equal(properName('ЁКУБОВ Ж.Т.'), 'Ёкубов Ж.Т.')
  assert.equal(properName("YO'LDOSHEV O'TKIR"), "Yo'ldoshev O'tkir")
})

test('an organisation keeps its legal form', () => {
  assert.equal(properName('"БОЗОР МАРКЕТ" МЧЖ'), '"Бозор Маркет" МЧЖ')
  assert.equal(properName('"НАМУНА БАНК" АТБ'), '"Намуна Банк" АТБ')
  assert.equal(properName('ЯТТ СОБИРОВА ОЙГУЛ'), 'ЯТТ Собирова Ойгул')
})

test('a line in capitals becomes a sentence; what people wrote stays as they wrote it', () => {
  assert.equal(sentence('КАРТА БЎЙИЧА ТЎЛОВ'), 'Карта бўйича тўлов')
  assert.equal(sentence('ХАРИД, ЧЕК 2718'), 'Харид, чек 2718')
  assert.equal(sentence('Тўлов INV-2026ab'), 'Тўлов INV-2026ab')
  assert.equal(sentence('ORDER A17BX'), 'ORDER A17BX')
})

test('what the code page lacks is carried by what it has', () => {
  assert.equal(carried('Қодиров Ғайрат Ҳасан ўғли', 40), 'Кодиров Гайрат Хасан ўгли')
  assert.equal(
    carried('Oʻrtoqlik uchun «№7» – shoshilinch', 60),
    'O\'rtoqlik uchun "№7" - shoshilinch',
  )
  assert.equal(carried('José Müller', 40), 'Jose Muller')
  assert.equal(carried('ти\u0306х', 40), 'тйх')
  assert.equal(carried('a\r\n\tb\u0000c', 40), 'a b c')
  assert.equal(carried('🙂 漢', 40), '? ?')
  assert.equal(carried('абвгд еж', 6), 'абвгд')
})

test('whatever people write, what is carried fits the width and the code page', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 120 }),
      fc.integer({ min: 1, max: 80 }),
      (text, width) => {
        const line = carried(text, width)
        assert.ok(line.length <= width)
        assert.equal(line, line.trim())
        for (const one of [line, line.toUpperCase()])
          assert.equal(iconv.decode(iconv.encode(one, 'cp866'), 'cp866'), one)
      },
    ),
    { numRuns: 2000 },
  )
})
