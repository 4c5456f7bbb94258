import { z } from 'zod'
import { amount, dateOf } from '#kernel/format.ts'
import { AccountReference, type ConsentKind, named, PositiveMoney, type Words } from './type.ts'

export const PaymentDetail = z.strictObject({
  type: z.literal('urn:bank:payment:v1'),
  ...named,
  instructedAmount: PositiveMoney,
  creditorAccount: AccountReference,
  creditorName: z.string().min(1).max(140),
  /** ISO 20022 Max35Text. */
  endToEndIdentification: z.string().min(1).max(35).optional(),
})
type PaymentDetail = z.output<typeof PaymentDetail>

interface Sentences {
  readonly short: (amount: string, payee: string) => string
  readonly title: (partner: string, amount: string) => string
  readonly lead: string
  readonly approve: string
  readonly amount: string
  readonly payee: string
  readonly account: string
  readonly bank: string
  readonly reference: string
  readonly once: (date: string) => string
  readonly choose: string
}

const words: Words<Sentences> = {
  en: {
    short: (sum, payee) => `One payment of ${sum} to ${payee}`,
    title: (partner, sum) => `${partner} asks you to pay ${sum}`,
    lead: 'Check the amount and who gets it. Nothing else can be paid with this permission.',
    approve: 'Allow the payment',
    amount: 'Amount',
    payee: 'Who gets it',
    account: 'To account',
    bank: 'Bank code',
    reference: 'Reference',
    once: (date) => `It works once, until ${date}.`,
    choose: 'Pay from',
  },
  ru: {
    short: (sum, payee) => `Один платёж на ${sum}, получатель ${payee}`,
    title: (partner, sum) => `${partner} просит оплатить ${sum}`,
    lead: 'Проверьте сумму и получателя. Больше ничего по этому разрешению оплатить нельзя.',
    approve: 'Разрешить платёж',
    amount: 'Сумма',
    payee: 'Получатель',
    account: 'На счёт',
    bank: 'Код банка',
    reference: 'Назначение',
    once: (date) => `Действует один раз, до ${date}.`,
    choose: 'Оплатить со счёта',
  },
  uz: {
    short: (sum, payee) => `${payee} uchun ${sum}, bitta toʻlov`,
    title: (partner, sum) => `${partner} ${sum} toʻlashingizni soʻrayapti`,
    lead: 'Summa va oluvchini tekshiring. Bu ruxsat bilan boshqa hech narsa toʻlab boʻlmaydi.',
    approve: 'Toʻlovga ruxsat beraman',
    amount: 'Summa',
    payee: 'Oluvchi',
    account: 'Hisob raqami',
    bank: 'Bank kodi',
    reference: 'Belgi',
    once: (date) => `Bir marta ishlaydi, ${date} gacha.`,
    choose: 'Qaysi hisobdan',
  },
}

export const payment: ConsentKind<PaymentDetail> = {
  schema: PaymentDetail,
  opens: ['payments', 'payments:split'],
  duration: 'ONE_TIME',
  usedUpBy: ['payments.created'],
  days: { usual: 1, most: 1 },
  legalBasis: 'payment-order',
  accounts: 'one',
  scaDays: null,
  accessesPerDay: null,
  unattendedHistoryDays: null,
  binds: ['/instructedAmount', '/creditorAccount', '/creditorName', '/endToEndIdentification'],
  // Money moves in the currency of its account.
  fits: (detail, account) => account.currency === detail.instructedAmount.currency,
  end: null,
  enrichment: (_detail, [debtorAccount]) => ({ debtorAccount }),
  wording: (detail, { language, partner, zone, expiresAt }) => {
    const say = words[language]
    const sum = amount(language, detail.instructedAmount)
    const { bankCode, identification } = detail.creditorAccount
    const { endToEndIdentification: reference } = detail
    return {
      short: say.short(sum, detail.creditorName),
      title: say.title(partner, sum),
      lead: say.lead,
      approve: say.approve,
      sees: [],
      seesNot: [],
      never: undefined,
      facts: [
        [say.amount, sum],
        [say.payee, detail.creditorName],
        [say.account, identification],
        ...(bankCode === undefined ? [] : [[say.bank, bankCode] as const]),
        ...(reference === undefined ? [] : [[say.reference, reference] as const]),
      ],
      remark: say.once(dateOf(language, expiresAt.toString(), zone)),
      choose: say.choose,
    }
  },
}
