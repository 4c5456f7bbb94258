/** Fields that are chosen from what the sandbox has of this organisation: accounts, cards, authorizations, verifications. */
import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { type Option, Select } from '../../kit/fields.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { shortId } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { usePersonas } from '../try-it/panel.tsx'
import { ask } from './asking.ts'
import type { Source } from './simulations.ts'
import type { List } from './wire.ts'

interface Field {
  readonly name: string
  readonly label: string
  readonly fault: string | undefined
}

export const Chosen = ({ source, ...field }: Field & { source: Source }) => {
  if (source === 'persona') return <Persona {...field} />
  if (source === 'account') return <Account {...field} />
  return <Listed source={source} {...field} />
}

const useNames = () => {
  const personas = usePersonas(true)
  return {
    personas,
    options: (personas.data?.data ?? []).map(({ login, name }) => ({
      value: login,
      label: `${name} (${login})`,
    })),
  }
}

const Persona = (field: Field) => {
  const { personas, options } = useNames()
  return (
    <Answer to={personas} lines={1}>
      {() => <Select {...field} options={options} value={options[0]?.value ?? ''} required />}
    </Answer>
  )
}

interface AccountEntry {
  readonly accountId: string
  readonly currency: string
  readonly nickname?: string
}

/** Whose accounts: the customer allows it first, as they would a program of the organisation. */
const Account = (field: Field) => {
  const text = useText()
  const { personas, options } = useNames()
  const [login, setLogin] = useState<string>()
  const whose = login ?? options[0]?.value
  const accounts = useQuery({
    queryKey: ['worlds-accounts', login],
    queryFn: () =>
      ask<List<AccountEntry>>({
        product: 'accounts',
        operation: 'listAccounts',
        ...(login && { persona: login }),
      }),
    enabled: login !== undefined,
    retry: false,
  })
  return (
    <>
      <Answer to={personas} lines={1}>
        {() => (
          <Whose
            options={options}
            value={whose ?? ''}
            onAsk={setLogin}
            busy={accounts.isFetching}
          />
        )}
      </Answer>
      {login !== undefined && (
        <Answer to={accounts} lines={1}>
          {({ data }) => (
            <Select
              {...field}
              required
              value={data[0]?.accountId ?? ''}
              options={data.map(({ accountId, currency, nickname }) => ({
                value: accountId,
                label: `${nickname ?? shortId(accountId)} · ${currency}`,
              }))}
            />
          )}
        </Answer>
      )}
      {login === undefined && <p className="small dim">{text('simulators.accounts.first')}</p>}
    </>
  )
}

const Whose = (props: {
  options: readonly Option[]
  value: string
  busy: boolean
  onAsk: (login: string) => void
}) => {
  const text = useText()
  return (
    <div className="row ask-beside">
      <Select
        name="whose"
        label={text('simulators.whose')}
        value={props.value}
        options={props.options}
      />
      <button
        type="button"
        className="button"
        disabled={props.busy}
        onClick={(event) => {
          const login = event.currentTarget.form?.elements.namedItem('whose')
          if (login instanceof HTMLSelectElement) props.onAsk(login.value)
        }}
      >
        {text(props.busy ? 'try.sending' : 'simulators.accounts.ask')}
      </button>
    </div>
  )
}

/** How each list is asked for, which id its members have, and the operation that makes one. */
const lists = {
  card: { product: 'cards', operation: 'listCards', id: 'cardId', makes: 'issueCard' },
  authorization: {
    product: 'cards',
    operation: 'listAuthorizations',
    id: 'authorizationId',
    makes: 'simulateAuthorization',
  },
  verification: {
    product: 'kyc',
    operation: 'listVerifications',
    id: 'verificationId',
    makes: 'createVerification',
  },
} as const

type Member = Readonly<Record<string, unknown>>
const said = (member: Member, name: string) => {
  const value = member[name]
  return typeof value === 'string' ? value : ''
}

const Listed = ({ source, ...field }: Field & { source: keyof typeof lists }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const { product, operation, id, makes } = lists[source]
  const found = useQuery({
    queryKey: ['worlds', source],
    queryFn: () => ask<List<Member>>({ product, operation }),
    retry: false,
  })
  const labelOf = (member: Member) => {
    const at = said(member, 'createdAt')
    return [shortId(said(member, id)), said(member, 'status'), at && format.momentOf(at)]
      .filter(Boolean)
      .join(' · ')
  }
  return (
    <Answer to={found} lines={1}>
      {({ data }) =>
        data.length === 0 ? (
          <p className="small">
            {text('simulators.none')}{' '}
            <Link to="/reference/$product/$operation" params={{ product, operation: makes }}>
              {word('operation', makes)}
            </Link>
          </p>
        ) : (
          <Select
            {...field}
            required
            value={said(data[0] ?? {}, id)}
            options={data.map((member) => ({ value: said(member, id), label: labelOf(member) }))}
          />
        )
      }
    </Answer>
  )
}
