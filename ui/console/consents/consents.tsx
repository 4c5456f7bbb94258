/** Consents to one partner, as those see them who look after its customers: masked until a purpose is said. */
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { ConsentList, useConsents } from '../../kit/consents/consents.tsx'
import { type ConsentFilter, states } from '../../kit/consents/wire.ts'
import { Field, Form, Select } from '../../kit/fields.tsx'
import { Card, shortId } from '../../kit/show.tsx'
import { CellFilter } from '../cell-filter.tsx'
import { useText } from '../messages/index.ts'
import { PartnerHead, usePartner, usePartnerId } from '../partner-tabs.tsx'
import { useCellOfSearch } from '../signed-in.tsx'

export const PartnerConsents = () => {
  const text = useText()
  const id = usePartnerId()
  const cell = useCellOfSearch()
  const filter: ConsentFilter = useSearch({ strict: false })
  const { state, subject } = filter
  const consents = useConsents(cell, {
    partner: id,
    ...(state && { state }),
    ...(subject && { subject }),
  })
  const applications = usePartner(id).data?.applications ?? []
  return (
    <>
      <PartnerHead about={text('consents.staff.about')} cell={cell} acts={<CellFilter />} />
      <div className="stack wide">
        <Search key={JSON.stringify(filter)} filter={filter} />
        <ConsentList
          to={consents}
          application={(of) => applications.find((one) => one.id === of)?.name ?? shortId(of)}
          name={({ consentId }) => (
            <Link
              to="/partners/$id/consents/$consent"
              params={{ id, consent: consentId }}
              search={{ cell }}
            >
              <code>{shortId(consentId)}</code>
            </Link>
          )}
        />
      </div>
    </>
  )
}

const Search = ({ filter }: { filter: ConsentFilter }) => {
  const text = useText()
  const id = usePartnerId()
  const cell = useCellOfSearch()
  const navigate = useNavigate()
  return (
    <Card>
      <div className="pad">
        <Form
          label={text('consents.search')}
          busy={false}
          error={null}
          onSubmit={({ one }) => {
            const words = one('subject')
            if (/^consent_[0-9a-f]{32}$/.test(words))
              return void navigate({
                to: '/partners/$id/consents/$consent',
                params: { id, consent: words },
                search: { cell },
              })
            const state = states.find((word) => word === one('state'))
            void navigate({
              to: '/partners/$id/consents',
              params: { id },
              search: { cell, ...(state && { state }), ...(words && { subject: words }) },
            })
          }}
          acts={<button className="button">{text('consents.search.act')}</button>}
        >
          <div className="form-two">
            <Field
              name="subject"
              label={text('consents.words')}
              hint={text('consents.words.hint')}
              code
              autoComplete="off"
              value={filter.subject ?? ''}
            />
            <Select
              name="state"
              label={text('consents.status')}
              value={filter.state ?? ''}
              options={[
                { value: '', label: text('consents.any') },
                ...states.map((state) => ({
                  value: state,
                  label: text(`consents.state.${state}`),
                })),
              ]}
            />
          </div>
        </Form>
      </div>
    </Card>
  )
}
