/** On which page a kind of work is done. */
import type { Item } from './wire.ts'

export const pageOf = ({ kind, subject, partnerId, doneAt }: Item): string => {
  const partner = `/partners/${partnerId ?? ''}`
  switch (kind) {
    case 'approval':
    case 'abuse-finding':
    case 'glass-review':
      return `/decisions/${subject}`
    case 'evidence-verification':
    case 'evidence-ending':
    case 'licence-application':
      return `${partner}/licences`
    case 'evidence-recheck':
      return '/licences/expiring'
    case 'recertification':
      return '/licences/recertification'
    case 'contract-countersignature':
    case 'contract-unsigned':
    case 'contract-ending':
      return `/contracts/${subject}`
    case 'certificate-ending':
      return '/applications?cell=production'
    case 'certification-stuck':
      return `${partner}/certification`
    case 'first-call-missing':
    case 'forecast-breach':
    case 'level-breach':
    case 'endpoint-failing':
      return `${partner}/health`
    case 'incident':
      return `/incidents/${subject}`
    case 'wind-down-step':
      return `${partner}/exit`
    case 'usage-gap':
      return '/gateways'
    case 'reconciliation-difference':
      return `/reconciliation?cell=${subject.split('.')[0] ?? ''}`
    case 'invoice-dispute':
      return '/disputes'
    case 'invoice-overdue':
      return `/invoices/${subject}`
    case 'support-request':
      return `/support/${subject}`
    case 'advisory-request':
      return '/advisory'
    case 'advisory-minutes':
      return `/advisory/meetings/${subject}`
    case 'advisory-action':
      return `/advisory/meetings/${doneAt ?? ''}`
  }
}
