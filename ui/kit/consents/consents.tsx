/** A list of consents for whoever may see it: by state, page by page, never a person. */
import type { ReactNode } from 'react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Failure, Skeleton } from '../answer.tsx'
import { query, read } from '../api.ts'
import type { Cell } from '../cell.ts'
import { useFormat, useTextOf, useWord } from '../language.tsx'
import { Card, Chip, Empty, Table, type Tone } from '../show.tsx'
import type { en } from './messages/en.ts'
import type { Consent, ConsentFilter, ConsentPage } from './wire.ts'

export const useConsentText = () => useTextOf<typeof en>()

const tones: Readonly<Record<string, Tone>> = {
  AUTHORISED: 'good',
  AWAITING_AUTHORISATION: 'warn',
  PARTIALLY_AUTHORISED: 'warn',
  SUSPENDED: 'bad',
  REJECTED: 'bad',
  REVOKED: 'bad',
}

export const ConsentStatus = ({ of: status }: { of: string }) => {
  const word = useWord()
  return <Chip tone={tones[status] ?? 'quiet'}>{word('consent-status', status)}</Chip>
}

const PAGE = 50

export const useConsents = (cell: Cell, asked: ConsentFilter & { readonly partner?: string }) =>
  useInfiniteQuery({
    queryKey: ['consents', cell, asked],
    queryFn: ({ pageParam }) =>
      read<ConsentPage>(
        `/api/consents/${cell}${query({ ...asked, limit: PAGE, before: pageParam })}`,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchInterval: 30_000,
  })

export const ConsentList = (props: {
  to: ReturnType<typeof useConsents>
  /** How the list names a consent: a link where it has a page. */
  name: (consent: Consent) => ReactNode
  application: (id: string) => string
}) => {
  const { to: consents, name, application } = props
  const text = useConsentText()
  const rows = consents.data?.pages.flatMap((page) => page.data) ?? []
  return (
    <>
      <Card>
        {consents.isPending && <Skeleton />}
        {consents.isError && (
          <Failure error={consents.error} retry={() => void consents.refetch()} />
        )}
        {consents.data &&
          (rows.length === 0 ? (
            <Empty title={text('consents.none')}>{text('consents.none.about')}</Empty>
          ) : (
            <ConsentTable consents={rows} name={name} application={application} />
          ))}
      </Card>
      {consents.hasNextPage && (
        <div>
          <button
            type="button"
            className="button"
            disabled={consents.isFetchingNextPage}
            onClick={() => void consents.fetchNextPage()}
          >
            {text('consents.more')}
          </button>
        </div>
      )}
    </>
  )
}

const ConsentTable = (props: {
  consents: readonly Consent[]
  name: (consent: Consent) => ReactNode
  application: (id: string) => string
}) => {
  const { consents, name, application } = props
  const text = useConsentText()
  const word = useWord()
  const format = useFormat()
  return (
    <Table caption={text('consents.title')}>
      <thead>
        <tr>
          <th scope="col">{text('consents.consent')}</th>
          <th scope="col">{text('consents.status')}</th>
          <th scope="col">{text('consents.opens')}</th>
          <th scope="col">{text('consents.application')}</th>
          <th scope="col">{text('consents.times')}</th>
          <th scope="col">{text('consents.last')}</th>
        </tr>
      </thead>
      <tbody>
        {consents.map((consent) => (
          <tr key={consent.consentId}>
            <th scope="row">
              {word('consent-type', consent.type)}
              <small>{name(consent)}</small>
            </th>
            <td>
              <ConsentStatus of={consent.status} />
              {consent.endedBy && <small>{text(`consents.by.${doorOf(consent.endedBy)}`)}</small>}
              {consent.signatures.required > 1 && (
                <small>{text('consents.signatures', consent.signatures)}</small>
              )}
            </td>
            <td>
              <Opens of={consent} />
            </td>
            <td>{application(consent.applicationId)}</td>
            <td className="nowrap">
              {format.momentOf(consent.authorisedAt ?? consent.createdAt)}
              <small>
                {consent.endedAt
                  ? text('consents.ended', { time: format.momentOf(consent.endedAt) })
                  : text('consents.expires', { time: format.momentOf(consent.expiresAt) })}
              </small>
            </td>
            <td className="nowrap">
              {consent.lastAccess ? format.momentOf(consent.lastAccess.at) : text('consents.never')}
              {consent.lastAccess && (
                <small>
                  {text(consent.lastAccess.present ? 'consents.present' : 'consents.absent')}
                </small>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

const doorOf = (by: string) => (by === 'customer' || by === 'partner' ? by : 'bank')

/** What it lets the partner do, as short as it can be told; the whole opens. */
export const Opens = ({ of: { permissions, scopes, accounts } }: { of: Consent }) => {
  const text = useConsentText()
  const word = useWord()
  const all = permissions.length > 0 ? permissions : scopes
  return (
    <>
      {all.length > 0 && (
        <details>
          <summary>{text('consents.permissions', { count: all.length })}</summary>
          <ul className="plain-list">
            {all.map((permission) => (
              <li key={permission}>{word('permission', permission)}</li>
            ))}
          </ul>
        </details>
      )}
      {accounts > 0 && <small>{text('consents.accounts', { count: accounts })}</small>}
    </>
  )
}
