import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { FileType } from './bulk.ts'
import { fileOf, type Written } from './file.ts'
import type { RawLine } from './line.ts'
import { linesOf } from './reading.ts'

/** The bytes in pieces of a size, as they come out of the database. */
const pieces = async function* (text: string, size: number) {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
const read = (type: FileType, text: string, size = 7) =>
  Array.fromAsync(linesOf(type, pieces(text, size)))
const types: readonly FileType[] = ['csv', 'json', 'pain.001.001.09']

const letters = fc.string({
  unit: fc.constantFrom(...'aбʻ "<&>,;]}\\éЖ'.split('')),
  minLength: 1,
  maxLength: 20,
})
const shown = letters.map((text) => text.trim()).filter((text) => text !== '')
const written: fc.Arbitrary<Written> = fc.record({
  creditorAccount: fc.constant('20208000700000007001'),
  bankCode: fc.constantFrom(undefined, '09998'),
  creditorName: shown,
  amount: fc.constantFrom('1.00', '250000.5', '7'),
  currency: fc.constant('UZS'),
  endToEndIdentification: fc.option(shown, { nil: undefined }),
  remittanceInformation: fc.option(shown, { nil: undefined }),
})
const there = (line: RawLine) =>
  Object.fromEntries(Object.entries(line).filter(([, value]) => value !== undefined))

test('whatever stands in a line, in whatever pieces the file comes, each format reads what was written', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(written, { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 40 }),
      async (lines, size) => {
        for (const type of types) {
          const found = await read(type, fileOf(type, lines), size)
          assert.deepEqual(found.map(there), lines.map(there), type)
        }
      },
    ),
    { numRuns: 30 },
  )
})

const line: Written = {
  creditorAccount: '20208000700000007001',
  creditorName: 'Bozor',
  amount: '1.00',
  currency: 'UZS',
}
const xml = fileOf('pain.001.001.09', [line])
const laughs = `<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>`

for (const [what, type, text] of [
  [
    'CWE-776: XML with entities that grow',
    'pain.001.001.09',
    xml.replace('<Document', `${laughs}<Document`).replace('Bozor', '&b;'),
  ],
  [
    'CWE-611: XML that reads a file',
    'pain.001.001.09',
    xml.replace('<Document', '<!DOCTYPE d SYSTEM "file:///etc/passwd"><Document'),
  ],
  ['XML with an entity that nobody defined', 'pain.001.001.09', xml.replace('Bozor', '&b;')],
  [
    'XML of another message',
    'pain.001.001.09',
    xml.replaceAll('pain.001.001.09', 'pain.001.001.03'),
  ],
  ['XML that is cut off', 'pain.001.001.09', xml.slice(0, -20)],
  ['XML nested without end', 'pain.001.001.09', xml.replace('<GrpHdr>', '<GrpHdr>'.repeat(50))],
  ['XML with a text without end', 'pain.001.001.09', xml.replace('Bozor', 'x'.repeat(5_000))],
  [
    'CSV with a column that is not known',
    'csv',
    'creditorAccount,creditorName,amount,currency,iban\n',
  ],
  ['CSV without an amount', 'csv', 'creditorAccount,creditorName,currency\n'],
  ['CSV with an open quote', 'csv', `${fileOf('csv', [line])}"`],
  ['CSV with a record without end', 'csv', `${fileOf('csv', [line])}${'x'.repeat(40_000)}`],
  ['JSON that is no array', 'json', '{"creditorName":"x"}'],
  ['JSON with a number for an amount', 'json', '[{"amount":1.00}]'],
  ['JSON with two commas', 'json', '[{},,{}]'],
  ['JSON with something behind it', 'json', '[{}]x'],
  ['JSON that is cut off', 'json', '[{"a":"b"},'],
  ['JSON with an object without end', 'json', `[{"a":"${'x'.repeat(40_000)}"}]`],
  ['JSON with a member that is not known', 'json', '[{"iban":"x"}]'],
  ['text that is not UTF-8', 'json', 'latin'],
] as const)
  test(`${what} is refused`, async () => {
    const bytes = text === 'latin' ? Buffer.from('[{"creditorName":"\xe9"}]', 'latin1') : text
    const file =
      typeof bytes === 'string'
        ? pieces(bytes, 11)
        : (async function* () {
            yield bytes
          })()
    await assert.rejects(Array.fromAsync(linesOf(type, file)), { code: 'payments/file-refused' })
  })
