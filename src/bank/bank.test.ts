import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { z } from 'zod'
import { uuidv7 } from '#kernel/id.ts'
import { type Caller, CALLER_HEADER, callerSigner } from '#platform/caller.ts'
import { makeAuthority, makeServerCertificate } from '#platform/certificates.ts'
import { sha256url } from '#platform/jose.ts'
import { makeRandomKey, makeSigningKey } from '#platform/keys.ts'
import { layoutOf } from '#platform/layout.ts'
import { rpcClient } from '#platform/rpc.ts'
import { doing, freshDatabase } from '#test/world.ts'
import { bankContract } from './contract.ts'
import { openCoreOn, startSimulator, wholeFile } from './cores/legacy/simulator-process.ts'
import { codeAt, base32, stepOf } from './customers/one-time-code.ts'
import { seedCustomers } from './customers/index.ts'
import { seedProgrammeAccounts } from './payments/index.ts'
import { callBy, newPartner } from './trial.ts'
import { bankKeys } from './world.ts'

const main = join(import.meta.dirname, '..', 'main.ts')
const life = wholeFile()
const data = mkdtempSync(join(tmpdir(), 'bank-'))
const layout = layoutOf(data)
const files = layout.cell('production')
for (const key of [files.vault.kek, files.vault.lookup]) makeRandomKey(key)
const pairwise = makeRandomKey(files.pairwiseKey)
await makeSigningKey(files.vault.signing, files.vault.publicKey, 'ES256')
await makeServerCertificate(
  await makeAuthority(layout.serverCa, 'servers'),
  files.tls('vault'),
  'vault',
)
const sign = callerSigner(makeRandomKey(files.callerKey('bank')))
makeRandomKey(files.callerKey('vault'))
makeRandomKey(files.linkKey)

const cell = await freshDatabase('cell')
const vaultDatabase = await freshDatabase('vault')
const simulator = await startSimulator(life, '--latency', '40-80')
const { core } = openCoreOn(simulator, life)
const db = cell.as('bank')

