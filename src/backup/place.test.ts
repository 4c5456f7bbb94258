import assert from 'node:assert/strict'
import { test } from 'node:test'
import { placeIn, segmentOf, stretchesOf, textOf } from './place.ts'

const MIB_16 = 16 * 1024 * 1024

test('a place is read and written as PostgreSQL does', () => {
  for (const text of ['0/0', '0/16B3740', '1A/FF000028']) assert.equal(textOf(placeIn(text)), text)
})

test('a place stands in the file that pg_walfile_name would name', () => {
  assert.equal(segmentOf(1, placeIn('0/16B3740'), MIB_16), '000000010000000000000001')
  assert.equal(segmentOf(3, placeIn('1A/FF000028'), MIB_16), '000000030000001A000000FF')
  assert.equal(segmentOf(1, placeIn('2/0'), MIB_16), '000000010000000200000000')
})

test('what lies over the end of a file is two stretches, and they meet', () => {
  const from = placeIn('0/1FFFF00')
  const to = placeIn('0/2000100')
  assert.deepEqual(stretchesOf({ timeline: 1, segmentBytes: MIB_16 }, from, to), [
    { name: '000000010000000000000001', offset: MIB_16 - 256, length: 256 },
    { name: '000000010000000000000002', offset: 0, length: 256 },
  ])
  assert.deepEqual(stretchesOf({ timeline: 1, segmentBytes: MIB_16 }, to, to), [])
})
