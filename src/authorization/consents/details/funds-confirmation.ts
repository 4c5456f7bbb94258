import { z } from 'zod'
import {
  AccountReference,
  type ConsentKind,
  Instant,
  isNamed,
  named,
  Purpose,
  type Words,
} from './type.ts'

export const FundsConfirmationDetail = z.strictObject({
  type: z.literal('urn:bank:funds-confirmation:v1'),
  ...named,
  account: AccountReference.optional(),
  purpose: Purpose.optional(),
  expirationDateTime: Instant.optional(),
})
type FundsConfirmationDetail = z.output<typeof FundsConfirmationDetail>

interface Sentences {
  readonly short: string
  readonly title: (partner: string) => string
  readonly lead: string
  readonly approve: string
  readonly answer: string
  readonly balance: string
  readonly never: (partner: string) => string
  readonly choose: string
}

const words: Words<Sentences> = {
  en: {
    short: 'Learns whether an amount is available',
    title: (partner) => `${partner} asks whether you have enough for a purchase`,
    lead: 'The bank answers yes or no, and nothing else.',
    approve: 'Allow',
    answer: 'Whether an amount is available: yes or no',
    balance: 'How much is in the account, and your payments',
    never: (partner) => `${partner} cannot hold or move your money.`,
    choose: 'About which account',
  },
  ru: {
    short: 'Узнаёт, хватает ли денег',
    title: (partner) => `${partner} хочет знать, хватает ли денег на покупку`,
    lead: 'Банк отвечает «да» или «нет» и больше ничего.',
    approve: 'Разрешить',
    answer: 'Хватает ли суммы: да или нет',
    balance: 'Сколько денег на счёте и ваши платежи',
    never: (partner) => `${partner} не может удержать или перевести ваши деньги.`,
    choose: 'О каком счёте',
  },
  uz: {
    short: 'Pul yetarlimi, shuni biladi',
    title: (partner) => `${partner} xarid uchun pulingiz yetadimi, bilmoqchi`,
    lead: 'Bank faqat «ha» yoki «yoʻq» deb javob beradi.',
    approve: 'Ruxsat beraman',
    answer: 'Summa yetarlimi: ha yoki yoʻq',
    balance: 'Hisobdagi qoldiq va toʻlovlaringiz',
    never: (partner) => `${partner} pulingizni ushlab qola olmaydi va oʻtkaza olmaydi.`,
    choose: 'Qaysi hisob haqida',
  },
}

export const fundsConfirmation: ConsentKind<FundsConfirmationDetail> = {
  schema: FundsConfirmationDetail,
  opens: ['fundsconfirmations'],
  duration: 'TIME_BOUND',
  usedUpBy: [],
  days: { usual: 180, most: 365 },
  legalBasis: 'explicit-consent',
  accounts: 'one',
  scaDays: 180,
  accessesPerDay: null,
  unattendedHistoryDays: null,
  binds: [],
  fits: (detail, account) => isNamed(detail.account, account),
  end: 'expirationDateTime',
  enrichment: () => ({}),
  wording: (_detail, { language, partner }) => {
    const say = words[language]
    return {
      short: say.short,
      title: say.title(partner),
      lead: say.lead,
      approve: say.approve,
      sees: [say.answer],
      seesNot: [say.balance],
      never: say.never(partner),
      facts: [],
      remark: undefined,
      choose: say.choose,
    }
  },
}