/** A process of the cell as it really runs, with its own environment; answers how to end it. */
const start = (name: 'bank' | 'vault'): ChildProcess => {
  const child = spawn(process.execPath, [main, 'start', name, '--cell', 'production'], {
    env: {
      PATH: process.env['PATH'],
      PORTICO_DATA: data,
      PORTICO_LOG_LEVEL: 'error',
      NODE_COMPILE_CACHE: join(tmpdir(), 'portico-compile'),
      PORTICO_CORE_PORT: String(simulator.port),
      PORTICO_DATABASE_URL_BANK: cell.url('bank'),
      PORTICO_DATABASE_URL_VAULT: vaultDatabase.url('vault'),
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  children.add(child)
  return child
}
const children = new Set<ChildProcess>()
const kill = async (child: ChildProcess, signal: NodeJS.Signals) => {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill(signal)
  await once(child, 'exit')
}
let gateway = new Agent({ connect: { socketPath: files.socket('bank') } })
const untilReady = async (dispatcher = gateway) => {
  for (let tries = 0; tries < 1_200; tries++) {
    const ready = await request('http://cell/internal/ready', { dispatcher }).catch(() => undefined)
    await ready?.body.dump()
    if (ready?.statusCode === 200 && existsSync(files.socket('vault'))) return
    await sleep(50)
  }
  assert.fail('a process of the cell does not get ready')
}
after(async () => {
  await gateway.destroy()
  await Promise.all([...children].map((child) => kill(child, 'SIGKILL')))
  rmSync(data, { recursive: true, force: true })
})

start('vault')
let bank = start('bank')
const toVault = new Agent({ connect: { socketPath: files.socket('vault') } })
await Promise.all([untilReady(), untilReady(toVault)])
await toVault.destroy()

const secret = 'PORTICODEMOPORTICODEMOPORTICODEM'
const owner = '90000004'
await doing(db)(async (w) => {
  const person = { login: 'timur', password: 'portico-demo', displayName: 'Timur', coreRef: owner }
  await seedCustomers(w, bankKeys(pairwise), [{ ...person, secondFactor: { totp: secret } }])
  const account = await core.account('9000010101')
  assert.ok(account)
  const { ref: accountRef, number, bankCode, currency } = account
  await seedProgrammeAccounts(w, [{ accountRef, number, bankCode, currency, name: 'Bozor Market' }])
})

const ask = async (caller: Caller, method: 'GET' | 'POST', path: string, body?: object) => {
  const text = body === undefined ? '' : JSON.stringify(body)
  const answer = await request(`http://bank${path}`, {
    method,
    dispatcher: gateway,
    headers: {
      [CALLER_HEADER]: sign({ ...caller, bodySha256: sha256url(text), at: Temporal.Now.instant() }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: text }),
  })
  const json = z.record(z.string(), z.unknown()).parse(await answer.body.json())
  return { status: answer.statusCode, body: json }
}

/** A customer who signed in as on the page, and what they share with a partner. */
const signedIn = async (partnerId: string) => {
  const authorization = rpcClient(bankContract, files.socket('bank'))
  try {
    await db.run`update customers.customer set totp_last_step = null`
    const { challengeId, shownCode } = await authorization.startSignIn({
      login: 'timur',
      password: 'portico-demo',
    })
    assert.equal(shownCode, null)
    const code = codeAt(base32(secret), stepOf(Temporal.Now.instant()))
    const { customerId, displayName } = await authorization.finishSignIn({ challengeId, code })
    assert.equal(displayName, 'Timur')
    return await authorization.customerForPartner({ customerId, partnerId })
  } finally {
    await authorization.close()
  }
}

test('the authorization server learns who signed in, by names that are the partner’s own', async () => {
  const [a, b] = [await signedIn('partner_a'), await signedIn('partner_b')]
  assert.notEqual(a.subject, b.subject)
  assert.equal(a.accounts.length, 3)
  for (const account of a.accounts) {
    assert.match(account.accountId, /^acc_[0-9a-f]{32}$/)
    assert.match(account.lastFour, /^\d{4}$/)
    assert.ok(!b.accounts.some(({ accountId }) => accountId === account.accountId))
  }
})

test('a customer of the bank’s own OpenID provider is one whom the core knows, and the same every time', async () => {
  const authorization = rpcClient(bankContract, files.socket('bank'))
  try {
    const known = await authorization.customerByReference({ reference: owner })
    assert.equal(known.displayName, 'Timur')

    const both = await Promise.all(
      [1, 2].map(() => authorization.customerByReference({ reference: '90000005' })),
    )
    assert.match(both[0]?.customerId ?? '', /^customer_[0-9a-f]{32}$/)
    assert.equal(both[0]?.customerId, both[1]?.customerId)

    await assert.rejects(authorization.customerByReference({ reference: '99999999' }), {
      code: 'customers/sign-in-refused',
    })
  } finally {
    await authorization.close()
  }
})

const approvedPayment = async () => {
  const partnerId = newPartner()
  const { subject, accounts } = await signedIn(partnerId)
  const [account] = accounts.filter(({ currency }) => currency === 'UZS')
  assert.ok(account)
  const programme = await ask(
    callBy(partnerId, 'getProgrammeAccount'),
    'GET',
    '/payments/v1/programme-account',
  )
  const body = {
    instructedAmount: { amount: '1000.01', currency: 'UZS' },
    creditorAccount: programme.body['account'],
    creditorName: programme.body['name'],
  }
  const detail = { type: 'urn:bank:payment:v1', ...body, accounts: [account.accountId] }
  const consentId = `consent_${uuidv7()}`
  const caller = callBy(partnerId, 'createPayment', { subject, consentId, details: [detail] })
  return { caller, body }
}
const Row = z.object({ id: z.string(), reference: z.string() })
const rowOf = ({ consentId }: Caller) => db.maybe(Row)`
  select p.id, t.reference
    from payments.payment p
    join payments.transfer t on t.payment_id = p.id
   where p.consent_id = ${consentId}
`

test('a card is issued through the vault of the cell, and its number is nowhere in the bank', async () => {
  const partnerId = newPartner()
  const { subject, accounts } = await signedIn(partnerId)
  const [account] = accounts
  assert.ok(account)
  const wanted = { cardType: 'virtual', currency: 'UZS' }
  const details = [{ type: 'urn:bank:card-issue:v1', ...wanted, accounts: [account.accountId] }]
  const caller = callBy(partnerId, 'issueCard', {
    subject,
    consentId: `consent_${uuidv7()}`,
    details,
  })

  const issued = await ask(caller, 'POST', '/cards/v1/cards', wanted)

  assert.equal(issued.status, 201, JSON.stringify(issued.body))
  assert.deepEqual([issued.body['status'], issued.body['bin']], ['active', '999909'])
  const line = await cell.owner.one(z.object({ line: z.string() }))`
    select row_to_json(c)::text as line from cards.card c where id = ${String(issued.body['cardId'])}
  `
  assert.doesNotMatch(line.line, /999909\d{6,}/)
})

test('killed at any moment of a payment, the bank makes it once', async () => {
  for (const afterMs of [0, 60, 160]) {
    const { caller, body } = await approvedPayment()
    const asked = ask(caller, 'POST', '/payments/v1/payments', body).catch(() => undefined)
    await sleep(afterMs)
    await kill(bank, 'SIGKILL')
    await asked
    await gateway.destroy()
    gateway = new Agent({ connect: { socketPath: files.socket('bank') } })
    bank = start('bank')
    await untilReady()

    const answer = await ask(caller, 'POST', '/payments/v1/payments', body)
    assert.equal(answer.status, 201)
    const path = `/payments/v1/payments/${String(answer.body['paymentId'])}`
    let status = answer.body['status']
    for (let tries = 0; status !== 'ACSC' && tries < 1_200; tries++) {
      await sleep(100)
      const now = await ask({ ...caller, operation: 'getPayment', callId: uuidv7() }, 'GET', path)
      status = now.body['status']
    }

    assert.equal(status, 'ACSC', `killed after ${afterMs} ms`)
    const row = await rowOf(caller)
    assert.ok(row)
    assert.equal(row.id, answer.body['paymentId'])
    assert.deepEqual(simulator.taken(row.reference).length, 1, `killed after ${afterMs} ms`)
  }
})

test('told to stop, the bank finishes what is on its way and ends by itself', async () => {
  const { caller, body } = await approvedPayment()
  const asked = ask(caller, 'POST', '/payments/v1/payments', body)
  while (!(await rowOf(caller))) await sleep(5)
  const ended = once(bank, 'exit')
  bank.kill('SIGTERM')

  const answer = await asked
  const [code] = await ended

  assert.deepEqual([answer.status, answer.body['status'], code], [201, 'ACSC', 0])
})
