/** What the bank makes of a core that was asked to fail: the same as of one that fails. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, test } from 'node:test'
import { z } from 'zod'
import { uuidv7 } from '#kernel/id.ts'
import { Problem } from '#kernel/problem.ts'
import { type Caller, CALLER_HEADER, callerSigner, callerVerifier } from '#platform/caller.ts'
import { openServer } from '#platform/http.ts'
import { sha256url } from '#platform/jose.ts'
import { openLog } from '#platform/log.ts'
import { freshDatabase } from '#test/world.ts'
import { openDoors } from './bank.ts'
import { scenarioNames, underScenario } from './cores/synthetic/scenario.ts'
import { operations } from './documents.ts'
import { scenarioPlayed, whilePlaying } from './playing.ts'
import { admitOnlyPartnerCalls } from './partner-call.ts'
import { openCarrier } from './payments/index.ts'
import { callBy, enrol, newPartner, openTrial, refs, uzs } from './trial.ts'

const trial = await openTrial((await freshDatabase('cell')).as('bank'))
const core = () => underScenario(trial.soundCore, scenarioPlayed()?.name)
const playing = <T>(name: string, body: () => Promise<T>) =>
  whilePlaying({ name, delayMs: 0 }, body)
let sent = 0
const order = (reference = `PLAY${++sent}`) => ({
  reference,
  debtor: refs.payer.savings,
  creditor: { number: '', bankCode: '', name: 'Olga' },
  amount: uzs(100_00n),
  text: 'Test',
})
const pay = async () => {
  const { number, bankCode } = await trial.accountOf(refs.other.current)
  const one = order()
  return { ...one, creditor: { number, bankCode, name: 'Ким Ольга Викторовна' } }
}

test('a refusal that is played moves nothing and leaves nothing behind', async () => {
  const refused = {
    insufficient_funds: 'AM04',
    limit_exceeded: 'AM02',
    creditor_unknown: 'AC01',
    account_closed: 'AC04',
    account_blocked: 'AC06',
  }
  for (const [name, reasonCode] of Object.entries(refused)) {
    const before = await trial.booked(refs.payer.savings)
    const transfer = await pay()
    assert.deepEqual(await playing(name, () => core().transfer(transfer)), {
      status: 'rejected',
      reasonCode,
    })
    assert.equal(await trial.booked(refs.payer.savings), before)
    assert.equal((await core().transferByReference(transfer.reference)).status, 'unknown')
  }
})

test('an answer that is lost has moved the money, and the bank finds it by its reference', async () => {
  const before = await trial.booked(refs.payer.savings)
  const transfer = await pay()
  await assert.rejects(
    playing('timeout_then_success', () => core().transfer(transfer)),
    { code: 'core/unclear' },
  )
  assert.equal((await core().transferByReference(transfer.reference)).status, 'booked')
  assert.equal(await trial.booked(refs.payer.savings), before - 100_00n)
})

test('a core that is away, closed or busy is so for this call, for all that is asked of it, and for nobody else', async () => {
  const codes = {
    core_outage: 'core/unavailable',
    core_closed: 'core/closed',
    core_busy: 'core/busy',
  }
  for (const [name, code] of Object.entries(codes)) {
    const [, balances] = await Promise.all([
      playing(name, () => assert.rejects(core().balances(refs.payer.savings), { code })),
      core().balances(refs.payer.savings),
    ])
    assert.ok(balances.booked.minor > 0n)
  }
  const closed = await playing('core_closed', () =>
    core()
      .ping()
      .catch((e: unknown) => e),
  )
  assert.ok(closed instanceof Problem)
  assert.equal(closed.particulars.headers?.['Retry-After'], '600')
})

const key = randomBytes(32)
const sign = callerSigner(key)
const bank = { ...trial.bank, coreFor: core }
const server = openServer(openLog({ process: 'playing' }, 'silent'), { trustInteractionId: true })
admitOnlyPartnerCalls(server, callerVerifier(key), () => Temporal.Now.instant())
openDoors(server, bank, openCarrier(bank))
after(() => server.close())

/** As the gateway forwards it; `scenario` as the partner asked. */
const ask = async (
  who: { partnerId: string; subject: string },
  operation: string,
  { path, body, details }: { path: string; body?: object; details: Caller['details'] },
  scenario?: string,
) => {
  const payload = body === undefined ? '' : JSON.stringify(body)
  const answer = await server.inject({
    method: body === undefined ? 'GET' : 'POST',
    url: path,
    headers: {
      [CALLER_HEADER]: sign({
        ...callBy(who.partnerId, operation),
        subject: who.subject,
        consentId: `consent_${uuidv7()}`,
        details,
        bodySha256: sha256url(payload),
        at: Temporal.Now.instant(),
        ...(scenario !== undefined && { scenario: { name: scenario, delayMs: 0 } }),
      }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    payload,
  })
  const json = z
    .looseObject({ status: z.unknown().optional(), code: z.string().optional() })
    .parse(answer.json())
  return { http: answer.statusCode, status: json.status, code: json.code }
}

test('accounts that cannot be read say why, and can be read a moment later', async () => {
  const partnerId = newPartner()
  const { subject, id } = await enrol(trial, partnerId, refs.payer.owner)
  const accountId = id(refs.payer.savings)
  const details = [
    {
      type: 'urn:bank:accounts:v1',
      permissions: [
        'ReadAccountsDetail',
        'ReadBalances',
        'ReadTransactionsDetail',
        'ReadTransactionsCredits',
        'ReadTransactionsDebits',
      ],
      accounts: [accountId],
    },
  ]
  const account = `/accounts/v1/accounts/${accountId}`
  const reads = {
    listAccounts: '/accounts/v1/accounts',
    getAccount: account,
    getBalances: `${account}/balances`,
    listTransactions: `${account}/transactions`,
  }
  const codes = {
    core_outage: 'core/unavailable',
    core_closed: 'core/closed',
    core_busy: 'core/busy',
  }
  for (const [operation, path] of Object.entries(reads)) {
    for (const [scenario, code] of Object.entries(codes)) {
      const played = await ask({ partnerId, subject }, operation, { path, details }, scenario)
      assert.deepEqual([played.http, played.code], [503, code], `${operation} ${scenario}`)
    }
    assert.equal(
      (await ask({ partnerId, subject }, operation, { path, details }, 'latency')).http,
      200,
    )
    assert.equal((await ask({ partnerId, subject }, operation, { path, details })).http, 200)
  }
})

test('a payment ends as it was asked to, and one whose answer is lost is settled when the bank has asked', async () => {
  const partnerId = newPartner()
  const { subject, id } = await enrol(trial, partnerId, refs.payer.owner)
  const { number, bankCode } = await trial.accountOf(refs.other.current)
  const payment = {
    instructedAmount: { amount: '12.00', currency: 'UZS' },
    creditorAccount: { schemeName: 'UZ.AccountNumber', identification: number, bankCode },
    creditorName: 'Ким Ольга Викторовна',
  }
  const details = [{ type: 'urn:bank:payment:v1', ...payment, accounts: [id(refs.payer.savings)] }]
  const pay = (scenario?: string) =>
    ask(
      { partnerId, subject },
      'createPayment',
      { path: '/payments/v1/payments', body: payment, details },
      scenario,
    )
  const ends: Readonly<Record<string, string>> = {
    insufficient_funds: 'RJCT',
    limit_exceeded: 'RJCT',
    creditor_unknown: 'RJCT',
    account_closed: 'RJCT',
    account_blocked: 'RJCT',
    latency: 'ACSC',
  }
  for (const [scenario, status] of Object.entries(ends))
    assert.deepEqual([(await pay(scenario)).status], [status], scenario)
  const before = await trial.booked(refs.payer.savings)
  const lost = await pay('timeout_then_success')
  assert.deepEqual([lost.http, lost.status === 'RJCT'], [201, false])
  assert.equal(await trial.booked(refs.payer.savings), before - 12_00n)
  assert.notEqual((await pay('core_closed')).status, 'RJCT')
})

test('every scenario that a document names is one that the core plays', () => {
  const named = operations.flatMap(({ operation }) => operation['x-sandbox-scenarios'] ?? [])
  assert.ok(named.length > 0)
  assert.deepEqual(
    named.filter((name) => !scenarioNames.includes(name)),
    [],
  )
})
