/** Версии: на какой работает каждое приложение и что значат для него новые. */
import type { Translation } from '../../../kit/text.ts'
import type { en } from './en.ts'

export const ru: Translation<typeof en> = {
  'versions.title': 'Версии',
  'versions.about':
    'Каждое приложение остаётся на версии своего дня, пока вы его не переведёте. Что новая версия меняет для вас, видно по вашим собственным вызовам.',
  'versions.none': 'Здесь пока нет приложений',
  'versions.none.about': 'Новое приложение работает на самой новой версии.',
  'versions.speaks': 'версия {version}',
  'versions.ends': 'Эта версия обслуживается для вас до {day}. Перейдите до этого дня.',
  'versions.ended':
    'Версия {version} больше не обслуживается: вызовы, в которых не указана другая, отклоняются с кодом 410. Перейдите сейчас.',
  'versions.overdue':
    'Эта версия была обещана вам до {day} и может прекратиться в любой день. Перейдите сейчас.',
  'versions.calls': {
    one: '{count} вызов',
    few: '{count} вызова',
    many: '{count} вызовов',
  },
  'versions.newest': 'Это самая новая версия. Делать ничего не нужно.',
  'versions.ahead': {
    one: '{count} изменение касается вызовов, которые это приложение действительно делает.',
    few: '{count} изменения касаются вызовов, которые это приложение действительно делает.',
    many: '{count} изменений касаются вызовов, которые это приложение действительно делает.',
  },
  'versions.ahead.none': {
    one: 'Впереди {count} изменение, но ни один ваш вызов за 400 дней его не заметит.',
    few: 'Впереди {count} изменения, но ни один ваш вызов за 400 дней их не заметит.',
    many: 'Впереди {count} изменений, но ни один ваш вызов за 400 дней их не заметит.',
  },
  'versions.changes': 'Что новые версии меняют для {name}',
  'versions.since': 'С версии',
  'versions.change': 'Что меняется',
  'versions.yours': 'Ваши вызовы',
  'versions.untouched': 'не используется',
  'versions.move': 'Перейти на {version}',
  'versions.back': 'Вернуться на {version}',
  'versions.coming': 'Объявлено',
  'versions.coming.about':
    'Вступает в силу для всех версий. Вас предупреждают в срок, который обещает ваш договор.',
  'versions.calendar': 'Календарь',
  'versions.calendar.about':
    'Один календарь для всех продуктов. Отдельный вызов может назвать любую версию в заголовке Api-Version.',
  'versions.stage.beta': 'бета',
  'versions.beta.join': 'Попробовать бета-версию {version}',
  'versions.beta.leave': 'Отказаться от бета-версии {version}',
  'versions.beta.about':
    'Она может измениться через девяносто дней после уведомления и доступна только приложениям, которые её запросили.',
  'versions.beta.joined':
    'Вызовы этого приложения могут указывать {version} в Api-Version. Об изменениях мы сообщим за девяносто дней.',
  'versions.stage.alive': 'обслуживается',
  'versions.stage.deprecated': 'завершается',
  'versions.stage.sunset': 'может завершиться в любой день',
  'versions.stage.retired': 'завершена',
  'versions.until': 'обслуживается до {day}',
  'versions.brownout': 'отклоняется ({cell}) с {from} до {to}',
  'versions.in.sandbox': 'песочница',
  'versions.in.production': 'рабочая среда',
}
