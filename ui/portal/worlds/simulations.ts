/** What can be made to happen: each simulator as the values that its form asks for, and the call that they make. */
import type { Filled } from '../../kit/fields.tsx'
import type { Ask } from './asking.ts'

/** What a field lets one choose from, asked of the sandbox when the form stands. */
export type Source = 'account' | 'card' | 'authorization' | 'verification' | 'persona'

export interface Input {
  readonly name: string
  readonly is: 'text' | 'number' | 'words' | Source
  /** Of `words`. */
  readonly options?: readonly string[]
  readonly value?: string
  readonly optional?: true
  /** Where the sandbox's refusal points. */
  readonly pointer?: string
}

export interface Simulation {
  readonly id: string
  readonly group: 'money' | 'cards' | 'customers' | 'core' | 'webhooks'
  /** It changes the books, so it is refused in the bank that all share. */
  readonly ownWorld?: true
  readonly inputs: readonly Input[]
  readonly ask: (filled: Filled) => Ask
}

const text = (name: string, value: string): Input => ({ name, is: 'text', value })
const words = (name: string, ...options: string[]): Input => ({ name, is: 'words', options })
const number = (name: string, value: string): Input => ({ name, is: 'number', value })
const amount = (value: string): Input => ({ name: 'amount', is: 'text', value, pointer: '/amount' })
const currency = words('currency', 'UZS', 'USD', 'EUR')
const from = (is: Source): Input => ({ name: `${is}Id`, is })

const money = ({ one }: Filled) => ({ amount: one('amount'), currency: one('currency') })
const some = (named: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(named).filter(([, value]) => value !== ''))

const movement: readonly Input[] = [
  from('account'),
  amount('1250000.00'),
  currency,
  text('counterparty', 'Anor Telecom'),
  text('text', 'November'),
]
const movementOf = (filled: Filled) => ({
  accountId: filled.one('accountId'),
  amount: money(filled),
  counterparty: filled.one('counterparty'),
  text: filled.one('text'),
})

const onAuthorization =
  (operation: string, more: (filled: Filled) => object = () => ({})) =>
  (filled: Filled): Ask => ({
    product: 'cards',
    operation,
    path: { authorizationId: filled.one('authorizationId') },
    body: { ...(filled.one('amount') && { amount: money(filled) }), ...more(filled) },
  })

export const simulations: readonly Simulation[] = [
  {
    id: 'simulateInboundPayment',
    group: 'money',
    ownWorld: true,
    inputs: movement,
    ask: (filled) => ({ operation: 'simulateInboundPayment', body: movementOf(filled) }),
  },
  {
    id: 'simulateDirectDebit',
    group: 'money',
    ownWorld: true,
    inputs: movement,
    ask: (filled) => ({ operation: 'simulateDirectDebit', body: movementOf(filled) }),
  },
  {
    id: 'simulateRateMove',
    group: 'money',
    ownWorld: true,
    inputs: [words('pair', 'USD/UZS', 'EUR/UZS'), text('percent', '-3.5')],
    ask: ({ one }) => ({
      operation: 'simulateRateMove',
      body: { pair: one('pair'), percent: one('percent') },
    }),
  },
  {
    id: 'simulateAuthorization',
    group: 'cards',
    inputs: [
      from('card'),
      amount('120000.00'),
      currency,
      text('merchant', 'Korzinka'),
      text('mcc', '5411'),
      text('country', 'UZ'),
      words('channel', 'chip', 'contactless', 'online', 'atm'),
    ],
    ask: (filled) => ({
      product: 'cards',
      operation: 'simulateAuthorization',
      body: {
        cardId: filled.one('cardId'),
        amount: money(filled),
        merchant: {
          name: filled.one('merchant'),
          mcc: filled.one('mcc'),
          country: filled.one('country'),
        },
        channel: filled.one('channel'),
      },
    }),
  },
  {
    id: 'simulateClearing',
    group: 'cards',
    inputs: [from('authorization'), amount('120000.00'), currency, words('final', 'yes', 'no')],
    ask: onAuthorization('simulateClearing', ({ one }) => ({ final: one('final') === 'yes' })),
  },
  {
    id: 'simulateReversal',
    group: 'cards',
    inputs: [from('authorization'), { ...amount(''), optional: true }, currency],
    ask: onAuthorization('simulateReversal'),
  },
  {
    id: 'simulateRefund',
    group: 'cards',
    inputs: [from('authorization'), amount('120000.00'), currency],
    ask: onAuthorization('simulateRefund'),
  },
  {
    id: 'simulateConsentDecision',
    group: 'customers',
    inputs: [
      { name: 'persona', is: 'persona', pointer: '/persona' },
      words('decision', 'APPROVE', 'DENY', 'LEAVE'),
    ],
    ask: ({ one }) => ({
      product: 'accounts',
      operation: 'listAccounts',
      persona: one('persona'),
      decision: one('decision'),
    }),
  },
  {
    id: 'simulateVerificationResult',
    group: 'customers',
    ownWorld: true,
    inputs: [
      from('verification'),
      words('identity', 'CONFIRMED', 'CONTRADICTED', 'UNCLEAR'),
      words('screening', 'CLEAR', 'REVIEW', 'UNAVAILABLE'),
    ],
    ask: ({ one }) => ({
      operation: 'simulateVerificationResult',
      body: {
        verificationId: one('verificationId'),
        identity: one('identity'),
        screening: one('screening'),
      },
    }),
  },
  {
    id: 'simulateCoreCondition',
    group: 'core',
    inputs: [
      words(
        'condition',
        'OUTAGE',
        'SLOW',
        'CUT_OFF',
        'CLOSED',
        'BUSY',
        'UNCLEAR',
        'SANCTIONS_HOLD',
        'RETURNED',
      ),
      number('seconds', '60'),
      number('delayMilliseconds', '0'),
    ],
    ask: ({ one }) => ({
      operation: 'simulateCoreCondition',
      body: {
        condition: one('condition'),
        seconds: Number(one('seconds')),
        delayMilliseconds: Number(one('delayMilliseconds')),
      },
    }),
  },
  {
    id: 'simulateEntranceCondition',
    group: 'core',
    inputs: [words('condition', 'CERTIFICATE_EXPIRED', 'LIMIT_REACHED'), number('seconds', '60')],
    ask: ({ one }) => ({
      operation: 'simulateEntranceCondition',
      body: { condition: one('condition'), seconds: Number(one('seconds')) },
    }),
  },
  {
    id: 'simulateWebhooks',
    group: 'webhooks',
    inputs: [
      words('kind', 'STORM', 'DUPLICATE', 'REORDER'),
      number('count', '100'),
      { name: 'type', is: 'text', optional: true },
    ],
    ask: ({ one }) => ({
      operation: 'simulateWebhooks',
      body: {
        kind: one('kind'),
        count: Number(one('count')),
        ...some({ type: one('type') }),
      },
    }),
  },
]

export const groups = ['money', 'cards', 'customers', 'core', 'webhooks'] as const

export const simulationOf = (id: unknown): Simulation | undefined =>
  simulations.find((simulation) => simulation.id === id)
