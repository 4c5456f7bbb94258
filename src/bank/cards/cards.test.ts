import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { z } from 'zod'
import { uuidv7 } from '#kernel/id.ts'
import { readEntries } from '#journal/index.ts'
import { sha256url } from '#platform/jose.ts'
import { freshDatabase } from '#test/world.ts'
import { callBy, enrol, newPartner, openTrial, refs, uzs } from '../trial.ts'
import { CardId, CardsQuery, CardStatus, cardTransitions, changed, embossed } from './card.ts'
import { changeCardholderStatus, createCardholder, getCardholder } from './cardholders/index.ts'
import { setControls } from './controls/index.ts'
import {
  activateCard,
  approveProgramme,
  authorize,
  changeCardholderByBank,
  changeCardStatus,
  getCard,
  issueCard,
  listCards,
  moveShipping,
  replaceCard,
} from './index.ts'
import { expireCards } from './life.ts'
import { applyForProgramme, changeProgrammeStatus } from './programmes/index.ts'

const database = await freshDatabase('cell')
const trial = await openTrial(database.as('bank'))
const { bank, core, paper } = trial

const wanted = { cardType: 'virtual', currency: 'UZS' } as const
/** A customer's consent to a card of this partner, and the partner's call with it. */
const consented = async (partnerId = newPartner()) => {
  const { subject, id } = await enrol(trial, partnerId, refs.payer.owner)
  const detail = {
    type: 'urn:bank:card-issue:v1',
    ...wanted,
    accounts: [id(refs.payer.current)],
  }
  return callBy(partnerId, 'issueCard', {
    subject,
    consentId: `consent_${uuidv7()}`,
    details: [detail],
  })
}
const issue = (caller: Awaited<ReturnType<typeof consented>>) => issueCard(bank, caller, wanted)
const cardAccounts = async () =>
  (await core.accountsOf(refs.payer.owner)).filter(({ kind }) => kind === 'card').length
const notFound = { code: 'gateway/not-found', status: 404 }

test('a card is issued on an account of its own, and can be revealed', async () => {
  const before = await cardAccounts()
  const card = await issue(await consented())

  assert.equal(card.status, 'active')
  assert.equal(await cardAccounts(), before + 1)
  assert.equal(paper.revealable.get(card.id), true)
  assert.match(card.accountId ?? '', /^acc_[0-9a-f]{32}$/)
  const events = (await readEntries(bank.db, 0n)).filter(({ subject }) => subject === card.id)
  assert.deepEqual(
    events.map(({ event }) => event),
    ['cards.issued'],
  )
})

test('twenty tries with one key are one card on one account', async () => {
  const before = await cardAccounts()
  const caller = await consented()
  const cards = await Promise.all(Array.from({ length: 20 }, () => issue(caller)))
  assert.equal(new Set(cards.map(({ id }) => id)).size, 1)
  assert.equal(await cardAccounts(), before + 1)
  await assert.rejects(issue({ ...caller, bodySha256: sha256url('other') }), {
    code: 'gateway/idempotency-key-reused',
  })
})

test('a consent issues one card', async () => {
  const caller = await consented()
  await issue(caller)
  await assert.rejects(issue({ ...caller, idempotencyKey: uuidv7() }), {
    code: 'consents/exceeded',
    status: 403,
  })
})

test('a card that was ordered and got stuck is finished by the next try, with any key, and told to nobody before', async () => {
  const before = await cardAccounts()
  const caller = await consented()
  paper.state.away = true
  await assert.rejects(issue(caller), { code: 'platform/peer-unavailable', status: 503 })
  assert.deepEqual((await listCards(bank, caller, CardsQuery.parse({}))).data, [])
  paper.state.away = false

  const card = await issue({ ...caller, idempotencyKey: uuidv7() })

  assert.equal(card.status, 'active')
  assert.equal(await cardAccounts(), before + 1)
  assert.equal((await issue(caller)).id, card.id)
})

