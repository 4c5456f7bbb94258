/** The portal's pages by address. A page of one cell has the cell in its address: a link never changes environment. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  notFound,
  Outlet,
} from '@tanstack/react-router'
import { isCell } from '../kit/cell.ts'
import { type ConsentFilter, consentFilter } from '../kit/consents/wire.ts'
import { Absent, Broken } from '../kit/elsewhere.tsx'
import { type CallFilter, callFilter } from './calls/filter.ts'
import { ApplicationPage } from './pages/application.tsx'
import { Applications } from './pages/applications.tsx'
import { ContractPage } from './pages/contract.tsx'
import { Contracts } from './pages/contracts.tsx'
import { Front } from './pages/front.tsx'
import { Home } from './pages/home.tsx'
import { Join } from './pages/join.tsx'
import { Licences } from './pages/licences.tsx'
import { NewApplication } from './pages/new-application.tsx'
import { Register } from './pages/register.tsx'
import { SecurityPage } from './pages/security.tsx'
import { SignIn } from './pages/sign-in.tsx'
import { Team } from './pages/team.tsx'
import { Usage } from './pages/usage.tsx'
import { SignedIn } from './signed-in.tsx'

const root = createRootRoute({
  component: Outlet,
  notFoundComponent: Absent,
  errorComponent: Broken,
})

const front = createRoute({ getParentRoute: () => root, path: '/', component: Front })
const register = createRoute({ getParentRoute: () => root, path: '/register', component: Register })
const signIn = createRoute({ getParentRoute: () => root, path: '/sign-in', component: SignIn })

const join = createRoute({ getParentRoute: () => root, path: '/join', component: Join })

/** The reference is for those who come to read: its program is fetched with its first page. */
const reference = createRoute({
  getParentRoute: () => root,
  path: '/reference',
  component: lazyRouteComponent(() => import('./reference/frame.tsx'), 'ReferenceFrame'),
})
const referencePages = [
  createRoute({
    getParentRoute: () => reference,
    path: '/',
    component: lazyRouteComponent(() => import('./reference/overview.tsx'), 'ReferenceOverview'),
  }),
  createRoute({
    getParentRoute: () => reference,
    path: '/refusals',
    component: lazyRouteComponent(() => import('./reference/refusals.tsx'), 'RefusalsPage'),
  }),
  createRoute({
    getParentRoute: () => reference,
    path: '/$product/$operation',
    validateSearch: (search: Record<string, unknown>): { version?: string } =>
      typeof search['version'] === 'string' ? { version: search['version'] } : {},
    component: lazyRouteComponent(() => import('./reference/operation.tsx'), 'OperationPage'),
  }),
]
const guides = createRoute({
  getParentRoute: () => root,
  path: '/guides',
  component: lazyRouteComponent(() => import('./reference/guides.tsx'), 'GuidesPage'),
})
const guide = createRoute({
  getParentRoute: () => root,
  path: '/guides/$guide',
  component: lazyRouteComponent(() => import('./reference/guides.tsx'), 'GuidePage'),
})

const inCell = createRoute({
  getParentRoute: () => root,
  path: '/$cell',
  beforeLoad: ({ params }) => {
    if (!isCell(params.cell)) throw notFound()
  },
  component: SignedIn,
})

const page = <Path extends string>(path: Path, component: () => React.ReactNode) =>
  createRoute({ getParentRoute: () => inCell, path, component })

/** Pages that one comes to now and then: their program is fetched with the first of them. */
const lazily = <Path extends string>(path: Path, load: () => Promise<React.FC>) =>
  createRoute({
    getParentRoute: () => inCell,
    path,
    component: lazyRouteComponent(async () => ({ default: await load() })),
  })

const fetched = [
  createRoute({
    getParentRoute: () => inCell,
    path: '/calls',
    validateSearch: (search: Record<string, unknown>): CallFilter => callFilter(search),
    component: lazyRouteComponent(() => import('./calls/log.tsx'), 'CallLog'),
  }),
  lazily('/calls/$call', async () => (await import('./calls/trace.tsx')).Trace),
  createRoute({
    getParentRoute: () => inCell,
    path: '/consents',
    validateSearch: (search: Record<string, unknown>): ConsentFilter => consentFilter(search),
    component: lazyRouteComponent(() => import('./consents/consents.tsx'), 'Consents'),
  }),
  lazily('/worlds', async () => (await import('./worlds/worlds.tsx')).Worlds),
  createRoute({
    getParentRoute: () => inCell,
    path: '/worlds/simulators',
    validateSearch: (search: Record<string, unknown>): { simulator?: string } =>
      typeof search['simulator'] === 'string' ? { simulator: search['simulator'] } : {},
    component: lazyRouteComponent(() => import('./worlds/simulators.tsx'), 'Simulators'),
  }),
  lazily('/worlds/people', async () => (await import('./worlds/people.tsx')).People),
  lazily('/webhooks', async () => (await import('./webhooks/endpoints.tsx')).Endpoints),
  lazily('/webhooks/$id', async () => (await import('./webhooks/endpoint.tsx')).EndpointPage),
  lazily('/notices', async () => (await import('./webhooks/notices.tsx')).Notices),
  lazily('/invoices', async () => (await import('./money/invoices.tsx')).Invoices),
  lazily('/invoices/$id', async () => (await import('./money/invoice.tsx')).InvoicePage),
  lazily('/versions', async () => (await import('./versions/versions.tsx')).Versions),
  lazily('/go-live', async () => (await import('./go-live/checklist.tsx')).GoLive),
  lazily('/budgets', async () => (await import('./money/budgets.tsx')).Budgets),
  lazily('/advisory', async () => (await import('./advisory/board.tsx')).AdvisoryBoard),
  lazily('/advisory/$id', async () => (await import('./advisory/meeting.tsx')).AdvisoryMeeting),
  lazily('/support', async () => (await import('./support/requests.tsx')).SupportRequests),
  lazily('/support/$id', async () => (await import('./support/request.tsx')).SupportRequest),
  lazily('/proofs', async () => (await import('./proofs/proofs.tsx')).Proofs),
  lazily('/status', async () => (await import('./status/status.tsx')).OwnStatus),
  lazily('/levels', async () => (await import('./money/levels.tsx')).Levels),
]

const tree = root.addChildren([
  front,
  register,
  signIn,
  reference.addChildren(referencePages),
  guides,
  guide,
  join,
  inCell.addChildren([
    page('/home', Home),
    page('/applications', Applications),
    page('/applications/new', NewApplication),
    page('/applications/$id', ApplicationPage),
    page('/licences', Licences),
    page('/contracts', Contracts),
    page('/contracts/$id', ContractPage),
    page('/usage', Usage),
    ...fetched,
    page('/team', Team),
    page('/security', SecurityPage),
  ]),
])

export const router = createRouter({ routeTree: tree, scrollRestoration: true })
