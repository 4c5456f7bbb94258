/** What happened, in order, and who did it: found by who, what and when; every line leads to its proof. */
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { query, read } from '../../kit/api.ts'
import { Field, Form } from '../../kit/fields.tsx'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat } from '../../kit/language.tsx'
import { LogCard } from '../../kit/proof/proven.tsx'
import { Card, Empty, Id, shortHash, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useNames } from '../queries.ts'
import type { JournalLine, List } from '../wire.ts'
import { askedFor, type Sought, soughtIn, words } from './sought.ts'

/** Beyond every place: what comes before it is the newest. */
const END = '999999999999999999'
export const Explorer = () => {
  const text = useText()
  const { zone } = useFormat()
  const search: Record<string, unknown> = useSearch({ strict: false })
  const sought = soughtIn(search)
  const asked = String(search['before'])
  const before = /^\d{1,18}$/.test(asked) ? asked : END
  const lines = useQuery({
    queryKey: ['journal', sought, before],
    queryFn: () =>
      read<List<JournalLine>>(`/api/journal${query({ ...askedFor(sought, zone), before })}`),
  })
  const next = lines.data?.next
  return (
    <>
      <PageHead title={text('journal.title')} about={text('journal.about')} />
      <div className="stack wide">
        <LogCard />
        <Search key={JSON.stringify(sought)} sought={sought} />
        <Card
          title={text('journal.lines')}
          beside={
            <nav className="row" aria-label={text('journal.pages')}>
              {before !== END && (
                <Link className="button small-button" to="/journal" search={sought}>
                  {text('journal.newest')}
                </Link>
              )}
              {next && (
                <Link
                  className="button small-button"
                  to="/journal"
                  search={{ ...sought, before: Number(next) }}
                >
                  {text('journal.earlier')}
                </Link>
              )}
            </nav>
          }
        >
          <Answer to={lines}>
            {({ data }) =>
              data.length === 0 ? (
                <Empty title={text('explorer.none')}>{text('explorer.none.about')}</Empty>
              ) : (
                <Lines lines={data} />
              )
            }
          </Answer>
        </Card>
      </div>
    </>
  )
}

const Search = ({ sought }: { sought: Sought }) => {
  const text = useText()
  const navigate = useNavigate()
  return (
    <Card>
      <div className="pad">
        <Form
          label={text('explorer.search')}
          busy={false}
          error={null}
          onSubmit={({ one }) => {
            const filled = soughtIn(Object.fromEntries(words.map((word) => [word, one(word)])))
            void navigate({ to: '/journal', search: filled })
          }}
          acts={
            <>
              <button className="button primary">{text('explorer.act')}</button>
              {Object.keys(sought).length > 0 && (
                <Link className="button" to="/journal" search={{}}>
                  {text('explorer.clear')}
                </Link>
              )}
            </>
          }
        >
          <div className="columns">
            <Field
              name="about"
              label={text('explorer.about')}
              hint={text('explorer.about.hint')}
              code
              value={sought.about ?? ''}
            />
            <Field
              name="actor"
              label={text('explorer.actor')}
              hint={text('explorer.actor.hint')}
              code
              value={sought.actor ?? ''}
            />
          </div>
          <Field
            name="event"
            label={text('explorer.event')}
            hint={text('explorer.event.hint')}
            code
            value={sought.event ?? ''}
          />
          <div className="columns">
            <Field
              name="from"
              type="date"
              label={text('explorer.from')}
              value={sought.from ?? ''}
            />
            <Field name="to" type="date" label={text('explorer.to')} value={sought.to ?? ''} />
          </div>
        </Form>
      </div>
    </Card>
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
              <Link
                to="/journal/$seq"
                params={{ seq: line.seq }}
                aria-label={text('explorer.open', { seq: line.seq })}
              >
                {format.number(line.seq)}
              </Link>
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
