/** Consents that customers gave the organisation's applications: never who they are, for that is the bank's to know. */
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { ConsentList, useConsents } from '../../kit/consents/consents.tsx'
import { type ConsentFilter, states } from '../../kit/consents/wire.ts'
import { Form, Select } from '../../kit/fields.tsx'
import { PageHead } from '../../kit/frame.tsx'
import { Card, Copyable, shortId } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useApplications } from '../pages/applications.tsx'
import { useCell } from '../signed-in.tsx'

export const Consents = () => {
  const text = useText()
  const cell = useCell()
  const filter: ConsentFilter = useSearch({ strict: false })
  const consents = useConsents(cell, filter)
  const applications = (useApplications().data?.data ?? []).filter((one) => one.cell === cell)
  return (
    <>
      <PageHead title={text('consents.title')} cell={cell} about={text('consents.about')} />
      <div className="stack wide">
        <Search key={`${JSON.stringify(filter)} ${applications.length}`} filter={filter} />
        <ConsentList
          to={consents}
          application={(id) => applications.find((one) => one.id === id)?.name ?? shortId(id)}
          name={({ consentId }) => (
            <>
              <Copyable
                value={consentId}
                shown={shortId(consentId)}
                what={text('consents.consent')}
              />
              <Link to="/$cell/calls" params={{ cell }} search={{ consent: consentId }}>
                {text('calls.title')}
              </Link>
            </>
          )}
        />
      </div>
    </>
  )
}

const Search = ({ filter }: { filter: ConsentFilter }) => {
  const text = useText()
  const cell = useCell()
  const navigate = useNavigate()
  const applications = (useApplications().data?.data ?? []).filter((one) => one.cell === cell)
  const any = { value: '', label: text('calls.any') }
  return (
    <Card>
      <div className="pad">
        <Form
          label={text('consents.search')}
          busy={false}
          error={null}
          onSubmit={({ one }) => {
            const state = states.find((word) => word === one('state'))
            const application = one('application')
            void navigate({
              to: '.',
              search: { ...(state && { state }), ...(application && { application }) },
            })
          }}
          acts={<button className="button">{text('consents.search.act')}</button>}
        >
          <div className="form-two">
            <Select
              name="state"
              label={text('consents.status')}
              value={filter.state ?? ''}
              options={[
                any,
                ...states.map((state) => ({
                  value: state,
                  label: text(`consents.state.${state}`),
                })),
              ]}
            />
            <Select
              name="application"
              label={text('consents.application')}
              value={filter.application ?? ''}
              options={[any, ...applications.map(({ id, name }) => ({ value: id, label: name }))]}
            />
          </div>
        </Form>
      </div>
    </Card>
  )
}
