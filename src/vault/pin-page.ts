/** The page on which a cardholder chooses or reads a PIN: three languages, no script, and digits as bytes that are wiped. */
import type { Language } from '#kernel/format.ts'
import type { PinOutcome } from './pin.ts'
import { document, type Frame } from './reveal-page.ts'

const texts = {
  en: {
    title: 'Card PIN',
    before:
      'Choose four digits that nobody guesses: no year, no 1234. The bank does not know them.',
    present: 'PIN now',
    chosen: 'New PIN',
    again: 'New PIN again',
    set: 'Set the PIN',
    show: 'Show my PIN',
    pin: 'Your PIN',
    after: 'This page goes away after a minute. Tell the PIN to nobody, also not to the bank.',
    done: 'The PIN is set',
    doneWhy: 'It is good for the next payment. This page can be closed.',
    wrong: 'The PIN is wrong. Tries left: ',
    unfit: 'Four digits, not all the same and not in a row.',
    unequal: 'The two new PINs are not the same.',
    blocked: 'The PIN is blocked',
    blockedWhy: 'It was wrong three times. Ask the bank to clear it, then choose a new one.',
  },
  ru: {
    title: 'ПИН-код карты',
    before:
      'Придумайте четыре цифры, которые никто не угадает: не год и не 1234. Банк их не знает.',
    present: 'Текущий ПИН-код',
    chosen: 'Новый ПИН-код',
    again: 'Новый ПИН-код ещё раз',
    set: 'Установить ПИН-код',
    show: 'Показать мой ПИН-код',
    pin: 'Ваш ПИН-код',
    after: 'Через минуту страница закроется. Не сообщайте ПИН-код никому, в том числе банку.',
    done: 'ПИН-код установлен',
    doneWhy: 'Он действует со следующей оплаты. Страницу можно закрыть.',
    wrong: 'Неверный ПИН-код. Осталось попыток: ',
    unfit: 'Четыре цифры: не все одинаковые и не подряд.',
    unequal: 'Новые ПИН-коды не совпадают.',
    blocked: 'ПИН-код заблокирован',
    blockedWhy: 'Он введён неверно три раза. Попросите банк сбросить его и придумайте новый.',
  },
  uz: {
    title: 'Karta PIN-kodi',
    before:
      'Hech kim topa olmaydigan toʻrt raqam tanlang: yil yoki 1234 emas. Bank ularni bilmaydi.',
    present: 'Hozirgi PIN-kod',
    chosen: 'Yangi PIN-kod',
    again: 'Yangi PIN-kod yana bir marta',
    set: 'PIN-kodni oʻrnatish',
    show: 'PIN-kodimni koʻrsatish',
    pin: 'Sizning PIN-kodingiz',
    after: 'Bir daqiqadan keyin sahifa yopiladi. PIN-kodni hech kimga, bankka ham aytmang.',
    done: 'PIN-kod oʻrnatildi',
    doneWhy: 'U keyingi toʻlovdan boshlab amal qiladi. Sahifani yopish mumkin.',
    wrong: 'PIN-kod notoʻgʻri. Qolgan urinishlar: ',
    unfit: 'Toʻrt raqam: hammasi bir xil yoki ketma-ket boʻlmasin.',
    unequal: 'Yangi PIN-kodlar bir xil emas.',
    blocked: 'PIN-kod bloklangan',
    blockedWhy:
      'U uch marta notoʻgʻri kiritildi. Bankdan bekor qilishni soʻrang va yangisini tanlang.',
  },
} as const satisfies Record<Language, Record<string, string>>

const field = (name: string, label: string) =>
  `<label for="${name}">${label}</label><input id="${name}" name="${name}" type="password" inputmode="numeric" pattern="[0-9]{4}" minlength="4" maxlength="4" autocomplete="off" required>`

/** What was wrong with what was sent: the form is shown again. */
type Fault = Extract<PinOutcome, { outcome: 'wrong' | 'unfit' | 'unequal' }>

const faultOf = (frame: Frame, fault: Fault): string => {
  const t = texts[frame.language]
  return fault.outcome === 'wrong' ? `${t.wrong}${fault.left}` : t[fault.outcome]
}

/** The form; with a PIN there is, the present one is asked for, and a button shows it. */
export const choosingPage = (frame: Frame, has: boolean, last?: Fault): string => {
  const t = texts[frame.language]
  const fault = last ? faultOf(frame, last) : ''
  const action = `?lang=${frame.language}`
  const show = `<form method="post" action="${action}"><input type="hidden" name="show" value="1"><button id="show">${t.show}</button></form>`
  return document(
    frame,
    t.title,
    `<p>${t.before}</p>${fault ? `<p role="alert">${fault}</p>` : ''}<form method="post" action="${action}">${
      has ? field('present', t.present) : ''
    }${field('chosen', t.chosen)}${field('again', t.again)}<button id="set">${t.set}</button></form>${has ? show : ''}`,
    // Another language would be another request: what was typed and the fault would be gone.
    last === undefined,
  )
}

export const setPage = (frame: Frame): string => {
  const { done, doneWhy } = texts[frame.language]
  return document(frame, done, `<p>${doneWhy}</p>`, false)
}

export const blockedPage = (frame: Frame): string => {
  const { blocked, blockedWhy } = texts[frame.language]
  return document(frame, blocked, `<p>${blockedWhy}</p>`, false)
}

/** Put together from bytes: a string could not be wiped. The caller wipes the answer. */
export const pinPage = (frame: Frame, pin: Buffer): Buffer => {
  const t = texts[frame.language]
  const [before = '', after = ''] = document(
    frame,
    t.title,
    `<dl><dt>${t.pin}</dt><dd class="number" id="pin">§</dd></dl><p>${t.after}</p>`,
    false,
  ).split('§')
  return Buffer.concat([Buffer.from(before), pin, Buffer.from(after)])
}
