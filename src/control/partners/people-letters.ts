/** What partners' people read in their mail, in the language that they asked in. */
import type { Language } from '#kernel/format.ts'
import { languages } from '#kernel/format.ts'
import type { Letter } from '#platform/mail.ts'

type Words = Readonly<
  Record<
    Language,
    {
      readonly code: (bank: string, code: string) => Omit<Letter, 'to'>
      readonly known: (bank: string) => Omit<Letter, 'to'>
      readonly invitation: (bank: string, organisation: string, link: string) => Omit<Letter, 'to'>
    }
  >
>

const words: Words = {
  en: {
    code: (bank, code) => ({
      subject: `${code} is your code for ${bank}`,
      text: `Type this code at the partner portal of ${bank}:\n\n    ${code}\n\nIt works once, for ten minutes. If you did not ask for it, nothing needs to be done: without it nobody has your address.\n`,
    }),
    known: (bank) => ({
      subject: `You have an account at ${bank}`,
      text: `Somebody registered at the partner portal of ${bank} with this address. It belongs to an account already, so no code was made. If it was you, sign in to that account; if not, nothing needs to be done.\n`,
    }),
    invitation: (bank, organisation, link) => ({
      subject: `${organisation} invites you to the partner portal of ${bank}`,
      text: `${organisation} offers you a place at the partner portal of ${bank}. Take it here, within seven days:\n\n${link}\n\nThe address works once. If you do not know ${organisation}, nothing needs to be done.\n`,
    }),
  },
  ru: {
    code: (bank, code) => ({
      subject: `${code} — ваш код для «${bank}»`,
      text: `Введите этот код на партнёрском портале «${bank}»:\n\n    ${code}\n\nОн действует один раз, десять минут. Если вы его не запрашивали, ничего делать не нужно: без кода вашим адресом никто не владеет.\n`,
    }),
    known: (bank) => ({
      subject: `У вас есть учётная запись в «${bank}»`,
      text: `Кто-то зарегистрировался на партнёрском портале «${bank}» с этим адресом. Он уже принадлежит учётной записи, поэтому код не создан. Если это были вы, войдите в неё; если нет, ничего делать не нужно.\n`,
    }),
    invitation: (bank, organisation, link) => ({
      subject: `${organisation} приглашает вас на партнёрский портал «${bank}»`,
      text: `${organisation} предлагает вам место на партнёрском портале «${bank}». Примите приглашение в течение семи дней:\n\n${link}\n\nАдрес действует один раз. Если вы не знаете, кто такие ${organisation}, ничего делать не нужно.\n`,
    }),
  },
  uz: {
    code: (bank, code) => ({
      subject: `${code} — ${bank} uchun kodingiz`,
      text: `Bu kodni ${bank} hamkorlar portaliga kiriting:\n\n    ${code}\n\nU bir marta, oʻn daqiqa davomida ishlaydi. Agar uni siz soʻramagan boʻlsangiz, hech narsa qilish shart emas: kodsiz manzilingiz hech kimniki boʻlmaydi.\n`,
    }),
    known: (bank) => ({
      subject: `${bank} bankida hisobingiz bor`,
      text: `Kimdir ${bank} hamkorlar portalida shu manzil bilan roʻyxatdan oʻtdi. U allaqachon bir hisobga tegishli, shuning uchun kod yaratilmadi. Agar bu siz boʻlsangiz, oʻsha hisobga kiring; aks holda hech narsa qilish shart emas.\n`,
    }),
    invitation: (bank, organisation, link) => ({
      subject: `${organisation} sizni ${bank} hamkorlar portaliga taklif qilmoqda`,
      text: `${organisation} sizga ${bank} hamkorlar portalida oʻrin taklif qilmoqda. Yetti kun ichida shu yerda qabul qiling:\n\n${link}\n\nManzil bir marta ishlaydi. Agar ${organisation} sizga notanish boʻlsa, hech narsa qilish shart emas.\n`,
    }),
  },
}

/** The first of our languages that the reader's browser names. */
export const languageOf = (acceptLanguage: string | undefined): Language => {
  const asked = (acceptLanguage ?? '').split(',').map((part) => part.trim().slice(0, 2))
  return languages.find((language) => language === asked.find(isOurs)) ?? 'en'
}
const isOurs = (tag: string) => languages.some((language) => language === tag)

export const lettersIn = (language: Language) => words[language]
