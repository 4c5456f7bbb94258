import { z } from 'zod'
import { amount, dateOf } from '#kernel/format.ts'
import { AccountReference, type ConsentKind, named, PositiveMoney, type Words } from './type.ts'

const Day = z.iso.date()

/** ISO 20022 Frequency6Code, of those that have a period. */
const FrequencyType = z.enum(['DAIL', 'WEEK', 'FRTN', 'MNTH', 'QURT', 'MIAN', 'YEAR'])
type FrequencyType = z.output<typeof FrequencyType>

/** The same payment again and again. */
const Standing = z.strictObject({
  frequency: z.strictObject({
    type: FrequencyType,
    pointInTime: z
      .string()
      .regex(/^(0[1-9]|[12]\d|3[01])$/)
      .optional(),
  }),
  firstPaymentDate: Day,
  finalPaymentDate: Day.optional(),
  numberOfPayments: z.int().min(1).max(1_000).optional(),
})
type Standing = z.output<typeof Standing>

/** A file of payments: its hash stands for every line of it. */
const Bulk = z.strictObject({
  fileSha256: z.string().regex(/^[0-9a-f]{64}$/),
  numberOfTransactions: z.int().min(1).max(100_000),
})

/** One payment, now or on a day; or a standing payment; or a file of payments, whose payees stand in the file. */
export const PaymentDetail = z
  .strictObject({
    type: z.literal('urn:bank:payment:v1'),
    ...named,
    instructedAmount: PositiveMoney,
    creditorAccount: AccountReference.optional(),
    creditorName: z.string().min(1).max(140).optional(),
    /** ISO 20022 Max35Text. */
    endToEndIdentification: z.string().min(1).max(35).optional(),
    requestedExecutionDate: Day.optional(),
    standing: Standing.optional(),
    bulk: Bulk.optional(),
  })
  .refine(
    ({ bulk, creditorAccount, creditorName }) =>
      bulk !== undefined || (creditorAccount !== undefined && creditorName !== undefined),
    { error: 'names whom it pays', path: ['creditorAccount'] },
  )
  .refine(
    ({ bulk, standing, creditorAccount, creditorName, requestedExecutionDate: day }) =>
      [bulk, standing, day].filter((part) => part !== undefined).length <= 1 &&
      (bulk === undefined || (creditorAccount ?? creditorName) === undefined),
    { error: 'is one payment, or a standing payment, or a file', path: ['bulk'] },
  )
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
  readonly onDay: string
  readonly again: Readonly<Record<FrequencyType, string>>
  readonly final: string
  readonly times: string
  readonly untilEnded: string
  readonly file: (count: number) => string
  readonly fileTitle: (partner: string, amount: string, count: number) => string
  readonly fileLead: string
  readonly hash: string
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
    onDay: 'On',
    again: {
      DAIL: 'Every day',
      WEEK: 'Every week',
      FRTN: 'Every two weeks',
      MNTH: 'Every month',
      QURT: 'Every quarter',
      MIAN: 'Every half year',
      YEAR: 'Every year',
    },
    final: 'For the last time on',
    times: 'How many times',
    untilEnded: 'until it is ended',
    file: (count) => `${count} payments from one file`,
    fileTitle: (partner, sum, count) => `${partner} asks you to pay ${sum} in ${count} payments`,
    fileLead:
      'Check the sum and the number. The payees stand in the file; only this file can be paid.',
    hash: 'Fingerprint of the file',
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
    onDay: 'Дата',
    again: {
      DAIL: 'Каждый день',
      WEEK: 'Каждую неделю',
      FRTN: 'Каждые две недели',
      MNTH: 'Каждый месяц',
      QURT: 'Каждый квартал',
      MIAN: 'Каждые полгода',
      YEAR: 'Каждый год',
    },
    final: 'Последний раз',
    times: 'Сколько раз',
    untilEnded: 'пока не отменят',
    file: (count) => `Платежи из одного файла: ${count}`,
    fileTitle: (partner, sum, count) => `${partner} просит оплатить ${sum}, платежей: ${count}`,
    fileLead:
      'Проверьте сумму и число платежей. Получатели указаны в файле; оплатить можно только его.',
    hash: 'Отпечаток файла',
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
    onDay: 'Sana',
    again: {
      DAIL: 'Har kuni',
      WEEK: 'Har hafta',
      FRTN: 'Har ikki haftada',
      MNTH: 'Har oy',
      QURT: 'Har chorakda',
      MIAN: 'Har yarim yilda',
      YEAR: 'Har yili',
    },
    final: 'Oxirgi marta',
    times: 'Necha marta',
    untilEnded: 'bekor qilinguncha',
    file: (count) => `Bitta fayldan ${count} ta toʻlov`,
    fileTitle: (partner, sum, count) =>
      `${partner} ${count} ta toʻlov bilan ${sum} toʻlashingizni soʻrayapti`,
    fileLead: 'Summa va toʻlovlar sonini tekshiring. Oluvchilar faylda; faqat shu fayl toʻlanadi.',
    hash: 'Fayl izi',
  },
}

