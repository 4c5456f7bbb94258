/** One program: what it is, its certificates, the first call with its own values, and the way to stop it. */
import { useState } from 'react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams, useSearch } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { read, send } from '../../kit/api.ts'
import { Field, Form } from '../../kit/fields.tsx'
import { Crumbs, PageHead } from '../../kit/frame.tsx'
import { Rich, useFormat, useWord } from '../../kit/language.tsx'
import { Card, CellChip, Copyable, Facts, Note, shortId, State } from '../../kit/show.tsx'
import { fileName } from '../keys/file-name.ts'
import { useText } from '../messages/index.ts'
import { useCell } from '../signed-in.tsx'
import type { ApplicationWithCertificates } from '../wire.ts'
import { Certificates } from './certificates.tsx'
import { FirstCall } from './first-call.tsx'

const useApplication = (id: string) =>
  useQuery({
    queryKey: ['applications', id],
    queryFn: () => read<ApplicationWithCertificates>(`/api/applications/${id}`),
  })

export const ApplicationPage = () => {
  const text = useText()
  const cell = useCell()
  const { id = '' } = useParams({ strict: false })
  const application = useApplication(id)
  return (
    <>
      <Crumbs
        above={{ to: `/${cell}/applications`, name: text('place.applications') }}
        here={application.data?.name ?? id}
      />
      <PageHead title={application.data?.name ?? text('application.one')} cell={cell} />
      <Answer to={application}>{(found) => <Body application={found} />}</Answer>
    </>
  )
}

const Body = ({ application }: { application: ApplicationWithCertificates }) => {
  const text = useText()
  return (
    <div className="columns">
      <div className="stack wide">
        <Made application={application} />
        {application.status === 'requested' && (
          <Note tone="warn">
            <b>{text('mover.bank')}.</b> {text('application.production.about')}
          </Note>
        )}
        {application.status === 'active' && application.cell === 'sandbox' && (
          <FirstCall application={application} />
        )}
        <Certificates application={application} />
      </div>
      <div className="stack">
        <About application={application} />
        {(application.status === 'active' || application.status === 'requested') && (
          <Stop application={application} />
        )}
      </div>
    </div>
  )
}

/** Right after it was made: which file is now among the downloads. */
const Made = ({ application }: { application: ApplicationWithCertificates }) => {
  const text = useText()
  const search: Record<string, unknown> = useSearch({ strict: false })
  const made = search['made']
  if (made !== 'certificate' && made !== 'key') return null
  const ending =
    made === 'key' ? 'jwk.json' : application.certificates.length > 0 ? 'pem' : 'key.pem'
  return (
    <Note tone="good" live>
      <Rich
        text={text('application.saved', {
          file: fileName(application.name, application.cell, ending),
        })}
      />
    </Note>
  )
}

const About = ({ application }: { application: ApplicationWithCertificates }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  return (
    <Card
      title={text('application.about')}
      beside={<CellChip cell={application.cell} />}
      kind={application.cell === 'sandbox' ? 'sand' : 'lapis'}
    >
      <div className="pad">
        <Facts
          rows={[
            [text('application.state'), <State of={application.status} />],
            [
              'client_id',
              <Copyable value={application.id} shown={shortId(application.id)} what="client_id" />,
            ],
            [
              text('application.products'),
              application.products.map((product) => word('product', product)).join(', '),
            ],
            [text('application.proof'), word('authentication', application.authentication)],
            [text('application.bound'), word('constraint', application.senderConstraint)],
            [text('application.grants'), <code>{application.grantTypes.join(' ')}</code>],
            application.redirectUris.length > 0
              ? [text('application.redirects'), <code>{application.redirectUris.join(' ')}</code>]
              : null,
            [text('application.rehearsal.title'), application.rehearsal ? text('yes') : text('no')],
            [text('application.since'), format.momentOf(application.requestedAt)],
          ]}
        />
      </div>
    </Card>
  )
}

/** Stopping for good: the effect stands above the act, and the typed name keeps a slipped click from doing it. */
const Stop = ({ application }: { application: ApplicationWithCertificates }) => {
  const text = useText()
  const queries = useQueryClient()
  const [misspelt, setMisspelt] = useState(false)
  const stop = useMutation({
    mutationFn: () => send(`/api/applications/${application.id}/revocation`),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['applications'] }),
  })
  return (
    <Card title={text('stop.title')}>
      <div className="pad stack">
        <p className="small">{text('stop.about')}</p>
        <Form
          label={text('stop.title')}
          busy={stop.isPending}
          error={stop.error}
          onSubmit={({ one }) => {
            const right = one('name') === application.name
            setMisspelt(!right)
            if (right) stop.mutate()
          }}
          acts={
            <button className="button stop" disabled={stop.isPending}>
              {text('stop.act')}
            </button>
          }
        >
          <Field
            name="name"
            label={text('stop.name', { name: application.name })}
            autoComplete="off"
            required
            fault={misspelt ? text('stop.misspelt') : undefined}
          />
        </Form>
      </div>
    </Card>
  )
}
