/** One line of the journal: what it says, and the proof of it, checked in the reader's own browser. */
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { read } from '../../kit/api.ts'
import { Crumbs, PageHead } from '../../kit/frame.tsx'
import { useFormat } from '../../kit/language.tsx'
import { type MaybeProven, Proven } from '../../kit/proof/proven.tsx'
import { Card, Code, Facts } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useNames } from '../queries.ts'

interface Said {
  readonly at: string
  readonly actor: string
  readonly event: string
  readonly subject: string
  readonly data: unknown
}
/** The server wrote this text by the schema of a line. */
const saidIn = (body: string): Said => JSON.parse(body)

export const JournalLinePage = () => {
  const text = useText()
  const { seq = '' } = useParams({ strict: false })
  const line = useQuery({
    queryKey: ['journal', 'line', seq],
    queryFn: () => read<MaybeProven>(`/api/journal/lines/${seq}`),
    // The line is as it is for ever; only its first proof may be a second away.
    refetchInterval: ({ state }) => (state.data?.line.proof === null ? 1_000 : false),
  })
  return (
    <>
      <Crumbs
        above={{ to: '/journal', name: text('journal.title') }}
        here={text('explorer.line', { seq })}
      />
      <PageHead title={text('explorer.line', { seq })} />
      <Answer to={line}>{(found) => <Whole found={found} />}</Answer>
    </>
  )
}

const Whole = ({ found }: { found: MaybeProven }) => {
  const text = useText()
  const format = useFormat()
  const names = useNames()
  const { at, actor, event, subject, data } = saidIn(found.line.body)
  return (
    <div className="columns">
      <div className="stack wide">
        <Card title={text('explorer.facts')}>
          <Facts
            rows={[
              [text('journal.when'), `${format.dateOf(at)} ${format.timeOf(at, 'second')}`],
              [text('journal.event'), <code key="event">{event}</code>],
              [
                text('journal.actor'),
                <Link key="actor" to="/journal" search={{ actor }}>
                  {names.actor(actor)}
                </Link>,
              ],
              [
                text('explorer.about'),
                <Link key="about" to="/journal" search={{ about: subject }}>
                  {names.partner(subject) ?? subject}
                </Link>,
              ],
            ]}
          />
        </Card>
        <Code title={text('explorer.data')} value={JSON.stringify(data, null, 2)} />
        <Code title={text('explorer.body')} value={found.line.body} />
      </div>
      <div className="stack">
        <Card title={text('explorer.proof')}>
          <Proven of={found} />
        </Card>
        {found.checkpoint && <Code title={text('explorer.checkpoint')} value={found.checkpoint} />}
      </div>
    </div>
  )
}
