import type { Translation } from '../../../kit/text.ts'
import type { en } from './en.ts'

export const uz: Translation<typeof en> = {
  'consents.about':
    'Mijozlar ilovalaringizga nimaga va qachongacha ruxsat bergan. Ularning kimligini bank aytmaydi; dasturingiz ularni oʻz nomi bilan biladi.',
}
