import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from '#kernel/problem.ts'
import { readTar, writeTar } from './tar.ts'

const files = [
  { name: 'pack.json', bytes: Buffer.from('{"a":1}') },
  { name: 'csv/calls.csv', bytes: Buffer.alloc(600, 'x') },
]
const BLOCK = 512
const faultOf = (archive: Buffer): string => {
  try {
    readTar(archive)
    return 'read'
  } catch (error) {
    assert.ok(error instanceof Problem, String(error))
    assert.equal(error.code, 'evidence-packs/archive')
    return error.detail
  }
}

test('a bit that is turned outside of the files is found, and the file beside it is named', () => {
  const honest = writeTar(files)
  const inside = (at: number) =>
    (at >= BLOCK && at < BLOCK + 7) || (at >= 3 * BLOCK && at < 3 * BLOCK + 600)
  for (let at = 0; at < honest.length; at++) {
    if (inside(at)) continue
    for (const bit of [1, 128]) {
      const bent = Buffer.from(honest)
      bent.writeUInt8(bent.readUInt8(at) ^ bit, at)
      assert.notEqual(faultOf(bent), 'read', `byte ${at}`)
    }
  }
  const mode = Buffer.from(honest)
  mode.write('7', 2 * BLOCK + 104)
  assert.match(faultOf(mode), /around csv\/calls\.csv, at byte 1128/)
})

test('an archive that was packed again by another program, cut, or made longer is no evidence pack', () => {
  const honest = writeTar(files)
  assert.deepEqual(readTar(honest), files)
  assert.match(faultOf(Buffer.concat([honest, Buffer.alloc(BLOCK)])), /behind the last file, 1536/)
  assert.match(faultOf(honest.subarray(0, -BLOCK)), /behind the last file, 512/)
  assert.match(faultOf(honest.subarray(0, 3 * BLOCK)), /csv\/calls\.csv is cut off/)
  assert.match(faultOf(Buffer.alloc(2 * BLOCK)), /no files/)
})