export const payment: ConsentKind<PaymentDetail> = {
  schema: PaymentDetail,
  opens: ['payments', 'payments:split'],
  duration: 'ONE_TIME',
  usedUpBy: ['payments.created', 'payments.standing-created', 'payments.bulk-authorised'],
  days: { usual: 1, most: 1 },
  legalBasis: 'payment-order',
  accounts: 'one',
  scaDays: null,
  accessesPerDay: null,
  unattendedHistoryDays: null,
  binds: [
    '/instructedAmount',
    '/creditorAccount',
    '/creditorName',
    '/endToEndIdentification',
    '/requestedExecutionDate',
    '/standing',
    '/bulk',
  ],
  // Money moves in the currency of its account.
  fits: (detail, account) => account.currency === detail.instructedAmount.currency,
  end: null,
  enrichment: (_detail, [debtorAccount]) => ({ debtorAccount }),
  wording: (detail, { language, partner, zone, expiresAt }) => {
    const say = words[language]
    const sum = amount(language, detail.instructedAmount)
    const dayOf = (day: string) => dateOf(language, `${day}T12:00:00Z`, 'UTC')
    return {
      ...headline(detail, say, { sum, partner }),
      approve: say.approve,
      sees: [],
      seesNot: [],
      never: undefined,
      facts: [[say.amount, sum], ...payeeFacts(detail, say), ...timeFacts(detail, say, dayOf)],
      remark: say.once(dateOf(language, expiresAt.toString(), zone)),
      choose: say.choose,
    }
  },
}

/** What it is, in a line: one payment, the same again and again, or a file of them. */
const headline = (
  { bulk, standing, creditorName = '' }: PaymentDetail,
  say: Sentences,
  { sum, partner }: { sum: string; partner: string },
) => {
  if (bulk) {
    const count = bulk.numberOfTransactions
    return {
      short: say.file(count),
      title: say.fileTitle(partner, sum, count),
      lead: say.fileLead,
    }
  }
  const { lead } = say
  const title = say.title(partner, sum)
  if (!standing) return { short: say.short(sum, creditorName), title, lead }
  const again = say.again[standing.frequency.type]
  return {
    short: `${again}: ${sum}, ${creditorName}`,
    title: `${title}: ${again.toLowerCase()}`,
    lead,
  }
}

type Facts = (readonly [name: string, value: string])[]

const payeeFacts = (detail: PaymentDetail, say: Sentences): Facts => {
  const { bulk, creditorAccount: account, creditorName, endToEndIdentification: reference } = detail
  const facts: Facts = []
  if (creditorName !== undefined) facts.push([say.payee, creditorName])
  if (account) facts.push([say.account, account.identification])
  if (account?.bankCode !== undefined) facts.push([say.bank, account.bankCode])
  if (reference !== undefined) facts.push([say.reference, reference])
  if (bulk) facts.push([say.hash, bulk.fileSha256.slice(0, 16)])
  return facts
}

const timeFacts = (
  { requestedExecutionDate: day, standing }: PaymentDetail,
  say: Sentences,
  dayOf: (day: string) => string,
): Facts => {
  if (day !== undefined) return [[say.onDay, dayOf(day)]]
  if (!standing) return []
  const { frequency, firstPaymentDate, finalPaymentDate: final, numberOfPayments } = standing
  const end: Facts[number] =
    final === undefined
      ? [say.times, numberOfPayments?.toString() ?? say.untilEnded]
      : [say.final, dayOf(final)]
  return [[say.again[frequency.type], dayOf(firstPaymentDate)], end]
}
