/** Standing orders, direct debits, payments to come and beneficiaries, with the names of OBIE and ISO 20022. */
import { moneyJson } from '#kernel/money.ts'
import { pairwise } from '#platform/keys.ts'
import type { CoreArrangement, CoreFrequency, CorePayee } from '../cores/arrangement.ts'
import { openCursor, sealCursor } from '../cursor.ts'
import type { Caller } from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import { opened } from './access.ts'
import { beginOf, type PageQuery } from './account.ts'

type Kind = CoreArrangement['kind']

/** By kind: the word of its ids, and the consent permissions that list it. The last one opens whom it pays. */
const kinds = {
  'standing-order': ['sto', ['ReadStandingOrdersBasic', 'ReadStandingOrdersDetail']],
  'direct-debit': ['ddb', ['ReadDirectDebits']],
  'scheduled-payment': ['scp', ['ReadScheduledPaymentsBasic', 'ReadScheduledPaymentsDetail']],
  beneficiary: ['ben', ['ReadBeneficiariesBasic', 'ReadBeneficiariesDetail']],
} as const satisfies Record<Kind, readonly [string, readonly string[]]>

/** What is arranged on an account, a page of one kind. */
export const listArrangements = async (
  bank: BankWorld,
  caller: Caller,
  { accountId, kind }: { accountId: string; kind: Kind },
  { limit, cursor }: PageQuery,
) => {
  const [word, anyOf] = kinds[kind]
  const { alias, core, permissions } = await opened(bank, caller, accountId, anyOf)
  const place = [kind, caller.partnerId, caller.consentId, accountId]
  const after = cursor === undefined ? undefined : openCursor(bank.keys, place, cursor)
  const found = await core.arrangements(alias.accountRef, {
    kind,
    limit: Math.min(limit + 1, 100),
    ...(after !== undefined && { after }),
  })
  const page = found.slice(0, limit)
  const last = page.at(-1)
  const mayGoOn = found.length > limit || (limit === 100 && found.length === 100)
  const detail = anyOf.some(
    (permission, at) => at === anyOf.length - 1 && permissions.has(permission),
  )
  return {
    data: page.map((one) => {
      const name = `${alias.accountRef} ${one.ref}`
      const id = pairwise(bank.keys.pairwise, word, caller.partnerId, name)
      return arrangementJson(one, { id, accountId, zone: bank.zone, detail })
    }),
    next: mayGoOn && last ? sealCursor(bank.keys, place, last.ref) : null,
  }
}

/** Frequency6Code. */
const frequencies: Readonly<Record<CoreFrequency, string>> = {
  daily: 'DAIL',
  weekly: 'WEEK',
  monthly: 'MNTH',
  quarterly: 'QURT',
  yearly: 'YEAR',
}

const statuses = { active: 'Active', ended: 'Inactive' } as const

/** As a partner sees it; whom it pays and what for only with Detail. */
export const arrangementJson = (
  one: CoreArrangement,
  { id, accountId, zone, detail }: { id: string; accountId: string; zone: string; detail: boolean },
) => {
  const whom = detail && { reference: one.text, creditorAccount: payeeJson(one.payee) }
  switch (one.kind) {
    case 'beneficiary':
      return { beneficiaryId: id, accountId, beneficiaryType: 'Ordinary', ...whom }
    case 'scheduled-payment':
      return {
        scheduledPaymentId: id,
        accountId,
        scheduledType: 'Execution',
        scheduledPaymentDateTime: beginOf(one.dueOn, zone),
        instructedAmount: moneyJson(one.amount),
        ...whom,
      }
    case 'direct-debit':
      return {
        directDebitId: id,
        accountId,
        directDebitStatusCode: statuses[one.status],
        frequency: frequencies[one.frequency],
        name: one.payee.name,
        ...(one.last && {
          previousPaymentDateTime: beginOf(one.last.on, zone),
          previousPaymentAmount: moneyJson(one.last.amount),
        }),
      }
    case 'standing-order':
      return {
        standingOrderId: id,
        accountId,
        standingOrderStatusCode: statuses[one.status],
        frequency: frequencies[one.frequency],
        instructedAmount: moneyJson(one.amount),
        firstPaymentDateTime: beginOf(one.firstOn, zone),
        ...(one.nextOn && { nextPaymentDateTime: beginOf(one.nextOn, zone) }),
        ...(one.finalOn && { finalPaymentDateTime: beginOf(one.finalOn, zone) }),
        ...whom,
      }
  }
}

const payeeJson = ({ name, number, bankCode }: CorePayee) => ({
  schemeName: 'UZ.AccountNumber',
  identification: number,
  bankCode,
  name,
})
