import { z } from 'zod'
import { type ConsentKind, named, Purpose, setOf, type Words } from './type.ts'

/** Yes or no about a person, instead of the data itself. */
const Predicate = z.enum(['age_over_18', 'resident_in', 'name_matches', 'account_owned'])
/** OpenID Connect Core §5.1 and OpenID Connect for Identity Assurance 1.0 §4. */
const Claim = z.enum(['given_name', 'family_name', 'birthdate', 'address', 'nationalities'])
type Told = z.output<typeof Predicate> | z.output<typeof Claim>

export const KycClaimsDetail = z
  .strictObject({
    type: z.literal('urn:bank:kyc-claims:v1'),
    ...named,
    predicates: setOf(Predicate, Predicate.options.length).optional(),
    claims: setOf(Claim, Claim.options.length).optional(),
    trustFramework: z.string().regex(/^[A-Za-z0-9_-]{1,35}$/),
    purpose: Purpose,
  })
  .refine(({ predicates, claims }) => predicates !== undefined || claims !== undefined, {
    error: 'asks for no predicate and no claim',
  })
type KycClaimsDetail = z.output<typeof KycClaimsDetail>

type Sentences = Readonly<Record<Told, string>> & {
  readonly short: string
  readonly title: (partner: string) => string
  readonly lead: string
  readonly approve: string
  readonly money: string
  readonly documents: string
  readonly once: string
}

const words: Words<Sentences> = {
  en: {
    short: 'Learns who you are',
    title: (partner) => `${partner} asks the bank to say who you are`,
    lead: 'The bank tells only what stands below, once.',
    approve: 'Allow',
    age_over_18: 'Whether you are over 18: yes or no',
    resident_in: 'Whether you live in this country: yes or no',
    name_matches: 'Whether the name that it has is yours: yes or no',
    account_owned: 'Whether the account that it names is yours: yes or no',
    given_name: 'Your given name',
    family_name: 'Your family name',
    birthdate: 'Your date of birth',
    address: 'Your address',
    nationalities: 'Your citizenship',
    money: 'Your accounts and your money',
    documents: 'Copies of your documents',
    once: 'It works once.',
  },
  ru: {
    short: 'Узнаёт, кто вы',
    title: (partner) => `${partner} просит банк подтвердить, кто вы`,
    lead: 'Банк один раз сообщит только то, что указано ниже.',
    approve: 'Разрешить',
    age_over_18: 'Есть ли вам 18 лет: да или нет',
    resident_in: 'Живёте ли вы в этой стране: да или нет',
    name_matches: 'Ваше ли это имя: да или нет',
    account_owned: 'Ваш ли счёт, который он назовёт: да или нет',
    given_name: 'Ваше имя',
    family_name: 'Ваша фамилия',
    birthdate: 'Дата рождения',
    address: 'Адрес',
    nationalities: 'Гражданство',
    money: 'Ваши счета и деньги',
    documents: 'Копии документов',
    once: 'Действует один раз.',
  },
  uz: {
    short: 'Kimligingizni biladi',
    title: (partner) => `${partner} bankdan kimligingizni tasdiqlashni soʻrayapti`,
    lead: 'Bank faqat quyidagini, bir marta aytadi.',
    approve: 'Ruxsat beraman',
    age_over_18: '18 yoshdan oshganmisiz: ha yoki yoʻq',
    resident_in: 'Shu mamlakatda yashaysizmi: ha yoki yoʻq',
    name_matches: 'Bu ism siznikimi: ha yoki yoʻq',
    account_owned: 'U koʻrsatgan hisob siznikimi: ha yoki yoʻq',
    given_name: 'Ismingiz',
    family_name: 'Familiyangiz',
    birthdate: 'Tugʻilgan sanangiz',
    address: 'Manzilingiz',
    nationalities: 'Fuqaroligingiz',
    money: 'Hisoblaringiz va pulingiz',
    documents: 'Hujjatlaringiz nusxalari',
    once: 'Bir marta ishlaydi.',
  },
}

export const kycClaims: ConsentKind<KycClaimsDetail> = {
  schema: KycClaimsDetail,
  opens: ['kyc:predicates', 'kyc:attributes'],
  duration: 'ONE_TIME',
  usedUpBy: ['kyc.claims-told'],
  days: { usual: 1, most: 30 },
  legalBasis: 'explicit-consent',
  accounts: 'none',
  scaDays: null,
  accessesPerDay: null,
  unattendedHistoryDays: null,
  binds: ['/predicates', '/claims', '/trustFramework'],
  fits: () => false,
  end: null,
  enrichment: () => ({}),
  wording: ({ predicates = [], claims = [] }, { language, partner }) => {
    const say = words[language]
    return {
      short: say.short,
      title: say.title(partner),
      lead: say.lead,
      approve: say.approve,
      sees: [...predicates, ...claims].map((told) => say[told]),
      seesNot: [say.money, say.documents],
      never: undefined,
      facts: [],
      remark: say.once,
      choose: undefined,
    }
  },
}
