/** The head of every page about one partner: its name, its state, and the other pages about it. */
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Cell } from '#kernel/cell.ts'
import { read } from '../kit/api.ts'
import { Crumbs, PageHead } from '../kit/frame.tsx'
import { State } from '../kit/show.tsx'
import { Tabs } from '../kit/tabs.tsx'
import { useText } from './messages/index.ts'
import type { PartnerWhole } from './wire.ts'

/** The partner that the address names. */
export const usePartnerId = (): string => {
  const { id = '' } = useParams({ strict: false })
  return id
}

export const usePartner = (id: string) =>
  useQuery({
    queryKey: ['partners', id],
    queryFn: () => read<PartnerWhole>(`/api/partners/${id}`),
  })

export const PartnerHead = (props: { about?: string; cell?: Cell; acts?: ReactNode }) => {
  const { about, cell, acts } = props
  const text = useText()
  const id = usePartnerId()
  const found = usePartner(id).data?.partner
  return (
    <>
      <Crumbs
        above={{ to: '/partners', name: text('place.partners') }}
        here={found?.organisation ?? id}
      />
      <PageHead
        title={found?.organisation ?? text('partner.one')}
        {...(cell && { cell })}
        about={about ?? found?.legalName}
        acts={
          <>
            {acts}
            {found && <State of={found.status} />}
          </>
        }
      />
      <PartnerTabs id={id} />
    </>
  )
}

const PartnerTabs = ({ id }: { id: string }) => {
  const text = useText()
  const at = (page: string) => `/partners/${id}${page}`
  return (
    <Tabs
      label={text('partner.pages')}
      tabs={[
        { to: at(''), name: text('partner.tab.overview') },
        { to: at('/health'), name: text('place.health') },
        { to: at('/licences'), name: text('place.licences') },
        { to: at('/certification'), name: text('partner.tab.certification') },
        { to: at('/live'), name: text('live.title') },
        { to: at('/service-levels'), name: text('partner.tab.levels') },
        { to: at('/consents'), name: text('consents.title'), above: true },
        { to: at('/webhooks'), name: text('partner.tab.webhooks') },
        { to: at('/money'), name: text('partner.tab.money') },
        { to: at('/fields'), name: text('fields.title') },
        { to: at('/exit'), name: text('partner.tab.exit') },
      ]}
    />
  )
}
