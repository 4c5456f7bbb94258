/** What happened, in order, and who did it: every line bound to the one before by its hash. */
import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { query, read } from '../../kit/api.ts'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat } from '../../kit/language.tsx'
import { Card, Empty, Id, shortHash, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useNames } from '../queries.ts'
import type { JournalLine, List } from '../wire.ts'

/** Beyond every place: what comes before it is the newest. */
const END = '999999999999999999'

export const Journal = () => {
  const text = useText()
  const search: Record<string, unknown> = useSearch({ strict: false })
  const asked = String(search['before'])
  const before = /^\d{1,18}$/.test(asked) ? asked : END
  const lines = useQuery({
    queryKey: ['journal', before],
    queryFn: () => read<List<JournalLine>>(`/api/journal${query({ before })}`),
  })
  const next = lines.data?.next
  return (
    <>
      <PageHead title={text('journal.title')} about={text('journal.about')} />
      <Card
        title={text('journal.lines')}
        beside={
          <nav className="row" aria-label={text('journal.pages')}>
            {before !== END && (
              <Link className="button small-button" to="/journal">
                {text('journal.newest')}
              </Link>
            )}
            {next && (
              <Link className="button small-button" to="/journal" search={{ before: Number(next) }}>
                {text('journal.earlier')}
              </Link>
            )}
          </nav>
        }
      >
        <Answer to={lines}>
          {({ data }) =>
            data.length === 0 ? <Empty title={text('journal.none')} /> : <Lines lines={data} />
          }
        </Answer>
      </Card>
    </>
  )
}

const Lines = ({ lines }: { lines: readonly JournalLine[] }) => {
  const text = useText()
  const format = useFormat()
  const names = useNames()
  return (
    <Table caption={text('journal.lines')} className="dense">
      <thead>
        <tr>
          <th scope="col" className="number">
            {text('journal.place')}
          </th>
          <th scope="col">{text('journal.when')}</th>
          <th scope="col">{text('journal.event')}</th>
          <th scope="col">{text('journal.actor')}</th>
          <th scope="col">{text('journal.hash')}</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={line.seq}>
            <th scope="row" className="number">
              {format.number(line.seq)}
            </th>
            <td className="nowrap figure">
              {format.timeOf(line.at, 'second')}
              <small>{format.dateOf(line.at)}</small>
            </td>
            <td>
              <code>{line.event}</code>
              <small>{names.partner(line.subject) ?? <Id of={line.subject} />}</small>
            </td>
            <td>
              {names.actor(line.actor) === line.actor ? (
                <Id of={line.actor} />
              ) : (
                names.actor(line.actor)
              )}
            </td>
            <td>
              <code title={line.hash}>{shortHash(line.hash)}</code>
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}
