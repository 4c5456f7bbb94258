import type { Translation } from '../../../kit/text.ts'
import type { en } from './en.ts'

export const ru: Translation<typeof en> = {
  'explorer.search': 'Поиск по журналу',
  'explorer.act': 'Найти',
  'explorer.clear': 'Весь журнал',
  'explorer.actor': 'Кто',
  'explorer.actor.hint': 'Как в строке: staff:staff_…, person:person_… или system',
  'explorer.about': 'О чём',
  'explorer.about.hint': 'Идентификатор партнёра, договора, согласия, изменения…',
  'explorer.event': 'Событие',
  'explorer.event.hint': 'contracts.activated или раздел с точкой: contracts.',
  'explorer.from': 'С',
  'explorer.to': 'По',
  'explorer.none': 'Ничего не найдено',
  'explorer.none.about': 'Уберите одно из условий, чтобы увидеть больше.',
  'explorer.line': 'Строка {seq}',
  'explorer.open': 'Строка {seq} и её доказательство',
  'explorer.facts': 'Что в ней сказано',
  'explorer.data': 'Её сведения',
  'explorer.body': 'Строка, какой её хешировали',
  'explorer.proof': 'Доказательство',
  'explorer.checkpoint': 'Контрольная точка',
}
