import type { Translation } from '../../../kit/text.ts'
import type { en } from './en.ts'

export const uz: Translation<typeof en> = {
  'purpose.ask': 'Ular kim?',
  'purpose.about':
    'Ism va manzillar maqsad aytilganda koʻrsatiladi. Aytganingiz koʻrsatishdan oldin saqlanadi va ismingiz bilan jurnalda turadi.',
  'purpose.code': 'Maqsad',
  'purpose.said': 'Qaysi ish, kimning savoli',
  'purpose.show': 'Koʻrsatish',
  'purpose.support': 'Hamkorning savoli',
  'purpose.onboarding': 'Ulanish',
  'purpose.contract': 'Shartnoma',
  'purpose.fraud': 'Firibgarlik gumoni',
  'purpose.incident': 'Intsident',
  'purpose.complaint': 'Shikoyat',
  'purpose.audit': 'Audit',
  'purpose.regulator': 'Regulyator soʻrovi',
  'purpose.erase': 'Oʻchirish',
  'purpose.erase.about':
    'Ism, manzil va kirish vositalari, shuningdek bu yerda kim ishlashini oʻqigan xodimlarning soʻzlari oʻchiriladi. Shaxs qilgan ishlar hech kimga olib bormaydigan identifikator ostida qoladi. Boshqa xodim qaror qiladi.',
  'purpose.erase.why': 'Nima uchun',
  'purpose.left': 'ketgan',
}
