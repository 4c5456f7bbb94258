import { z } from 'zod'
import { amount } from '#kernel/format.ts'
import {
  type ConsentKind,
  Instant,
  named,
  PositiveMoney,
  Purpose,
  setOf,
  type Words,
} from './type.ts'

export const LendingReadDetail = z.strictObject({
  type: z.literal('urn:bank:lending-read:v1'),
  ...named,
  /** Loans by the partner's names for them; all of the customer's where it is missing. */
  loans: setOf(z.string().regex(/^[A-Za-z0-9_-]{1,64}$/), 50).optional(),
  purpose: Purpose.optional(),
  expirationDateTime: Instant.optional(),
})
type LendingReadDetail = z.output<typeof LendingReadDetail>

export const LendingApplyDetail = z.strictObject({
  type: z.literal('urn:bank:lending-apply:v1'),
  ...named,
  productId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  amount: PositiveMoney,
  /** Months. */
  term: z.int().min(1).max(600).optional(),
  purpose: Purpose.optional(),
})
type LendingApplyDetail = z.output<typeof LendingApplyDetail>

interface ReadSentences {
  readonly short: string
  readonly title: (partner: string) => string
  readonly lead: string
  readonly approve: string
  readonly loans: string
  readonly schedule: string
  readonly accounts: string
  readonly never: (partner: string) => string
  readonly which: string
}

const readWords: Words<ReadSentences> = {
  en: {
    short: 'Sees loans',
    title: (partner) => `${partner} asks to see your loans`,
    lead: 'You decide. You can take the permission back on any day.',
    approve: 'Allow',
    loans: 'Your loans: amount, rate and what is left to pay',
    schedule: 'The schedule and whether it was paid on time',
    accounts: 'Your accounts and your income',
    never: (partner) => `${partner} cannot change a loan or pay from your account.`,
    which: 'Loans',
  },
  ru: {
    short: 'Видит кредиты',
    title: (partner) => `${partner} просит доступ к вашим кредитам`,
    lead: 'Решаете вы. Разрешение можно отозвать в любой день.',
    approve: 'Разрешить',
    loans: 'Ваши кредиты: сумма, ставка и остаток',
    schedule: 'График и то, платили ли вовремя',
    accounts: 'Ваши счета и доход',
    never: (partner) => `${partner} не может изменить кредит или платить с вашего счёта.`,
    which: 'Кредиты',
  },
  uz: {
    short: 'Kreditlarni koʻradi',
    title: (partner) => `${partner} kreditlaringizni koʻrmoqchi`,
    lead: 'Oʻzingiz hal qilasiz. Ruxsatni istalgan kuni qaytarib olishingiz mumkin.',
    approve: 'Ruxsat beraman',
    loans: 'Kreditlaringiz: summa, foiz va qolgan qarz',
    schedule: 'Toʻlov jadvali va vaqtida toʻlanganmi',
    accounts: 'Hisoblaringiz va daromadingiz',
    never: (partner) => `${partner} kreditni oʻzgartira olmaydi va hisobingizdan toʻlay olmaydi.`,
    which: 'Kreditlar',
  },
}

interface ApplySentences {
  readonly short: (amount: string) => string
  readonly title: (partner: string) => string
  readonly lead: string
  readonly approve: string
  readonly decision: string
  readonly scores: string
  readonly product: string
  readonly amount: string
  readonly term: string
  readonly months: (count: number) => string
  readonly offer: string
}

const applyWords: Words<ApplySentences> = {
  en: {
    short: (sum) => `A loan application for ${sum}`,
    title: (partner) => `${partner} asks to apply for a loan for you`,
    lead: 'Applying binds you to nothing. An offer is yours to accept or not.',
    approve: 'Allow the application',
    decision: 'The decision and its reasons',
    scores: 'Your credit history and the bank’s score',
    product: 'Loan product',
    amount: 'Amount',
    term: 'Term',
    months: (count) => `${count} months`,
    offer: 'It works for one application.',
  },
  ru: {
    short: (sum) => `Заявка на кредит ${sum}`,
    title: (partner) => `${partner} просит подать за вас заявку на кредит`,
    lead: 'Заявка ни к чему не обязывает. Принимать предложение или нет, решаете вы.',
    approve: 'Разрешить заявку',
    decision: 'Решение и его причины',
    scores: 'Ваша кредитная история и оценка банка',
    product: 'Кредитный продукт',
    amount: 'Сумма',
    term: 'Срок',
    months: (count) => `${count} мес.`,
    offer: 'Действует для одной заявки.',
  },
  uz: {
    short: (sum) => `${sum} kreditga ariza`,
    title: (partner) => `${partner} siz uchun kreditga ariza bermoqchi`,
    lead: 'Ariza sizni hech narsaga majburlamaydi. Taklifni qabul qilish oʻzingizga bogʻliq.',
    approve: 'Arizaga ruxsat beraman',
    decision: 'Qaror va uning sabablari',
    scores: 'Kredit tarixingiz va bank bahosi',
    product: 'Kredit turi',
    amount: 'Summa',
    term: 'Muddat',
    months: (count) => `${count} oy`,
    offer: 'Bitta ariza uchun ishlaydi.',
  },
}

export const lendingRead: ConsentKind<LendingReadDetail> = {
  schema: LendingReadDetail,
  opens: ['lending:read'],
  duration: 'TIME_BOUND',
  usedUpBy: [],
  days: { usual: 90, most: 365 },
  legalBasis: 'explicit-consent',
  accounts: 'none',
  scaDays: 180,
  accessesPerDay: null,
  unattendedHistoryDays: null,
  binds: [],
  fits: () => false,
  end: 'expirationDateTime',
  enrichment: () => ({}),
  wording: ({ loans }, { language, partner }) => {
    const say = readWords[language]
    return {
      short: say.short,
      title: say.title(partner),
      lead: say.lead,
      approve: say.approve,
      sees: [say.loans, say.schedule],
      seesNot: [say.accounts],
      never: say.never(partner),
      facts: loans === undefined ? [] : [[say.which, loans.join(', ')]],
      remark: undefined,
      choose: undefined,
    }
  },
}

export const lendingApply: ConsentKind<LendingApplyDetail> = {
  schema: LendingApplyDetail,
  opens: ['lending:apply'],
  duration: 'ONE_TIME',
  usedUpBy: [],
  days: { usual: 30, most: 30 },
  legalBasis: 'contract',
  accounts: 'none',
  scaDays: null,
  accessesPerDay: null,
  unattendedHistoryDays: null,
  binds: ['/productId', '/amount', '/term'],
  fits: () => false,
  end: null,
  enrichment: () => ({}),
  wording: (detail, { language, partner }) => {
    const say = applyWords[language]
    const sum = amount(language, detail.amount)
    return {
      short: say.short(sum),
      title: say.title(partner),
      lead: say.lead,
      approve: say.approve,
      sees: [say.decision],
      seesNot: [say.scores],
      never: undefined,
      facts: [
        [say.product, detail.productId],
        [say.amount, sum],
        ...(detail.term === undefined ? [] : [[say.term, say.months(detail.term)] as const]),
      ],
      remark: say.offer,
      choose: undefined,
    }
  },
}
