import assert from 'node:assert/strict'
import { test } from 'node:test'
import { uuidv7 } from '#kernel/id.ts'
import { readEntries } from '#journal/index.ts'
import { Problem } from '#kernel/problem.ts'
import { freshDatabase } from '#test/world.ts'
import { callBy, enrol, newPartner, openTrial, refs } from '../trial.ts'
import { FUNDS_QUESTIONS_A_DAY, FundsQuestion, confirmFunds } from './funds.ts'

const database = await freshDatabase('cell')
const trial = await openTrial(database.as('bank'))
const { bank } = trial

const asking = async (account: string = refs.payer.dollars) => {
  const partnerId = newPartner()
  const { subject, id } = await enrol(trial, partnerId, refs.payer.owner)
  const detail = { type: 'urn:bank:funds-confirmation:v1', accounts: [id(account)] }
  const more = { subject, consentId: `consent_${uuidv7()}`, details: [detail] }
  const caller = callBy(partnerId, 'confirmFunds', more)
  const ask = (amount: string, currency = 'USD') =>
    confirmFunds(
      bank,
      caller,
      FundsQuestion.parse({ reference: 'order-1', instructedAmount: { amount, currency } }),
    )
  return { caller, ask, accountId: id(account), detail }
}

test('what is available to the last cent is available, and a cent more is not', async () => {
  const { ask } = await asking()
  assert.equal((await ask('900.00')).fundsAvailable, true)
  assert.equal((await ask('900.01')).fundsAvailable, false)
})

test('the answer is a word, and tells no amount but the one that was asked about', async () => {
  const { ask } = await asking()
  const answer = await ask('1.00')
  assert.deepEqual(Object.keys(answer).toSorted(), [
    'creationDateTime',
    'fundsAvailable',
    'fundsConfirmationId',
    'instructedAmount',
    'reference',
  ])
  assert.deepEqual(answer.instructedAmount, { amount: '1.00', currency: 'USD' })
})

test('a closed account has nothing to give', async () => {
  const { ask } = await asking(refs.payer.closed)
  assert.equal((await ask('0.01', 'UZS')).fundsAvailable, false)
})

test('an amount of another currency, or of nothing, is refused', async () => {
  const { ask } = await asking()
  for (const [amount, currency] of [
    ['1.00', 'UZS'],
    ['0.00', 'USD'],
    ['-1.00', 'USD'],
  ] as const)
    await assert.rejects(ask(amount, currency), { code: 'platform/request-invalid' })
})

test('a consent of another type, for no account or for two confirms nothing', async () => {
  const { caller, detail, accountId } = await asking()
  const question = FundsQuestion.parse({
    reference: 'r',
    instructedAmount: { amount: '1.00', currency: 'USD' },
  })
  for (const wrong of [
    { ...detail, type: 'urn:bank:accounts:v1' },
    { ...detail, accounts: [] },
    { ...detail, accounts: [accountId, accountId] },
  ])
    await assert.rejects(confirmFunds(bank, { ...caller, details: [wrong] }, question), {
      code: 'consents/exceeded',
    })
  const foreign = { ...detail, accounts: [`acc_${'0'.repeat(32)}`] }
  await assert.rejects(confirmFunds(bank, { ...caller, details: [foreign] }, question), {
    code: 'gateway/not-found',
  })
})

test('a sweep learns twenty words a day and no more, also when all are asked at once', async () => {
  const { ask } = await asking()

  const asked = await Promise.allSettled(Array.from({ length: 60 }, (_, n) => ask(`${n + 1}.00`)))

  const answered = asked.filter(({ status }) => status === 'fulfilled')
  assert.equal(answered.length, FUNDS_QUESTIONS_A_DAY)
  await assert.rejects(ask('1.00'), (error: unknown) => {
    assert.ok(error instanceof Problem)
    assert.equal(error.code, 'accounts/funds-questions-exhausted')
    assert.equal(error.status, 429)
    const seconds = Number(error.particulars.headers?.['Retry-After'])
    assert.ok(seconds > 80_000 && seconds <= 86_400, `${seconds} s until the first is forgotten`)
    return true
  })
  const { ask: askOther } = await asking()
  assert.equal((await askOther('1.00')).fundsAvailable, true)
})

test('every question leaves its line, which holds no amount, and a sweep is told apart', async () => {
  const { ask, accountId } = await asking()
  for (let n = 0; n < FUNDS_QUESTIONS_A_DAY; n++) await ask('123.45')
  await assert.rejects(ask('123.45'))

  const lines = (await readEntries(bank.db, 0n)).filter(({ body }) => body.includes(accountId))
  const count = (event: string) => lines.filter((line) => line.event === event).length
  assert.equal(count('accounts.funds-confirmed'), FUNDS_QUESTIONS_A_DAY)
  assert.equal(count('accounts.funds-swept'), 1)
  assert.ok(lines.every(({ data }) => !JSON.stringify(data).includes('123.45')))
})
