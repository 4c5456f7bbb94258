import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { amount, currency, dateOf, type Language, number } from '#kernel/format.ts'
import { exponents, minorOf } from '#kernel/money.ts'
import { type ConsentKind, named, PositiveMoney, Purpose, type Words } from './type.ts'

/** The quote names the rate; what is sold and bought is repeated, so that the customer sees it and the bank can compare. */
export const FxConvertDetail = z
  .strictObject({
    type: z.literal('urn:bank:fx-convert:v1'),
    ...named,
    quoteId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
    sell: PositiveMoney,
    buy: PositiveMoney,
    purpose: Purpose.optional(),
  })
  .refine(({ sell, buy }) => sell.currency !== buy.currency, {
    error: 'buys the currency that it sells',
    path: ['buy', 'currency'],
  })
type FxConvertDetail = z.output<typeof FxConvertDetail>

interface Sentences {
  readonly short: (sell: string, buy: string) => string
  readonly title: (partner: string) => string
  readonly lead: string
  readonly approve: string
  readonly sell: string
  readonly buy: string
  readonly rate: string
  readonly quote: string
  readonly once: (date: string) => string
  readonly choose: string
}

const words: Words<Sentences> = {
  en: {
    short: (sell, buy) => `One exchange of ${sell} for ${buy}`,
    title: (partner) => `${partner} asks to exchange your money`,
    lead: 'Check both amounts. Nothing else can be exchanged with this permission.',
    approve: 'Allow the exchange',
    sell: 'You give',
    buy: 'You get',
    rate: 'Rate, with all that it costs',
    quote: 'Quote',
    once: (date) => `It works once, until ${date}.`,
    choose: 'Take from',
  },
  ru: {
    short: (sell, buy) => `Один обмен: ${sell} на ${buy}`,
    title: (partner) => `${partner} просит обменять ваши деньги`,
    lead: 'Проверьте обе суммы. Больше ничего по этому разрешению обменять нельзя.',
    approve: 'Разрешить обмен',
    sell: 'Вы отдаёте',
    buy: 'Вы получаете',
    rate: 'Курс со всеми расходами',
    quote: 'Котировка',
    once: (date) => `Действует один раз, до ${date}.`,
    choose: 'Списать со счёта',
  },
  uz: {
    short: (sell, buy) => `Bitta ayirboshlash: ${sell} evaziga ${buy}`,
    title: (partner) => `${partner} pulingizni ayirboshlamoqchi`,
    lead: 'Ikkala summani tekshiring. Bu ruxsat bilan boshqa hech narsa ayirboshlab boʻlmaydi.',
    approve: 'Ayirboshlashga ruxsat beraman',
    sell: 'Berasiz',
    buy: 'Olasiz',
    rate: 'Barcha xarajatlari bilan kurs',
    quote: 'Kurs raqami',
    once: (date) => `Bir marta ishlaydi, ${date} gacha.`,
    choose: 'Qaysi hisobdan olinadi',
  },
}

type Amount = FxConvertDetail['sell']

const RATE_DECIMALS = 4
/** More than any currency has (ISO 4217). */
const DECIMALS = 4

/** The whole amount in units so small that every currency has them. */
const wholeOf = ({ amount: text, currency: code }: Amount): bigint => {
  const minor = minorOf(text, code)
  assert(minor !== undefined, 'the schema has seen that it is an amount')
  return minor * 10n ** BigInt(DECIMALS - exponents[code])
}

/**
 * What one unit of the dearer currency costs, mark-up and fee in it. It follows from the two amounts that the customer
 * approves and from nothing else, and is rounded HALF_UP.
 */
const rateOf = (language: Language, sell: Amount, buy: Amount): string => {
  const [few, many] = wholeOf(sell) < wholeOf(buy) ? [sell, buy] : [buy, sell]
  const [divisor, dividend] = [wholeOf(few), wholeOf(many)]
  const scaled = (2n * dividend * 10n ** BigInt(RATE_DECIMALS) + divisor) / (2n * divisor)
  const digits = scaled.toString().padStart(RATE_DECIMALS + 1, '0')
  const rate = `${digits.slice(0, -RATE_DECIMALS)}.${digits.slice(-RATE_DECIMALS)}`
  const one = `1\u00a0${currency(language, few.currency)}`
  return `${one} = ${number(language, rate)}\u00a0${currency(language, many.currency)}`
}

export const fxConvert: ConsentKind<FxConvertDetail> = {
  schema: FxConvertDetail,
  opens: ['fx:convert'],
  duration: 'ONE_TIME',
  usedUpBy: ['fx.conversion-created'],
  days: { usual: 1, most: 1 },
  legalBasis: 'payment-order',
  accounts: 'one',
  scaDays: null,
  accessesPerDay: null,
  unattendedHistoryDays: null,
  binds: ['/quoteId', '/sell', '/buy'],
  fits: (detail, account) => account.currency === detail.sell.currency,
  end: null,
  enrichment: (_detail, [debtorAccount]) => ({ debtorAccount }),
  wording: (detail, { language, partner, zone, expiresAt }) => {
    const say = words[language]
    const [sell, buy] = [amount(language, detail.sell), amount(language, detail.buy)]
    return {
      short: say.short(sell, buy),
      title: say.title(partner),
      lead: say.lead,
      approve: say.approve,
      sees: [],
      seesNot: [],
      never: undefined,
      facts: [
        [say.sell, sell],
        [say.buy, buy],
        [say.rate, rateOf(language, detail.sell, detail.buy)],
        [say.quote, detail.quoteId],
      ],
      remark: say.once(dateOf(language, expiresAt.toString(), zone)),
      choose: say.choose,
    }
  },
}
