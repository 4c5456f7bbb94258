/** Hamkorlar koʻradigan qoʻllab-quvvatlash. */
import type { Translation } from '../../../kit/text.ts'
import type { en } from './en.ts'

export const uz: Translation<typeof en> = {
  'help.about':
    'Bankdan soʻrang. Tashkilotingiz odamlari nima soʻraganini faqat tashkilotning oʻzi oʻqiydi.',
  'help.requests': 'Murojaatlar',
  'help.none.about': 'Savollaringiz va javoblar shu yerda turadi.',
  'help.open': 'Bankdan soʻrash',
  'help.subject': 'Bir qatorda',
  'help.product': 'Qaysi mahsulot haqida',
  'help.call': 'Chaqiruv identifikatori, agar gap u haqida boʻlsa',
  'help.call.hint': 'U chaqiruvlar jurnalida bor. Faqat oʻzingizning shu muhitdagi chaqiruvingiz.',
  'help.promise': 'Hozir yuborilsa, birinchi javob shu vaqtgacha keladi',
  'help.promise.none.sandbox':
    'Sinov muhitida muddat vaʼda qilinmaydi. Bank imkon qadar tez javob beradi.',
  'help.promise.none.production':
    'Hali hech bir shartnomangiz muddat vaʼda qilmaydi. Bank imkon qadar tez javob beradi.',
  'help.may-not': 'Auditorlar oʻqiydi. Tashkilotingizdagi qolgan hamma soʻrashi mumkin.',
  'help.write': 'Yana yozish',
  'help.closed':
    'Murojaat yopilgan. Yana oʻttiz kun davomida xabar uni qayta ochadi; birinchi javob muddati bir marta vaʼda qilinadi.',
  'help.close.hint':
    'Murojaat javob muddatidan oldin yopilsa, vaʼda bekor boʻladi va hisobga olinmaydi.',
}
