/** One partner: who they are, what they run, and the acts that the bank has towards them. */
import { Answer } from '../../kit/answer.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import {
  Card,
  CellChip,
  Copyable,
  Empty,
  Facts,
  Id,
  shortId,
  State,
  Table,
} from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { People } from '../purpose/people.tsx'
import { PartnerHead, usePartner, usePartnerId } from '../partner-tabs.tsx'
import type { PartnerWhole } from '../wire.ts'
import { Grant, Offer, PartnerPermissions, StopOrReinstate } from './partner-acts.tsx'

export const PartnerPage = () => {
  const partner = usePartner(usePartnerId())
  return (
    <>
      <PartnerHead />
      <Answer to={partner}>{(known) => <Whole known={known} />}</Answer>
    </>
  )
}

const Whole = ({ known }: { known: PartnerWhole }) => (
  <div className="columns">
    <div className="stack wide">
      <PartnerPermissions known={known} />
      <Applications known={known} />
      <People known={known} />
    </div>
    <div className="stack">
      <About known={known} />
      <Grant known={known} />
      <Offer known={known} />
      <StopOrReinstate known={known} />
    </div>
  </div>
)

const About = ({ known: { partner } }: { known: PartnerWhole }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  return (
    <Card title={text('partner.about')}>
      <div className="pad">
        <Facts
          rows={[
            [
              'partner_id',
              <Copyable value={partner.id} shown={shortId(partner.id)} what="partner_id" />,
            ],
            [text('partner.country'), partner.country],
            [
              text('partner.declared'),
              partner.declaredStatuses.map((status) => word('status', status)).join(', ') ||
                word('status', 'unregulated'),
            ],
            [text('partner.registered'), format.momentOf(partner.registeredAt)],
          ]}
        />
      </div>
    </Card>
  )
}

const Applications = ({ known: { applications } }: { known: PartnerWhole }) => {
  const text = useText()
  const word = useWord()
  return (
    <Card title={text('place.applications')}>
      {applications.length === 0 ? (
        <Empty title={text('applications.none')} />
      ) : (
        <Table caption={text('place.applications')}>
          <thead>
            <tr>
              <th scope="col">{text('application.name')}</th>
              <th scope="col">{text('application.cell')}</th>
              <th scope="col">{text('application.state')}</th>
              <th scope="col">{text('application.products')}</th>
            </tr>
          </thead>
          <tbody>
            {applications.map((application) => (
              <tr key={application.id}>
                <th scope="row">
                  {application.name}
                  <small>
                    <Id of={application.id} />
                  </small>
                </th>
                <td>
                  <CellChip cell={application.cell} />
                </td>
                <td>
                  <State of={application.status} />
                </td>
                <td>
                  {application.products.map((product) => word('product', product)).join(', ')}
                </td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Card>
  )
}
