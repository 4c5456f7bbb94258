import { z } from 'zod'
import { currency } from '#kernel/format.ts'
import { Currency } from '#kernel/money.ts'
import { type ConsentKind, named, Purpose, type Words } from './type.ts'

export const CardIssueDetail = z.strictObject({
  type: z.literal('urn:bank:card-issue:v1'),
  ...named,
  cardType: z.literal('virtual'),
  currency: Currency,
  purpose: Purpose.optional(),
})
type CardIssueDetail = z.output<typeof CardIssueDetail>

interface Sentences {
  readonly short: (currency: string) => string
  readonly title: (partner: string) => string
  readonly lead: string
  readonly approve: string
  readonly reveals: string
  readonly never: (partner: string) => string
  readonly card: string
  readonly virtual: string
  readonly currency: string
  readonly choose: string
}

const words: Words<Sentences> = {
  en: {
    short: (code) => `A virtual card in ${code}`,
    title: (partner) => `${partner} asks to issue a card to you`,
    lead: 'The card is virtual. It spends from the account that you choose.',
    approve: 'Allow the card',
    reveals: 'Number, expiry and state of this one card',
    never: (partner) => `${partner} cannot see your accounts or your other cards.`,
    card: 'Card',
    virtual: 'virtual',
    currency: 'Currency',
    choose: 'The card spends from',
  },
  ru: {
    short: (code) => `Виртуальная карта, валюта ${code}`,
    title: (partner) => `${partner} просит выпустить вам карту`,
    lead: 'Карта виртуальная. Деньги списываются со счёта, который вы выберете.',
    approve: 'Разрешить карту',
    reveals: 'Номер, срок и состояние только этой карты',
    never: (partner) => `${partner} не увидит ваши счета и другие карты.`,
    card: 'Карта',
    virtual: 'виртуальная',
    currency: 'Валюта',
    choose: 'Списывать со счёта',
  },
  uz: {
    short: (code) => `Virtual karta, ${code}`,
    title: (partner) => `${partner} sizga karta chiqarmoqchi`,
    lead: 'Karta virtual. Pul siz tanlagan hisobdan yechiladi.',
    approve: 'Kartaga ruxsat beraman',
    reveals: 'Faqat shu kartaning raqami, muddati va holati',
    never: (partner) => `${partner} hisoblaringizni va boshqa kartalaringizni koʻrmaydi.`,
    card: 'Karta',
    virtual: 'virtual',
    currency: 'Valyuta',
    choose: 'Qaysi hisobdan yechiladi',
  },
}

/** One card is issued; what was allowed with it, seeing and showing that card, lasts until the end. */
export const cardIssue: ConsentKind<CardIssueDetail> = {
  schema: CardIssueDetail,
  opens: ['cards:read', 'cards:issue', 'cards:reveal'],
  duration: 'PERSISTENT',
  usedUpBy: [],
  days: { usual: 365, most: 365 },
  legalBasis: 'contract',
  accounts: 'one',
  scaDays: null,
  accessesPerDay: null,
  unattendedHistoryDays: null,
  binds: ['/cardType', '/currency'],
  fits: (detail, account) => account.currency === detail.currency,
  end: null,
  enrichment: (_detail, [holderAccount]) => ({ holderAccount }),
  wording: (detail, { language, partner }) => {
    const say = words[language]
    const code = currency(language, detail.currency)
    return {
      short: say.short(code),
      title: say.title(partner),
      lead: say.lead,
      approve: say.approve,
      sees: [say.reveals],
      seesNot: [],
      never: say.never(partner),
      facts: [
        [say.card, say.virtual],
        [say.currency, code],
      ],
      remark: undefined,
      choose: say.choose,
    }
  },
}
