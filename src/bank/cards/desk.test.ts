import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { uuidv7 } from '#kernel/id.ts'
import { readEntries } from '#journal/index.ts'
import { listenOnSocket, openServer } from '#platform/http.ts'
import { openLog } from '#platform/log.ts'
import { rpcClient } from '#platform/rpc.ts'
import { freshDatabase } from '#test/world.ts'
import { openTrial, uzs } from '../trial.ts'
import { AuthorizationId } from './authorizations/authorization.ts'
import { cardDeskContract, serveCardDesk } from './desk.ts'
import { cardOfConsent } from './pin.ts'
import { applyForProgramme } from './programmes/index.ts'
import { cardTrial } from './trial.ts'

const trial = await openTrial((await freshDatabase('cell')).as('bank'))
const { bank } = trial
const { newCard, shop } = cardTrial(trial)

/** What the vault was asked about PINs; the page itself is tried in the vault's own tests. */
const pinsAsked: string[] = []
const pins = {
  openPage: async ({ cardId }: { cardId: string }) => {
    pinsAsked.push(`open ${cardId}`)
    return { url: 'https://vault.example/pin/secret', expiresAt: '2026-11-22T12:03:00Z' }
  },
  clear: async ({ cardId }: { cardId: string }) => {
    pinsAsked.push(`clear ${cardId}`)
    return { cardId }
  },
}
const server = openServer(openLog({ process: 'desk' }, 'silent'))
serveCardDesk(server, { ...bank, pins })
const socket = join(mkdtempSync(join(tmpdir(), 'desk-')), 'bank.sock')
await listenOnSocket(server, socket)
const desk = rpcClient(cardDeskContract, socket)
after(() => Promise.all([desk.close(), server.close()]))

test('a programme becomes live by the word of a person of the bank, who stands in the journal', async () => {
  const { caller } = await newCard()
  const { id } = await applyForProgramme(
    bank,
    { ...caller, idempotencyKey: uuidv7() },
    {
      name: 'Field staff',
      cardTypes: ['virtual'],
      currencies: ['UZS'],
      controls: { limits: [{ interval: 'daily', amount: uzs(100_00n) }] },
      standIn: { approveUpTo: [] },
    },
  )
  const lower = { limits: [{ interval: 'daily' as const, amount: uzs(10_00n) }] }
  const approval = { staff: 'head', programmeId: id, bin: '999929', controls: lower }
  assert.deepEqual(await desk.approveProgramme(approval), { id, status: 'bank_approved' })
  const line = (await readEntries(bank.db, 0n)).findLast(({ subject }) => subject === id)
  assert.deepEqual([line?.actor, line?.event], ['staff:head', 'cards.programme-approved'])
  await assert.rejects(desk.approveProgramme(approval), {
    code: 'cards/programme-transition-refused',
    status: 409,
  })
})

test('what the network says is said once, and decided as in the sandbox', async () => {
  const { card } = await newCard()
  const { partnerId, id: cardId } = card
  const use = {
    partnerId,
    cardId,
    reference: uuidv7(),
    amount: uzs(50_00n),
    merchant: shop,
    channel: 'online' as const,
    partialApproval: false,
  }
  const one = await desk.authorize(use)
  assert.deepEqual([one.approved, one.approvedAmount], [true, uzs(50_00n)])
  assert.deepEqual(await desk.authorize(use), one)
  await assert.rejects(desk.authorize({ ...use, amount: uzs(51_00n) }), {
    code: 'gateway/idempotency-key-reused',
  })
  const authorizationId = AuthorizationId.parse(one.id)
  const of = { partnerId, authorizationId, reference: uuidv7() }
  const clearing = { ...of, amount: uzs(20_00n), final: false }
  assert.equal((await desk.clear(clearing)).status, 'pending')
  assert.equal((await desk.clear(clearing)).status, 'pending')
  assert.equal((await desk.reverse({ ...of, reference: uuidv7() })).status, 'closed')
  const back = { ...of, reference: uuidv7(), amount: uzs(20_00n) }
  assert.equal((await desk.refund(back)).status, 'closed')
  await assert.rejects(desk.refund({ ...back, reference: uuidv7() }), {
    code: 'cards/amount-exceeded',
  })
})

test('the page of a PIN is opened for the card’s own customer, and cleared by a person who stands in the journal', async () => {
  const { card } = await newCard()
  const { partnerId, id: cardId, customerRef: customer } = card
  const { url } = await desk.openPinPage({ partnerId, cardId, customer })
  assert.equal(url, 'https://vault.example/pin/secret')
  assert.deepEqual(pinsAsked, [`open ${cardId}`])
  const { card: others } = await newCard(undefined, 'other')
  for (const wrong of [
    { partnerId, cardId, customer: others.customerRef },
    { partnerId: others.partnerId, cardId, customer },
  ])
    await assert.rejects(desk.openPinPage(wrong), { code: 'gateway/not-found' })
  assert.equal(pinsAsked.length, 1)

  const asked = { partnerId, consentId: card.consentId, customer }
  assert.deepEqual(await cardOfConsent(bank, asked), { cardId, lastFour: card.lastFour })
  assert.equal(await cardOfConsent(bank, { ...asked, customer: others.customerRef }), null)
  assert.equal(await cardOfConsent(bank, { ...asked, consentId: others.consentId }), null)

  await desk.clearPin({ staff: 'relations', partnerId, cardId })
  assert.deepEqual(pinsAsked, [`open ${cardId}`, `clear ${cardId}`])
  const line = (await readEntries(bank.db, 0n)).findLast(({ subject }) => subject === cardId)
  assert.deepEqual([line?.actor, line?.event], ['staff:relations', 'cards.pin-cleared'])
})
