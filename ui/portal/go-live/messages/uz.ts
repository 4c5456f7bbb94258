/** Ishchi muhitgacha boʻlgan qadamlar roʻyxati. */
import type { Translation } from '../../../kit/text.ts'
import type { en } from './en.ts'

export const uz: Translation<typeof en> = {
  'place.checklist': 'Qadamlar roʻyxati',
  'checklist.title': 'Ishchi muhit uchun nima kerak',
  'checklist.about': 'Roʻyxat tanlangan mahsulotlardan kelib chiqadi va faktlar bilan oʻzgaradi.',
  'checklist.live': 'Siz {moment}dan ishlamoqdasiz.',
  'checklist.products': 'Mahsulotlar',
  'checklist.products.hint': 'Boshqalariga nima kerakligini koʻrish uchun ularni tanlang.',
  'checklist.show': 'Koʻrsatish',
  'checklist.none': 'Mahsulotni tanlang',
  'checklist.none.about':
    'Shunda uning hujjatlari, sertifikati, shartnomasi va ilovasi shu yerda turadi.',
  'checklist.steps': 'Qadamlar',
  'checklist.done': { one: '{count} qadam bajarildi', other: '{count} qadam bajarildi' },
  'checklist.clock': 'Kimning vaqti ketdi',
  'checklist.bank': 'Siz bankni kutdingiz',
  'checklist.partner': 'Qolgani sizniki edi',
  'checklist.clock.about':
    'Roʻyxatdan oʻtgandan ishchi muhitdagi birinchi soʻrovgacha. Bir vaqtdagi kutishlar bir marta hisoblanadi.',
  'checklist.who': 'tashkilotingizda: {who}',
  'checklist.bank-who': 'bankda: {team}',
  'checklist.since': '{moment}dan beri',
  'checklist.promised': '{moment} gacha vaʼda qilingan',
  'checklist.late': 'bank {moment}dan beri kechikmoqda',
  'checklist.ends': '{day} gacha',
  'checklist.by': '{moment} gacha',
  'checklist-state.done': 'bajarildi',
  'checklist-state.open': 'navbat sizda',
  'checklist-state.waiting': 'navbat bankda',
  'checklist-state.later': 'keyinroq',
  'checklist-step.people': 'Imzolay oladigan, manzili tasdiqlangan odam',
  'checklist-step.evidence': 'Hujjat',
  'checklist-step.licence': 'Litsenziya maqomi',
  'checklist-step.licence.closed': 'Hech bir maqomingiz buni ochmaydi: {permissions}',
  'checklist-step.certification': 'Sinov muhitidagi soʻrovlaringiz bilan sertifikatlash',
  'checklist-step.contract': 'Shartnoma',
  'checklist-step.contract.none': 'Maqomingiz maʼlum boʻlgach bank taklif qiladi.',
  'checklist-step.application': 'Ishchi muhit ilovasi',
  'checklist-step.first-call': 'Ishchi muhitdagi birinchi soʻrov',
  'check-how.calls': 'Mahsulot amallarini muvaffaqiyatli bajaring.',
  'check-how.retries': 'Yozuvni oʻsha `Idempotency-Key` bilan takror yuboring.',
  'check-how.webhook-verification':
    'Sinov muhitidagi manzilni oʻz sahifasida sinang: bank hodisalariga 2xx, soxtalariga 4xx javob bering.',
  'check-how.error-handling':
    '`core_outage` yoki `core_busy` ssenariysini soʻrang, `Retry-After` aytganicha kuting va qayta chaqiring.',
  'check-how.token-refresh': 'Bitta rozilikdan oʻn daqiqadan uzoqroq foydalaning.',
  'check-how.consent-withdrawal':
    'Mijoz kabinetida rozilikni qaytarib oling, yana bir marta chaqiring va rad etilgach toʻxtang.',
  'checklist-act.people': 'Jamoa',
  'checklist-act.evidence': 'Topshirish',
  'checklist-act.licence': 'Ariza berish',
  'checklist-act.certification': 'Sinov muhitida koʻrsatish',
  'checklist-act.contract': 'Oʻqib imzolash',
  'checklist-act.application': 'Ilova yaratish',
  'checklist-act.first-call': 'Ilovalar',
}
