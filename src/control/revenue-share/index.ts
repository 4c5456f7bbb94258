/** What partners earn: shares of the bank's revenue, agreed by two people, stated by the bank, paid out or set off. */
import { z } from 'zod'
import type { Work } from '#journal/index.ts'
import { type Applier, baseOf, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import { findPartner, PartnerId } from '#control/partners/index.ts'
import {
  type Agreement,
  agreementFaults,
  AgreementId,
  agreementNotFound,
  agreementRefused,
  AgreementTerms,
} from './agreement.ts'
import { settlingAppliers } from './settling.ts'
import * as store from './store.ts'

export { type Agreement, AgreementId, AgreementTerms } from './agreement.ts'
export {
  draftStatements,
  earned,
  proposePayout,
  proposeStatement,
  statementsOf,
} from './settling.ts'
export { differencesIn, StatementContent } from './share.ts'
export { Statement, StatementId, statementNotFound } from './statement.ts'
export {
  agreements as listAgreements,
  find as findStatement,
  list as listStatements,
  Payout,
  payouts as listPayouts,
} from './store.ts'

const AGREE = 'revenue-share.agreement'
const END = 'revenue-share.end'

/** Proposes a share. What two people agree to is its whole text. */
export const proposeAgreement = async (work: Work, terms: AgreementTerms): Promise<ChangeSet> => {
  const errors = agreementFaults(terms)
  for (const [i, { partnerId }] of terms.parties.entries()) {
    const id = PartnerId.safeParse(partnerId)
    if (!id.success || !(await findPartner(work, id.data)))
      errors.push({
        pointer: `/parties/${i}/partnerId`,
        code: 'unknown',
        detail: 'no partner has this id',
      })
  }
  if (errors.length > 0) throw agreementRefused(`${errors.length} place(s) are wrong`, { errors })
  const id = AgreementId.next()
  return proposeChange(work, {
    kind: AGREE,
    subject: id,
    before: null,
    after: z.json().parse(terms),
    base: baseOf(null),
    reason: terms.title,
    roles: ['finance', 'head-of-platform'],
  })
}

/** Proposes that a share ends with a day. What was earned until then is earned. */
export const proposeEnd = async (
  work: Work,
  id: AgreementId,
  endsOn: string,
  reason: string,
): Promise<ChangeSet> => {
  const agreement = await store.lockAgreement(work, id)
  if (!agreement) throw agreementNotFound('no share has this id')
  if (endsOn <= agreement.startsOn) throw agreementRefused('it would end before it began')
  return proposeChange(work, {
    kind: END,
    subject: id,
    before: agreement.endsOn,
    after: endsOn,
    base: baseOf(agreement.endsOn),
    reason,
    roles: ['finance', 'head-of-platform'],
  })
}

export const appliers: Readonly<Record<string, Applier>> = {
  ...settlingAppliers,
  [AGREE]: {
    base: async () => baseOf(null),
    apply: async (work, { id: changeId, subject, after }) => {
      const agreement: Agreement = {
        ...AgreementTerms.parse(after),
        id: AgreementId.parse(subject),
      }
      await store.insertAgreement(work, agreement, { at: work.now, changeId })
      await work.record('revenue-share.agreed', agreement.id, {
        partnerId: agreement.partnerId,
        basis: agreement.basis,
        parties: agreement.parties,
      })
    },
  },
  [END]: {
    base: async (work, { subject }) =>
      baseOf((await store.lockAgreement(work, AgreementId.parse(subject)))?.endsOn ?? null),
    apply: async (work, { subject, after }) => {
      const endsOn = z.iso.date().parse(after)
      await store.endAgreement(work, AgreementId.parse(subject), endsOn)
      await work.record('revenue-share.end-set', subject, { endsOn })
    },
  },
}
