/** Which fields a partner is granted, and which of them ever left: what its next contract can do without. */
import { useQuery } from '@tanstack/react-query'
import { Answer } from '../../kit/answer.tsx'
import { query, read } from '../../kit/api.ts'
import { useFormat, useWord } from '../../kit/language.tsx'
import { Card, Code, Empty, Note, Table, Verdict } from '../../kit/show.tsx'
import type { Wire } from '../../kit/wire.ts'
import type { FieldReport } from '#control/publication/field-report.ts'
import { CellFilter } from '../cell-filter.tsx'
import { useText } from '../messages/index.ts'
import { PartnerHead, usePartnerId } from '../partner-tabs.tsx'
import { useCellOfSearch } from '../signed-in.tsx'

type Report = Wire<FieldReport>
type Operation = Report['operations'][number]

export const PartnerFields = () => {
  const text = useText()
  const id = usePartnerId()
  const cell = useCellOfSearch()
  const report = useQuery({
    queryKey: ['fields', cell, id],
    queryFn: () => read<Report>(`/api/fields${query({ cell, partner: id })}`),
    refetchInterval: 10_000,
  })
  return (
    <>
      <PartnerHead cell={cell} about={text('fields.about')} acts={<CellFilter />} />
      <div className="stack wide">
        <Answer to={report}>{({ operations }) => <Fields operations={operations} />}</Answer>
      </div>
    </>
  )
}

const Fields = ({ operations }: { operations: readonly Operation[] }) => {
  const text = useText()
  const used = operations.filter((operation) => operation.answers > 0)
  const unused = operations.filter((operation) => operation.answers === 0)
  if (operations.length === 0) return <Empty title={text('fields.none')} />
  return (
    <>
      <NextContract operations={used} />
      {used.map((operation) => (
        <OneOperation key={operation.operation} operation={operation} />
      ))}
      {unused.length > 0 && <Unused operations={unused} />}
    </>
  )
}

/** Ready for the form that offers a contract: one line for each field. */
const NextContract = ({ operations }: { operations: readonly Operation[] }) => {
  const text = useText()
  const lines = operations
    .filter((operation) => operation.suggestion !== null)
    .flatMap(({ operation, fields }) =>
      fields.filter((field) => field.released === 0).map(({ field }) => `${operation} ${field}`),
    )
  return (
    <Card title={text('fields.next')}>
      <div className="pad stack">
        <Note tone={lines.length === 0 ? 'good' : 'info'}>
          {text(lines.length === 0 ? 'fields.next.none' : 'fields.next.about')}
        </Note>
        {lines.length > 0 && <Code title={text('offer.withheld')} value={lines.join('\n')} />}
      </div>
    </Card>
  )
}

const OneOperation = ({ operation }: { operation: Operation }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const title = word('operation', operation.operation)
  return (
    <Card
      title={title}
      beside={
        <span className="small dim">
          {text('fields.answers', { answers: format.number(operation.answers) })}
        </span>
      }
    >
      <Table caption={title} className="dense">
        <thead>
          <tr>
            <th scope="col">{text('fields.field')}</th>
            <th scope="col">{text('fields.class')}</th>
            <th scope="col" className="number">
              {text('fields.released')}
            </th>
            <th scope="col">{text('fields.last')}</th>
          </tr>
        </thead>
        <tbody>
          {operation.fields.map(({ field, dataClass, released, lastReleased }) => (
            <tr key={field}>
              <th scope="row">
                <code>{field}</code>
              </th>
              <td>{text(`fields.class.${dataClass}`)}</td>
              <td className="number">{format.number(released)}</td>
              <td>
                {lastReleased === null ? (
                  <Verdict tone="warn">{text('fields.never')}</Verdict>
                ) : (
                  format.momentOf(lastReleased)
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Card>
  )
}

const Unused = ({ operations }: { operations: readonly Operation[] }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  return (
    <Card title={text('fields.unused')}>
      <Table caption={text('fields.unused')}>
        <thead>
          <tr>
            <th scope="col">{text('live.operation')}</th>
            <th scope="col">{text('catalogue.permission')}</th>
            <th scope="col" className="number">
              {text('fields.title')}
            </th>
          </tr>
        </thead>
        <tbody>
          {operations.map(({ operation, permission, fields }) => (
            <tr key={operation}>
              <th scope="row">
                {word('operation', operation)}
                <small>
                  <code>{operation}</code>
                </small>
              </th>
              <td>
                <code>{permission}</code>
              </td>
              <td className="number">{format.number(fields.length)}</td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Card>
  )
}
