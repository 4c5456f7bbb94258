/** Партнёрский совет глазами партнёров. */
import type { Translation } from '../../../kit/text.ts'
import type { en } from './en.ts'

export const ru: Translation<typeof en> = {
  'place.advisory': 'Партнёрский совет',
  'advisory.title': 'Партнёрский совет',
  'advisory.about': 'Чего партнёры ждут от платформы и что банк решил вместе с ними.',
  'advisory.requests': 'Предложения',
  'advisory.requests.none': 'Предложений ещё нет',
  'advisory.requests.none.about':
    'Подайте первое: другие партнёры будут голосовать за него тридцать дней.',
  'advisory.own': 'ваше',
  'advisory.vote': 'Голос вашей организации',
  'advisory.vote.for': 'За',
  'advisory.vote.against': 'Против',
  'advisory.vote.hint':
    'У организации один голос. Его можно изменить, пока голосование не завершено.',
  'advisory.vote.voted': 'Вы проголосовали {choice}.',
  'advisory.vote.word.for': 'за',
  'advisory.vote.word.against': 'против',
  'advisory.withdraw': 'Отозвать',
  'advisory.file': 'Подать предложение',
  'advisory.file.title': 'Одной строкой',
  'advisory.file.body': 'Что вам нужно и для чего',
  'advisory.file.hint': 'Его читают все партнёры. Клиентов не называйте.',
  'advisory.may-not': 'Подают предложения и голосуют владельцы, администраторы и разработчики.',
  'advisory.members': 'Члены совета',
  'advisory.meetings': 'Заседания',
  'advisory.meetings.none': 'Совет ещё не собирался',
  'advisory.meetings.none.about': 'Здесь будут материалы и протоколы.',
  'advisory.not-member':
    'Заседания, материалы и протоколы доступны организациям, у которых есть место в совете. Места даёт команда сопровождения партнёров; предложения и голосование открыты всем.',
  'advisory.meeting': 'Партнёрский совет, {quarter}',
  'advisory.meeting.one': 'Заседание',
  'advisory.meeting.about': '{day}, председатель {chair}',
  'advisory.meeting.minutes-later':
    'Протокол, решения и поручения появятся здесь, когда их опубликуют двое сотрудников банка.',
}
