/** The bank's own password and one-time code, asked over its socket. */
import type { bankContract } from '#bank/contract.ts'
import { Problem } from '#kernel/problem.ts'
import type { Client } from '#platform/rpc.ts'
import { pathUnknown } from '../edge.ts'
import { codePage, signInPage, type TextKey } from '../pages/index.ts'
import { beginning, type Means, type Outcome, type SignIn, type Step } from './sign-in.ts'

interface OwnWorld {
  readonly bank: Pick<Client<typeof bankContract>, 'startSignIn' | 'finishSignIn'>
  readonly now: () => Temporal.Instant
}

const refusals: Readonly<Record<string, TextKey>> = {
  'customers/sign-in-refused': 'signInRefused',
  'customers/sign-in-delayed': 'signInDelayed',
}

/** A refusal by the bank that the customer can mend is said where they are; all else rises. */
const orSay = async (
  signIn: SignIn,
  step: () => Promise<Outcome>,
  said = (problem: TextKey): TextKey => problem,
): Promise<Outcome> => {
  try {
    return await step()
  } catch (error) {
    const problem = error instanceof Problem ? refusals[error.code] : undefined
    if (!problem) throw error
    return { kind: 'wrong', signIn, problem: said(problem) }
  }
}

const givePassword = ({ bank }: OwnWorld, form: URLSearchParams): Promise<Outcome> =>
  orSay(beginning, async () => {
    const login = form.get('login') ?? ''
    const password = form.get('password') ?? ''
    const challenge = await bank.startSignIn({ login, password })
    return { kind: 'step', signIn: { at: 'code', ...challenge } }
  })

type AtCode = Extract<SignIn, { at: 'code' }>

const giveCode = (
  { bank, now }: OwnWorld,
  signIn: AtCode,
  form: URLSearchParams,
): Promise<Outcome> =>
  orSay(
    signIn,
    async () => {
      const code = (form.get('code') ?? '').replaceAll(' ', '')
      const { customerId } = await bank.finishSignIn({ challengeId: signIn.challengeId, code })
      const who = { customerId, authenticatedAt: now().toString(), amr: ['pwd', 'otp'] }
      return { kind: 'proven', who }
    },
    () => 'codeRefused',
  )

const step = async (world: OwnWorld, { signIn, form }: Step): Promise<Outcome | undefined> => {
  const action = form.get('action')
  if (action === 'restart') return { kind: 'step', signIn: beginning }
  if (action === 'sign-in' && signIn.at === 'sign-in') return givePassword(world, form)
  if (action === 'code' && signIn.at === 'code') return giveCode(world, signIn, form)
  return undefined
}

export const ownMeans = (world: OwnWorld): Means => ({
  page: (signIn, form) =>
    signIn.at === 'code' ? codePage({ ...form, shownCode: signIn.shownCode }) : signInPage(form),
  leadsTo: async () => [],
  step: (_exchange, asked) => step(world, asked),
  news: async () => undefined,
  serveReturn: async () => {
    throw pathUnknown('customers of this cell do not sign in elsewhere')
  },
})
