import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { documents } from '../../sdk/typescript/generate.ts'

const folder = join(import.meta.dirname, '../../sdk/typescript/documents')
/** What a formatter may change. */
const bare = (text: string) => text.replaceAll(/[\s,;|()]|\*\//g, '')

test('the client’s types are those of the bank’s documents: node sdk/typescript/generate.ts writes them', () => {
  const written = documents()
  assert.deepEqual(readdirSync(folder).toSorted(), [...written.keys()].toSorted())
  for (const [name, text] of written)
    assert.equal(bare(readFileSync(join(folder, name), 'utf8')), bare(text), name)
})
