/** Versiyalar: har bir ilova qaysi versiyada ishlaydi va yangilari u uchun nimani anglatadi. */
import type { Translation } from '../../../kit/text.ts'
import type { en } from './en.ts'

export const uz: Translation<typeof en> = {
  'versions.title': 'Versiyalar',
  'versions.about':
    'Har bir ilova siz koʻchirmaguningizcha oʻz kunidagi versiyada qoladi. Yangi versiya siz uchun nimani oʻzgartirishi oʻz chaqiruvlaringizdan koʻrinadi.',
  'versions.none': 'Bu yerda hali ilova yoʻq',
  'versions.none.about': 'Yangi ilova eng yangi versiyada ishlaydi.',
  'versions.speaks': '{version} versiyasi',
  'versions.ends':
    'Bu versiya siz uchun {day} sanasigacha xizmat koʻrsatadi. Shu kungacha koʻching.',
  'versions.ended':
    '{version} versiyasiga xizmat koʻrsatish tugagan: boshqa versiya koʻrsatilmagan chaqiruvlar 410 bilan rad etiladi. Hoziroq oʻting.',
  'versions.overdue':
    'Bu versiya sizga {day} sanasigacha vaʼda qilingan edi va istalgan kuni tugashi mumkin. Hoziroq oʻting.',
  'versions.calls': { one: '{count} ta chaqiruv', other: '{count} ta chaqiruv' },
  'versions.newest': 'Bu eng yangi versiya. Hech narsa qilish shart emas.',
  'versions.ahead': {
    one: '{count} ta oʻzgarish bu ilova haqiqatan qiladigan chaqiruvlarga tegishli.',
    other: '{count} ta oʻzgarish bu ilova haqiqatan qiladigan chaqiruvlarga tegishli.',
  },
  'versions.ahead.none': {
    one: 'Oldinda {count} ta oʻzgarish bor, lekin 400 kunlik chaqiruvlaringizdan hech biri uni sezmaydi.',
    other:
      'Oldinda {count} ta oʻzgarish bor, lekin 400 kunlik chaqiruvlaringizdan hech biri ularni sezmaydi.',
  },
  'versions.changes': 'Yangi versiyalar {name} uchun nimani oʻzgartiradi',
  'versions.since': 'Versiyadan',
  'versions.change': 'Nima oʻzgaradi',
  'versions.yours': 'Chaqiruvlaringiz',
  'versions.untouched': 'ishlatilmaydi',
  'versions.move': '{version} versiyasiga oʻtish',
  'versions.back': '{version} versiyasiga qaytish',
  'versions.coming': 'Eʼlon qilingan',
  'versions.coming.about':
    'Barcha versiyalar uchun kuchga kiradi. Sizga shartnomangiz vaʼda qilgan muddatda xabar beriladi.',
  'versions.calendar': 'Taqvim',
  'versions.calendar.about':
    'Barcha mahsulotlar uchun bitta taqvim. Alohida chaqiruv Api-Version sarlavhasida istalgan versiyani koʻrsatishi mumkin.',
  'versions.stage.beta': 'beta',
  'versions.beta.join': '{version} beta versiyasini sinash',
  'versions.beta.leave': '{version} beta versiyasidan chiqish',
  'versions.beta.about':
    'U ogohlantirilganidan toʻqson kun oʻtgach oʻzgarishi mumkin va faqat soʻragan ilovalarga xizmat koʻrsatadi.',
  'versions.beta.joined':
    'Bu ilova chaqiruvlarida Api-Version sarlavhasida {version} koʻrsatilishi mumkin. Oʻzgarishlar haqida toʻqson kun oldin xabar beramiz.',
  'versions.stage.alive': 'xizmatda',
  'versions.stage.deprecated': 'tugaydi',
  'versions.stage.sunset': 'istalgan kuni tugashi mumkin',
  'versions.stage.retired': 'tugagan',
  'versions.until': '{day} sanasigacha xizmat koʻrsatadi',
  'versions.brownout': '{from} dan {to} gacha rad etiladi ({cell})',
  'versions.in.sandbox': 'sinov muhiti',
  'versions.in.production': 'ishchi muhit',
}
