/** What several pages of the console ask for. */
import { useQuery } from '@tanstack/react-query'
import type { LicencesView } from '#control/publication/explain.ts'
import { query, read, readAll } from '../kit/api.ts'
import { shortId } from '../kit/show.tsx'
import type { Catalogue, Change, Contract, List, Partner, Staff } from './wire.ts'

export type ChangeStatus = Change['status']

/** What waits is wanted to its end, for the oldest falls first; of what was decided, the newest page. */
export const useChanges = (status: ChangeStatus, enabled = true) =>
  useQuery({
    enabled,
    queryKey: ['approvals', status],
    queryFn: async () =>
      status === 'proposed'
        ? readAll<Change>('/api/approvals', { status }, 'before')
        : (await read<List<Change>>(`/api/approvals${query({ status })}`)).data,
    refetchInterval: 15_000,
  })

/** Every partner: names are needed for all that the console shows. */
export const usePartners = () =>
  useQuery({
    queryKey: ['partners'],
    queryFn: () => readAll<Partner>('/api/partners', {}, 'after'),
  })

export const useStaff = () =>
  useQuery({ queryKey: ['staff'], queryFn: () => read<List<Staff>>('/api/staff') })

/** Names for the ids that changes and the journal speak of. */
export const useNames = () => {
  const partners = usePartners()
  const staff = useStaff()
  const partnerNames = new Map(
    partners.data?.map(({ id, organisation }) => [`${id}`, organisation]),
  )
  const staffNames = new Map(staff.data?.data.map(({ id, name }) => [`${id}`, name]))
  return {
    /** Whether the names have come, or will not. */
    known: !partners.isPending && !staff.isPending,
    partner: (id: string): string | undefined => partnerNames.get(id),
    /** An actor of the journal: `staff:staff_…`, `person:person_…`, `system`. */
    actor: (actor: string): string =>
      staffNames.get(actor.replace(/^staff:/, '')) ?? shortId(actor.replace(/^person:/, '')),
    staff: (id: string): string => staffNames.get(id) ?? id,
  }
}

export const useCatalogue = () =>
  useQuery({ queryKey: ['catalogue'], queryFn: () => read<Catalogue>('/api/catalogue') })

/** Products that a contract can open; what turns the sandbox's clock is none. */
export const soldIn = ({ data }: Catalogue): string[] =>
  data.map(({ id }) => id).filter((id) => id !== 'sandbox')

/** A page of contracts, newest first; `before` is `next` of the page before. */
export const useContracts = (before: string | undefined) =>
  useQuery({
    queryKey: ['contracts', 'page', before],
    queryFn: () => read<List<Contract>>(`/api/contracts${query({ before })}`),
  })

export const useLicences = (partnerId: string) =>
  useQuery({
    queryKey: ['licences', partnerId],
    queryFn: () => read<LicencesView>(`/api/licences/${partnerId}`),
  })
