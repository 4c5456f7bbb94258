/** Documents that somebody has to look at again, between one recertification and the next. */
import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { read, send } from '../../kit/api.ts'
import { faultAt, type Filled, Form, TextArea } from '../../kit/fields.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { Card, Empty, Note, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCommand, useMay } from '../proposing.tsx'
import { useNames } from '../queries.ts'
import type { List } from '../wire.ts'
import type { Recheck } from './wire.ts'

export const Rechecks = () => {
  const text = useText()
  const rechecks = useQuery({
    queryKey: ['evidence-rechecks'],
    queryFn: () => read<List<Recheck>>('/api/evidence-rechecks'),
  })
  return (
    <Card title={text('recheck.title')}>
      <Answer to={rechecks} lines={2}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title={text('recheck.none')}>{text('recheck.none.about')}</Empty>
          ) : (
            <Table caption={text('recheck.title')}>
              <thead>
                <tr>
                  <th scope="col">{text('evidence-about.document')}</th>
                  <th scope="col">{text('partner.one')}</th>
                  <th scope="col">{text('recheck.last')}</th>
                  <th scope="col">{text('recheck.due')}</th>
                </tr>
              </thead>
              <tbody>
                {data.map((one) => (
                  <Row key={one.evidenceId} one={one} />
                ))}
              </tbody>
            </Table>
          )
        }
      </Answer>
    </Card>
  )
}

const Row = ({ one }: { one: Recheck }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const names = useNames()
  const looks = useMay(['compliance'])
  const [open, setOpen] = useState(false)
  return (
    <>
      <tr>
        <th scope="row">
          {word('evidence', one.type)}
          <small lang="en">{one.look}</small>
        </th>
        <td>
          <Link to="/partners/$id/licences" params={{ id: one.partnerId }}>
            {names.partner(one.partnerId) ?? one.partnerId}
          </Link>
        </td>
        <td className="nowrap">{format.dateOf(one.lastAt)}</td>
        <td className="nowrap">
          {format.dateOf(one.dueAt)}
          {looks && (
            <div>
              <button
                type="button"
                className="button text"
                aria-expanded={open}
                onClick={() => setOpen(!open)}
              >
                {text('recheck.act')}
              </button>
            </div>
          )}
        </td>
      </tr>
      {open && (
        <tr className="opened">
          <td colSpan={4}>
            <Look one={one} />
          </td>
        </tr>
      )}
    </>
  )
}

const Look = ({ one }: { one: Recheck }) => {
  const text = useText()
  const look = useCommand(({ one: said }: Filled) =>
    send<{ dueAt: string }>(`/api/evidence/${one.evidenceId}/recheck`, { remark: said('remark') }),
  )
  return (
    <Form
      label={text('recheck.act')}
      busy={look.isPending}
      error={look.error}
      onSubmit={(filled) => look.mutate(filled)}
      acts={
        <button className="button primary" disabled={look.isPending}>
          {text('recheck.act')}
        </button>
      }
    >
      <Note>{text('recheck.about')}</Note>
      <TextArea
        name="remark"
        rows={1}
        label={text('recheck.remark')}
        required
        fault={faultAt(look.error, '/remark')}
      />
    </Form>
  )
}
