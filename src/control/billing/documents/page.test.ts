import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPaper } from './page.ts'

/** How many pages a paper of so many rows takes, with the names of its columns over each page or without. */
const pagesOf = async (rows: number, withColumns: boolean): Promise<number> => {
  const paper = openPaper({
    title: 'Rows',
    language: 'en',
    at: Temporal.Instant.from('2026-11-01T00:00:00Z'),
  })
  if (withColumns)
    paper.columns({ text: 'what', quantity: 'how many', price: 'each', amount: 'sum' })
  for (let n = 0; n < rows; n++) paper.row({ text: `row ${n}`, amount: String(n) })
  const bytes = await paper.bytes((page, pages) => `${page} of ${pages}`)
  return bytes.toString('latin1').match(/\/Type \/Page\b/g)?.length ?? 0
}

test('a page that is full is followed by pages that are filled too', async () => {
  for (const withColumns of [false, true]) {
    const onOne = await pagesOf(30, withColumns)
    assert.equal(onOne, 1)
    const pages = await pagesOf(300, withColumns)
    assert.ok(pages > 5 && pages < 10, `${pages} pages for 300 rows`)
  }
})
