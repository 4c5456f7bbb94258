import type { Translation } from '../../text.ts'
import type { en } from './en.ts'

export const uz: Translation<typeof en> = {
  'proof.log': 'Imzolangan holat',
  'proof.unsigned': 'Hali hech narsa imzolanmagan',
  'proof.size': 'Imzolangan satrlar',
  'proof.root': 'Daraxt ildizi',
  'proof.key': 'Jurnal kaliti',
  'proof.witnesses': 'Guvohlar',
  'proof.witnessed': '{size} satr, {when}',
  'proof.no-witness': 'Hech bir guvoh imzolamagan: ortga qaytarish sezilmay qolardi',
  'proof.later': 'Bu satr hali nazorat nuqtasiga kirmagan. Taxminan bir soniyada kiradi.',
  'proof.leads': 'Satr imzolangan ildizga olib boradi',
  'proof.misleads': 'Satr imzolangan ildizga olib bormaydi',
  'proof.signed': 'Ildiz jurnal kaliti bilan imzolangan',
  'proof.forged': 'Ildiz jurnal kaliti bilan imzolanmagan',
  'proof.unchecked': 'Bu brauzer Ed25519 ni tekshira olmaydi; imzoni boshqa joyda solishtiring',
  'proof.batch': 'Soʻrov oʻz toʻplami satrida aytilgan ildizga olib boradi',
  'proof.no-batch': 'Soʻrov oʻz toʻplamining ildiziga olib bormaydi',
  'proof.here': {
    one: 'Bank emas, shu brauzer {count} ta xesh boʻyicha hisobladi.',
    other: 'Bank emas, shu brauzer {count} ta xesh boʻyicha hisobladi.',
  },
}
