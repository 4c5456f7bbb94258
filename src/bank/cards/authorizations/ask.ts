/** Asks the partner to decide, by way of the courier, within the time that the programme gives it. */
import { z } from 'zod'
import { minorOf, moneyJson } from '#kernel/money.ts'
import { Problem } from '#kernel/problem.ts'
import type { BankWorld } from '../../world.ts'
import { DECISION_WITHIN_MS, type Programme } from '../programmes/programme.ts'
import type { Authorization, PartnerWord } from './authorization.ts'

const Answer = z.union([
  z.strictObject({ decision: z.literal('decline') }),
  z.strictObject({
    decision: z.literal('approve'),
    amount: z.strictObject({ amount: z.string(), currency: z.string() }).optional(),
  }),
])

/** What the partner is asked: ids and the use, nothing of the customer. */
export const questionOf = (a: Authorization) => ({
  type: 'cards.authorization-decision',
  timestamp: a.createdAt.toString(),
  data: {
    authorizationId: a.id,
    cardId: a.cardId,
    programmeId: a.programmeId,
    requestedAmount: moneyJson({ minor: a.requestedMinor, currency: a.currency }),
    // What the controls leave room for: a partner can lower it, not raise it.
    availableAmount: moneyJson({ minor: a.reservedMinor, currency: a.currency }),
    merchant: a.merchant,
    channel: a.channel,
    partialApproval: a.partialApproval,
    decideWithinMs: DECISION_WITHIN_MS,
  },
})

/** What an answer means; anything that is none of ours is silence, which the stand-in rules fill. */
export const wordIn = (
  { status, body }: { status: number; body: string },
  { currency }: Pick<Authorization, 'currency'>,
): PartnerWord => {
  const silent: PartnerWord = { word: 'silent', late: false }
  if (status < 200 || status > 299) return silent
  const parsed = Answer.safeParse(jsonOf(body))
  if (!parsed.success) return silent
  if (parsed.data.decision === 'decline') return { word: 'decline' }
  const { amount } = parsed.data
  if (!amount) return { word: 'approve' }
  const minor = amount.currency === currency ? minorOf(amount.amount, currency) : undefined
  return minor === undefined || minor < 0n ? silent : { word: 'approve', minor }
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const askPartner = async (
  { courier, log }: BankWorld,
  { decisionUrl }: Programme,
  authorization: Authorization,
): Promise<PartnerWord> => {
  if (decisionUrl === null) return { word: 'not-asked' }
  try {
    const answer = await courier.decide({
      id: authorization.id,
      url: decisionUrl,
      body: JSON.stringify(questionOf(authorization)),
      withinMs: DECISION_WITHIN_MS,
    })
    const { id: authorizationId } = authorization
    log.info(
      { authorizationId, heard: answer.heard, ms: answer.ms },
      'a partner was asked to decide',
    )
    return answer.heard === 'answer'
      ? wordIn(answer, authorization)
      : { word: 'silent', late: answer.heard === 'late' }
  } catch (error) {
    // The courier itself is away: that is our silence, and the programme's rules stand in for it too.
    if (!(error instanceof Problem)) throw error
    log.warn({ code: error.code }, 'the courier could not ask a partner')
    return { word: 'silent', late: false }
  }
}
