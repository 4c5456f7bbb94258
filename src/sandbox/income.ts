/** What of everybody's income goes on when the year that was imagined is over: as it came last, on its day. */
import { accountRef } from '#bank/cores/synthetic/account-number.ts'
import type { SeedHappening, SeedIncome } from '#bank/cores/synthetic/seed.ts'
import type { Books } from './books.ts'
import { type Phrase, phrases } from './merchants.ts'
import { organisations } from './organisations.ts'
import { people } from './people.ts'
import { takings } from './trade.ts'

const regular: readonly { phrase: Phrase; frequency: SeedIncome['frequency'] }[] = [
  { phrase: 'salary', frequency: 'monthly' },
  { phrase: 'scholarship', frequency: 'monthly' },
  { phrase: 'pension', frequency: 'monthly' },
  { phrase: 'invoice', frequency: 'monthly' },
  { phrase: 'interest', frequency: 'monthly' },
  { phrase: 'sales', frequency: 'weekly' },
]

export const incomesOf = ({ accounts, happenings }: Books): SeedIncome[] => {
  const latest = new Map<string, SeedHappening>()
  for (const happening of happenings)
    if ('account' in happening.to && !happening.pending)
      latest.set(`${happening.to.account} ${happening.text}`, happening)

  const coming = (owner: string, text: string, frequency: SeedIncome['frequency']) =>
    accounts
      .filter((account) => account.owner === owner)
      .flatMap((account): SeedIncome[] => {
        const ref = accountRef(account.owner, account.serial)
        const last = latest.get(`${ref} ${text}`)
        if (!last) return []
        const { from: payer, minor, on } = last
        return [{ account: ref, payer, text, minor, frequency, last: on }]
      })

  // Employers first: what they take is there when wages are due.
  return [
    ...coming(organisations.anorTelekom.coreRef, takings.subscribers, 'weekly'),
    ...coming(organisations.toshkentEnergo.coreRef, takings.households, 'weekly'),
    ...people.flatMap(({ coreRef, language }) =>
      regular.flatMap(({ phrase, frequency }) =>
        coming(coreRef, phrases[language][phrase], frequency),
      ),
    ),
  ]
}
