import type { Translation } from '../../../kit/text.ts'
import type { en } from './en.ts'

export const uz: Translation<typeof en> = {
  'explorer.search': 'Jurnaldan qidirish',
  'explorer.act': 'Qidirish',
  'explorer.clear': 'Butun jurnal',
  'explorer.actor': 'Kim',
  'explorer.actor.hint': 'Satrdagidek: staff:staff_…, person:person_… yoki system',
  'explorer.about': 'Nima haqida',
  'explorer.about.hint': 'Hamkor, shartnoma, rozilik, oʻzgarish identifikatori…',
  'explorer.event': 'Hodisa',
  'explorer.event.hint': 'contracts.activated yoki nuqtali boʻlim: contracts.',
  'explorer.from': 'Boshlab',
  'explorer.to': 'Shu kun oxirigacha',
  'explorer.none': 'Mos satr yoʻq',
  'explorer.none.about': 'Koʻproq koʻrish uchun shartlardan birini olib tashlang.',
  'explorer.line': '{seq}-satr',
  'explorer.open': '{seq}-satr va uning isboti',
  'explorer.facts': 'Unda nima deyilgan',
  'explorer.data': 'Undagi maʼlumotlar',
  'explorer.body': 'Xeshlangan holidagi satr',
  'explorer.proof': 'Isbot',
  'explorer.checkpoint': 'Nazorat nuqtasi',
}
