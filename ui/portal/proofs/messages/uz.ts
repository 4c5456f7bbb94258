import type { Translation } from '../../../kit/text.ts'
import type { en } from './en.ts'

export const uz: Translation<typeof en> = {
  'proofs.title': 'Isbotlar',
  'proofs.about':
    'Siz qilgan ishlar, oʻz muddatida yuz bergan oʻzgarishlar va soʻrovlaringiz bank sezdirmasdan oʻzgartira olmaydigan jurnalda turadi. Shu yerda tekshiring va saqlab qoʻying.',
  'proofs.lines': 'Oʻzgarishlar',
  'proofs.none': 'Hali imzolangan satr yoʻq',
  'proofs.none.about': 'Satr oʻzgarishdan taxminan bir soniya keyin shu yerda paydo boʻladi.',
  'proofs.when': 'Qachon',
  'proofs.event': 'Hodisa',
  'proofs.place': 'Oʻrni',
  'proofs.prove': '{seq}-satrni isbotlash',
  'proofs.prove.act': 'Isbotlash',
  'proofs.proof': 'Isbot',
  'proofs.keep': 'Isbotni saqlash',
  'proofs.earlier': 'Oldinroq',
  'proofs.call': 'Soʻrov',
  'proofs.call.id': 'Soʻrov identifikatori',
  'proofs.call.hint': 'Soʻrovlar roʻyxatidan yoki javobdagi x-fapi-interaction-id, chiziqchalarsiz',
  'proofs.call.act': 'Soʻrovni isbotlash',
  'proofs.call.text': 'Hisobga olingan holidagi soʻrov',
}
