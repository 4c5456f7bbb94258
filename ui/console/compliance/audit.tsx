/** The auditor's desk: what was decided and by whom, what is stopped, what runs out. Nothing here changes anything. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { read } from '../../kit/api.ts'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { Card, Copyable, Empty, Figures, Note, shortHash, State, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useChanges, useNames, usePartners } from '../queries.ts'
import { useStaffMember } from '../signed-in.tsx'
import type { Change, JournalLine, List } from '../wire.ts'
import { useSubject } from '../pages/decisions.tsx'
import { useTasks } from './expiring.tsx'
import { usePlans } from './wind-downs.tsx'

export const Audit = () => {
  const text = useText()
  const me = useStaffMember()
  const readsOnly = me?.roles.every((role) => role === 'auditor') ?? false
  return (
    <>
      <PageHead
        title={text('audit.title')}
        about={text('audit.about')}
        acts={
          <Link className="button primary" to="/evidence-packs">
            {text('audit.pack')}
          </Link>
        }
      />
      <div className="stack wide">
        {readsOnly && <Note>{text('audit.read-only')}</Note>}
        <Standing />
        <Decided />
      </div>
    </>
  )
}

const Standing = () => {
  const text = useText()
  const format = useFormat()
  const partners = usePartners().data ?? []
  const tasks = useTasks().data?.data ?? []
  const plans = usePlans().data?.data ?? []
  const waiting = useChanges('proposed').data ?? []
  const journal = useQuery({
    queryKey: ['journal', 'newest'],
    queryFn: () => read<List<JournalLine>>('/api/journal?before=999999999999999999'),
  })
  const newest = journal.data?.data[0]
  return (
    <Figures
      figures={[
        {
          label: text('audit.lines'),
          value: newest ? format.number(newest.seq) : '—',
          about: newest ? shortHash(newest.hash) : '',
        },
        { label: text('audit.waiting'), value: format.number(waiting.length) },
        {
          label: text('audit.suspended'),
          value: format.number(partners.filter(({ status }) => status === 'suspended').length),
          about: text('audit.of-partners', { count: partners.length }),
        },
        { label: text('audit.expiring'), value: format.number(tasks.length) },
        { label: text('audit.leaving'), value: format.number(plans.length) },
      ]}
    />
  )
}

/** The last changes that were put in force: whose two pairs of eyes, and the hash that both meant. */
const Decided = () => {
  const text = useText()
  const applied = useChanges('applied')
  const rejected = useChanges('rejected')
  return (
    <Card title={text('audit.decisions')}>
      <Answer to={applied}>
        {(changes) => (
          <DecidedTable
            changes={[...changes, ...(rejected.data ?? [])].toSorted((a, b) =>
              (a.decidedAt ?? '') < (b.decidedAt ?? '') ? 1 : -1,
            )}
          />
        )}
      </Answer>
    </Card>
  )
}

const DecidedTable = ({ changes }: { changes: readonly Change[] }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const names = useNames()
  const subject = useSubject()
  if (changes.length === 0) return <Empty title={text('decisions.none')} />
  return (
    <Table caption={text('audit.decisions')}>
      <thead>
        <tr>
          <th scope="col">{text('audit.change')}</th>
          <th scope="col">{text('audit.proposer')}</th>
          <th scope="col">{text('audit.decider')}</th>
          <th scope="col">{text('audit.decided')}</th>
        </tr>
      </thead>
      <tbody>
        {changes.map((change) => (
          <tr key={change.id}>
            <th scope="row">
              <Link to="/decisions/$id" params={{ id: change.id }}>
                {word('change', change.kind)}
              </Link>
              <small>{subject(change)}</small>
              <small>
                <Copyable
                  value={change.hash}
                  shown={shortHash(change.hash)}
                  what={text('decision.hash')}
                />
              </small>
            </th>
            <td>{names.actor(change.proposedBy)}</td>
            <td>
              {change.approvals.map(({ by }) => names.staff(by)).join(', ') ||
                (change.rejectedBy && names.staff(change.rejectedBy))}
            </td>
            <td>
              <State of={change.status} />
              {change.decidedAt && <small>{format.momentOf(change.decidedAt)}</small>}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}
