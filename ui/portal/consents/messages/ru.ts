import type { Translation } from '../../../kit/text.ts'
import type { en } from './en.ts'

export const ru: Translation<typeof en> = {
  'consents.about':
    'Что клиенты разрешили вашим приложениям и до какого срока. Кто они, банк не говорит; ваша программа знает их под собственным именем.',
}
