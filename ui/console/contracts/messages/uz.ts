/** Boshqa shartlar va ifodalar, oʻzbekcha. */
import type { Translation } from '../../../kit/text.ts'
import type { en } from './en.ts'

export const uz: Translation<typeof en> = {
  'amend.title': 'Shartnomani oʻzgartirish',
  'amend.about':
    'Tegilmagan hamma narsa tomonlar imzolaganidek, soʻzma-soʻz qoladi. Boshqa xodim rozi boʻladi, keyin ikki tomon yangi versiyani imzolaydi.',
  'amend.as-signed': '{what}, imzolanganidek',
  'amend.notice': 'Qancha oldin ogohlantiriladi',
  'amend.breakingMonths': 'Mos kelmaydigan oʻzgarish, oy',
  'amend.priceDays': 'Narx oshishi, kun',
  'amend.endDays': 'Bekor qilish, kun',
  'amend.wording': 'Ifodalar',
  'amend.wording.newest': 'Eng yangisini olish, {template}-shablon',
  'amend.from': 'Kuchga kirishi',
  'amend.from.hint': 'Shu kun boshidan. Boʻsh boʻlsa, ikki tomon imzolashi bilan.',
  'amend.same': 'Imzolanganidan hech narsa farq qilmaydi.',
  'clauses.title': 'Ifodalar',
  'clauses.about':
    'Keyingi taklif shu bandlardan tuziladi. Imzolangan shartnomalar oʻznikini saqlaydi.',
  'clauses.newest': '{template}-shablon',
  'clauses.version': '{version}-versiya',
  'clauses.again': 'Boshqacha ifodalash',
  'clauses.again.of': 'Boshqacha ifodalash: {title}',
  'clauses.further': 'Yana bir band',
  'clauses.id': 'Band nomi',
  'clauses.id.hint': 'Kichik lotin harflari va chiziqchalar',
  'clauses.heading': 'Sarlavha',
  'clauses.text': 'Matn',
  'clauses.words': 'Shartlar toʻldiradigan soʻzlar',
  'clauses.words.about':
    'Mashina bajaradigan narsa haqidagi band uni aytishi shart: qogʻoz va mashina bir xil gapiradi.',
  'clauses.templates': 'Shablonlar',
  'clauses.templates.about': 'Har bir ifoda oʻz shablonini yaratadi; hech biri oʻzgarmaydi.',
  'clauses.template': 'Shablon',
  'clauses.count': 'Bandlar',
  'promises.title': 'Xizmat darajalari',
  'promises.add': 'Vaʼda qoʻshish',
  'promises.one': '{number}-vaʼda',
  'promises.product': 'Qaysi mahsulot',
  'promises.name': 'Shartnomadagi nomi',
  'promises.availability': 'Ishlash qanday hisoblanadi',
  'promises.not': 'vaʼda qilinmagan',
  'promises.bands': 'Qaytariladi',
  'promises.bands.hint':
    '99,9 % dan past boʻlsa haqning besh foizi, 99 % dan past boʻlsa oʻn foizi: 99.9 = 5, 99 = 10',
  'promises.within': 'Javob vaqti, millisekund',
  'promises.within.hint': 'Boʻsh: vaʼda qilinmagan',
  'promises.latency-bands': 'Sekin javob uchun qaytariladi',
  'promises.support': 'Muddatida birinchi javoblar va qaytariladigan ulush',
  'promises.support.hint':
    'Mahsulot haqidagi savollar boʻyicha, shartnoma qoʻllab-quvvatlashi vaʼda qilganidek. Boʻsh: hech narsa vaʼda qilinmagan.',
  'promises.cap': 'Koʻpi bilan, foiz',
  'promises.out': 'Olib tashlash',
}
