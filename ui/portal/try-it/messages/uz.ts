import type { Translation } from '../../../kit/text.ts'
import type { en } from './en.ts'

export const uz: Translation<typeof en> = {
  'try.title': 'Sinab koʻrish',
  'try.about':
    'Token, tasdiq va mijozning roziligini portalning oʻzi oladi. Hech narsa toʻqib chiqarilmaydi: soʻrov sinov muhitining haqiqiy tekshiruvlaridan oʻtadi va soʻrovlar jurnalingizda turadi.',
  'try.visit': 'Roʻyxatdan oʻtmasdan sinab koʻrish',
  'try.visit.about':
    '24 soatga oʻzingizning sinov muhitingiz. Shu vaqt ichida roʻyxatdan oʻting va hammasi sizda qoladi.',
  'try.register': 'Roʻyxatdan oʻtish',
  'try.visiting': 'Nomsiz sinov muhiti, {time} gacha sizniki.',
  'try.keep': 'Saqlab qolish uchun roʻyxatdan oʻting',
  'try.body': 'Soʻrov tanasi',
  'try.persona': 'Kimdan soʻraladi',
  'try.persona.hint': 'Xayoliy bankning mijozi; u bankning oʻz sahifalarida rozilik beradi.',
  'try.scenario': 'Bank oʻzini qanday tutadi',
  'try.scenario.none': 'Har doimgidek',
  'try.optional': 'Boshqa qiymatlar',
  'try.act': 'Yuborish',
  'try.sending': 'Yuborilmoqda…',
  'try.answer': 'Javob',
  'try.ms.token': 'token {ms} ms',
  'try.ms.consent': 'rozilik {ms} ms',
  'try.ms.call': 'soʻrov {ms} ms',
  'try.stage.token': 'Ish tokendan nariga oʻtmadi. Avtorizatsiya serveri shunday javob berdi:',
  'try.stage.consent': 'Ish mijozning roziligidan nariga oʻtmadi. Javob shunday boʻldi:',
  'try.trace': 'Qaror qanday qabul qilindi',
}
