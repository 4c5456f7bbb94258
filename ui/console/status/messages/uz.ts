import type { Translation } from '../../../kit/text.ts'
import type { en } from './en.ts'

export const uz: Translation<typeof en> = {
  'status.title': 'Holat sahifasi',
  'status.about':
    'Hozir biz haqimizda hamma oʻqiydigan narsa. Sahifa alohida ishlaydi: bu yer ishlamasa ham, u javob beradi.',
  'status.open': 'Sahifani ochish',
  'status.told': 'U nimani maʼlum qiladi',
  'status.told.none': 'U hech qanday hodisani maʼlum qilmayapti',
  'status.told.none.about':
    'Bu yerda toʻqson kunlik hodisalar turadi: hammaga taalluqlilari va bank xabar berganlari.',
  'status.last': 'Oxirgi xabar',
  'status.unsaid': 'faqat sahifaning oʻz soʻzlari bilan',
  'bulletin.title': 'Hammaga maʼlum qilish',
  'bulletin.about':
    'Xabar holat sahifasida, lenta va xatlarda chiqadi va yozilganicha qoladi. Bankning ichki yozuvlari hech qachon koʻrsatilmaydi.',
  'bulletin.private':
    'Bu hodisa faqat ayrim hamkorlarga taalluqli. Birinchi xabar bilan u ommaviy boʻladi: nomi, vaqti va siz yozgan soʻzlar; kimga taalluqli ekani esa hech qachon.',
  'bulletin.state': 'Qaysi bosqichdamiz',
  'bulletin.parts': 'Nimaga taalluqli',
  'bulletin.parts.hint': 'Hech biri tanlanmasa: butun muhitga.',
  'bulletin.parts.choose': 'Taalluqli qismlar',
  'bulletin.said.en': 'Inglizcha',
  'bulletin.said.ru': 'Ruscha',
  'bulletin.said.uz': 'Oʻzbekcha',
  'bulletin.said.hint': 'Qoldirilgan tilda birinchi yozilgan matn oʻqiladi.',
  'bulletin.names': 'Hamma uchun qanday ataladi',
  'bulletin.names.hint': 'Qoldirilsa, avvalgi nomi qoladi: “{title}”.',
  'bulletin.preview': 'Qanday oʻqiladi',
  'bulletin.preview.none': 'Matn yozing, u bu yerda har bir tilda koʻrinadi.',
  'bulletin.fallback': 'bu tilda yozilmagan, oʻqiladigani: {language}',
  'bulletin.act': 'Hammaga maʼlum qilish',
  'bulletin.done': 'Maʼlum qilindi. Sahifa yarim daqiqada koʻrsatadi, xatlar yuborilmoqda.',
  'bulletin.over-first': 'Avval hodisani yoping, keyin tugaganini maʼlum qiling.',
  'bulletin.told': 'Hammaga aytilgani',
  'bulletin.told.none': 'Hali hech narsa aytilmagan',
  'maintenance.calendar': 'Rejali ishlar taqvimi',
  'maintenance.calendar.about':
    'Unga obuna boʻling yoki manzilni hamkorga bering. Eʼlon qilingan ish unda bir daqiqada paydo boʻladi.',
}
