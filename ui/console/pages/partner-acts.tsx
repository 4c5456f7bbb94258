/** What the bank may do about a partner. Whatever opens something is a proposal; whatever stops something works at once. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Answer } from '../../kit/answer.tsx'
import { send } from '../../kit/api.ts'
import { Choices, faultAt, Field, type Filled, Form, Select, TextArea } from '../../kit/fields.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { PermissionList } from '../../kit/permissions.tsx'
import { Card, Note } from '../../kit/show.tsx'
import { Promises, usePromises } from '../contracts/promise-fields.tsx'
import { withheldIn } from '../contracts/withheld.ts'
import { useText } from '../messages/index.ts'
import { useCommand, Waits } from '../proposing.tsx'
import { soldIn, useCatalogue, useLicences } from '../queries.ts'
import { useStaffMember } from '../signed-in.tsx'
import type { Asked, PartnerWhole } from '../wire.ts'

/** What the partner may do in production, gate by gate; compliance stops one permission at once. */
export const PartnerPermissions = ({ known: { partner } }: { known: PartnerWhole }) => {
  const text = useText()
  const me = useStaffMember()
  const licences = useLicences(partner.id)
  const stops = me?.roles.some((role) => role === 'compliance' || role === 'head-of-platform')
  return (
    <Answer to={licences}>
      {(found) => (
        <PermissionList
          title={text('partner.permissions')}
          matrix={found.matrix}
          permissions={found.permissions.production}
          {...(stops && {
            act: ({ permission }) => <StopPermission partnerId={partner.id} name={permission} />,
          })}
        />
      )}
    </Answer>
  )
}

const StopPermission = ({ partnerId, name }: { partnerId: string; name: string }) => {
  const text = useText()
  const queries = useQueryClient()
  const stop = useMutation({
    mutationFn: (reason: string) =>
      send(`/api/licences/${partnerId}/suspension`, { permission: name, reason }),
    onSuccess: () => queries.invalidateQueries(),
  })
  return (
    <Form
      label={text('permission.stop')}
      busy={stop.isPending}
      error={stop.error}
      onSubmit={({ one }) => stop.mutate(one('reason'))}
      acts={
        <button className="button small-button stop" disabled={stop.isPending}>
          {text('permission.stop')}
        </button>
      }
    >
      <Field name="reason" label={text('stop.reason')} required maxLength={1000} />
    </Form>
  )
}

/** Compliance holds the partner as what it asked for; a second person agrees. */
export const Grant = ({ known: { partner } }: { known: PartnerWhole }) => {
  const me = useStaffMember()
  const licences = useLicences(partner.id)
  if (!me?.roles.includes('compliance') || !licences.data) return null
  const { held, requested, declared } = licences.data.statuses
  const asked = [...new Set([...requested, ...declared])].filter(
    (status) => !held.some((holding) => holding.status === status),
  )
  return asked.length === 0 ? null : (
    <GrantForm partnerId={partner.id} asked={asked} requested={requested} />
  )
}

const GrantForm = (props: {
  partnerId: string
  asked: readonly string[]
  requested: readonly string[]
}) => {
  const { partnerId, asked, requested } = props
  const text = useText()
  const word = useWord()
  const grant = useCommand(({ many }: Filled) =>
    send<Asked>(`/api/licences/${partnerId}/grants`, { statuses: many('statuses') }),
  )
  return (
    <Card title={text('grant.title')}>
      <div className="pad stack">
        <Form
          label={text('grant.title')}
          busy={grant.isPending}
          error={grant.error}
          onSubmit={(filled) => grant.mutate(filled)}
          acts={
            <button className="button" disabled={grant.isPending}>
              {text('act.propose')}
            </button>
          }
        >
          <Choices
            name="statuses"
            label={text('grant.statuses')}
            hint={text('grant.hint')}
            many
            chosen={requested}
            options={asked.map((status) => ({
              value: status,
              label: word('status', status),
              ...(requested.includes(status) && { about: text('grant.requested') }),
            }))}
            fault={faultAt(grant.error, '/statuses')}
          />
        </Form>
        <Waits asked={grant.data} />
      </div>
    </Card>
  )
}

