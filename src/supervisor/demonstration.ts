/** Who signs in at the demonstration bank, and whose accounts its programmes use, in each cell. Invented people all. */
import type { Cell } from '#kernel/cell.ts'
import type { NewCustomer, NewOrganisation } from '#bank/customers/index.ts'
import { pairs } from '#sandbox/joint.ts'
import { sandboxPeople } from '#sandbox/people.ts'

const password = 'portico-demo'

/** RFC 6238 secret of everybody's device in the production demonstration; published, as the password is. */
export const demonstrationSecret = 'PORTICODEMOPORTICODEMOPORTICODEM'

/** Customers of the core simulator who can sign in; their numbers are the simulator's own. */
const productionPeople: readonly (readonly [
  login: string,
  coreRef: string,
  displayName: string,
])[] = [
  ['rustam', '90000001', 'Rustam Qodirov'],
  ['nodira', '90000002', 'Nodira Saidova'],
  ['sevara', '90000003', 'Sevara Rahimova'],
  ['timur', '90000004', 'Timur Ahmedov'],
  ['malika', '90000005', 'Malika Yusupova'],
  ['farhod', '90000006', 'Farhod Ismoilov'],
  ['bekzod', '90000007', 'Bekzod Nazarov'],
  ['dilnoza', '90000008', 'Dilnoza Toʻxtayeva'],
  ['jasur', '90000009', 'Jasur Gʻulomov'],
  ['zulfiya', '90000010', 'Zulfiya Mirzayeva'],
  ['sherzod', '90000011', 'Sherzod Yoqubov'],
  ['gulnora', '90000012', 'Gulnora Karimova'],
]

export interface Demonstration {
  readonly customers: readonly NewCustomer[]
  /** Companies that some of them sign for together. */
  readonly organisations: readonly NewOrganisation[]
  /** The core's name of the organisation whose settlement account holds the programmes' money. */
  readonly programmeOwner: string
  /** The core's names of the bank's own accounts that exchanges pass through. */
  readonly positions: readonly string[]
  /** What the treasury published: so'm for a dollar, in millionths. Nothing where the market is made up. */
  readonly dollarMicros?: bigint
  /** The core's names of the bank's own accounts that loans are paid out of. */
  readonly loanFunds: readonly string[]
  /** Whether how an amount ends decides on a loan: only where nobody real borrows. */
  readonly lendingScenarios: boolean
  /** The core's name of the customer whom the platform's probe asks about. */
  readonly probed: string
}

export const demonstrations: Readonly<Record<Cell, Demonstration>> = {
  sandbox: {
    customers: sandboxPeople.map(({ login, coreRef, displayName }) => ({
      login,
      coreRef,
      displayName,
      password,
      secondFactor: 'shown',
    })),
    organisations: [
      {
        coreRef: '80000103',
        displayName: '«Samarqand Non» MCHJ',
        signatures: 2,
        signatories: ['malika', 'nigora', 'rustam'],
      },
      ...pairs.map(({ coreRef, displayName, signatures, holders }) => ({
        coreRef,
        displayName,
        signatures,
        signatories: holders,
      })),
    ],
    programmeOwner: '80000101',
    positions: ['80000900-007', '80000900-008', '80000900-009'],
    loanFunds: ['80000900-010', '80000900-011'],
    lendingScenarios: true,
    probed: '80000001',
  },
  production: {
    customers: productionPeople.map(([login, coreRef, displayName]) => ({
      login,
      coreRef,
      displayName,
      password,
      secondFactor: { totp: demonstrationSecret },
    })),
    organisations: [
      {
        coreRef: '90000103',
        displayName: '«Samarqand Non» MCHJ',
        signatures: 2,
        signatories: ['malika', 'nodira', 'bekzod'],
      },
    ],
    programmeOwner: '90000101',
    positions: ['9000090004', '9000090005'],
    dollarMicros: 12_634_120_000n,
    loanFunds: ['9000090006'],
    lendingScenarios: false,
    probed: '90000010',
  },
}

/** Who lives in the sandbox, for those who try it: their names and what signs them in are no secret. */
export const personas = sandboxPeople.map(({ login, displayName, story }) => ({
  login,
  name: displayName,
  password,
  story,
}))
