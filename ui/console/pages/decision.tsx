/** One change in full: who, what, until when, decide. */
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { read } from '../../kit/api.ts'
import { Difference } from '../../kit/difference.tsx'
import { Crumbs, PageHead } from '../../kit/frame.tsx'
import { Icon } from '../../kit/icons.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { Card, Copyable, Facts, Id, shortHash, shortId } from '../../kit/show.tsx'
import { GlassOf } from '../approvals/glass.tsx'
import { ImpactCard } from '../approvals/impact.tsx'
import { Decide } from '../decide.tsx'
import { useText } from '../messages/index.ts'
import { useNames } from '../queries.ts'
import type { Change } from '../wire.ts'
import { Clock, useSubject } from './decisions.tsx'

export const Decision = () => {
  const text = useText()
  const word = useWord()
  const { id = '' } = useParams({ strict: false })
  const subject = useSubject()
  const change = useQuery({
    queryKey: ['approvals', 'one', id],
    queryFn: () => read<Change>(`/api/approvals/${id}`),
  })
  const found = change.data
  return (
    <>
      <Crumbs above={{ to: '/decisions', name: text('place.decisions') }} here={shortId(id)} />
      <PageHead
        title={found ? `${subject(found)}: ${word('change', found.kind)}` : text('decision.one')}
        about={found?.reason}
        acts={found && <Clock change={found} />}
      />
      <Answer to={change}>{(known) => <Whole change={known} />}</Answer>
    </>
  )
}

const Whole = ({ change }: { change: Change }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  return (
    <div className="stack wide">
      <TwoHands change={change} />
      <div className="columns">
        <div className="stack wide">
          <Card
            title={text('decision.changes')}
            foot={
              <span className="row between">
                {text('decision.hash')}
                <Copyable
                  value={change.hash}
                  shown={shortHash(change.hash)}
                  what={text('decision.hash')}
                />
              </span>
            }
          >
            <Difference before={change.before} after={change.after} />
          </Card>
          <ImpactCard change={change} />
        </div>
        <div className="stack">
          <div className="card decide">
            <div className="pad">
              <h2>{text('decision.title')}</h2>
              <Decide change={change} />
            </div>
          </div>
          <GlassOf change={change} />
          <Card title={text('decision.about')}>
            <div className="pad">
              <Facts
                rows={[
                  [text('decision.kind'), <code>{change.kind}</code>],
                  [text('decision.subject'), <Id of={change.subject} />],
                  [
                    text('decision.deciders'),
                    change.roles.map((role) => word('role', role)).join(', '),
                  ],
                  [text('decision.expires'), format.momentOf(change.expiresAt)],
                ]}
              />
            </div>
          </Card>
        </div>
      </div>
    </div>
  )
}

/** Proposed, decided, applied: whose hands were on it, and whose are next. */
const TwoHands = ({ change }: { change: Change }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const names = useNames()
  const open = change.status === 'proposed'
  const applied = change.status === 'applied'
  const decided = change.approvals.map((approval) => names.staff(approval.by)).join(', ')
  return (
    <ol className="two-hands" aria-label={text('decision.hands')}>
      <li className="done">
        <span className="stone">
          <Icon name="check" />
        </span>
        <div>
          <b>{names.actor(change.proposedBy)}</b> {text('decision.proposed')}
          <small>{format.momentOf(change.proposedAt)}</small>
        </div>
      </li>
      <li className={open ? 'now' : 'done'}>
        <span className="stone">{open ? '2' : <Icon name="check" />}</span>
        <div>
          <b>
            {open
              ? text('decision.waits', { count: change.stillNeeded })
              : word('state', change.status)}
          </b>
          <small>
            {decided
              ? text('decision.approved-by', { names: decided })
              : text('decision.not-proposer')}
          </small>
        </div>
      </li>
      <li className={applied ? 'done' : ''}>
        <span className="stone">{applied ? <Icon name="check" /> : '3'}</span>
        <div>
          <b>{text('decision.applied')}</b>
          <small>
            {applied && change.decidedAt
              ? format.momentOf(change.decidedAt)
              : text('decision.applied.about')}
          </small>
        </div>
      </li>
    </ol>
  )
}
