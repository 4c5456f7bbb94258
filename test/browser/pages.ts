/** Every page of portal and console, as the browser walks them. `pages.test.ts` fails when a router knows one that is not here. */

/** For whoever has not signed in. */
export const publicPages = [
  '/',
  '/register',
  '/sign-in',
  '/join',
  '/reference',
  '/reference/accounts/listTransactions',
  '/reference/refusals',
  '/guides',
  '/guides/first-call',
]

/** An id that nothing has: its page says so, and is a page too. */
const nothing = '0'.repeat(32)

/** What stands in the house when the walk begins. */
export interface AtPartner {
  readonly application: string
  readonly contract: string
  readonly call: string
  readonly endpoint: string
}

export const portalPages = ({ application, contract, call, endpoint }: AtPartner) => [
  '/sandbox/home',
  '/production/home',
  '/production/go-live?products=cards,payments',
  '/sandbox/applications',
  '/sandbox/applications/new',
  application,
  '/production/licences',
  '/production/versions',
  '/production/contracts',
  `/production/contracts/${contract}`,
  '/sandbox/usage',
  '/production/usage',
  '/sandbox/calls',
  `/sandbox/calls/${call}`,
  '/sandbox/consents',
  '/sandbox/worlds',
  '/sandbox/worlds/simulators?simulator=simulateWebhooks',
  '/sandbox/worlds/people',
  '/sandbox/webhooks',
  `/sandbox/webhooks/${endpoint}`,
  '/sandbox/notices',
  '/production/invoices',
  `/production/invoices/invoice_${nothing}`,
  '/production/levels',
  '/sandbox/status',
  '/production/status',
  '/production/budgets',
  '/sandbox/team',
  '/sandbox/advisory',
  '/sandbox/versions',
  `/sandbox/advisory/meeting_${nothing}`,
  '/sandbox/support',
  '/production/support',
  `/production/support/support_${nothing}`,
  '/sandbox/proofs',
  '/sandbox/security',
  '/sandbox/nowhere/at-all',
]

export interface AtBank {
  readonly change: string
  readonly partner: string
  readonly contract: string
  readonly incident: string
}

export const consolePages = ({ change, partner, contract, incident }: AtBank) => [
  '/work',
  '/health',
  `/partners/${partner}/health`,
  '/support',
  `/support/support_${nothing}`,
  '/advisory',
  `/advisory/meetings/meeting_${nothing}`,
  '/decisions',
  `/decisions/${change}`,
  '/decisions?status=applied',
  '/partners',
  `/partners/${partner}`,
  `/partners/${partner}/live?cell=sandbox`,
  `/partners/${partner}/fields?cell=sandbox`,
  `/partners/${partner}/licences`,
  `/partners/${partner}/certification`,
  `/partners/${partner}/service-levels`,
  `/partners/${partner}/webhooks?cell=sandbox`,
  `/partners/${partner}/consents?cell=sandbox`,
  `/partners/${partner}/consents/consent_${nothing}?cell=sandbox`,
  `/partners/${partner}/money`,
  `/partners/${partner}/exit`,
  '/licences?status=accepted',
  '/licences/expiring',
  '/licences/recertification',
  '/licences/registers',
  '/abuse',
  '/wind-downs',
  '/audit',
  '/evidence-packs',
  '/incidents',
  `/incidents/${incident}`,
  '/maintenance',
  '/status',
  '/invoices',
  `/invoices/invoice_${nothing}`,
  '/disputes',
  '/books',
  '/reconciliation?cell=sandbox',
  '/revenue-shares',
  `/revenue-statements/statement_${nothing}`,
  '/prices',
  '/contracts',
  '/contracts/clauses',
  `/contracts/${contract}`,
  '/applications?cell=sandbox',
  '/catalogue',
  '/catalogue/own-apis',
  '/catalogue/document',
  '/versions',
  '/versions/2026-11-22',
  '/usage?cell=sandbox',
  '/gateways?cell=sandbox',
  '/journal',
  '/journal/1',
  '/security',
  '/gallery',
]

/** Pages that stand only between two others: who comes to them in another state is led on. */
export const inPassing = ['/enrol']
