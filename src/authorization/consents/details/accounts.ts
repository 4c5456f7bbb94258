import { z } from 'zod'
import { type ConsentKind, Instant, named, Purpose, setOf, type Words } from './type.ts'

/** OBIE account-access permissions that this bank serves. */
export const AccountPermission = z.enum([
  'ReadAccountsBasic',
  'ReadAccountsDetail',
  'ReadBalances',
  'ReadTransactionsBasic',
  'ReadTransactionsDetail',
  'ReadTransactionsCredits',
  'ReadTransactionsDebits',
  'ReadStatementsBasic',
  'ReadStatementsDetail',
  'ReadStandingOrdersBasic',
  'ReadStandingOrdersDetail',
  'ReadDirectDebits',
  'ReadScheduledPaymentsBasic',
  'ReadScheduledPaymentsDetail',
  'ReadBeneficiariesBasic',
  'ReadBeneficiariesDetail',
  'ReadParty',
  'ReadProducts',
])
export type AccountPermission = z.output<typeof AccountPermission>

export const AccountsDetail = z
  .strictObject({
    type: z.literal('urn:bank:accounts:v1'),
    ...named,
    permissions: setOf(AccountPermission, AccountPermission.options.length).refine(
      (list) => list.some((p) => p.startsWith('ReadAccounts')),
      { error: 'needs ReadAccountsBasic or ReadAccountsDetail' },
    ),
    purpose: Purpose.optional(),
    expirationDateTime: Instant.optional(),
    /** Booking times that may be read; open where it is missing. */
    transactionFromDateTime: Instant.optional(),
    transactionToDateTime: Instant.optional(),
    /** Unattended accesses a day that the partner would like. */
    frequencyPerDay: z.int().min(1).max(1_000).optional(),
  })
  .refine(
    ({ transactionFromDateTime: from, transactionToDateTime: to }) =>
      from === undefined || to === undefined || Date.parse(from) < Date.parse(to),
    { error: 'must end after it begins', path: ['transactionToDateTime'] },
  )
/** The fuller variant says what the lesser one says, and more. */
const fuller: Partial<Record<AccountPermission, AccountPermission>> = {
  ReadTransactionsBasic: 'ReadTransactionsDetail',
  ReadStatementsBasic: 'ReadStatementsDetail',
  ReadStandingOrdersBasic: 'ReadStandingOrdersDetail',
  ReadScheduledPaymentsBasic: 'ReadScheduledPaymentsDetail',
  ReadBeneficiariesBasic: 'ReadBeneficiariesDetail',
}

/** Those by which a partner learns who is paid, and by whom. */
const naming: readonly AccountPermission[] = [
  'ReadTransactionsDetail',
  'ReadStatementsDetail',
  'ReadStandingOrdersDetail',
  'ReadDirectDebits',
  'ReadScheduledPaymentsDetail',
  'ReadBeneficiariesDetail',
]

type AccountsDetail = z.output<typeof AccountsDetail>

type Sentences = Readonly<Record<AccountPermission, string>> & {
  readonly short: string
  readonly title: (partner: string) => string
  readonly lead: string
  readonly approve: string
  readonly choose: string
  readonly never: (partner: string) => string
  readonly noCards: string
  readonly noNames: string
}

