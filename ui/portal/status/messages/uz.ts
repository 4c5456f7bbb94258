import type { Translation } from '../../../kit/text.ts'
import type { en } from './en.ts'

export const uz: Translation<typeof en> = {
  'own.title': 'Holat',
  'own.about':
    'Siz foydalanadigan qismlar: hozir qanday ishlayapti, soʻrovlaringiz nimaga duch keldi va sizga nima taʼsir qildi.',
  'own.public': 'Hamma uchun sahifa',
  'own.use': 'Siz foydalanadiganlari',
  'own.others': 'Siz foydalanmaydiganlari',
  'own.none': 'Bu yerda hali hech nimadan foydalanmayapsiz',
  'own.none.about': 'Shartnomangizdagi va siz chaqiradigan mahsulotlar shu yerda turadi.',
  'own.platform': 'Hammada {percent}',
  'own.calls': {
    one: 'Toʻqson kunda {count} ta soʻrovingiz, ulardan {bad} tasiga bank aybi bilan javob berilmadi.',
    other:
      'Toʻqson kunda {count} ta soʻrovingiz, ulardan {bad} tasiga bank aybi bilan javob berilmadi.',
  },
  'own.uncalled':
    'Toʻqson kunda unga murojaat qilmagansiz. Chiziqlar hammaning soʻrovlari boʻyicha.',
  'own.today': 'Bugun {calls}, javobsiz {bad}',
  'own.sandbox':
    'Sinov muhiti hech narsa vaʼda qilmaydi: undagi nosozliklar siz uchun oʻynaladi, chiziqlar esa bizning tekshiruvlarimizdan.',
  'own.now': 'Hozir',
  'own.live.calls': 'Bir daqiqadagi soʻrovlar',
  'own.live.refused': 'Bir daqiqadagi rad etishlar',
  'own.live.p95': 'Bundan sekini: yigirmatadan bittasi',
  'own.live.ms': '{ms} ms',
  'own.live.none': 'soʻrov yoʻq',
  'own.incidents': 'Sizga taʼsir qilgan hodisalar',
  'own.incidents.none': 'Soʻnggi toʻqson kunda sizga hech narsa taʼsir qilmadi.',
  'own.only': 'hammada emas',
  'own.failed': {
    one: 'Uning vaqtida {count} ta soʻrovingiz bajarilmadi.',
    other: 'Uning vaqtida {count} ta soʻrovingiz bajarilmadi.',
  },
  'own.unfailed': 'Undan birorta ham soʻrovingiz zarar koʻrmadi.',
  'own.lasts': '{moment} dan beri',
  'own.lasted': '{moment}, {span}',
  'own.ids': 'Bajarilmagan soʻrovlaringiz',
  'own.work': 'Siz foydalanadigan qismlardagi rejali ishlar',
  'own.work.none': 'Hech narsa rejalanmagan.',
  'own.work.when': '{from} — {to}',
  'own.promised': 'Sizga nima vaʼda qilganmiz',
  'own.promised.month': 'Oy boshidan, oʻz soʻrovlaringiz boʻyicha.',
  'own.promised.none': 'Shartnomangiz daraja vaʼda qilmaydi.',
  'own.promised.all': 'Hamma oylar va qaytarilgani',
  'own.webhooks': 'Vebxuklaringiz',
  'own.webhooks.none': 'Bu yerda manzilingiz yoʻq.',
  'own.webhooks.good': 'yetkazilyapti',
  'own.webhooks.failing': '{moment} dan beri nosoz',
  'own.webhooks.rests': '{moment} gacha tanaffus',
}