test('no consent, another kind of card, or another customer’s account: no card', async () => {
  const caller = await consented()
  const [detail] = caller.details
  await assert.rejects(issue({ ...caller, consentId: null }), { code: 'consents/missing' })
  await assert.rejects(issue({ ...caller, details: [] }), { code: 'consents/missing' })
  await assert.rejects(issueCard(bank, caller, { ...wanted, currency: 'USD' }), {
    code: 'cards/differs-from-consent',
  })
  const other = await enrol(trial, caller.partnerId, refs.other.owner)
  const stolen = {
    ...detail,
    type: 'urn:bank:card-issue:v1',
    accounts: [other.id(refs.other.current)],
  }
  await assert.rejects(issue({ ...caller, details: [stolen] }), { code: 'consents/exceeded' })
})

test('a suspended card is not revealed, a resumed one is, and a closed one stays closed', async () => {
  const caller = await consented()
  const { id } = await issue(caller)
  const change = (action: 'suspend' | 'resume' | 'close') =>
    changeCardStatus(bank, caller, { id, action, reason: 'CUSTOMER' })

  assert.equal((await change('suspend')).status, 'suspended')
  assert.equal(paper.revealable.get(id), false)
  assert.equal((await change('suspend')).status, 'suspended')
  assert.equal((await change('resume')).status, 'active')
  assert.equal(paper.revealable.get(id), true)
  assert.equal((await change('close')).status, 'closed')
  assert.equal(paper.revealable.get(id), false)
  for (const action of ['suspend', 'resume'] as const)
    await assert.rejects(change(action), { code: 'cards/transition-refused', status: 409 })
  assert.equal((await getCard(bank, caller, id)).status, 'closed')
  const events = (await readEntries(bank.db, 0n)).filter(({ subject }) => subject === id)
  assert.deepEqual(
    events.map(({ event }) => event),
    ['cards.issued', 'cards.suspended', 'cards.resumed', 'cards.closed'],
  )
})

test('while the vault is away no card is suspended in name only', async () => {
  const caller = await consented()
  const { id } = await issue(caller)
  paper.state.away = true
  await assert.rejects(changeCardStatus(bank, caller, { id, action: 'suspend' }), { status: 503 })
  paper.state.away = false
  assert.equal((await getCard(bank, caller, id)).status, 'active')
  await changeCardStatus(bank, caller, { id, action: 'suspend' })
  assert.equal(paper.revealable.get(id), false)
})

test('suspending and resuming at the same moment leaves bank and vault of one mind', async () => {
  const caller = await consented()
  const { id } = await issue(caller)
  // A vault that answers in any order: what was said last may arrive first.
  let turn = 0
  const slow: typeof bank = {
    ...bank,
    vault: {
      ...bank.vault,
      setRevealable: async (told) => {
        await sleep([30, 0, 15, 5][turn++ % 4])
        return bank.vault.setRevealable(told)
      },
    },
  }
  for (let n = 0; n < 8; n++) {
    await Promise.all(
      (['suspend', 'resume', 'suspend', 'resume'] as const).map((action) =>
        changeCardStatus(slow, caller, { id, action }),
      ),
    )
    const { status } = await getCard(bank, caller, id)
    assert.equal(paper.revealable.get(id), status === 'active')
  }
})

test('no order of actions opens a closed card', () => {
  const at = bank.now()
  const card = {
    ...({} as Parameters<typeof changed>[0]),
    id: CardId.next(),
    status: 'active' as CardStatus,
    updatedAt: at,
  }
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('suspend', 'resume', 'close'), { maxLength: 20 }),
      (actions) => {
        let now = card
        for (const action of actions) {
          const closed = now.status === 'closed'
          try {
            now = changed(now, action, at)
          } catch {
            // A refusal leaves the card as it is.
          }
          if (closed) assert.equal(now.status, 'closed')
        }
      },
    ),
  )
  assert.deepEqual(cardTransitions.closed, [])
})

