/** Whose an account is, and which product of the bank it is. */
import { pairwise } from '#platform/keys.ts'
import type { CoreAccount, CoreCustomer } from '../cores/core.ts'
import { type Caller, notFound } from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import { opened } from './access.ts'

/** The owner. A company's accounts have the company, whoever signs for it. */
export const getParty = async (bank: BankWorld, caller: Caller, accountId: string) => {
  const { account, core } = await opened(bank, caller, accountId, ['ReadParty'])
  const owner = await core.customer(account.owner)
  if (!owner) throw notFound()
  return {
    partyId: pairwise(bank.keys.pairwise, 'pty', caller.partnerId, owner.ref),
    partyType: 'Sole',
    legalStructure: structures[owner.kind],
    accountRole: 'Principal',
    fullLegalName: owner.name,
  }
}

const structures = { person: 'Individual', organisation: 'Organisation' } as const

export const getProduct = async (bank: BankWorld, caller: Caller, accountId: string) => {
  const { account, core } = await opened(bank, caller, accountId, ['ReadProducts'])
  const owner = await core.customer(account.owner)
  if (!owner) throw notFound()
  return { accountId, currency: account.currency, ...productOf(account.kind, owner.kind) }
}

/** What the bank sells, by the kind of account and of customer; the type is OBIE's. */
export const productOf = (kind: CoreAccount['kind'], holder: CoreCustomer['kind']) =>
  products[holder][kind]

const product = (productId: string, productName: string, productType: string) => ({
  productId,
  productName,
  productType,
})

const products = {
  person: {
    current: product('personal-current', 'Current account', 'PersonalCurrentAccount'),
    savings: product('personal-savings', 'Savings account', 'PersonalSavingsAccount'),
    card: product('personal-card', 'Card account', 'PersonalCardAccount'),
    settlement: product('personal-settlement', 'Settlement account', 'Other'),
  },
  organisation: {
    current: product('business-current', 'Business account', 'BusinessCurrentAccount'),
    savings: product('business-savings', 'Business deposit', 'BusinessSavingsAccount'),
    card: product('business-card', 'Business card account', 'BusinessCardAccount'),
    settlement: product('business-settlement', 'Settlement account', 'Other'),
  },
} as const
