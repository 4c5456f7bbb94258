import type { Translation } from '../../../kit/text.ts'
import type { en } from './en.ts'

export const uz: Translation<typeof en> = {
  'consents.staff.about':
    'Shu hamkorga berilgan roziliklar. Mijoz hamkor biladigan koʻrinishda va faqat maqsad aytilganda koʻrinadi.',
  'consents.words': 'Rozilik yoki mijoz',
  'consents.words.hint': 'Rozilik identifikatori yoki hamkor biladigan mijoz identifikatori.',
  'consents.any': 'istalgan',
  'consents.masked': 'Tarixi va kimniki ekani maqsad uchun koʻrsatiladi, jurnal uni saqlaydi.',
  'consents.subject': 'Hamkor biladigan mijoz',
  'consents.asked': 'Soʻralgan',
  'consents.given': 'Berilgan',
  'consents.end': 'Tugashi',
  'consents.history': 'Tarix',
  'consents.when': 'Qachon',
  'consents.who': 'Kim',
  'consents.acts': 'Nima qilish mumkin',
  'consents.over': 'U tugagan va endi oʻzgarmaydi.',
  'consents.not-yours':
    'Toʻxtatish yoki tugatishni komplaens, hamkorlar bilan ishlash yoki platforma rahbari qila oladi.',
  'consents.done': 'Bajarildi. Bu tarixda turadi.',
  'consents.reason': 'Sabab, yozuvda qoladi',
  'consents.act.suspension': 'Toʻxtatib turish',
  'consents.act.suspension.about': 'Har bir shlyuz uni bir soniyada rad etadi.',
  'consents.act.resumption': 'Davom ettirish',
  'consents.act.resumption.about': 'Muddati ichida; ikkinchi omilni soʻraydi.',
  'consents.act.revocation': 'Butunlay tugatish',
  'consents.act.revocation.about': 'Hamkor mijozdan qaytadan soʻrashi kerak.',
  'consent-actor.customer': 'mijoz',
  'consent-actor.application': 'hamkor ilovasi',
  'consent-actor.system': 'platforma',
  'consent-channel.page': 'rozilik sahifasi',
  'consent-channel.dashboard': 'mijoz kabineti',
  'consent-channel.token-endpoint': 'token nuqtasi',
  'consent-channel.api': 'API',
  'consent-channel.console': 'konsol',
  'consent-channel.journal': 'jurnal',
}
