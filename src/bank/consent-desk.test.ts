import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { listenOnSocket, openServer } from '#platform/http.ts'
import { openLog } from '#platform/log.ts'
import { rpcClient } from '#platform/rpc.ts'
import { doing, freshDatabase } from '#test/world.ts'
import { getBalances } from './accounts/index.ts'
import { serveAuthorization } from './consent-desk.ts'
import { bankContract } from './contract.ts'
import { seedCustomers, seedOrganisations } from './customers/index.ts'
import { callBy, newPartner, openTrial, refs } from './trial.ts'

const database = await freshDatabase('cell')
const db = database.as('bank')
const { bank } = await openTrial(db)

/** A company of the core: any two of the three sign. */
const company = '80000102'
const logins = ['payer', 'second', 'third'] as const
await doing(db)(async (w) => {
  const people = [...logins, 'stranger'].map((login, at) => ({
    login,
    password: 'portico-demo',
    displayName: login,
    coreRef: at === 0 ? refs.payer.owner : `nobody-${at}`,
    secondFactor: 'shown' as const,
  }))
  await seedCustomers(w, bank.keys, people)
  const organisation = {
    coreRef: company,
    displayName: 'Company',
    signatures: 2,
    signatories: [...logins],
  }
  await seedOrganisations(w, [organisation])
  await seedOrganisations(w, [organisation])
})

const folder = mkdtempSync(join(tmpdir(), 'desk-'))
const socket = join(folder, 'bank.sock')
const server = openServer(openLog({ process: 'bank' }, 'silent'))
serveAuthorization(server, bank)
await listenOnSocket(server, socket)
const desk = rpcClient(bankContract, socket)
after(async () => {
  await desk.close()
  await server.close()
  rmSync(folder, { recursive: true })
})

const signIn = async (login: string): Promise<string> => {
  const { challengeId, shownCode } = await desk.startSignIn({ login, password: 'portico-demo' })
  const { customerId } = await desk.finishSignIn({ challengeId, code: shownCode ?? '' })
  return customerId
}

test('who signs for a company is offered its accounts beside their own, under the company’s name at the partner', async () => {
  const partnerId = newPartner()
  const [first, second] = [await signIn('payer'), await signIn('second')]

  const mine = await desk.customerForPartner({ customerId: first, partnerId })
  const theirs = await desk.customerForPartner({ customerId: second, partnerId })

  const [organisation, ...more] = mine.organisations
  assert.ok(organisation)
  assert.deepEqual(more, [])
  assert.equal(organisation.signatures, 2)
  assert.equal(organisation.signatories.length, 3)
  assert.ok(organisation.signatories.includes(first) && organisation.signatories.includes(second))
  assert.notEqual(organisation.subject, mine.subject)
  const shared = mine.accounts.filter((a) => a.holder === organisation.subject)
  assert.ok(shared.length > 0 && shared.length < mine.accounts.length)
  assert.deepEqual(theirs.accounts, shared, 'both know one account by one id')
})

test('who does not sign is offered nothing of it', async () => {
  const stranger = await desk.customerForPartner({
    customerId: await signIn('stranger'),
    partnerId: newPartner(),
  })
  assert.deepEqual([stranger.organisations, stranger.accounts], [[], []])
})

test('a consent of the company opens its accounts, and none of the signatory’s own', async () => {
  const partnerId = newPartner()
  const customerId = await signIn('payer')
  const { accounts, organisations, subject } = await desk.customerForPartner({
    customerId,
    partnerId,
  })
  const own = accounts.find((a) => a.holder === undefined)?.accountId ?? ''
  const shared = accounts.find((a) => a.holder !== undefined)?.accountId ?? ''
  const callFor = (holder: string | undefined) =>
    callBy(partnerId, 'getBalances', {
      subject: holder ?? '',
      consentId: 'consent_1',
      details: [
        {
          type: 'urn:bank:accounts:v1',
          permissions: ['ReadBalances'],
          accounts: [own, shared],
        },
      ],
    })
  const notFound = { code: 'gateway/not-found' }
  const byCompany = callFor(organisations[0]?.subject)

  assert.equal((await getBalances(bank, byCompany, shared)).data.length, 2)
  await assert.rejects(getBalances(bank, byCompany, own), notFound)
  await assert.rejects(getBalances(bank, callFor(subject), shared), notFound)
})

test('the authorization server hears that nobody is real behind a core that is made up', async () => {
  assert.deepEqual(await desk.whoIsReal({}), { anybody: false })
})
