import { z } from 'zod'
import { AccountReference, type ConsentKind, isNamed, named, Purpose, type Words } from './type.ts'

export const OwnershipVerificationDetail = z.strictObject({
  type: z.literal('urn:bank:ownership-verification:v1'),
  ...named,
  account: AccountReference.optional(),
  purpose: Purpose,
  /** The clause or case that the partner asks under. */
  legalReference: z.string().min(1).max(140).optional(),
})
type OwnershipVerificationDetail = z.output<typeof OwnershipVerificationDetail>

interface Sentences {
  readonly short: string
  readonly title: (partner: string) => string
  readonly lead: string
  readonly approve: string
  readonly answer: string
  readonly nothing: string
  readonly reference: string
  readonly choose: string
}

const words: Words<Sentences> = {
  en: {
    short: 'Learns once whether an account is yours',
    title: (partner) => `${partner} asks whether an account is yours`,
    lead: 'The bank compares the name and answers yes or no, once.',
    approve: 'Allow',
    answer: 'Whether the account is held in your name',
    nothing: 'How much is in the account, and your payments',
    reference: 'Legal reference',
    choose: 'Which account',
  },
  ru: {
    short: 'Один раз узнаёт, ваш ли это счёт',
    title: (partner) => `${partner} хочет знать, ваш ли это счёт`,
    lead: 'Банк сверит имя и один раз ответит «да» или «нет».',
    approve: 'Разрешить',
    answer: 'Открыт ли счёт на ваше имя',
    nothing: 'Сколько денег на счёте и ваши платежи',
    reference: 'Правовое основание',
    choose: 'Какой счёт',
  },
  uz: {
    short: 'Hisob siznikimi, bir marta biladi',
    title: (partner) => `${partner} hisob siznikimi, bilmoqchi`,
    lead: 'Bank ismni solishtirib, bir marta «ha» yoki «yoʻq» deb javob beradi.',
    approve: 'Ruxsat beraman',
    answer: 'Hisob sizning nomingizga ochilganmi',
    nothing: 'Hisobdagi qoldiq va toʻlovlaringiz',
    reference: 'Huquqiy asos',
    choose: 'Qaysi hisob',
  },
}

export const ownershipVerification: ConsentKind<OwnershipVerificationDetail> = {
  schema: OwnershipVerificationDetail,
  opens: ['accounts:verify'],
  duration: 'ONE_TIME',
  usedUpBy: [],
  days: { usual: 1, most: 1 },
  legalBasis: 'explicit-consent',
  accounts: 'one',
  scaDays: null,
  accessesPerDay: null,
  unattendedHistoryDays: null,
  binds: ['/account'],
  fits: (detail, account) => isNamed(detail.account, account),
  end: null,
  enrichment: () => ({}),
  wording: ({ legalReference }, { language, partner }) => {
    const say = words[language]
    return {
      short: say.short,
      title: say.title(partner),
      lead: say.lead,
      approve: say.approve,
      sees: [say.answer],
      seesNot: [say.nothing],
      never: undefined,
      facts: legalReference === undefined ? [] : [[say.reference, legalReference]],
      remark: undefined,
      choose: say.choose,
    }
  },
}
