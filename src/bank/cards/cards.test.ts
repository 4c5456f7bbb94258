import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { z } from 'zod'
import { uuidv7 } from '#kernel/id.ts'
import { readEntries } from '#journal/index.ts'
import { sha256url } from '#platform/jose.ts'
import { freshDatabase } from '#test/world.ts'
import { callBy, enrol, newPartner, openTrial, refs } from '../trial.ts'
import { CardId, CardsQuery, CardStatus, cardTransitions, changed, embossed } from './card.ts'
import { changeCardStatus, getCard, issueCard, listCards } from './index.ts'

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
  assert.ok(columns.every(({ name }) => !/pan|number|cvc|cvv|track|pin/.test(name)))
})
