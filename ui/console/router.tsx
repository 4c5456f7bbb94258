/** The console's pages by address. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Navigate,
  Outlet,
} from '@tanstack/react-router'
import { type Cell, isCell } from '../kit/cell.ts'
import { type ConsentFilter, consentFilter } from '../kit/consents/wire.ts'
import { Absent, Broken } from '../kit/elsewhere.tsx'
import { Applications } from './pages/applications.tsx'
import { Catalogue } from './pages/catalogue.tsx'
import { ContractPage } from './pages/contract.tsx'
import { Contracts } from './pages/contracts.tsx'
import { Decision } from './pages/decision.tsx'
import { Decisions } from './pages/decisions.tsx'
import { Gateways } from './pages/gateways.tsx'
import { Licences } from './pages/licences.tsx'
import { OwnApis } from './pages/own-apis.tsx'
import { PartnerFields } from './pages/partner-fields.tsx'
import { PartnerLive } from './pages/partner-live.tsx'
import { PartnerPage } from './pages/partner.tsx'
import { Partners } from './pages/partners.tsx'
import { Enrol, SecurityPage } from './pages/security.tsx'
import { SignIn } from './pages/sign-in.tsx'
import { Usage } from './pages/usage.tsx'
import { SignedIn } from './signed-in.tsx'

const root = createRootRoute({
  component: Outlet,
  notFoundComponent: Absent,
  errorComponent: Broken,
})
const signIn = createRoute({ getParentRoute: () => root, path: '/sign-in', component: SignIn })
const enrol = createRoute({ getParentRoute: () => root, path: '/enrol', component: Enrol })
const framed = createRoute({ getParentRoute: () => root, id: 'framed', component: SignedIn })

const page = <Path extends string>(path: Path, component: () => React.ReactNode) =>
  createRoute({ getParentRoute: () => framed, path, component })

/** Pages of one desk: their program is fetched when somebody comes there. */
const at = <Path extends string>(path: Path, component: ReturnType<typeof lazyRouteComponent>) =>
  createRoute({ getParentRoute: () => framed, path, component })

const compliance = [
  at(
    '/licences/expiring',
    lazyRouteComponent(() => import('./compliance/expiring.tsx'), 'Expiring'),
  ),
  at(
    '/licences/recertification',
    lazyRouteComponent(
      () => import('./compliance/recertification/recertification.tsx'),
      'Recertifications',
    ),
  ),
  at(
    '/licences/registers',
    lazyRouteComponent(() => import('./compliance/registers.tsx'), 'Registers'),
  ),
  at(
    '/abuse',
    lazyRouteComponent(() => import('./compliance/abuse.tsx'), 'Abuse'),
  ),
  at(
    '/wind-downs',
    lazyRouteComponent(() => import('./compliance/wind-downs.tsx'), 'WindDowns'),
  ),
  at(
    '/audit',
    lazyRouteComponent(() => import('./compliance/audit.tsx'), 'Audit'),
  ),
  at(
    '/evidence-packs',
    lazyRouteComponent(() => import('./compliance/evidence-packs.tsx'), 'EvidencePacks'),
  ),
  at(
    '/partners/$id/licences',
    lazyRouteComponent(() => import('./compliance/partner-licences.tsx'), 'PartnerLicences'),
  ),
  at(
    '/partners/$id/certification',
    lazyRouteComponent(() => import('./compliance/certification.tsx'), 'PartnerCertification'),
  ),
  at(
    '/partners/$id/exit',
    lazyRouteComponent(() => import('./compliance/exit.tsx'), 'PartnerExit'),
  ),
]

const consents = [
  createRoute({
    getParentRoute: () => framed,
    path: '/partners/$id/consents',
    validateSearch: (search: Record<string, unknown>): ConsentFilter & { cell?: Cell } => ({
      ...consentFilter(search),
      ...(isCell(search['cell']) && { cell: search['cell'] }),
    }),
    component: lazyRouteComponent(() => import('./consents/consents.tsx'), 'PartnerConsents'),
  }),
  createRoute({
    getParentRoute: () => framed,
    path: '/partners/$id/consents/$consent',
    validateSearch: (search: Record<string, unknown>): { cell?: Cell } =>
      isCell(search['cell']) ? { cell: search['cell'] } : {},
    component: lazyRouteComponent(() => import('./consents/consent.tsx'), 'PartnerConsent'),
  }),
]

const journal = [
  at(
    '/journal',
    lazyRouteComponent(() => import('./journal/explorer.tsx'), 'Explorer'),
  ),
  at(
    '/journal/$seq',
    lazyRouteComponent(() => import('./journal/line.tsx'), 'JournalLinePage'),
  ),
]

const contracts = [
  at(
    '/contracts/clauses',
    lazyRouteComponent(() => import('./contracts/clauses.tsx'), 'Clauses'),
  ),
]

