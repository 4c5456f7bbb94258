import { z } from 'zod'
import { amount, share } from '#kernel/format.ts'
import {
  type ConsentKind,
  Instant,
  named,
  PositiveMoney,
  Purpose,
  setOf,
  type Wording,
  type Words,
} from './type.ts'

export const LendingReadDetail = z.strictObject({
  type: z.literal('urn:bank:lending-read:v1'),
  ...named,
  /** Loans by the partner's names for them; all of the customer's where it is missing. */
  loans: setOf(z.string().regex(/^[A-Za-z0-9_-]{1,64}$/), 50).optional(),
  /** Without it, and with the first alone, what is late and by how much is not seen (O33). */
  permissions: setOf(z.enum(['ReadLoansBasic', 'ReadLoansDetail']), 2).optional(),
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
  /** The offer that is taken, with the figures that the customer is shown; without it, a loan is applied for. */
  offer: z
    .strictObject({
      offerId: z.string().regex(/^offer_[0-9a-f]{32}$/),
      /** Percent a year. */
      apr: z.string().regex(/^\d{1,6}\.\d{2}$/),
      totalCost: PositiveMoney,
    })
    .optional(),
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
  readonly arrears: string
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
    schedule: 'The schedule of payments',
    arrears: 'What was paid on time, and what is late: since when and how much',
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
    schedule: 'График платежей',
    arrears: 'Что уплачено вовремя и что просрочено: с какого дня и сколько',
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
    schedule: 'Toʻlov jadvali',
    arrears: 'Nima vaqtida toʻlangan, nima kechikkan: qachondan va qancha',
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
  readonly choose: string
  readonly taking: {
    readonly short: (amount: string) => string
    readonly title: (amount: string) => string
    readonly lead: string
    readonly approve: string
    readonly apr: string
    readonly cost: string
    readonly remark: string
  }
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
    choose: 'To which account the loan would be paid',
    taking: {
      short: (sum) => `A loan of ${sum}`,
      title: (sum) => `You are taking a loan of ${sum}`,
      lead: 'Read the figures. By agreeing you owe the bank this loan.',
      approve: 'Take the loan',
      apr: 'Annual percentage rate',
      cost: 'Total cost of credit',
      remark: 'It takes this one offer, once.',
    },
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
    choose: 'На какой счёт был бы выдан кредит',
    taking: {
      short: (sum) => `Кредит ${sum}`,
      title: (sum) => `Вы берёте кредит ${sum}`,
      lead: 'Прочитайте цифры. Согласившись, вы становитесь должником банка.',
      approve: 'Взять кредит',
      apr: 'Полная стоимость, в процентах годовых',
      cost: 'Полная стоимость кредита',
      remark: 'Принимается одно это предложение, один раз.',
    },
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
    choose: 'Kredit qaysi hisobga oʻtkazilsin',
    taking: {
      short: (sum) => `${sum} kredit`,
      title: (sum) => `Siz ${sum} kredit olyapsiz`,
      lead: 'Raqamlarni oʻqing. Rozi boʻlsangiz, bankdan qarzdor boʻlasiz.',
      approve: 'Kreditni olaman',
      apr: 'Toʻliq qiymati, yillik foizda',
      cost: 'Kreditning toʻliq qiymati',
      remark: 'Faqat shu taklif, bir marta qabul qilinadi.',
    },
  },
}

export const lendingRead: ConsentKind<LendingReadDetail> = {
  schema: LendingReadDetail,
  opens: ['lending:products', 'lending:read', 'lending:servicing'],
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
  wording: ({ loans, permissions = [] }, { language, partner }) => {
    const say = readWords[language]
    const detailed = permissions.includes('ReadLoansDetail')
    return {
      short: say.short,
      title: say.title(partner),
      lead: say.lead,
      approve: say.approve,
      sees: [say.loans, say.schedule, ...(detailed ? [say.arrears] : [])],
      seesNot: [...(detailed ? [] : [say.arrears]), say.accounts],
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
  usedUpBy: ['lending.applied', 'lending.offer-accepted'],
  days: { usual: 30, most: 30 },
  legalBasis: 'contract',
  accounts: 'one',
  scaDays: null,
  accessesPerDay: null,
  unattendedHistoryDays: null,
  binds: ['/productId', '/amount', '/term', '/offer'],
  fits: (detail, account) => account.currency === detail.amount.currency,
  end: null,
  enrichment: () => ({}),
  wording: (detail, { language, partner }) => {
    const say = applyWords[language]
    const sum = amount(language, detail.amount)
    const asked: Wording['facts'] = [
      [say.product, detail.productId],
      [say.amount, sum],
      ...(detail.term === undefined ? [] : [[say.term, say.months(detail.term)] as const]),
    ]
    const { offer } = detail
    if (offer !== undefined) {
      const { taking } = say
      return {
        short: taking.short(sum),
        title: taking.title(sum),
        lead: taking.lead,
        approve: taking.approve,
        sees: [],
        seesNot: [],
        never: undefined,
        facts: [
          ...asked,
          [taking.apr, share(language, offer.apr)],
          [taking.cost, amount(language, offer.totalCost)],
        ],
        remark: taking.remark,
        choose: say.choose,
      }
    }
    return {
      short: say.short(sum),
      title: say.title(partner),
      lead: say.lead,
      approve: say.approve,
      sees: [say.decision],
      seesNot: [say.scores],
      never: undefined,
      facts: asked,
      remark: say.offer,
      choose: say.choose,
    }
  },
}
