/** What every operation answers with: records, or a status and its text as the terminals of the branches show it. */
import * as record from './records.ts'

export interface Reply {
  readonly status: string
  readonly records: readonly string[]
  readonly more: boolean
}

/** Texts of the status codes, as the terminals of the branches show them. */
const texts = {
  '0201': 'КЛИЕНТ НЕ НАЙДЕН',
  '0202': 'АНКЕТЫ НЕТ',
  '0301': 'СЧЕТ НЕ НАЙДЕН',
  '0401': 'СЧЕТ ПЛАТЕЛЬЩИКА НЕ НАЙДЕН',
  '0402': 'СЧЕТ ПОЛУЧАТЕЛЯ НЕ НАЙДЕН',
  '0403': 'СЧЕТ ЗАКРЫТ',
  '0404': 'СЧЕТ АРЕСТОВАН',
  '0405': 'НЕДОСТАТОЧНО СРЕДСТВ',
  '0406': 'ВАЛЮТЫ НЕ СОВПАДАЮТ',
  '0407': 'СУММА НЕВЕРНА',
  '0408': 'ОТКАЗ СЛУЖБЫ КОНТРОЛЯ',
  '0409': 'ДОКУМЕНТ С ТАКОЙ ССЫЛКОЙ УЖЕ ПРИНЯТ',
  '0411': 'ПЛАТЕЛЬЩИК И ПОЛУЧАТЕЛЬ СОВПАДАЮТ',
  '0412': 'МФО НЕ НАЙДЕН',
  '0421': 'ДОКУМЕНТ НЕ НАЙДЕН',
  '0511': 'ССЫЛКА ЗАНЯТА ДРУГИМ КЛИЕНТОМ',
  '0512': 'НОМЕРА СЧЕТОВ КЛИЕНТА ИСЧЕРПАНЫ',
  '0605': 'СУММА БОЛЬШЕ ОСТАТКА БЛОКИРОВКИ',
  '0608': 'БЛОКИРОВКА АННУЛИРОВАНА',
  '0609': 'ССЫЛКА ЗАНЯТА ДРУГИМ ДОКУМЕНТОМ',
  '0621': 'БЛОКИРОВКА НЕ НАЙДЕНА',
  '0801': 'ЗАКРЫТИЕ ОПЕРАЦИОННОГО ДНЯ',
  '0901': 'НЕТ СВОБОДНЫХ СЕАНСОВ',
  '0902': 'ОПЕРАТОР ИЛИ ПАРОЛЬ НЕВЕРНЫ',
  '0903': 'ВХОД НЕ ВЫПОЛНЕН',
  '0910': 'ЗАПИСЬ НЕ РАЗОБРАНА',
  '0911': 'НЕТ ТАКОЙ ОПЕРАЦИИ',
} as const
export type Refused = keyof typeof texts

export const refusal = (status: Refused, opensAt?: Temporal.ZonedDateTime): Reply => ({
  status,
  more: false,
  records: [
    record.write(record.OTKAZ, {
      TEKST: texts[status],
      DATAOTK: record.ddmmyy(opensAt?.toPlainDate().toString()),
      VREMOTK: opensAt ? hhmmss(opensAt) : '000000',
    }),
  ],
})

export const done = (...records: readonly string[]): Reply => ({
  status: '0000',
  records,
  more: false,
})

export const hhmmss = (at: Temporal.ZonedDateTime) =>
  at.toPlainTime().toString({ smallestUnit: 'second' }).replaceAll(':', '')