const versions = [
  at(
    '/versions',
    lazyRouteComponent(() => import('./versions/versions.tsx'), 'Versions'),
  ),
  at(
    '/versions/$version',
    lazyRouteComponent(() => import('./versions/version.tsx'), 'VersionPage'),
  ),
]

const documents = [
  at(
    '/catalogue/document',
    lazyRouteComponent(() => import('./versions/propose-document.tsx'), 'ProposeDocument'),
  ),
]

const gallery = at(
  '/gallery',
  lazyRouteComponent(() => import('./gallery/gallery.tsx'), 'Gallery'),
)

const operating = [
  at(
    '/work',
    lazyRouteComponent(() => import('./work/work.tsx'), 'WorkDesk'),
  ),
  at(
    '/health',
    lazyRouteComponent(() => import('./health/health.tsx'), 'HealthList'),
  ),
  at(
    '/partners/$id/health',
    lazyRouteComponent(() => import('./health/health.tsx'), 'PartnerHealth'),
  ),
  at(
    '/support',
    lazyRouteComponent(() => import('./support/desk.tsx'), 'SupportDesk'),
  ),
  at(
    '/support/$id',
    lazyRouteComponent(() => import('./support/request.tsx'), 'SupportRequestPage'),
  ),
  at(
    '/advisory',
    lazyRouteComponent(() => import('./advisory/board.tsx'), 'Board'),
  ),
  at(
    '/advisory/meetings/$id',
    lazyRouteComponent(() => import('./advisory/meeting.tsx'), 'MeetingPage'),
  ),
]

const operations = [
  at(
    '/incidents',
    lazyRouteComponent(() => import('./operations/incidents.tsx'), 'Incidents'),
  ),
  at(
    '/incidents/$id',
    lazyRouteComponent(() => import('./operations/incident.tsx'), 'IncidentPage'),
  ),
  at(
    '/status',
    lazyRouteComponent(() => import('./status/status.tsx'), 'StatusPage'),
  ),
  at(
    '/maintenance',
    lazyRouteComponent(() => import('./operations/maintenance.tsx'), 'Maintenance'),
  ),
  at(
    '/partners/$id/webhooks',
    lazyRouteComponent(() => import('./operations/webhooks.tsx'), 'PartnerWebhooks'),
  ),
]

const money = [
  at(
    '/invoices',
    lazyRouteComponent(() => import('./money/invoices.tsx'), 'Invoices'),
  ),
  at(
    '/invoices/$id',
    lazyRouteComponent(() => import('./money/invoice.tsx'), 'InvoicePage'),
  ),
  at(
    '/reconciliation',
    lazyRouteComponent(() => import('./reconciliation/reconciliation.tsx'), 'Reconciliation'),
  ),
  at(
    '/disputes',
    lazyRouteComponent(() => import('./money/disputes.tsx'), 'Disputes'),
  ),
  at(
    '/books',
    lazyRouteComponent(() => import('./money/books.tsx'), 'Books'),
  ),
  at(
    '/revenue-shares',
    lazyRouteComponent(() => import('./money/shares.tsx'), 'RevenueShares'),
  ),
  at(
    '/revenue-statements/$id',
    lazyRouteComponent(() => import('./money/statement.tsx'), 'StatementPage'),
  ),
  at(
    '/prices',
    lazyRouteComponent(() => import('./money/prices.tsx'), 'Prices'),
  ),
  at(
    '/partners/$id/money',
    lazyRouteComponent(() => import('./money/partner-money.tsx'), 'PartnerMoney'),
  ),
  at(
    '/partners/$id/service-levels',
    lazyRouteComponent(() => import('./money/partner-levels.tsx'), 'PartnerLevels'),
  ),
]

const tree = root.addChildren([
  signIn,
  enrol,
  framed.addChildren([
    page('/', () => <Navigate to="/work" replace />),
    page('/decisions', Decisions),
    page('/decisions/$id', Decision),
    page('/partners', Partners),
    page('/partners/$id', PartnerPage),
    page('/partners/$id/live', PartnerLive),
    page('/partners/$id/fields', PartnerFields),
    page('/licences', Licences),
    page('/contracts', Contracts),
    page('/contracts/$id', ContractPage),
    page('/applications', Applications),
    page('/catalogue', Catalogue),
    page('/catalogue/own-apis', OwnApis),
    page('/usage', Usage),
    page('/gateways', Gateways),
    ...journal,
    ...consents,
    page('/security', SecurityPage),
    ...contracts,
    ...versions,
    ...documents,
    gallery,
    ...compliance,
    ...operations,
    ...money,
    ...operating,
  ]),
])

export const router = createRouter({ routeTree: tree, scrollRestoration: true })
