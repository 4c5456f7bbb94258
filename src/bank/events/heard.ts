/** The feed of events, its refusals among them, for the test that walks the documents. */
import assert from 'node:assert/strict'

/** Asks one operation, and answers its body once it has the status and the shape that its document says. */
type Expect = (
  status: number,
  operation: string,
  given: { query?: string },
) => Promise<Record<string, unknown>>

export const hearEvents = async (expect: Expect): Promise<void> => {
  const first = await expect(200, 'listEvents', { query: '?limit=1' })
  assert.equal(typeof first['next'], 'string')
  const rest = await expect(200, 'listEvents', { query: `?cursor=${String(first['next'])}` })
  assert.ok(Array.isArray(rest['data']))
  await expect(200, 'listEvents', { query: '?types=payments.*,cards.issued' })
  await expect(400, 'listEvents', { query: '?cursor=of-nobody' })
  await expect(400, 'listEvents', { query: '?types=nothing.happened' })
}
