import { z } from 'zod'
import { currency } from '#kernel/format.ts'
import { Currency } from '#kernel/money.ts'
import { type ConsentKind, named, Purpose, type Words } from './type.ts'

export const CardIssueDetail = z.strictObject({
  type: z.literal('urn:bank:card-issue:v1'),
  ...named,
  cardType: z.enum(['virtual', 'physical']),
  currency: Currency,
  purpose: Purpose.optional(),
})
type CardIssueDetail = z.output<typeof CardIssueDetail>

interface Sentences {
  readonly short: (kind: string, currency: string) => string
  readonly title: (partner: string) => string
  readonly lead: Readonly<Record<CardIssueDetail['cardType'], string>>
  readonly approve: string
  readonly reveals: string
  readonly never: (partner: string) => string
  readonly card: string
  readonly kinds: Readonly<Record<CardIssueDetail['cardType'], string>>
  readonly currency: string
  readonly choose: string
}

const words: Words<Sentences> = {
  en: {
    short: (kind, code) => `A ${kind} card in ${code}`,
    title: (partner) => `${partner} asks to issue a card to you`,
    lead: {
      virtual: 'The card is virtual. It spends from the account that you choose.',
      physical:
        'The card is sent to the address that the bank has of you. It spends from the account that you choose.',
    },
    approve: 'Allow the card',
    reveals: 'Number, expiry and state of this one card',
    never: (partner) => `${partner} cannot see your accounts or your other cards.`,
    card: 'Card',
    kinds: { virtual: 'virtual', physical: 'physical' },
    currency: 'Currency',
    choose: 'The card spends from',
  },
  ru: {
    short: (kind, code) => `Карта: ${kind}, валюта ${code}`,
    title: (partner) => `${partner} просит выпустить вам карту`,
    lead: {
      virtual: 'Карта виртуальная. Деньги списываются со счёта, который вы выберете.',
      physical:
        'Карту пришлют по адресу, который знает банк. Деньги списываются со счёта, который вы выберете.',
    },
    approve: 'Разрешить карту',
    reveals: 'Номер, срок и состояние только этой карты',
    never: (partner) => `${partner} не увидит ваши счета и другие карты.`,
    card: 'Карта',
    kinds: { virtual: 'виртуальная', physical: 'пластиковая' },
    currency: 'Валюта',
    choose: 'Списывать со счёта',
  },
  uz: {
    short: (kind, code) => `Karta: ${kind}, ${code}`,
    title: (partner) => `${partner} sizga karta chiqarmoqchi`,
    lead: {
      virtual: 'Karta virtual. Pul siz tanlagan hisobdan yechiladi.',
      physical: 'Karta bankdagi manzilingizga yuboriladi. Pul siz tanlagan hisobdan yechiladi.',
    },
    approve: 'Kartaga ruxsat beraman',
    reveals: 'Faqat shu kartaning raqami, muddati va holati',
    never: (partner) => `${partner} hisoblaringizni va boshqa kartalaringizni koʻrmaydi.`,
    card: 'Karta',
    kinds: { virtual: 'virtual', physical: 'plastik' },
    currency: 'Valyuta',
    choose: 'Qaysi hisobdan yechiladi',
  },
}

/** One card is issued; what was allowed with it, seeing and showing that card, lasts until the end. */
export const cardIssue: ConsentKind<CardIssueDetail> = {
  schema: CardIssueDetail,
  opens: ['cards:read', 'cards:issue', 'cards:controls', 'cards:authz', 'cards:reveal'],
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
      short: say.short(say.kinds[detail.cardType], code),
      title: say.title(partner),
      lead: say.lead[detail.cardType],
      approve: say.approve,
      sees: [say.reveals],
      seesNot: [],
      never: say.never(partner),
      facts: [
        [say.card, say.kinds[detail.cardType]],
        [say.currency, code],
      ],
      remark: undefined,
      choose: say.choose,
    }
  },
}
