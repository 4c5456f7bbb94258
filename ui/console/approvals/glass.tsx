/** Broken glass: what one person put in force alone in an emergency, and what another says of it afterwards. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { read, send } from '../../kit/api.ts'
import { Choices, faultAt, Field, type Filled, Form, TextArea } from '../../kit/fields.tsx'
import { useFormat } from '../../kit/language.tsx'
import { Card, Chip, Note } from '../../kit/show.tsx'
import type { Wire } from '../../kit/wire.ts'
import type { Glass as GlassNoun } from '#control/approvals/glass.ts'
import { useText } from '../messages/index.ts'
import { useCommand, useMay } from '../proposing.tsx'
import { useNames } from '../queries.ts'
import { useStaffMember } from '../signed-in.tsx'
import type { Change, List } from '../wire.ts'

type Glass = Wire<GlassNoun> & { readonly overdue: boolean }

const deciders = [
  'head-of-platform',
  'api-product',
  'api-engineering',
  'partner-success',
  'compliance',
] as const

/** What is stopped and has to go on, and limits: nothing else is a matter of minutes. */
const urgent: readonly string[] = [
  'partners.reinstatement',
  'licences.reinstatement',
  'licences.thaw',
  'contracts.thaw',
  'catalogue.limits',
  'catalogue.upstream',
]

const useGlass = () =>
  useQuery({
    queryKey: ['broken-glass'],
    queryFn: () => read<List<Glass>>('/api/broken-glass'),
    refetchInterval: 15_000,
  })

/** Loud, at the head of the desk, until somebody has looked at it. */
export const UnreviewedGlass = () => {
  const text = useText()
  const format = useFormat()
  const names = useNames()
  const open = useGlass().data?.data.filter((glass) => glass.verdict === null) ?? []
  return open.map((glass) => (
    <Note key={glass.changeId} tone="bad" live>
      <b>{text('glass.broken', { name: names.staff(glass.brokenBy) })}</b>{' '}
      {text(glass.overdue ? 'glass.overdue' : 'glass.due', {
        time: format.momentOf(glass.reviewDue),
      })}{' '}
      <Link to="/decisions/$id" params={{ id: glass.changeId }}>
        {text('glass.look')}
      </Link>
    </Note>
  ))
}

/** On a change's own page: to break it, where that is allowed, or how it was broken and reviewed. */
export const GlassOf = ({ change }: { change: Change }) => {
  const broken = useGlass().data?.data.find((glass) => glass.changeId === change.id)
  const me = useStaffMember()
  const may = useMay(change.roles) && urgent.includes(change.kind)
  if (broken) return <Broken glass={broken} mine={broken.brokenBy === me?.id} />
  return may && change.status === 'proposed' ? <Break change={change} /> : null
}

const Break = ({ change }: { change: Change }) => {
  const text = useText()
  const act = useCommand(({ one }: Filled) =>
    send<Change>(`/api/approvals/${change.id}/broken-glass`, {
      hash: change.hash,
      reason: one('reason'),
    }),
  )
  return (
    <details className="card glass">
      <summary>{text('glass.title')}</summary>
      <div className="pad stack">
        <p className="small">{text('glass.about')}</p>
        <Form
          label={text('glass.title')}
          busy={act.isPending}
          error={act.error}
          onSubmit={(filled) => act.mutate(filled)}
          acts={
            <button className="button stop" disabled={act.isPending}>
              {text('glass.act')}
            </button>
          }
        >
          <TextArea
            name="reason"
            label={text('glass.reason')}
            hint={text('glass.reason.hint')}
            required
            fault={faultAt(act.error, '/reason')}
          />
        </Form>
      </div>
    </details>
  )
}

const Broken = ({ glass, mine }: { glass: Glass; mine: boolean }) => {
  const text = useText()
  const format = useFormat()
  const names = useNames()
  const reviews = useMay(deciders)
  return (
    <Card
      title={text('glass.one')}
      beside={
        glass.verdict ? (
          <Chip tone={glass.verdict === 'confirmed' ? 'good' : 'bad'}>
            {text(`glass.verdict.${glass.verdict}`)}
          </Chip>
        ) : (
          <Chip tone="warn">{text('glass.waits')}</Chip>
        )
      }
    >
      <div className="pad stack">
        <p className="small">
          <b>{text('glass.broken', { name: names.staff(glass.brokenBy) })}</b>{' '}
          {format.momentOf(glass.brokenAt)}
        </p>
        <p>{glass.reason}</p>
        {glass.reviewedBy && glass.reviewedAt && (
          <p className="small">
            {names.staff(glass.reviewedBy)}, {format.momentOf(glass.reviewedAt)}: {glass.remark}
          </p>
        )}
        {!glass.verdict && mine && <Note>{text('glass.yours')}</Note>}
        {!glass.verdict && !mine && reviews && <Review glass={glass} />}
      </div>
    </Card>
  )
}

const Review = ({ glass }: { glass: Glass }) => {
  const text = useText()
  const review = useCommand(({ one }: Filled) =>
    send<Glass>(`/api/approvals/${glass.changeId}/broken-glass/review`, {
      verdict: one('verdict'),
      remark: one('remark'),
    }),
  )
  return (
    <Form
      label={text('glass.review')}
      busy={review.isPending}
      error={review.error}
      onSubmit={(filled) => review.mutate(filled)}
      acts={
        <button className="button primary" disabled={review.isPending}>
          {text('glass.review')}
        </button>
      }
    >
      <Choices
        name="verdict"
        label={text('glass.was-it')}
        chosen={['confirmed']}
        options={[
          { value: 'confirmed', label: text('glass.verdict.confirmed') },
          { value: 'contested', label: text('glass.verdict.contested') },
        ]}
      />
      <Field
        name="remark"
        label={text('glass.remark')}
        required
        minLength={3}
        maxLength={1000}
        fault={faultAt(review.error, '/remark')}
      />
    </Form>
  )
}
