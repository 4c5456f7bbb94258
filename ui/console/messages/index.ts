/** The console's catalogue: its own words beside the kit's. */
import type { Language } from '#kernel/format.ts'
import { useTextOf } from '../../kit/language.tsx'
import { kitCatalogues } from '../../kit/messages/index.ts'
import type { en as kitEn } from '../../kit/messages/en.ts'
import type { Catalogue } from '../../kit/text.ts'
import { en as approvalsEn } from '../approvals/messages/en.ts'
import { en as advisoryEn } from '../advisory/messages/en.ts'
import { en as supportEn } from '../../kit/support/messages/en.ts'
import { en as tasksEn } from '../../kit/tasks/messages/en.ts'
import { en as helpEn } from '../support/messages/en.ts'
import { en as complianceEn } from '../compliance/messages/en.ts'
import { en as workEn } from '../work/messages/en.ts'
import { en as moneyEn } from '../money/messages/en.ts'
import { en as operationsEn } from '../operations/messages/en.ts'
import { en as reconciliationEn } from '../reconciliation/messages/en.ts'
import { en as againEn } from '../compliance/recertification/messages/en.ts'
import { en as purposeEn } from '../purpose/messages/en.ts'
import { en as explorerEn } from '../journal/messages/en.ts'
import { en as proofEn } from '../../kit/proof/messages/en.ts'
import { en as boardEn } from '../../kit/advisory/messages/en.ts'
import { en as termsEn } from '../../kit/contract-terms/messages/en.ts'
import { en as wordingEn } from '../contracts/messages/en.ts'
import { en as galleryEn } from '../gallery/messages/en.ts'
import { en as standingEn } from '../../kit/standing/messages/en.ts'
import { en as statusEn } from '../status/messages/en.ts'
import { en as consentListEn } from '../../kit/consents/messages/en.ts'
import { en as consentsEn } from '../consents/messages/en.ts'
import { en as versionsEn } from '../versions/messages/en.ts'
import { en } from './en.ts'

const own: Record<Language, () => Promise<Catalogue>> = {
  en: () =>
    Promise.resolve({
      ...en,
      ...versionsEn,
      ...consentListEn,
      ...consentsEn,
      ...statusEn,
      ...standingEn,
      ...workEn,
      ...boardEn,
      ...termsEn,
      ...advisoryEn,
      ...supportEn,
      ...tasksEn,
      ...helpEn,
      ...approvalsEn,
      ...complianceEn,
      ...operationsEn,
      ...moneyEn,
      ...reconciliationEn,
      ...explorerEn,
      ...purposeEn,
      ...againEn,
      ...proofEn,
      ...wordingEn,
      ...galleryEn,
    }),
  ru: async () => ({
    ...(await import('./ru.ts')).ru,
    ...(await import('../versions/messages/ru.ts')).ru,
    ...(await import('../../kit/consents/messages/ru.ts')).ru,
    ...(await import('../consents/messages/ru.ts')).ru,
    ...(await import('../status/messages/ru.ts')).ru,
    ...(await import('../../kit/standing/messages/ru.ts')).ru,
    ...(await import('../work/messages/ru.ts')).ru,
    ...(await import('../../kit/advisory/messages/ru.ts')).ru,
    ...(await import('../../kit/contract-terms/messages/ru.ts')).ru,
    ...(await import('../advisory/messages/ru.ts')).ru,
    ...(await import('../../kit/support/messages/ru.ts')).ru,
    ...(await import('../../kit/tasks/messages/ru.ts')).ru,
    ...(await import('../support/messages/ru.ts')).ru,
    ...(await import('../approvals/messages/ru.ts')).ru,
    ...(await import('../compliance/messages/ru.ts')).ru,
    ...(await import('../operations/messages/ru.ts')).ru,
    ...(await import('../money/messages/ru.ts')).ru,
    ...(await import('../reconciliation/messages/ru.ts')).ru,
    ...(await import('../journal/messages/ru.ts')).ru,
    ...(await import('../purpose/messages/ru.ts')).ru,
    ...(await import('../compliance/recertification/messages/ru.ts')).ru,
    ...(await import('../../kit/proof/messages/ru.ts')).ru,
    ...(await import('../contracts/messages/ru.ts')).ru,
    ...(await import('../gallery/messages/ru.ts')).ru,
  }),
  uz: async () => ({
    ...(await import('./uz.ts')).uz,
    ...(await import('../versions/messages/uz.ts')).uz,
    ...(await import('../../kit/consents/messages/uz.ts')).uz,
    ...(await import('../consents/messages/uz.ts')).uz,
    ...(await import('../status/messages/uz.ts')).uz,
    ...(await import('../../kit/standing/messages/uz.ts')).uz,
    ...(await import('../work/messages/uz.ts')).uz,
    ...(await import('../../kit/advisory/messages/uz.ts')).uz,
    ...(await import('../../kit/contract-terms/messages/uz.ts')).uz,
    ...(await import('../advisory/messages/uz.ts')).uz,
    ...(await import('../../kit/support/messages/uz.ts')).uz,
    ...(await import('../../kit/tasks/messages/uz.ts')).uz,
    ...(await import('../support/messages/uz.ts')).uz,
    ...(await import('../approvals/messages/uz.ts')).uz,
    ...(await import('../compliance/messages/uz.ts')).uz,
    ...(await import('../operations/messages/uz.ts')).uz,
    ...(await import('../money/messages/uz.ts')).uz,
    ...(await import('../reconciliation/messages/uz.ts')).uz,
    ...(await import('../journal/messages/uz.ts')).uz,
    ...(await import('../purpose/messages/uz.ts')).uz,
    ...(await import('../compliance/recertification/messages/uz.ts')).uz,
    ...(await import('../../kit/proof/messages/uz.ts')).uz,
    ...(await import('../contracts/messages/uz.ts')).uz,
    ...(await import('../gallery/messages/uz.ts')).uz,
  }),
}

export const loadCatalogue = async (language: Language): Promise<Catalogue> => {
  const [kit, console] = await Promise.all([kitCatalogues[language](), own[language]()])
  return { ...kit, ...console }
}

export const useText = () =>
  useTextOf<
    typeof en &
      typeof versionsEn &
      typeof consentListEn &
      typeof consentsEn &
      typeof statusEn &
      typeof standingEn &
      typeof workEn &
      typeof boardEn &
      typeof termsEn &
      typeof advisoryEn &
      typeof supportEn &
      typeof tasksEn &
      typeof helpEn &
      typeof approvalsEn &
      typeof complianceEn &
      typeof operationsEn &
      typeof moneyEn &
      typeof reconciliationEn &
      typeof explorerEn &
      typeof purposeEn &
      typeof againEn &
      typeof proofEn &
      typeof wordingEn &
      typeof galleryEn &
      typeof kitEn
  >()
