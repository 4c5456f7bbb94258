/** Shartnomani imzolash, oʻzbekcha. */
import type { Translation } from '../../../kit/text.ts'
import type { en } from './en.ts'

export const uz: Translation<typeof en> = {
  'signing.way': 'Qanday imzolaysiz',
  'signing.way.device': 'Shu qurilma bilan',
  'signing.way.device.about':
    'Kirish kalitingiz xeshni imzolaydi; kalit boʻlmasa, yaqinda tasdiqlangan ikkinchi omil yetarli.',
  'signing.way.e-signature': 'Milliy elektron imzo bilan',
  'signing.way.e-signature.about': 'Davlat bergan sertifikat bilan PKCS#7, E-IMZO yaratganidek.',
  'signing.steps':
    'Xeshni saqlang, uni elektron imzo dasturida oʻz holicha, 64 belgi, imzolang va imzoni shu yerga yuklang. Sertifikatdagi STIR bank qabul qilgan hujjatingizda boʻlishi shart.',
  'signing.save': 'Imzolanadigan narsani saqlash',
  'signing.file': 'Imzo',
  'signing.file.hint': 'PKCS#7, biriktirilgan yoki alohida',
  'signing.file.other': '{name}: bu PKCS#7 imzosi emas.',
  'signing.file.missing': 'Imzo faylini tanlang.',
}
