import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { readEntries } from '#journal/index.ts'
import { freshDatabase } from '#test/world.ts'
import { callBy, newPartner, openTrial, uzs } from '../../trial.ts'
import { cardTrial } from '../trial.ts'
import { clear, reverse } from './index.ts'
import { fileOf, type Movement } from './movement.ts'
import { getReconciliation, listCardTransactions, listReconciliationLines } from './reading.ts'
import * as store from './store.ts'

const trial = await openTrial((await freshDatabase('cell')).as('bank'))
const { bank } = trial
const { newCard, ask, by } = cardTrial(trial)

test('the day’s file is the day’s journal, line for line, and its hash is that of its lines (O30)', async () => {
  const { caller, card } = await newCard()
  const [one, two] = [await ask(card, 10_00n), await ask(card, 20_00n)]
  await clear(bank, 'system', { ...by(one), amount: uzs(10_00n), final: true })
  await reverse(bank, 'system', by(two))
  await ask(card, 99_000_000_00n)
  const day = bank.now().toZonedDateTimeISO(bank.zone).toPlainDate()

  const file = await getReconciliation(bank, caller, day)
  const lines: Movement[] = await store.linesOf(bank.db, card.partnerId, day, { limit: 100 })
  const paged: unknown[] = []
  let cursor: string | undefined
  do {
    const page = await listReconciliationLines(bank, caller, day, {
      limit: 2,
      ...(cursor !== undefined && { cursor }),
    })
    paged.push(...page.data)
    cursor = page.next ?? undefined
  } while (cursor !== undefined)

  assert.equal(file.count, 5)
  assert.equal(paged.length, 5)
  assert.equal(file.sha256, fileOf(lines).sha256)
  assert.equal(file.complete, false)
  const told = (await readEntries(bank.db, 0n)).flatMap(({ event, data }) => {
    const about = z.looseObject({ partnerId: z.string(), movementId: z.string() }).safeParse(data)
    return about.data?.partnerId === card.partnerId ? [[about.data.movementId, event]] : []
  })
  assert.deepEqual(
    told,
    lines.map(({ id, kind }) => [id, `cards.authorization-${kind}`]),
  )
  const { data } = await listCardTransactions(bank, caller, { limit: 10 })
  assert.deepEqual(
    data.map(({ kind, direction }) => [kind, direction]),
    [['cleared', 'debit']],
  )
  assert.deepEqual(
    (await listCardTransactions(bank, callBy(newPartner(), ''), { limit: 10 })).data,
    [],
  )
})
