/** Стол поддержки, за которым работает банк. */
import type { Translation } from '../../../kit/text.ts'
import type { en } from './en.ts'

export const ru: Translation<typeof en> = {
  'desk-support.about':
    'Что спрашивают партнёры, сначала с ближайшим сроком. Договор обещает первый ответ человека.',
  'desk-support.which': 'Какие обращения',
  'desk-support.open': 'Ждут',
  'desk-support.answered': 'Отвечены',
  'desk-support.closed': 'Закрыты',
  'desk-support.none.about':
    'Обращение появляется, когда партнёр спрашивает, и уходит, когда на него ответили.',
  'desk-support.partner': 'Партнёр',
  'desk-support.next': 'Ответить до',
  'desk-support.answer': 'Ответить',
  'desk-support.may-not':
    'Отвечают работа с партнёрами, работа с разработчиками и руководитель платформы.',
  'desk-support.closed.about': 'Обращение закрыто. Партнёр откроет его снова сообщением.',
}
