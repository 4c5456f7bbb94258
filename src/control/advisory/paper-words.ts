/** What stands on the paper of a pack, in each language. */
import type { Language } from '#kernel/format.ts'

export interface Words {
  readonly title: string
  readonly registered: string
  readonly joined: string
  readonly live: string
  readonly counted: string
  readonly usage: string
  readonly usageBelow: string
  readonly calls: string
  readonly before: string
  readonly failed: string
  readonly levels: string
  readonly incidents: string
  readonly versions: string
  readonly deprecations: string
  readonly endings: string
  readonly endsOn: (day: string) => string
  readonly requests: string
  readonly actions: string
  readonly none: string
  readonly open: string
  readonly few: string
  readonly missedOf: (missed: string, promises: string) => string
  readonly others: (count: string) => string
  readonly votes: (pro: string, contra: string) => string
  readonly page: (page: number, pages: number) => string
  readonly products: Readonly<Record<string, string>>
  readonly severities: Readonly<Record<string, string>>
  readonly statuses: Readonly<Record<string, string>>
  readonly teams: Readonly<Record<string, string>>
}

const en: Words = {
  title: 'Advisory board pack',
  registered: 'Partners',
  joined: 'Joined in the quarter',
  live: 'In production',
  counted: 'Counted to',
  usage: 'Usage in production',
  usageBelow: 'Calls of the quarter, of the one before, and the share that failed through the bank',
  calls: 'Calls',
  before: 'Before',
  failed: 'Failed',
  levels: 'Service levels: months in which a promise was missed',
  incidents: 'Incidents that touched everybody',
  versions: 'Versions published',
  deprecations: 'Deprecated operations',
  endings: 'Versions that end',
  endsOn: (day) => `until ${day}`,
  requests: 'Requests of partners',
  actions: 'Actions from earlier meetings',
  none: 'None.',
  open: 'not over',
  few: 'Figures of fewer than three partners are told only together with those of others.',
  missedOf: (missed, promises) => `${missed} of ${promises}`,
  others: (count) => `Incidents that touched some partners only, and were told to them: ${count}.`,
  votes: (pro, contra) => `${pro} for, ${contra} against`,
  page: (page, pages) => `Page ${page} of ${pages}`,
  products: {
    all: 'All products',
    accounts: 'Accounts',
    payments: 'Payments',
    cards: 'Cards',
    lending: 'Lending',
    kyc: 'Identity',
    fx: 'Exchange',
  },
  severities: { minor: 'minor', significant: 'significant', major: 'major' },
  statuses: {
    open: 'Open',
    accepted: 'Accepted',
    declined: 'Declined',
    delivered: 'Delivered',
  },
  teams: {
    'api-product': 'API product',
    'api-engineering': 'API engineering',
    'developer-relations': 'Developer relations',
    'partner-success': 'Partner success',
    compliance: 'Compliance',
    finance: 'Finance',
  },
}

const ru: Words = {
  title: 'Материалы партнёрского совета',
  registered: 'Партнёры',
  joined: 'Пришли за квартал',
  live: 'Работают в промышленной среде',
  counted: 'Учтено до',
  usage: 'Вызовы в промышленной среде',
  usageBelow: 'Вызовы за квартал, за предыдущий квартал и доля отказов по вине банка',
  calls: 'Вызовы',
  before: 'Ранее',
  failed: 'Отказы',
  levels: 'Уровень сервиса: месяцы, в которых обещание не выполнено',
  incidents: 'Инциденты, затронувшие всех',
  versions: 'Опубликованные версии',
  deprecations: 'Выводимые операции',
  endings: 'Версии, которые заканчиваются',
  endsOn: (day) => `до ${day}`,
  requests: 'Предложения партнёров',
  actions: 'Поручения прошлых заседаний',
  none: 'Нет.',
  open: 'не завершён',
  few: 'Показатели менее чем трёх партнёров приводятся только вместе с показателями других.',
  missedOf: (missed, promises) => `${missed} из ${promises}`,
  others: (count) => `Инциденты, затронувшие лишь некоторых партнёров и сообщённые им: ${count}.`,
  votes: (pro, contra) => `за ${pro}, против ${contra}`,
  page: (page, pages) => `Страница ${page} из ${pages}`,
  products: {
    all: 'Все продукты',
    accounts: 'Счета',
    payments: 'Платежи',
    cards: 'Карты',
    lending: 'Кредиты',
    kyc: 'Идентификация',
    fx: 'Обмен валюты',
  },
  severities: { minor: 'незначительный', significant: 'значительный', major: 'крупный' },
  statuses: {
    open: 'Открыто',
    accepted: 'Принято',
    declined: 'Отклонено',
    delivered: 'Выполнено',
  },
  teams: {
    'api-product': 'Продукты API',
    'api-engineering': 'Разработка API',
    'developer-relations': 'Работа с разработчиками',
    'partner-success': 'Сопровождение партнёров',
    compliance: 'Комплаенс',
    finance: 'Финансы',
  },
}

const uz: Words = {
  title: 'Hamkorlar kengashi materiallari',
  registered: 'Hamkorlar',
  joined: 'Chorakda qoʻshilganlar',
  live: 'Ishchi muhitda',
  counted: 'Hisobga olingan vaqt',
  usage: 'Ishchi muhitdagi soʻrovlar',
  usageBelow:
    'Chorakdagi, undan oldingi chorakdagi soʻrovlar va bank sababli rad etilganlar ulushi',
  calls: 'Soʻrovlar',
  before: 'Oldin',
  failed: 'Rad',
  levels: 'Xizmat darajasi: vaʼda bajarilmagan oylar',
  incidents: 'Hammaga taʼsir qilgan hodisalar',
  versions: 'Eʼlon qilingan versiyalar',
  deprecations: 'Eskirgan amallar',
  endings: 'Tugaydigan versiyalar',
  endsOn: (day) => `${day} gacha`,
  requests: 'Hamkorlarning takliflari',
  actions: 'Oldingi yigʻilishlarning topshiriqlari',
  none: 'Yoʻq.',
  open: 'tugamagan',
  few: 'Uchtadan kam hamkorning koʻrsatkichlari faqat boshqalarniki bilan birga keltiriladi.',
  missedOf: (missed, promises) => `${promises} tadan ${missed} tasi`,
  others: (count) =>
    `Faqat ayrim hamkorlarga taʼsir qilgan va ularga aytilgan hodisalar: ${count}.`,
  votes: (pro, contra) => `${pro} yoqlab, ${contra} qarshi`,
  page: (page, pages) => `${page}-bet, jami ${pages}`,
  products: {
    all: 'Barcha mahsulotlar',
    accounts: 'Hisobvaraqlar',
    payments: 'Toʻlovlar',
    cards: 'Kartalar',
    lending: 'Kreditlar',
    kyc: 'Identifikatsiya',
    fx: 'Valyuta ayirboshlash',
  },
  severities: { minor: 'kichik', significant: 'sezilarli', major: 'yirik' },
  statuses: {
    open: 'Ochiq',
    accepted: 'Qabul qilindi',
    declined: 'Rad etildi',
    delivered: 'Bajarildi',
  },
  teams: {
    'api-product': 'API mahsuloti',
    'api-engineering': 'API muhandisligi',
    'developer-relations': 'Dasturchilar bilan ishlash',
    'partner-success': 'Hamkorlarni qoʻllab-quvvatlash',
    compliance: 'Komplayens',
    finance: 'Moliya',
  },
}

const words: Readonly<Record<Language, Words>> = { en, ru, uz }

export const wordsIn = (language: Language): Words => words[language]