const words: Words<Sentences> = {
  en: {
    short: 'Sees accounts',
    title: (partner) => `${partner} asks to see your accounts`,
    lead: 'You decide. You can take the permission back on any day, and your service here stays as it is.',
    approve: 'Allow',
    choose: 'Which accounts',
    never: (partner) => `${partner} cannot move your money. It only sees.`,
    noCards: 'Card numbers and passwords',
    noNames: 'Names of people you pay or who pay you',
    ReadAccountsBasic: 'Name, kind and currency of the account',
    ReadAccountsDetail: 'Number of the account and the name it is held in',
    ReadBalances: 'How much is in the account',
    ReadTransactionsBasic: 'Payments: date, amount and kind',
    ReadTransactionsDetail: 'Payments in full: whom, from whom and what for',
    ReadTransactionsCredits: 'Money coming in',
    ReadTransactionsDebits: 'Money going out',
    ReadStatementsBasic: 'Which monthly statements there are',
    ReadStatementsDetail: 'Monthly statements in full: every payment, whom and what for',
    ReadStandingOrdersBasic: 'Standing orders: dates and amounts',
    ReadStandingOrdersDetail: 'Standing orders in full: whom and what for',
    ReadDirectDebits: 'Direct debits: who draws, how often, the last amount',
    ReadScheduledPaymentsBasic: 'Payments to come: dates and amounts',
    ReadScheduledPaymentsDetail: 'Payments to come in full: whom and what for',
    ReadBeneficiariesBasic: 'How many payees you have saved, without their names',
    ReadBeneficiariesDetail: 'Payees you have saved: names and account numbers',
    ReadParty: 'Your full name as the bank holds it',
    ReadProducts: 'Which product of the bank the account is',
  },
  ru: {
    short: 'Видит счета',
    title: (partner) => `${partner} просит доступ к вашим счетам`,
    lead: 'Решаете вы. Разрешение можно отозвать в любой день, на ваше обслуживание это не повлияет.',
    approve: 'Разрешить',
    choose: 'Какие счета',
    never: (partner) => `${partner} не может переводить ваши деньги. Только видеть.`,
    noCards: 'Номера карт и пароли',
    noNames: 'Имена тех, кому платите вы и кто платит вам',
    ReadAccountsBasic: 'Название, вид и валюта счёта',
    ReadAccountsDetail: 'Номер счёта и имя владельца',
    ReadBalances: 'Сколько денег на счёте',
    ReadTransactionsBasic: 'Платежи: дата, сумма и вид',
    ReadTransactionsDetail: 'Платежи полностью: кому, от кого и за что',
    ReadTransactionsCredits: 'Поступления',
    ReadTransactionsDebits: 'Списания',
    ReadStatementsBasic: 'Какие месячные выписки есть',
    ReadStatementsDetail: 'Месячные выписки полностью: каждый платёж, кому и за что',
    ReadStandingOrdersBasic: 'Регулярные платежи: даты и суммы',
    ReadStandingOrdersDetail: 'Регулярные платежи полностью: кому и за что',
    ReadDirectDebits: 'Автосписания: кто списывает, как часто и последняя сумма',
    ReadScheduledPaymentsBasic: 'Запланированные платежи: даты и суммы',
    ReadScheduledPaymentsDetail: 'Запланированные платежи полностью: кому и за что',
    ReadBeneficiariesBasic: 'Сколько получателей вы сохранили, без имён',
    ReadBeneficiariesDetail: 'Сохранённые получатели: имена и номера счетов',
    ReadParty: 'Ваше полное имя, как оно записано в банке',
    ReadProducts: 'Какой это продукт банка',
  },
  uz: {
    short: 'Hisoblarni koʻradi',
    title: (partner) => `${partner} hisoblaringizni koʻrmoqchi`,
    lead: 'Ruxsat berasizmi, oʻzingiz hal qilasiz. Istalgan kuni qaytarib olishingiz mumkin, bu xizmatingizga taʼsir qilmaydi.',
    approve: 'Ruxsat beraman',
    choose: 'Qaysi hisoblar',
    never: (partner) => `${partner} pulingizni oʻtkaza olmaydi. U faqat koʻradi.`,
    noCards: 'Karta raqamingiz va parollaringiz',
    noNames: 'Siz pul yuborgan va sizga pul yuborgan odamlarning ismi',
    ReadAccountsBasic: 'Hisob nomi, turi va valyutasi',
    ReadAccountsDetail: 'Hisob raqami va egasining ismi',
    ReadBalances: 'Hisobdagi qoldiq',
    ReadTransactionsBasic: 'Toʻlovlar: sana, summa va turi',
    ReadTransactionsDetail: 'Toʻlovlar toʻliq: kimga, kimdan va nima uchun',
    ReadTransactionsCredits: 'Kirim',
    ReadTransactionsDebits: 'Chiqim',
    ReadStatementsBasic: 'Qaysi oylik koʻchirmalar borligi',
    ReadStatementsDetail: 'Oylik koʻchirmalar toʻliq: har bir toʻlov, kimga va nima uchun',
    ReadStandingOrdersBasic: 'Muntazam toʻlovlar: sana va summa',
    ReadStandingOrdersDetail: 'Muntazam toʻlovlar toʻliq: kimga va nima uchun',
    ReadDirectDebits: 'Avtomatik yechishlar: kim, qanchalik tez-tez va oxirgi summa',
    ReadScheduledPaymentsBasic: 'Rejalashtirilgan toʻlovlar: sana va summa',
    ReadScheduledPaymentsDetail: 'Rejalashtirilgan toʻlovlar toʻliq: kimga va nima uchun',
    ReadBeneficiariesBasic: 'Nechta oluvchi saqlaganingiz, ismlarisiz',
    ReadBeneficiariesDetail: 'Saqlangan oluvchilar: ismlar va hisob raqamlari',
    ReadParty: 'Bankdagi toʻliq ismingiz',
    ReadProducts: 'Hisob bankning qaysi mahsuloti ekani',
  },
}

export const accounts: ConsentKind<AccountsDetail> = {
  schema: AccountsDetail,
  opens: ['accounts'],
  duration: 'TIME_BOUND',
  usedUpBy: [],
  days: { usual: 180, most: 365 },
  legalBasis: 'explicit-consent',
  accounts: 'some',
  scaDays: 180,
  accessesPerDay: 4,
  unattendedHistoryDays: 90,
  binds: [],
  fits: () => true,
  end: 'expirationDateTime',
  enrichment: () => ({}),
  wording: ({ permissions }, { language, partner }) => {
    const say = words[language]
    const shown = AccountPermission.options.filter((p) => {
      const more = fuller[p]
      return permissions.includes(p) && !(more && permissions.includes(more))
    })
    return {
      short: say.short,
      title: say.title(partner),
      lead: say.lead,
      approve: say.approve,
      sees: shown.map((p) => say[p]),
      seesNot: permissions.some((p) => naming.includes(p))
        ? [say.noCards]
        : [say.noCards, say.noNames],
      never: say.never(partner),
      facts: [],
      remark: undefined,
      choose: say.choose,
    }
  },
}
