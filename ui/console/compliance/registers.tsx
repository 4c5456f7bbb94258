/** Supervisors' registers: a file in, its digest kept, what changed against the one before, and whom it concerns. */
import { useState } from 'react'
import { useIsMutating, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { query, read, send } from '../../kit/api.ts'
import { faultAt, Field, type Filled, Form, Select } from '../../kit/fields.tsx'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { today } from '../../kit/moments.ts'
import { Card, Copyable, Empty, Note, shortHash, Table, Verdict } from '../../kit/show.tsx'
import { Tasks } from '../../kit/tasks/tasks.tsx'
import { useText } from '../messages/index.ts'
import { useCommand, useMay } from '../proposing.tsx'
import { useNames } from '../queries.ts'
import type { List } from '../wire.ts'
import { LicenceTabs } from './licence-tabs.tsx'
import type { Imported, Match, Taken } from './wire.ts'

export const Registers = () => {
  const text = useText()
  const imports = useMay(['compliance'])
  const done = useQuery({
    queryKey: ['register-imports'],
    queryFn: () => read<List<Imported>>('/api/register-imports'),
  })
  return (
    <>
      <PageHead title={text('registers.title')} about={text('registers.about')} />
      <LicenceTabs />
      <div className={imports ? 'columns' : 'stack wide'}>
        <div className="stack wide">
          <UnderWay />
          <Card title={text('registers.imports')}>
            <Answer to={done}>{({ data }) => <Imports imports={data} />}</Answer>
          </Card>
        </div>
        {imports && <ImportForm />}
      </div>
    </>
  )
}

const TAKE = ['take-register']

/** An import goes on where nobody looks: who comes back, or another person, sees how far it is. */
const UnderWay = () => {
  const text = useText()
  const { day } = useFormat()
  const names = useNames()
  return (
    <Tasks
      kind="register-import"
      begins={useIsMutating({ mutationKey: TAKE }) > 0}
      who={names.actor}
      name={({ about }) =>
        text('tasks.import', {
          register: about['register'] ?? '',
          day: about['takenOn'] ? day(about['takenOn']) : '',
        })
      }
    />
  )
}

const Imports = ({ imports }: { imports: readonly Imported[] }) => {
  const text = useText()
  if (imports.length === 0)
    return <Empty title={text('registers.none')}>{text('registers.none.about')}</Empty>
  return (
    <Table caption={text('registers.imports')}>
      <thead>
        <tr>
          <th scope="col">{text('registers.register')}</th>
          <th scope="col">{text('registers.taken')}</th>
          <th scope="col" className="number">
            {text('registers.entries')}
          </th>
          <th scope="col" className="number">
            {text('registers.added')}
          </th>
          <th scope="col" className="number">
            {text('registers.changed')}
          </th>
          <th scope="col" className="number">
            {text('registers.gone')}
          </th>
        </tr>
      </thead>
      <tbody>
        {imports.map((one) => (
          <ImportRow key={one.id} imported={one} />
        ))}
      </tbody>
    </Table>
  )
}

const ImportRow = ({ imported }: { imported: Imported }) => {
  const text = useText()
  const format = useFormat()
  const names = useNames()
  const [open, setOpen] = useState(false)
  return (
    <>
      <tr>
        <th scope="row">
          {imported.register}
          <small>
            <Copyable
              value={imported.sha256}
              shown={`sha256 ${shortHash(imported.sha256)}`}
              what="SHA-256"
            />
          </small>
          {imported.state !== 'in-force' && (
            <Verdict tone={imported.state === 'waiting' ? 'warn' : 'bad'}>
              {text(`registers.state.${imported.state}`)}
            </Verdict>
          )}
        </th>
        <td>
          <span className="nowrap">{format.day(imported.takenOn)}</span>
          <small>
            {names.actor(imported.importedBy)}, {format.momentOf(imported.importedAt)}
          </small>
          <button
            type="button"
            className="button text"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            {text('registers.matches')}
          </button>
        </td>
        <td className="number">{format.number(imported.entries)}</td>
        <td className="number">{format.number(imported.added)}</td>
        <td className="number">{format.number(imported.changed)}</td>
        <td className="number">{format.number(imported.gone)}</td>
      </tr>
      {open && (
        <tr className="opened">
          <td colSpan={6}>
            <MatchesOf importId={imported.id} />
          </td>
        </tr>
      )}
    </>
  )
}

const MatchesOf = ({ importId }: { importId: string }) => {
  const matches = useQuery({
    queryKey: ['register-matches', importId],
    queryFn: () => read<List<Match>>(`/api/register-matches${query({ import: importId })}`),
  })
  return <Answer to={matches}>{({ data }) => <Matches matches={data} />}</Answer>
}

/** What a register said of partners whose evidence names one of its entries. */
export const Matches = ({ matches }: { matches: readonly Match[] }) => {
  const text = useText()
  const word = useWord()
  const names = useNames()
  if (matches.length === 0) return <p className="small dim">{text('registers.matches.none')}</p>
  return (
    <ul className="plain-list">
      {matches.map((match) => (
        <li key={`${match.importId} ${match.partnerId} ${match.number}`} className="row between">
          <span>
            <Link to="/partners/$id/licences" params={{ id: match.partnerId }}>
              {names.partner(match.partnerId) ?? match.partnerId}
            </Link>{' '}
            <code>{match.number}</code>
            <small className="dim">
              {' '}
              {match.statuses.map((status) => word('status', status)).join(', ')}
            </small>
          </span>
          <Verdict tone={match.verdict === 'confirmed' ? 'good' : 'bad'}>
            {text(`registers.verdict.${match.verdict}`)}
          </Verdict>
        </li>
      ))}
    </ul>
  )
}

/** The file is read here and sent whole: what is kept is what was read. */
const ImportForm = () => {
  const text = useText()
  const format = useFormat()
  const [file, setFile] = useState<{ name: string; content: string } | null>(null)
  const take = useCommand(
    ({ one }: Filled) =>
      send<Taken>('/api/register-imports', {
        register: one('register'),
        format: one('format'),
        takenOn: one('takenOn'),
        content: file?.content ?? '',
        ...(one('count') && { count: Number(one('count')) }),
      }),
    TAKE,
  )
  const done = take.data
  return (
    <Card title={text('registers.import')}>
      <div className="pad stack">
        <Form
          label={text('registers.import')}
          busy={take.isPending}
          error={take.error}
          onSubmit={(filled) => take.mutate(filled)}
          acts={
            <button className="button primary" disabled={take.isPending || !file}>
              {text(take.isPending ? 'registers.reading' : 'registers.act')}
            </button>
          }
        >
          <Field
            name="register"
            label={text('registers.register')}
            hint={text('registers.register.hint')}
            required
            maxLength={100}
            fault={faultAt(take.error, '/register')}
          />
          <Select
            name="format"
            label={text('registers.format')}
            value="csv"
            options={[
              { value: 'csv', label: text('registers.format.csv') },
              { value: 'eba', label: text('registers.format.eba') },
            ]}
          />
          <Field
            name="takenOn"
            type="date"
            label={text('registers.taken')}
            value={today(format.zone)}
            max={today(format.zone)}
            required
          />
          <Field
            name="count"
            type="number"
            min="1"
            label={text('registers.count')}
            hint={text('registers.count.hint')}
            fault={faultAt(take.error, '/count')}
          />
          <Field
            name="file"
            type="file"
            accept=".csv,.json,text/csv,application/json"
            label={text('registers.file')}
            hint={file ? text('registers.file.read', { size: file.content.length }) : ''}
            required
            onFile={(chosen) =>
              void chosen.text().then((content) => setFile({ name: chosen.name, content }))
            }
          />
          <Note tone="warn">{text('registers.effect')}</Note>
        </Form>
        {done && <Done taken={done} />}
      </div>
    </Card>
  )
}

const Done = ({ taken: { imported, matches, change } }: { taken: Taken }) => {
  const text = useText()
  return (
    <Note tone={change ? 'warn' : 'good'} live>
      <b>
        {text('registers.done', {
          entries: imported.entries,
          added: imported.added,
          changed: imported.changed,
          gone: imported.gone,
        })}
      </b>
      {change && (
        <p>
          {text('registers.waits')}{' '}
          <Link to="/decisions/$id" params={{ id: change.id }}>
            {text('registers.see')}
          </Link>
        </p>
      )}
      {change && <b>{text('registers.would')}</b>}
      <Matches matches={matches} />
    </Note>
  )
}
