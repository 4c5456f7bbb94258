import type { Translation } from '../../../kit/text.ts'
import type { en } from './en.ts'

export const ru: Translation<typeof en> = {
  'purpose.ask': 'Кто они?',
  'purpose.about':
    'Имена и адреса показываются для указанной цели. Ваши слова сохраняются до показа и остаются в журнале с вашим именем.',
  'purpose.code': 'Цель',
  'purpose.said': 'Какое дело, чей вопрос',
  'purpose.show': 'Показать',
  'purpose.support': 'Вопрос партнёра',
  'purpose.onboarding': 'Подключение',
  'purpose.contract': 'Договор',
  'purpose.fraud': 'Подозрение в мошенничестве',
  'purpose.incident': 'Инцидент',
  'purpose.complaint': 'Жалоба',
  'purpose.audit': 'Аудит',
  'purpose.regulator': 'Запрос регулятора',
  'purpose.erase': 'Забыть',
  'purpose.erase.about':
    'Имя, адрес и средства входа удаляются, как и слова сотрудников, читавших, кто здесь работает. Действия человека остаются под идентификатором, который ни на кого не указывает. Решает другой сотрудник.',
  'purpose.erase.why': 'Почему',
  'purpose.left': 'ушёл',
}
