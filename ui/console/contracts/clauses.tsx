/** How contracts are worded: the clauses of the newest template, and the proposal of another wording. */
import { useState } from 'react'
import { Answer } from '../../kit/answer.tsx'
import { send } from '../../kit/api.ts'
import { faultAt, Field, type Filled, Form, TextArea } from '../../kit/fields.tsx'
import { Crumbs, PageHead } from '../../kit/frame.tsx'
import { Rich, useFormat } from '../../kit/language.tsx'
import { Card, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCommand, useMay, Waits } from '../proposing.tsx'
import type { Asked } from '../wire.ts'
import { type Clause, type Templates, useTemplates } from './templates.ts'

export const Clauses = () => {
  const text = useText()
  const templates = useTemplates()
  return (
    <>
      <Crumbs
        above={{ to: '/contracts', name: text('place.contracts') }}
        here={text('clauses.title')}
      />
      <PageHead title={text('clauses.title')} about={text('clauses.about')} />
      <Answer to={templates} lines={8}>
        {(found) => <Whole found={found} />}
      </Answer>
    </>
  )
}

const Whole = ({ found }: { found: Templates }) => {
  const text = useText()
  const words = useMay(['partner-success', 'compliance', 'head-of-platform'])
  const { newest } = found
  return (
    <div className="columns">
      <div className="stack wide">
        <Card title={text('clauses.newest', { template: newest.id })}>
          <div className="clauses">
            {newest.clauses.map((clause, at) => (
              <OneClause
                key={`${clause.id} ${clause.version}`}
                clause={clause}
                at={at}
                words={words}
              />
            ))}
          </div>
        </Card>
        {words && (
          <Card title={text('clauses.further')}>
            <div className="pad">
              <Word />
            </div>
          </Card>
        )}
      </div>
      <div className="stack">
        <Card title={text('clauses.words')}>
          <div className="pad stack">
            <p className="small">{text('clauses.words.about')}</p>
            <p className="small">
              <Rich text={found.words.map((word) => `\`{${word}}\``).join(' ')} />
            </p>
          </div>
        </Card>
        <TemplateTable found={found} />
      </div>
    </div>
  )
}

const OneClause = (props: { clause: Clause; at: number; words: boolean }) => {
  const { clause, at, words } = props
  const text = useText()
  const format = useFormat()
  const [open, setOpen] = useState(false)
  return (
    <section>
      <h3 lang="en">
        {at + 1}. {clause.title}
      </h3>
      <p lang="en">{clause.text}</p>
      <div className="row between">
        <small className="dim">
          <code>{clause.id}</code>{' '}
          {text('clauses.version', { version: format.number(clause.version) })}
        </small>
        {words && (
          <button
            type="button"
            className="button text"
            aria-expanded={open}
            aria-label={text('clauses.again.of', { title: clause.title })}
            onClick={() => setOpen(!open)}
          >
            {text('clauses.again')}
          </button>
        )}
      </div>
      {open && <Word clause={clause} />}
    </section>
  )
}

/** Another wording of a clause, or a clause that there was not. */
const Word = ({ clause }: { clause?: Clause }) => {
  const text = useText()
  const word = useCommand(({ one }: Filled) =>
    send<Asked>('/api/contract-clauses', {
      id: clause?.id ?? one('id'),
      title: one('title'),
      text: one('text'),
      reason: one('reason'),
    }),
  )
  return (
    <Form
      label={clause ? text('clauses.again.of', { title: clause.title }) : text('clauses.further')}
      busy={word.isPending}
      error={word.error}
      onSubmit={(filled) => word.mutate(filled)}
      acts={
        <button className="button" disabled={word.isPending}>
          {text('act.propose')}
        </button>
      }
    >
      {!clause && (
        <Field
          name="id"
          label={text('clauses.id')}
          hint={text('clauses.id.hint')}
          code
          required
          fault={faultAt(word.error, '/id')}
        />
      )}
      <Field
        name="title"
        label={text('clauses.heading')}
        value={clause?.title ?? ''}
        required
        maxLength={120}
        fault={faultAt(word.error, '/title')}
      />
      <TextArea
        name="text"
        label={text('clauses.text')}
        value={clause?.text ?? ''}
        rows={6}
        required
        fault={faultAt(word.error, '/text')}
      />
      <Field
        name="reason"
        label={text('extension.reason')}
        required
        maxLength={1000}
        fault={faultAt(word.error, '/reason')}
      />
      <Waits asked={word.data} />
    </Form>
  )
}

const TemplateTable = ({ found }: { found: Templates }) => {
  const text = useText()
  const format = useFormat()
  return (
    <Card title={text('clauses.templates')} foot={text('clauses.templates.about')}>
      <Table caption={text('clauses.templates')} className="narrow dense">
        <thead>
          <tr>
            <th scope="col">{text('clauses.template')}</th>
            <th scope="col" className="number">
              {text('clauses.count')}
            </th>
          </tr>
        </thead>
        <tbody>
          {found.data.map(({ id, clauses }) => (
            <tr key={id}>
              <th scope="row">{id}</th>
              <td className="number">{format.number(Object.keys(clauses).length)}</td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Card>
  )
}
