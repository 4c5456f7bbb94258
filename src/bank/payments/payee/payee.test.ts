import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readEntries } from '#journal/index.ts'
import { freshDatabase } from '#test/world.ts'
import { callBy, newPartner, openTrial, refs } from '../../trial.ts'
import { sweepPayeeAnswers, verifyPayee } from './index.ts'
import { SWEEP_NAMES } from './verification.ts'

const database = await freshDatabase('cell')
const trial = await openTrial(database.as('bank'))
const { bank } = trial

const ask = async (
  ref: string,
  creditorName: string,
  partnerId = newPartner(),
  bankCode?: string,
) => {
  const { number: identification } = await trial.accountOf(ref)
  const creditorAccount = {
    schemeName: 'UZ.AccountNumber' as const,
    identification,
    ...(bankCode !== undefined && { bankCode }),
  }
  const call = callBy(partnerId, 'verifyPayee')
  return (await verifyPayee(bank, call, { creditorAccount, creditorName })).result
}

test('a payee’s name fits, nearly fits, does not fit, or nothing can be said', async () => {
  assert.equal(await ask(refs.pottery, 'RISHTON POTTERY'), 'MATCH')
  assert.equal(await ask(refs.pottery, 'Rishton Pattery'), 'CLOSE_MATCH')
  assert.equal(await ask(refs.other.current, 'Kim Olga'), 'MATCH')
  assert.equal(await ask(refs.pottery, 'Margilan Textiles'), 'NO_MATCH')
  assert.equal(await ask(refs.shut, 'Margilan Textiles'), 'NOT_POSSIBLE')
  assert.equal(await ask(refs.pottery, 'Rishton Pottery', newPartner(), '00014'), 'NOT_POSSIBLE')
})

test('O13: within a day the same question has the same answer, whatever has changed', async () => {
  const partnerId = newPartner()
  assert.equal(await ask(refs.textiles, 'Margilan Textiles', partnerId), 'MATCH')
  await bank.db
    .run`update synthetic.customer set name = 'Other MCHJ' where name = 'Margilan Textiles MCHJ'`
  assert.equal(await ask(refs.textiles, 'Margilan Textiles', partnerId), 'MATCH')
  trial.pass(24 * 3_600 + 1)
  assert.equal(await ask(refs.textiles, 'Margilan Textiles', partnerId), 'NO_MATCH')
  trial.pass(24 * 3_600 + 1)
  await sweepPayeeAnswers(bank)
  const kept = await bank.db.run`select 1 from payments.payee_answer`
  assert.equal(kept, 0)
})

test('O13: who tries names is noticed, once, and no name that was tried is kept', async () => {
  const partnerId = newPartner()
  for (let n = 0; n < SWEEP_NAMES + 3; n++)
    await ask(refs.pottery, `Somebody Number${'abcdefghijklmnopqrstuvwxyz'[n]}`, partnerId)
  const lines = await readEntries(bank.db, 0n)
  const alarms = lines.filter(
    ({ event, subject }) => event === 'payments.payee-sweep-suspected' && subject === partnerId,
  )
  assert.equal(alarms.length, 1)
  assert.equal(JSON.stringify(lines.map(({ data }) => data)).includes('Somebody'), false)
})