/** Partner success offers a contract; the text is drawn up from the catalogue, and a second person agrees to its hash. */
export const Offer = ({ known: { partner } }: { known: PartnerWhole }) => {
  const text = useText()
  const word = useWord()
  const me = useStaffMember()
  const catalogue = useCatalogue().data
  const promises = usePromises([])
  const offer = useCommand((filled: Filled) => {
    const { one, many } = filled
    return send<Asked>('/api/contracts', {
      partnerId: partner.id,
      tier: one('tier'),
      products: many('products'),
      priceVersion: one('priceVersion'),
      ...(one('signatures') === 'required' && { signatures: 'required' }),
      ...(promises.rows.length > 0 && { levels: promises.in(filled) }),
      ...(one('withheld') !== '' && { withheld: withheldIn(one('withheld')) }),
    })
  })
  if (!me?.roles.some((role) => role === 'partner-success' || role === 'head-of-platform'))
    return null
  if (!catalogue) return null
  return (
    <Card title={text('offer.title')}>
      <div className="pad stack">
        <Form
          label={text('offer.title')}
          busy={offer.isPending}
          error={offer.error}
          onSubmit={(filled) => offer.mutate(filled)}
          acts={
            <button className="button" disabled={offer.isPending}>
              {text('act.propose')}
            </button>
          }
        >
          <Select
            name="tier"
            label={text('contract.tier')}
            value="Bronze"
            options={catalogue.tiers
              .filter((tier) => tier.sold)
              .map(({ name }) => ({ value: name, label: name }))}
            fault={faultAt(offer.error, '/tier')}
          />
          <Select
            name="priceVersion"
            label={text('contract.price-version')}
            value={catalogue.prices.version}
            options={catalogue.priceVersions.map(({ id }) => ({ value: id, label: id }))}
            fault={faultAt(offer.error, '/priceVersion')}
          />
          <Choices
            name="products"
            label={text('application.products')}
            many
            options={soldIn(catalogue).map((id) => ({ value: id, label: word('product', id) }))}
            fault={faultAt(offer.error, '/products')}
          />
          <Choices
            name="signatures"
            label={text('offer.signatures')}
            many
            options={[{ value: 'required', label: text('offer.signatures.required') }]}
          />
          <Promises
            promises={promises}
            products={soldIn(catalogue)}
            fault={(pointer) => faultAt(offer.error, pointer)}
          />
          <TextArea
            name="withheld"
            label={text('offer.withheld')}
            hint={text('offer.withheld.hint')}
            code
          />
        </Form>
        <Waits asked={offer.data} />
      </div>
    </Card>
  )
}

/** Stopping takes one person and works at once; letting in again is a proposal. */
export const StopOrReinstate = ({ known: { partner, suspensions } }: { known: PartnerWhole }) => {
  const me = useStaffMember()
  const last = suspensions.find((suspension) => suspension.endedAt === null)
  if (!me?.roles.some((role) => mayStop.includes(role))) return null
  return partner.status === 'suspended' ? (
    <Reinstate partnerId={partner.id} last={last} />
  ) : (
    <Stop partnerId={partner.id} />
  )
}

const Why = () => {
  const text = useText()
  return <Field name="reason" label={text('stop.reason')} required minLength={3} maxLength={1000} />
}

const Stop = ({ partnerId }: { partnerId: string }) => {
  const text = useText()
  const queries = useQueryClient()
  const stop = useMutation({
    mutationFn: (reason: string) => send(`/api/partners/${partnerId}/suspension`, { reason }),
    onSuccess: () => queries.invalidateQueries(),
  })
  return (
    <Card title={text('stop.title')}>
      <div className="pad stack">
        <p className="small">{text('stop.about')}</p>
        <Form
          label={text('stop.title')}
          busy={stop.isPending}
          error={stop.error}
          onSubmit={({ one }) => stop.mutate(one('reason'))}
          acts={
            <button className="button stop" disabled={stop.isPending}>
              {text('stop.act')}
            </button>
          }
        >
          <Why />
        </Form>
      </div>
    </Card>
  )
}

const Reinstate = (props: {
  partnerId: string
  last: PartnerWhole['suspensions'][number] | undefined
}) => {
  const { partnerId, last } = props
  const text = useText()
  const format = useFormat()
  const reinstate = useCommand(({ one }: Filled) =>
    send<Asked>(`/api/partners/${partnerId}/reinstatement`, { reason: one('reason') }),
  )
  return (
    <Card title={text('reinstate.title')}>
      <div className="pad stack">
        {last && (
          <Note tone="bad">
            {text('stop.since', { time: format.momentOf(last.suspendedAt) })} {last.reason}
          </Note>
        )}
        <p className="small">{text('reinstate.about')}</p>
        <Form
          label={text('reinstate.title')}
          busy={reinstate.isPending}
          error={reinstate.error}
          onSubmit={(filled) => reinstate.mutate(filled)}
          acts={
            <button className="button" disabled={reinstate.isPending}>
              {text('act.propose')}
            </button>
          }
        >
          <Why />
        </Form>
        <Waits asked={reinstate.data} />
      </div>
    </Card>
  )
}

const mayStop: readonly string[] = [
  'compliance',
  'head-of-platform',
  'partner-success',
  'api-engineering',
]
