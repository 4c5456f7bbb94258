/** The bank outside the authorization server's house: two people with accounts, over a real socket. */
import { bankContract, type ConsentAccount } from '#bank/contract.ts'
import { money } from '#kernel/money.ts'
import { problem } from '#kernel/problem.ts'
import { listenOnSocket, openServer } from '#platform/http.ts'
import { pairwise } from '#platform/keys.ts'
import type { Log } from '#platform/log.ts'
import { serveContract } from '#platform/rpc.ts'

const signInRefused = problem('customers/sign-in-refused', 401, 'Login or password is wrong')

export const password = 'portico-demo'
export const shownCode = '246810'

interface Person {
  readonly customerId: string
  readonly displayName: string
  readonly accounts: readonly Omit<ConsentAccount, 'accountId'>[]
}

const people: Readonly<Record<string, Person>> = {
  zilola: { customerId: 'customer_zilola', displayName: 'Zilola', accounts: [] },
  anvar: { customerId: 'customer_anvar', displayName: 'Anvar', accounts: [] },
  kamola: { customerId: 'customer_kamola', displayName: 'Kamola', accounts: [] },
  dilnoza: {
    customerId: 'customer_dilnoza',
    displayName: 'Dilnoza',
    accounts: [
      {
        kind: 'current',
        nickname: 'Maosh hisobi',
        lastFour: '4417',
        currency: 'UZS',
        available: money(481_235_000n, 'UZS'),
      },
      {
        kind: 'savings',
        nickname: 'Jamgʻarma',
        lastFour: '0925',
        currency: 'UZS',
        available: money(1_240_000_000n, 'UZS'),
      },
      {
        kind: 'current',
        nickname: 'Dollar hisobi',
        lastFour: '7731',
        currency: 'USD',
        available: money(31_020n, 'USD'),
      },
    ],
  },
  botir: {
    customerId: 'customer_botir',
    displayName: 'Botir',
    accounts: [
      {
        kind: 'current',
        nickname: 'Asosiy',
        lastFour: '1001',
        currency: 'UZS',
        available: money(100_000n, 'UZS'),
      },
    ],
  },
}

/** Any two of three sign for it. */
export const company = {
  name: '«Sinov Savdo» MCHJ',
  signatures: 2,
  signatories: ['zilola', 'anvar', 'kamola'],
} as const

const signs = (login: string) => company.signatories.some((s) => s === login)

const key = new Uint8Array(32).fill(3)

export const accountIdOf = (login: string, partnerId: string, lastFour: string): string =>
  pairwise(key, 'acc', partnerId, `${people[login]?.customerId} ${lastFour}`)

const companySubject = (partnerId: string) => pairwise(key, 'sub', partnerId, 'company')

const companyAccount = (partnerId: string): ConsentAccount => ({
  accountId: pairwise(key, 'acc', partnerId, 'company 5001'),
  kind: 'settlement',
  nickname: 'Hisob-kitob hisobi',
  lastFour: '5001',
  currency: 'UZS',
  available: money(9_000_000_000n, 'UZS'),
  holder: companySubject(partnerId),
})

/** A bank that answers the contract; every sign-in can be finished once. */
export const openBank = async (socket: string, log: Log) => {
  const open = new Map<string, Person>()
  let sequence = 0
  const server = openServer(log)
  serveContract(server, bankContract, {
    whoIsReal: async () => ({ anybody: false }),
    startSignIn: async ({ login, password: given }) => {
      const person = people[login]
      if (!person || given !== password) throw signInRefused('check both')
      const challengeId = `challenge_${++sequence}`
      open.set(challengeId, person)
      return { challengeId, shownCode }
    },
    finishSignIn: async ({ challengeId, code }) => {
      const person = open.get(challengeId)
      if (!person || code !== shownCode) throw signInRefused('the code does not fit')
      open.delete(challengeId)
      return { customerId: person.customerId, displayName: person.displayName }
    },
    customerByReference: async ({ reference }) => {
      const person = Object.values(people).find((p) => p.customerId === reference)
      if (!person) throw signInRefused('nobody')
      return { customerId: person.customerId, displayName: person.displayName }
    },
    customerForPartner: async ({ customerId, partnerId }) => {
      const [login, person] =
        Object.entries(people).find(([, p]) => p.customerId === customerId) ?? []
      if (login === undefined || !person) throw signInRefused('nobody')
      return {
        subject: pairwise(key, 'sub', partnerId, customerId),
        displayName: person.displayName,
        accounts: [
          ...person.accounts.map((account) => ({
            ...account,
            accountId: accountIdOf(login, partnerId, account.lastFour),
          })),
          ...(signs(login) ? [companyAccount(partnerId)] : []),
        ],
        organisations: signs(login)
          ? [
              {
                subject: companySubject(partnerId),
                name: company.name,
                signatures: company.signatures,
                signatories: company.signatories.map((s) => `customer_${s}`),
              },
            ]
          : [],
      }
    },
    cardOfConsent: async ({ customerId, consentId }) => ({
      card:
        customerId === 'customer_dilnoza'
          ? { cardId: consentId.replace('consent', 'card'), lastFour: '4242' }
          : null,
    }),
    openPinPage: async ({ cardId }) => ({
      url: `https://localhost:1/pin/${cardId}`,
      expiresAt: Temporal.Now.instant().add({ minutes: 3 }).toString(),
    }),
  })
  await listenOnSocket(server, socket)
  return server
}
