/** Bank ishlaydigan qoʻllab-quvvatlash stoli. */
import type { Translation } from '../../../kit/text.ts'
import type { en } from './en.ts'

export const uz: Translation<typeof en> = {
  'desk-support.about':
    'Hamkorlar nima soʻraydi, avval muddati yaqini. Shartnoma odamning birinchi javobini vaʼda qiladi.',
  'desk-support.which': 'Qaysi murojaatlar',
  'desk-support.open': 'Kutmoqda',
  'desk-support.answered': 'Javob berilgan',
  'desk-support.closed': 'Yopilgan',
  'desk-support.none.about': 'Hamkor soʻraganda murojaat paydo boʻladi, javob berilganda ketadi.',
  'desk-support.partner': 'Hamkor',
  'desk-support.next': 'Javob muddati',
  'desk-support.answer': 'Javob berish',
  'desk-support.may-not':
    'Hamkorlar bilan ishlash, dasturchilar bilan ishlash va platforma rahbari javob beradi.',
  'desk-support.closed.about': 'Murojaat yopilgan. Hamkor uni xabar bilan qayta ochadi.',
}
