/** What a partner sees of the walls at the gateway: S45, and the environment in every answer. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openCell, refused } from '../gateway/cell.ts'
import { answerJson } from '../gateway/played.ts'

const cell = await openCell()
after(() => cell.close())
const holder = await cell.addHolder('mtls')
await cell.start()
await cell.publishAndWait()
cell.setPlay((_, response) => answerJson(response, 200, { data: [], next: null }))

test('an address with a card number in it is refused, and the bank does not hear of it', async () => {
  const token = await cell.token(holder)
  const heard = cell.heard.length
  for (const path of [
    '/cards/v1/cards?cursor=4111111111111111',
    '/cards/v1/cards/4111111111111111',
    '/cards/v1/cards/4111-1111-1111-1111',
  ])
    refused(await cell.callMtls(holder, token, { path }), 400, 'gateway/card-number-refused')
  for (const cursor of ['4111%201111%201111%201111', '4111+1111+1111+1111', '%34111111111111111'])
    assert.equal(
      (await cell.callMtls(holder, token, { path: `/cards/v1/cards?cursor=${cursor}` })).status,
      400,
    )
  assert.equal(cell.heard.length, heard)
})

test('an address with ids and dates is no card number', async () => {
  const token = await cell.token(holder)
  for (const path of [
    '/cards/v1/cards',
    `/cards/v1/cards?cursor=eyJhIjoxNzYzODEyODAwMDAwfQ`,
    '/cards/v1/cards?limit=100',
  ]) {
    const { json } = await cell.callMtls(holder, token, { path })
    assert.notEqual(json['code'], 'gateway/card-number-refused', path)
  }
})

test('every answer says of which environment it is, also a refusal', async () => {
  const token = await cell.token(holder)
  for (const asked of [{ path: '/cards/v1/cards' }, { path: '/nowhere' }, { method: 'TRACE' }])
    assert.equal(
      (await cell.callMtls(holder, token, asked)).headers['portico-environment'],
      'production',
    )
})
