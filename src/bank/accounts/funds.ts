/** Is this much there? Yes or no about one account that its owner named, and never how much there is. */
import { z } from 'zod'
import { work } from '#journal/index.ts'
import { idOf } from '#kernel/id.ts'
import { Money, moneyJson } from '#kernel/money.ts'
import { problem } from '#kernel/problem.ts'
import { requestInvalid } from '#platform/http.ts'
import { realTime } from '#platform/turned-clock.ts'
import type { CoreAccount, CoreBalances } from '../cores/core.ts'
import { actorOf, type Caller, consentExceeded, notFound } from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import { accountInConsent, ownAccount } from './access.ts'
import * as store from './store.ts'

export const FundsQuestion = z.strictObject({
  reference: z.string().min(1).max(35),
  instructedAmount: Money,
})
export type FundsQuestion = z.output<typeof FundsQuestion>

const ConfirmationId = idOf('confirmation')

const Detail = z.looseObject({
  type: z.literal('urn:bank:funds-confirmation:v1'),
  accounts: z.tuple([z.string()]),
})

export const fundsQuestionsExhausted = problem(
  'accounts/funds-questions-exhausted',
  429,
  'The account was asked about too often today',
)

/** Thirty questions that halve what is left tell a balance to the tiyin. */
export const FUNDS_QUESTIONS_A_DAY = 20
const HOURS = 24

/** A blocked or closed account has nothing to give. What may be overdrawn counts, as it would at the till. */
export const hasFunds = (
  account: CoreAccount,
  { available }: CoreBalances,
  asked: Money,
): boolean => account.status === 'enabled' && available.minor >= asked.minor

/** Answers by what is there now; every question is counted before it is answered, and leaves its line in the journal. */
export const confirmFunds = async (bank: BankWorld, caller: Caller, question: FundsQuestion) => {
  const accountId = accountIn(caller)
  const alias =
    accountId === undefined ? undefined : await accountInConsent(bank, caller, accountId)
  if (!alias) throw notFound()
  const { instructedAmount, reference } = question
  if (instructedAmount.minor <= 0n) throw wrong('amount', 'must be above zero')
  const core = bank.coreFor(caller.partnerId)
  const account = await ownAccount(core, alias)
  if (!account) throw notFound()
  if (account.currency !== instructedAmount.currency)
    throw wrong('currency', `must be that of the account, ${account.currency}`)

  const now = bank.now()
  const id = ConfirmationId.next()
  // Limits are of real time, whatever time it is in a partner's world.
  const asked = realTime(now)
  const since = asked.subtract({ hours: HOURS })
  const { count: earlier, first } = await store.countFundsQuestion(bank.db, {
    id,
    accountId: alias.accountId,
    since,
    now: asked,
    max: FUNDS_QUESTIONS_A_DAY,
  })
  const refused = earlier >= FUNDS_QUESTIONS_A_DAY
  const fundsAvailable =
    !refused && hasFunds(account, await core.balances(alias.accountRef), instructedAmount)
  const { partnerId, callId, consentId } = caller
  await work(bank.db, actorOf(caller), now, (w) =>
    refused
      ? w.record('accounts.funds-swept', alias.accountId, { partnerId, callId, consentId })
      : w.record('accounts.funds-confirmed', alias.accountId, { partnerId, callId, consentId }),
  )
  if (refused) {
    const seconds = Math.max(1, Math.ceil((first ?? asked).since(since).total('seconds')))
    throw fundsQuestionsExhausted(
      `${FUNDS_QUESTIONS_A_DAY} questions about an account are answered in ${HOURS} hours`,
      { headers: { 'Retry-After': String(seconds) } },
    )
  }
  return {
    fundsConfirmationId: id,
    creationDateTime: now.toString(),
    fundsAvailable,
    reference,
    instructedAmount: moneyJson(instructedAmount),
  }
}

const wrong = (member: string, detail: string) =>
  requestInvalid('1 field is wrong', {
    errors: [{ pointer: `/instructedAmount/${member}`, code: 'value', detail }],
  })

/** The account that the customer named or picked: a consent of this type has exactly one. */
const accountIn = ({ details }: Caller): string | undefined => {
  const parsed = details.map((detail) => Detail.safeParse(detail)).find(({ success }) => success)
  if (!parsed?.data) throw consentExceeded('the consent is not about the funds of one account')
  return parsed.data.accounts[0]
}

/** Forgets questions that no longer count. */
export const sweepFundsQuestions = ({ db, now }: Pick<BankWorld, 'db' | 'now'>) =>
  store.sweepFundsQuestions(db, now().subtract({ hours: HOURS }))
