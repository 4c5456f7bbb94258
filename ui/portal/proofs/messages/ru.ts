import type { Translation } from '../../../kit/text.ts'
import type { en } from './en.ts'

export const ru: Translation<typeof en> = {
  'proofs.title': 'Доказательства',
  'proofs.about':
    'Что вы сделали, что наступило для вас само, в свой срок, и что вы вызывали, записано в журнал, который банк не может незаметно изменить. Проверьте здесь и сохраните у себя.',
  'proofs.lines': 'Изменения',
  'proofs.none': 'Подписанных строк ещё нет',
  'proofs.none.about': 'Строка появляется примерно через секунду после изменения.',
  'proofs.when': 'Когда',
  'proofs.event': 'Событие',
  'proofs.place': 'Место',
  'proofs.prove': 'Доказать строку {seq}',
  'proofs.prove.act': 'Доказать',
  'proofs.proof': 'Доказательство',
  'proofs.keep': 'Сохранить доказательство',
  'proofs.earlier': 'Раньше',
  'proofs.call': 'Вызов',
  'proofs.call.id': 'Идентификатор вызова',
  'proofs.call.hint': 'Из списка вызовов или x-fapi-interaction-id ответа без дефисов',
  'proofs.call.act': 'Доказать вызов',
  'proofs.call.text': 'Вызов, каким он учтён',
}
