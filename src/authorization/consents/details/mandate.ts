import { z } from 'zod'
import { amount, dateOf } from '#kernel/format.ts'
import {
  AccountReference,
  type ConsentKind,
  Instant,
  named,
  PositiveMoney,
  Purpose,
  setOf,
  type Words,
} from './type.ts'

const Period = z.enum(['day', 'week', 'month', 'year'])
type Period = z.output<typeof Period>

const Payee = z.strictObject({
  creditorName: z.string().min(1).max(140),
  creditorAccount: AccountReference,
})

/** OBIE calls it a variable recurring payment: the partner pays within limits, without the customer. */
export const MandateDetail = z
  .strictObject({
    type: z.literal('urn:bank:mandate:v1'),
    ...named,
    maxIndividual: PositiveMoney,
    periodicLimits: setOf(z.strictObject({ period: Period, amount: PositiveMoney }), 4),
    payees: setOf(Payee, 20),
    validTo: Instant,
    purpose: Purpose.optional(),
  })
  .refine(
    ({ maxIndividual, periodicLimits }) =>
      periodicLimits.every((limit) => limit.amount.currency === maxIndividual.currency),
    { error: 'all amounts are in one currency', path: ['periodicLimits'] },
  )
  .refine(
    ({ periodicLimits }) =>
      new Set(periodicLimits.map((limit) => limit.period)).size === periodicLimits.length,
    { error: 'limits one period twice', path: ['periodicLimits'] },
  )
type MandateDetail = z.output<typeof MandateDetail>

type Sentences = Readonly<Record<Period, string>> & {
  readonly short: (limit: string) => string
  readonly title: (partner: string) => string
  readonly lead: string
  readonly approve: string
  readonly pays: (payees: string) => string
  readonly never: (partner: string) => string
  readonly most: string
  readonly payee: string
  readonly until: (date: string) => string
  readonly choose: string
}

const words: Words<Sentences> = {
  en: {
    short: (limit) => `Payments of up to ${limit} each`,
    title: (partner) => `${partner} asks to pay for you, within limits`,
    lead: 'You will not be asked about each payment. Check the limits and who is paid.',
    approve: 'Allow these payments',
    pays: (payees) => `Payments to ${payees}`,
    never: (partner) => `${partner} cannot pay anybody else and cannot see your accounts.`,
    most: 'One payment, at most',
    payee: 'Who is paid',
    day: 'In a day, at most',
    week: 'In a week, at most',
    month: 'In a month, at most',
    year: 'In a year, at most',
    until: (date) => `It ends on ${date}. You can take it back on any day before.`,
    choose: 'Pay from',
  },
  ru: {
    short: (limit) => `Платежи, каждый до ${limit}`,
    title: (partner) => `${partner} просит платить за вас в пределах лимита`,
    lead: 'О каждом платеже вас спрашивать не будут. Проверьте лимиты и получателей.',
    approve: 'Разрешить эти платежи',
    pays: (payees) => `Платежи получателям: ${payees}`,
    never: (partner) => `${partner} не может платить никому другому и не видит ваши счета.`,
    most: 'Один платёж, не больше',
    payee: 'Кому',
    day: 'За день, не больше',
    week: 'За неделю, не больше',
    month: 'За месяц, не больше',
    year: 'За год, не больше',
    until: (date) => `Заканчивается ${date}. Отозвать можно в любой день раньше.`,
    choose: 'Оплачивать со счёта',
  },
  uz: {
    short: (limit) => `Har biri ${limit} gacha boʻlgan toʻlovlar`,
    title: (partner) => `${partner} siz uchun belgilangan chegarada toʻlamoqchi`,
    lead: 'Har bir toʻlov haqida sizdan soʻralmaydi. Chegaralar va oluvchilarni tekshiring.',
    approve: 'Bu toʻlovlarga ruxsat beraman',
    pays: (payees) => `Quyidagilarga toʻlovlar: ${payees}`,
    never: (partner) => `${partner} boshqa hech kimga toʻlay olmaydi, hisoblaringizni koʻrmaydi.`,
    most: 'Bitta toʻlov, koʻpi bilan',
    payee: 'Kimga',
    day: 'Bir kunda, koʻpi bilan',
    week: 'Bir haftada, koʻpi bilan',
    month: 'Bir oyda, koʻpi bilan',
    year: 'Bir yilda, koʻpi bilan',
    until: (date) => `Tugash sanasi: ${date}. Undan oldin istalgan kuni qaytarib olish mumkin.`,
    choose: 'Qaysi hisobdan toʻlanadi',
  },
}

export const mandate: ConsentKind<MandateDetail> = {
  schema: MandateDetail,
  opens: ['payments'],
  duration: 'TIME_BOUND',
  usedUpBy: [],
  days: { usual: 365, most: 365 },
  legalBasis: 'payment-order',
  accounts: 'one',
  scaDays: null,
  accessesPerDay: null,
  unattendedHistoryDays: null,
  binds: ['/maxIndividual', '/periodicLimits', '/payees'],
  fits: (detail, account) => account.currency === detail.maxIndividual.currency,
  end: 'validTo',
  enrichment: (_detail, [debtorAccount]) => ({ debtorAccount }),
  wording: (detail, { language, partner, zone, expiresAt }) => {
    const say = words[language]
    const most = amount(language, detail.maxIndividual)
    const payees = detail.payees.map((p) => p.creditorName).join(', ')
    return {
      short: say.short(most),
      title: say.title(partner),
      lead: say.lead,
      approve: say.approve,
      sees: [say.pays(payees)],
      seesNot: [],
      never: say.never(partner),
      facts: [
        [say.most, most],
        ...detail.periodicLimits.map(
          (limit) => [say[limit.period], amount(language, limit.amount)] as const,
        ),
        ...detail.payees.map(
          (p) => [say.payee, `${p.creditorName}, ${p.creditorAccount.identification}`] as const,
        ),
      ],
      remark: say.until(dateOf(language, expiresAt.toString(), zone)),
      choose: say.choose,
    }
  },
}
