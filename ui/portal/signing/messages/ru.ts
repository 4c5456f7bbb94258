/** Подписание договора, по-русски. */
import type { Translation } from '../../../kit/text.ts'
import type { en } from './en.ts'

export const ru: Translation<typeof en> = {
  'signing.way': 'Как вы подписываете',
  'signing.way.device': 'Этим устройством',
  'signing.way.device.about':
    'Ваш ключ доступа подписывает хеш; без него достаточно недавнего второго фактора.',
  'signing.way.e-signature': 'Национальной электронной подписью',
  'signing.way.e-signature.about':
    'PKCS#7 вашим государственным сертификатом, как его создаёт E-IMZO.',
  'signing.steps':
    'Сохраните хеш, подпишите его в программе электронной подписи как есть, 64 знака, и загрузите подпись сюда. ИНН из сертификата должен стоять в вашем документе, который банк принял.',
  'signing.save': 'Сохранить то, что подписывают',
  'signing.file': 'Подпись',
  'signing.file.hint': 'PKCS#7, присоединённая или отсоединённая',
  'signing.file.other': '{name}: это не подпись PKCS#7.',
  'signing.file.missing': 'Выберите файл подписи.',
}
