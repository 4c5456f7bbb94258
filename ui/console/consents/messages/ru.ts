import type { Translation } from '../../../kit/text.ts'
import type { en } from './en.ts'

export const ru: Translation<typeof en> = {
  'consents.staff.about':
    'Согласия этому партнёру. Клиент виден так, как его знает партнёр, и только для названной цели.',
  'consents.words': 'Согласие или клиент',
  'consents.words.hint': 'Идентификатор согласия или клиента, каким его знает партнёр.',
  'consents.any': 'любое',
  'consents.masked': 'История и чьё оно показываются для цели, которую хранит журнал.',
  'consents.subject': 'Клиент, каким его знает партнёр',
  'consents.asked': 'Запрошено',
  'consents.given': 'Дано',
  'consents.end': 'Конец',
  'consents.history': 'История',
  'consents.when': 'Когда',
  'consents.who': 'Кто',
  'consents.acts': 'Что можно сделать',
  'consents.over': 'Оно окончено и больше не меняется.',
  'consents.not-yours':
    'Приостановить или завершить могут комплаенс, работа с партнёрами или глава платформы.',
  'consents.done': 'Сделано. Это стоит в истории.',
  'consents.reason': 'Причина, останется в записях',
  'consents.act.suspension': 'Приостановить',
  'consents.act.suspension.about': 'Каждый шлюз отклонит его в течение секунды.',
  'consents.act.resumption': 'Возобновить',
  'consents.act.resumption.about': 'В пределах срока; спросит второй фактор.',
  'consents.act.revocation': 'Завершить навсегда',
  'consents.act.revocation.about': 'Партнёру придётся спросить клиента заново.',
  'consent-actor.customer': 'клиент',
  'consent-actor.application': 'приложение партнёра',
  'consent-actor.system': 'платформа',
  'consent-channel.page': 'страница согласия',
  'consent-channel.dashboard': 'кабинет клиента',
  'consent-channel.token-endpoint': 'точка токенов',
  'consent-channel.api': 'API (программа)',
  'consent-channel.console': 'консоль',
  'consent-channel.journal': 'журнал',
}