test('cards are listed newest first, every one once, and only to their own partner', async () => {
  const partnerId = newPartner()
  const issued: string[] = []
  for (let n = 0; n < 5; n++) issued.unshift((await issue(await consented(partnerId))).id)
  const caller = callBy(partnerId, 'listCards')
  const listed: string[] = []
  let cursor: string | undefined
  do {
    const page = await listCards(bank, caller, {
      limit: 2,
      ...(cursor !== undefined && { cursor }),
    })
    listed.push(...page.data.map(({ cardId }) => cardId))
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  assert.deepEqual(listed, issued)

  const stranger = callBy(newPartner(), 'listCards')
  const { next } = await listCards(bank, caller, { limit: 2 })
  assert.ok(next)
  await assert.rejects(listCards(bank, stranger, { limit: 2, cursor: next }), {
    code: 'bank/cursor-invalid',
  })
  const [first] = issued
  const id = CardId.parse(first)
  await assert.rejects(getCard(bank, stranger, id), notFound)
  await assert.rejects(getCard(bank, stranger, CardId.next()), notFound)
  await assert.rejects(changeCardStatus(bank, stranger, { id, action: 'close' }), notFound)
})

test('a card carries its holder’s name in 26 Latin letters', () => {
  assert.equal(embossed('Rahimova Dilnoza Akmal qizi'), 'RAHIMOVA DILNOZA AKMAL')
  assert.equal(embossed('Тўхтаева Ўғилой Эркин қизи'), 'TOXTAEVA OGILOY ERKIN QIZI')
  assert.equal(embossed('Абдуллаева-Ким Лола Юрьевна'), 'ABDULLAEVA-KIM LOLA')
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), (name) =>
      assert.match(embossed(name), /^[A-Z-]+( [A-Z-]+)*$|^[A-Z-]{1,26}$/),
    ),
  )
})

test('no column of the room can hold a card number', async () => {
  const columns = await database.owner.many(z.object({ name: z.string() }))`
    select column_name as name from information_schema.columns where table_schema = 'cards'
  `
  assert.ok(columns.length > 10)
  assert.ok(columns.every(({ name }) => !/(^|_)(pan|number|cvc|cvv|track|pin)(_|$)/.test(name)))
})

const plastic = { cardType: 'physical', currency: 'UZS' } as const

test('a card of plastic is sent, activated by its last four, lost and replaced, with its controls and its used limits', async () => {
  const partnerId = newPartner()
  const { subject, id } = await enrol(trial, partnerId, refs.payer.owner)
  const caller = callBy(partnerId, 'issueCard', {
    subject,
    consentId: `consent_${uuidv7()}`,
    details: [{ type: 'urn:bank:card-issue:v1', ...plastic, accounts: [id(refs.payer.current)] }],
  })
  const card = await issueCard(bank, caller, plastic)
  assert.deepEqual([card.status, card.shipping, card.delivery], ['ordered', 'pending', 'POST'])
  assert.equal(paper.revealable.get(card.id), false)
  const lastFour = card.lastFour ?? ''
  const ship = (status: 'shipped' | 'delivered') =>
    moveShipping(bank, 'system', { id: card.id, partnerId, status })
  await assert.rejects(activateCard(bank, caller, { id: card.id, lastFour }), {
    code: 'cards/activation-refused',
  })
  assert.equal((await ship('shipped')).status, 'inactive')
  await ship('delivered')
  await assert.rejects(ship('shipped'), { code: 'cards/shipping-transition-refused' })
  await assert.rejects(activateCard(bank, caller, { id: card.id, lastFour: '9999' }), {
    code: 'cards/activation-refused',
  })
  await assert.rejects(changeCardStatus(bank, caller, { id: card.id, action: 'resume' }), {
    code: 'cards/transition-refused',
  })
  assert.equal((await activateCard(bank, caller, { id: card.id, lastFour })).status, 'active')
  assert.equal(paper.revealable.get(card.id), true)

  await setControls(bank, caller, card.id, {
    replaces: 0,
    limits: [{ interval: 'all_time', amount: uzs(100n) }],
  })
  const use = (cardId: typeof card.id) =>
    authorize(bank, 'system', {
      partnerId,
      cardId,
      amount: uzs(60n),
      merchant: { name: 'Shop', mcc: '5411', country: 'UZ' },
      channel: 'chip',
      partialApproval: false,
      networkReference: uuidv7(),
      bodySha256: '',
    })
  assert.equal((await use(card.id)).approved, true)
  const asked = { id: card.id, request: { reason: 'LOST' } } as const
  const replacing = { ...caller, idempotencyKey: uuidv7() }
  const [one, two] = await Promise.all([
    replaceCard(bank, replacing, asked),
    replaceCard(bank, replacing, asked),
  ])
  assert.equal(one.id, two.id)
  assert.deepEqual([one.replacementFor, one.accountId], [card.id, card.accountId])
  assert.equal((await getCard(bank, caller, card.id)).status, 'lost')
  assert.equal(paper.revealable.get(card.id), false)
  await assert.rejects(replaceCard(bank, { ...caller, idempotencyKey: uuidv7() }, asked), {
    code: 'cards/replacement-refused',
  })
  await moveShipping(bank, 'system', { id: one.id, partnerId, status: 'shipped' })
  await activateCard(bank, caller, { id: one.id, lastFour: one.lastFour ?? '' })
  assert.equal((await use(one.id)).declineReason, 'LIMIT_EXCEEDED', 'a new card is no new limit')
  assert.equal((await use(card.id)).declineReason, 'CARD_NOT_ACTIVE')
})

