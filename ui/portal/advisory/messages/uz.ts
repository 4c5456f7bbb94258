/** Hamkorlar kengashi hamkorlar nigohida. */
import type { Translation } from '../../../kit/text.ts'
import type { en } from './en.ts'

export const uz: Translation<typeof en> = {
  'place.advisory': 'Hamkorlar kengashi',
  'advisory.title': 'Hamkorlar kengashi',
  'advisory.about': 'Hamkorlar platformadan nima kutadi va bank ular bilan nimani hal qildi.',
  'advisory.requests': 'Takliflar',
  'advisory.requests.none': 'Hali taklif yoʻq',
  'advisory.requests.none.about': 'Birinchisini bering: boshqa hamkorlar oʻttiz kun ovoz beradi.',
  'advisory.own': 'sizniki',
  'advisory.vote': 'Tashkilotingiz ovozi',
  'advisory.vote.for': 'Yoqlayman',
  'advisory.vote.against': 'Qarshiman',
  'advisory.vote.hint':
    'Har bir tashkilotda bitta ovoz. Ovoz berish tugaguncha uni oʻzgartirish mumkin.',
  'advisory.vote.voted': 'Siz {choice} ovoz berdingiz.',
  'advisory.vote.word.for': 'yoqlab',
  'advisory.vote.word.against': 'qarshi',
  'advisory.withdraw': 'Qaytarib olish',
  'advisory.file': 'Taklif berish',
  'advisory.file.title': 'Bir qatorda',
  'advisory.file.body': 'Sizga nima va nima uchun kerak',
  'advisory.file.hint': 'Uni barcha hamkorlar oʻqiydi. Mijozlar nomini yozmang.',
  'advisory.may-not':
    'Taklifni egalar, administratorlar va dasturchilar beradi, ovozni ham ular beradi.',
  'advisory.members': 'Aʼzolar',
  'advisory.meetings': 'Yigʻilishlar',
  'advisory.meetings.none': 'Kengash hali yigʻilmagan',
  'advisory.meetings.none.about': 'Materiallar va bayonnomalar shu yerda turadi.',
  'advisory.not-member':
    'Yigʻilishlar, materiallar va bayonnomalar kengashda oʻrni bor tashkilotlar uchun. Oʻrinni hamkorlarga koʻmak jamoasi beradi; takliflar va ovoz berish hammaga ochiq.',
  'advisory.meeting': 'Hamkorlar kengashi, {quarter}',
  'advisory.meeting.one': 'Yigʻilish',
  'advisory.meeting.about': '{day}, rais {chair}',
  'advisory.meeting.minutes-later':
    'Bayonnoma, qarorlar va topshiriqlar bankning ikki xodimi ularni eʼlon qilgach shu yerda turadi.',
}
