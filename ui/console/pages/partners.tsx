import { Link } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { Card, Empty, Sigil, State, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { usePartners } from '../queries.ts'
import type { Partner } from '../wire.ts'

export const Partners = () => {
  const text = useText()
  const partners = usePartners()
  return (
    <>
      <PageHead title={text('partners.title')} about={text('partners.about')} />
      <Card>
        <Answer to={partners}>
          {(all) =>
            all.length === 0 ? (
              <Empty title={text('partners.none')}>{text('partners.none.about')}</Empty>
            ) : (
              <PartnerTable partners={all} />
            )
          }
        </Answer>
      </Card>
    </>
  )
}

const PartnerTable = ({ partners }: { partners: readonly Partner[] }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  return (
    <Table caption={text('partners.title')}>
      <thead>
        <tr>
          <th scope="col">{text('partner.organisation')}</th>
          <th scope="col">{text('application.state')}</th>
          <th scope="col">{text('partner.declared')}</th>
          <th scope="col">{text('partner.country')}</th>
          <th scope="col">{text('partner.registered')}</th>
        </tr>
      </thead>
      <tbody>
        {partners
          .toSorted((a, b) => (a.registeredAt < b.registeredAt ? 1 : -1))
          .map((partner) => (
            <tr key={partner.id}>
              <th scope="row">
                <span className="row named">
                  <Sigil name={partner.organisation} />
                  <span>
                    <Link to="/partners/$id" params={{ id: partner.id }}>
                      {partner.organisation}
                    </Link>
                    <small>{partner.legalName}</small>
                  </span>
                </span>
              </th>
              <td>
                <State of={partner.status} />
              </td>
              <td>
                {partner.declaredStatuses.map((status) => word('status', status)).join(', ') ||
                  word('status', 'unregulated')}
              </td>
              <td>{partner.country}</td>
              <td className="nowrap">{format.dateOf(partner.registeredAt)}</td>
            </tr>
          ))}
      </tbody>
    </Table>
  )
}