test('a card ends with the month that it carries, for whoever looks and for the vault', async () => {
  const caller = await consented()
  const card = await issue(caller)
  const over = { ...bank, now: () => Temporal.Instant.from('2029-11-30T19:00:00Z') }
  const before = { ...bank, now: () => Temporal.Instant.from('2029-11-30T18:59:59Z') }
  const told = async (at: typeof bank) =>
    (await listCards(at, caller, CardsQuery.parse({}))).data.map(({ status }) => status)
  assert.deepEqual(await told(before), ['active'])
  assert.deepEqual(await told(over), ['expired'])
  const again = changeCardStatus(over, caller, { id: card.id, action: 'suspend' })
  await assert.rejects(again, { code: 'cards/transition-refused' })
  assert.equal(paper.revealable.get(card.id), true)
  await expireCards(over)
  assert.equal(paper.revealable.get(card.id), false)
  assert.equal((await getCard(bank, caller, card.id)).status, 'expired')
  const asked = { id: card.id, request: { reason: 'EXPIRED' } } as const
  const next = await replaceCard(over, { ...caller, idempotencyKey: uuidv7() }, asked)
  assert.equal(next.replacementFor, card.id)
})

test('a programme issues its own kinds of cards once the bank approved it, and cards of nobody who is blocked', async () => {
  const caller = await consented()
  const draft = await applyForProgramme(
    bank,
    { ...caller, idempotencyKey: uuidv7() },
    {
      name: 'Dollars only',
      cardTypes: ['virtual'],
      currencies: ['USD'],
      controls: { limits: [] },
      standIn: { approveUpTo: [] },
    },
  )
  const inIt = issueCard(bank, caller, { ...wanted, programmeId: draft.id })
  await assert.rejects(inIt, { code: 'cards/programme-not-live' })
  const launch = () => changeProgrammeStatus(bank, caller, { id: draft.id, action: 'launch' })
  await assert.rejects(launch(), { code: 'cards/programme-transition-refused' })
  await approveProgramme(bank, 'staff:staff_1', { id: draft.id, bin: '999919' })
  assert.equal((await launch()).status, 'live')
  await assert.rejects(issueCard(bank, caller, { ...wanted, programmeId: draft.id }), {
    code: 'cards/programme-excludes',
  })
  const stranger = await consented()
  await assert.rejects(issueCard(bank, stranger, { ...wanted, programmeId: draft.id }), notFound)

  const { id } = await createCardholder(
    bank,
    { ...caller, idempotencyKey: uuidv7() },
    { kycReference: 'verification-1' },
  )
  const card = await issueCard(bank, caller, { ...wanted, cardholderId: id })
  assert.equal(card.cardholderId, id)
  assert.equal((await getCardholder(bank, caller, id)).status, 'active', 'the bank knows them')
  await changeCardholderStatus(bank, caller, { id, action: 'block' })
  const next = await consented(caller.partnerId)
  await assert.rejects(issue(next), { code: 'cards/cardholder-not-active' })
  await changeCardholderByBank(bank, 'staff:staff_1', { id, action: 'block' })
  const unblock = changeCardholderStatus(bank, caller, { id, action: 'unblock' })
  await assert.rejects(unblock, { code: 'cards/cardholder-transition-refused' })
})
