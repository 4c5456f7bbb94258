/** The console's pages, by the desks of the bank: one's own desks stand open, the others are folded. */
import type { PlaceGroup } from '../kit/frame.tsx'
import { useText } from './messages/index.ts'
import { useChanges } from './queries.ts'
import type { Staff } from './wire.ts'

export const usePlaces = (staff: Staff | undefined): PlaceGroup[] => {
  const text = useText()
  const waiting = useChanges('proposed', staff !== undefined)
  /** A desk, and the roles that sit at it. */
  const desk = (
    name: string,
    roles: readonly Staff['roles'][number][],
    places: PlaceGroup['places'],
  ): PlaceGroup => ({
    name,
    folds: staff?.roles.some((role) => roles.includes(role)) ? 'open' : 'closed',
    places,
  })
  return [
    {
      name: null,
      places: [
        { to: '/work', icon: 'layers', name: text('place.work') },
        {
          to: '/decisions',
          icon: 'inbox',
          name: text('place.decisions'),
          count: waiting.data?.length,
        },
      ],
    },
    desk(
      text('desk.partners'),
      ['partner-success', 'developer-relations', 'head-of-platform'],
      [
        { to: '/partners', icon: 'building', name: text('place.partners') },
        { to: '/support', icon: 'dispute', name: text('support.title') },
        { to: '/health', icon: 'activity', name: text('place.health') },
        { to: '/contracts', icon: 'contract', name: text('place.contracts') },
        { to: '/applications', icon: 'key', name: text('place.applications') },
        { to: '/advisory', icon: 'compass', name: text('place.advisory') },
      ],
    ),
    desk(
      text('desk.compliance'),
      ['compliance', 'auditor'],
      [
        { to: '/licences', icon: 'badge', name: text('place.licences') },
        { to: '/abuse', icon: 'radar', name: text('place.abuse') },
        { to: '/wind-downs', icon: 'door', name: text('place.wind-downs') },
      ],
    ),
    desk(
      text('desk.operations'),
      ['api-engineering'],
      [
        { to: '/incidents', icon: 'siren', name: text('place.incidents') },
        { to: '/gateways', icon: 'activity', name: text('place.gateways') },
        { to: '/usage', icon: 'gauge', name: text('place.usage') },
      ],
    ),
    desk(
      text('desk.finance'),
      ['finance'],
      [
        { to: '/invoices', icon: 'receipt', name: text('place.invoices') },
        { to: '/disputes', icon: 'dispute', name: text('place.disputes') },
        { to: '/books', icon: 'book', name: text('place.books') },
        { to: '/reconciliation', icon: 'scan', name: text('reconciliation.place') },
        { to: '/revenue-shares', icon: 'share', name: text('place.revenue-shares') },
        { to: '/prices', icon: 'tags', name: text('place.prices') },
      ],
    ),
    desk(
      text('desk.product'),
      ['api-product'],
      [
        { to: '/catalogue', icon: 'library', name: text('place.catalogue') },
        { to: '/versions', icon: 'history', name: text('place.versions') },
      ],
    ),
    desk(
      text('desk.evidence'),
      ['auditor', 'compliance'],
      [
        { to: '/audit', icon: 'eye', name: text('place.audit') },
        { to: '/evidence-packs', icon: 'archive', name: text('place.evidence-packs') },
        { to: '/journal', icon: 'history', name: text('place.journal') },
      ],
    ),
    {
      name: text('place.own'),
      places: [{ to: '/security', icon: 'fingerprint', name: text('security.title') }],
    },
  ]
}
