/** Evidence that partners handed in: the oldest waits longest, so it stands first. */
import { useState } from 'react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { readAll, send } from '../../kit/api.ts'
import { Field, Form, Select } from '../../kit/fields.tsx'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { Card, Copyable, Empty, shortHash, State, Table } from '../../kit/show.tsx'
import { LicenceTabs } from '../compliance/licence-tabs.tsx'
import { VerifiedBy } from '../compliance/verified-by.tsx'
import { useText } from '../messages/index.ts'
import { useNames } from '../queries.ts'
import { useStaffMember } from '../signed-in.tsx'
import type { Asked, Evidence } from '../wire.ts'

const views = ['submitted', 'in-review', 'accepted', 'rejected'] as const

export const Licences = () => {
  const text = useText()
  const word = useWord()
  const search: Record<string, unknown> = useSearch({ strict: false })
  const status = views.find((view) => view === search['status']) ?? 'submitted'
  const evidence = useQuery({
    queryKey: ['evidence', status],
    queryFn: () => readAll<Evidence>('/api/evidence', { status }, 'before'),
  })
  return (
    <>
      <PageHead title={text('licences.title')} about={text('licences.about')} />
      <LicenceTabs />
      <Card
        title={text('evidence.title')}
        beside={
          <div className="segments" role="group" aria-label={text('evidence.which')}>
            {views.map((view) => (
              <Link
                key={view}
                to="/licences"
                search={{ status: view }}
                {...(view === status && { 'aria-current': true })}
              >
                {word('state', view)}
              </Link>
            ))}
          </div>
        }
      >
        <Answer to={evidence}>
          {(all) =>
            all.length === 0 ? (
              <Empty title={text('evidence.none')}>{text('evidence.none.about')}</Empty>
            ) : (
              <EvidenceTable evidence={all.toSorted(longestFirst)} />
            )
          }
        </Answer>
      </Card>
    </>
  )
}

const longestFirst = (a: Evidence, b: Evidence) => (a.submittedAt < b.submittedAt ? -1 : 1)

const EvidenceTable = ({ evidence }: { evidence: readonly Evidence[] }) => {
  const text = useText()
  const me = useStaffMember()
  const verifies = me?.roles.includes('compliance') ?? false
  return (
    <Table caption={text('evidence.title')}>
      <thead>
        <tr>
          <th scope="col">{text('evidence-about.document')}</th>
          <th scope="col">{text('partner.one')}</th>
          <th scope="col">{text('evidence-about.issuer')}</th>
          <th scope="col">{text('evidence-about.valid')}</th>
          <th scope="col">{text('application.state')}</th>
        </tr>
      </thead>
      <tbody>
        {evidence.map((item) => (
          <EvidenceRow key={item.id} item={item} verifies={verifies} />
        ))}
      </tbody>
    </Table>
  )
}

const EvidenceRow = ({ item, verifies }: { item: Evidence; verifies: boolean }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const names = useNames()
  const [open, setOpen] = useState(false)
  const numbers = Object.entries(item.identifiers)
  return (
    <>
      <tr>
        <th scope="row">
          {word('evidence', item.type)}
          <small>
            <Copyable
              value={item.documentSha256}
              shown={`sha256 ${shortHash(item.documentSha256)}`}
              what="SHA-256"
            />
          </small>
        </th>
        <td>
          <Link to="/partners/$id" params={{ id: item.partnerId }}>
            {names.partner(item.partnerId) ?? item.partnerId}
          </Link>
          <small>{format.momentOf(item.submittedAt)}</small>
        </td>
        <td>
          {item.issuer}
          {numbers.length > 0 && (
            <small>{numbers.map(([name, value]) => `${name} ${value}`).join(', ')}</small>
          )}
          {item.shows.length > 0 && <small>{item.shows.join(', ')}</small>}
        </td>
        <td className="nowrap">
          {item.endsAt
            ? text('evidence-about.until', { date: format.dateOf(item.endsAt) })
            : text('evidence-about.open-ended')}
        </td>
        <td>
          <State of={item.state} />
          <VerifiedBy item={item} />
          {verifies && item.state === 'submitted' && (
            <div>
              <button
                type="button"
                className="button text"
                aria-expanded={open}
                onClick={() => setOpen(!open)}
              >
                {text('verify.act')}
              </button>
            </div>
          )}
        </td>
      </tr>
      {open && (
        <tr className="opened">
          <td colSpan={5}>
            <Verify item={item} />
          </td>
        </tr>
      )}
    </>
  )
}

/** The first pair of eyes: what was found and how. It counts once a second person agrees. */
const Verify = ({ item }: { item: Evidence }) => {
  const text = useText()
  const queries = useQueryClient()
  const verify = useMutation({
    mutationFn: (verdict: { result: string; method: string; remark?: string }) =>
      send<Asked>(`/api/evidence/${item.id}/verification`, verdict),
    onSuccess: () => queries.invalidateQueries(),
  })
  return (
    <Form
      label={text('verify.act')}
      busy={verify.isPending}
      error={verify.error}
      onSubmit={({ one }) =>
        verify.mutate({
          result: one('result'),
          method: one('method'),
          ...(one('remark') && { remark: one('remark') }),
        })
      }
      acts={
        <button className="button primary" disabled={verify.isPending}>
          {text('act.propose')}
        </button>
      }
    >
      <div className="form-two">
        <Select
          name="result"
          label={text('verify.result')}
          value="accepted"
          options={[
            { value: 'accepted', label: text('state.accepted') },
            { value: 'rejected', label: text('state.rejected') },
          ]}
        />
        <Field
          name="method"
          label={text('verify.method')}
          hint={text('verify.method.hint')}
          required
          maxLength={200}
        />
      </div>
      <Field name="remark" label={text('verify.remark')} maxLength={1000} />
    </Form>
  )
}
