/** The portal's catalogue: its own words and those of its topics, beside the kit's. */
import type { Language } from '#kernel/format.ts'
import { useTextOf } from '../../kit/language.tsx'
import { kitCatalogues } from '../../kit/messages/index.ts'
import type { en as kitEn } from '../../kit/messages/en.ts'
import type { Catalogue } from '../../kit/text.ts'
import { en as boardEn } from '../../kit/advisory/messages/en.ts'
import { en as termsEn } from '../../kit/contract-terms/messages/en.ts'
import { en as advisoryEn } from '../advisory/messages/en.ts'
import { en as supportEn } from '../../kit/support/messages/en.ts'
import { en as tasksEn } from '../../kit/tasks/messages/en.ts'
import { en as helpEn } from '../support/messages/en.ts'
import { en as callsEn } from '../calls/messages/en.ts'
import { en as moneyEn } from '../money/messages/en.ts'
import { en as proofsEn } from '../proofs/messages/en.ts'
import { en as proofEn } from '../../kit/proof/messages/en.ts'
import { en as referenceEn } from '../reference/messages/en.ts'
import { en as tryItEn } from '../try-it/messages/en.ts'
import { en as consentListEn } from '../../kit/consents/messages/en.ts'
import { en as consentsEn } from '../consents/messages/en.ts'
import { en as worldsEn } from '../worlds/messages/en.ts'
import { en as webhooksEn } from '../webhooks/messages/en.ts'
import { en as goLiveEn } from '../go-live/messages/en.ts'
import { en as versionsEn } from '../versions/messages/en.ts'
import { en as signingEn } from '../signing/messages/en.ts'
import { en as standingEn } from '../../kit/standing/messages/en.ts'
import { en as ownStatusEn } from '../status/messages/en.ts'
import { en } from './en.ts'

const english = {
  ...en,
  ...ownStatusEn,
  ...standingEn,
  ...goLiveEn,
  ...versionsEn,
  ...boardEn,
  ...termsEn,
  ...advisoryEn,
  ...supportEn,
  ...tasksEn,
  ...helpEn,
  ...referenceEn,
  ...tryItEn,
  ...callsEn,
  ...moneyEn,
  ...webhooksEn,
  ...worldsEn,
  ...consentListEn,
  ...consentsEn,
  ...proofsEn,
  ...proofEn,
  ...signingEn,
}

const own: Record<Language, () => Promise<Catalogue>> = {
  en: () => Promise.resolve(english),
  ru: async () => ({
    ...(await import('./ru.ts')).ru,
    ...(await import('../status/messages/ru.ts')).ru,
    ...(await import('../../kit/standing/messages/ru.ts')).ru,
    ...(await import('../go-live/messages/ru.ts')).ru,
    ...(await import('../versions/messages/ru.ts')).ru,
    ...(await import('../../kit/advisory/messages/ru.ts')).ru,
    ...(await import('../../kit/contract-terms/messages/ru.ts')).ru,
    ...(await import('../advisory/messages/ru.ts')).ru,
    ...(await import('../../kit/support/messages/ru.ts')).ru,
    ...(await import('../../kit/tasks/messages/ru.ts')).ru,
    ...(await import('../support/messages/ru.ts')).ru,
    ...(await import('../reference/messages/ru.ts')).ru,
    ...(await import('../try-it/messages/ru.ts')).ru,
    ...(await import('../calls/messages/ru.ts')).ru,
    ...(await import('../money/messages/ru.ts')).ru,
    ...(await import('../webhooks/messages/ru.ts')).ru,
    ...(await import('../worlds/messages/ru.ts')).ru,
    ...(await import('../../kit/consents/messages/ru.ts')).ru,
    ...(await import('../consents/messages/ru.ts')).ru,
    ...(await import('../proofs/messages/ru.ts')).ru,
    ...(await import('../../kit/proof/messages/ru.ts')).ru,
    ...(await import('../signing/messages/ru.ts')).ru,
  }),
  uz: async () => ({
    ...(await import('./uz.ts')).uz,
    ...(await import('../status/messages/uz.ts')).uz,
    ...(await import('../../kit/standing/messages/uz.ts')).uz,
    ...(await import('../go-live/messages/uz.ts')).uz,
    ...(await import('../versions/messages/uz.ts')).uz,
    ...(await import('../../kit/advisory/messages/uz.ts')).uz,
    ...(await import('../../kit/contract-terms/messages/uz.ts')).uz,
    ...(await import('../advisory/messages/uz.ts')).uz,
    ...(await import('../../kit/support/messages/uz.ts')).uz,
    ...(await import('../../kit/tasks/messages/uz.ts')).uz,
    ...(await import('../support/messages/uz.ts')).uz,
    ...(await import('../reference/messages/uz.ts')).uz,
    ...(await import('../try-it/messages/uz.ts')).uz,
    ...(await import('../calls/messages/uz.ts')).uz,
    ...(await import('../money/messages/uz.ts')).uz,
    ...(await import('../webhooks/messages/uz.ts')).uz,
    ...(await import('../worlds/messages/uz.ts')).uz,
    ...(await import('../../kit/consents/messages/uz.ts')).uz,
    ...(await import('../consents/messages/uz.ts')).uz,
    ...(await import('../proofs/messages/uz.ts')).uz,
    ...(await import('../../kit/proof/messages/uz.ts')).uz,
    ...(await import('../signing/messages/uz.ts')).uz,
  }),
}

export const loadCatalogue = async (language: Language): Promise<Catalogue> => {
  const [kit, portal] = await Promise.all([kitCatalogues[language](), own[language]()])
  return { ...kit, ...portal }
}

export const useText = () => useTextOf<typeof english & typeof kitEn>()
