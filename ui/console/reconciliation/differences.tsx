/** Differences between our books and the core's; one that is open opens to a form for the word on it. */
import { useState } from 'react'
import { send } from '../../kit/api.ts'
import { faultAt, type Filled, Form, TextArea } from '../../kit/fields.tsx'
import { useFormat } from '../../kit/language.tsx'
import { Chip, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCommand, useMay } from '../proposing.tsx'
import { useCellOfSearch } from '../signed-in.tsx'
import type { Difference, Report } from './wire.ts'

const explainers = ['finance', 'api-engineering', 'head-of-platform'] as const

export const Differences = ({ differences }: Pick<Report, 'differences'>) => {
  const text = useText()
  return (
    <Table caption={text('reconciliation.differences')}>
      <thead>
        <tr>
          <th scope="col">{text('reconciliation.what')}</th>
          <th scope="col">{text('reconciliation.day')}</th>
          <th scope="col" className="number">
            {text('reconciliation.ours')}
          </th>
          <th scope="col" className="number">
            {text('reconciliation.core')}
          </th>
          <th scope="col">{text('application.state')}</th>
        </tr>
      </thead>
      <tbody>
        {differences.map((difference) => (
          <DifferenceRow key={difference.differenceId} difference={difference} />
        ))}
      </tbody>
    </Table>
  )
}

const DifferenceRow = ({ difference }: { difference: Difference }) => {
  const text = useText()
  const format = useFormat()
  const may = useMay(explainers)
  const [opened, setOpened] = useState(false)
  const { status, ours, core, explanation, explainedBy, explainedAt } = difference
  return (
    <>
      <tr>
        <th scope="row">
          {text(`reconciliation.kind.${difference.kind}`)}
          <small>
            <code>{difference.subject}</code>
          </small>
        </th>
        <td className="nowrap">{format.day(difference.day)}</td>
        <td className="number">{ours ? format.amount(ours) : '–'}</td>
        <td className="number">{core ? format.amount(core) : '–'}</td>
        <td>
          <Chip tone={status === 'open' ? 'bad' : 'good'}>
            {text(`reconciliation.status.${status}`)}
          </Chip>
          {explanation !== null && <p className="small">{explanation}</p>}
          {explainedBy !== null && explainedAt !== null && (
            <small>
              {text('reconciliation.explained', {
                who: explainedBy,
                time: format.momentOf(explainedAt),
              })}
            </small>
          )}
          {status === 'open' && may && (
            <button
              type="button"
              className="button text"
              aria-expanded={opened}
              onClick={() => setOpened(!opened)}
            >
              {text('reconciliation.explain')}
            </button>
          )}
        </td>
      </tr>
      {opened && status === 'open' && (
        <tr className="opened">
          <td colSpan={5}>
            <Explain difference={difference} />
          </td>
        </tr>
      )}
    </>
  )
}

const Explain = ({ difference: { differenceId, subject } }: { difference: Difference }) => {
  const text = useText()
  const cell = useCellOfSearch()
  const explain = useCommand(({ one }: Filled) =>
    send<Difference>(`/api/reconciliation/${cell}/differences/${differenceId}/explanation`, {
      explanation: one('explanation'),
    }),
  )
  return (
    <Form
      label={text('reconciliation.explain.of', { subject })}
      busy={explain.isPending}
      error={explain.error}
      onSubmit={(filled) => explain.mutate(filled)}
      acts={
        <button className="button primary" disabled={explain.isPending}>
          {text('reconciliation.explain.act')}
        </button>
      }
    >
      <TextArea
        name="explanation"
        label={text('reconciliation.why')}
        hint={text('reconciliation.why.hint')}
        required
        fault={faultAt(explain.error, '/explanation')}
      />
    </Form>
  )
}
