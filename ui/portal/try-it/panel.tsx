/** A call to the sandbox from the page that describes it. No secret is here: the portal's server holds the key. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Answer, Failure, Skeleton } from '../../kit/answer.tsx'
import { read, send } from '../../kit/api.ts'
import { faultAt, Field, type Filled, Form, Select, TextArea } from '../../kit/fields.tsx'
import { Icon } from '../../kit/icons.tsx'
import { useFormat } from '../../kit/language.tsx'
import { useMe } from '../../kit/session.ts'
import { Chip, Code, Note } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import type { Operation, Parameter } from '../reference/wire.ts'
import type { Me } from '../wire.ts'
import { keepIds, knownIds } from './known-ids.ts'
import type { Persona, Tried } from './wire.ts'
import './try-it.css'

export const TryIt = (props: {
  product: string
  version: string | undefined
  operation: Operation
}) => {
  const text = useText()
  const me = useMe<Me>()
  return (
    <section className="try-it" aria-labelledby="try-it">
      <h2 id="try-it">
        <Icon name="sandbox" />
        {text('try.title')}
      </h2>
      {me.isPending ? (
        <Skeleton lines={3} />
      ) : me.data ? (
        <Asking {...props} me={me.data} />
      ) : (
        <Enter />
      )}
    </section>
  )
}

/** The way in for whoever is not signed in: a day without a name, or the registration. */
const Enter = () => {
  const text = useText()
  const queries = useQueryClient()
  const visit = useMutation({
    mutationFn: () => send<unknown>('/api/visits'),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['me'] }),
  })
  return (
    <div className="stack close">
      <p className="small">{text('try.visit.about')}</p>
      {visit.error && <Failure error={visit.error} />}
      <button
        type="button"
        className="button primary wide"
        disabled={visit.isPending}
        onClick={() => visit.mutate()}
      >
        {text('try.visit')}
      </button>
      <Link className="button text" to="/register">
        {text('try.register')}
      </Link>
    </div>
  )
}

type Place = 'path' | 'query' | 'headers'
const placeOf = (parameter: Parameter): Place | undefined =>
  parameter.in === 'path' || parameter.in === 'query' ? parameter.in : undefined

const isAsked = (parameter: Parameter) => parameter.in === 'path' || parameter.node.required

/** What is sent: the values that stand in the form, by the place that the document gives them. */
const wishOf = (operation: Operation, { one }: Filled) => {
  const values = (place: Place) =>
    Object.fromEntries(
      operation.parameters
        .filter((parameter) => placeOf(parameter) === place)
        .map(({ node }) => [node.name, one(`${place}.${node.name}`)])
        .filter(([, value]) => value !== ''),
    )
  return {
    path: values('path'),
    query: values('query'),
    ...(operation.body && { body: one('body') }),
    ...(one('persona') && { persona: one('persona') }),
    ...(one('scenario') && { scenario: one('scenario') }),
  }
}

interface Asked {
  readonly product: string
  readonly version: string | undefined
  readonly operation: Operation
  readonly me: Me
}

/** Where a customer is asked, it stands who can be, before anything is sent. */
const Asking = (props: Asked) => {
  const personas = usePersonas(props.operation.needs?.consent !== undefined)
  if (!props.operation.needs?.consent) return <Ready {...props} personas={[]} />
  return (
    <Answer to={personas} lines={3}>
      {({ data }) => <Ready {...props} personas={data} />}
    </Answer>
  )
}

const Ready = (props: Asked & { personas: readonly Persona[] }) => {
  const { product, version, operation, me, personas } = props
  const text = useText()
  const queries = useQueryClient()
  const ask = useMutation({
    mutationFn: (filled: Filled) =>
      send<Tried>('/api/try-it/calls', {
        product,
        operation: operation.id,
        ...(version && { version }),
        ...wishOf(operation, filled),
      }),
    onSuccess: ({ stage, answer }) => {
      if (stage === 'call' && answer.status < 400) keepIds(answer.body)
      void queries.invalidateQueries({ queryKey: ['usage'] })
    },
  })
  return (
    <div className="stack close">
      <Visiting me={me} />
      <Form
        label={text('try.title')}
        busy={ask.isPending}
        error={ask.error}
        onSubmit={(filled) => ask.mutate(filled)}
        acts={
          <button className="button primary wide" disabled={ask.isPending}>
            {text(ask.isPending ? 'try.sending' : 'try.act')}
          </button>
        }
      >
        <Values operation={operation} personas={personas} error={ask.error} />
      </Form>
      {ask.data && <Result tried={ask.data} />}
      <p className="tiny dim">{text('try.about')}</p>
    </div>
  )
}

const Visiting = ({ me: { visitEndsAt } }: { me: Me }) => {
  const text = useText()
  const format = useFormat()
  return (
    visitEndsAt && (
      <Note>
        {text('try.visiting', { time: format.momentOf(visitEndsAt) })}{' '}
        <Link to="/register">{text('try.keep')}</Link>
      </Note>
    )
  )
}

const Values = (props: { operation: Operation; personas: readonly Persona[]; error: unknown }) => {
  const { operation, personas, error } = props
  const text = useText()
  const known = knownIds()
  const parameters = operation.parameters.filter(placeOf)
  const rest = parameters.filter((parameter) => !isAsked(parameter))
  const field = (parameter: Parameter, value: string | undefined) => {
    const place = placeOf(parameter) ?? 'query'
    const { name } = parameter.node
    return (
      <Field
        key={`${place}.${name}`}
        name={`${place}.${name}`}
        label={name}
        code
        autoComplete="off"
        required={isAsked(parameter)}
        {...(value !== undefined && { value })}
        fault={faultAt(error, `/${place}/${name}`)}
      />
    )
  }
  return (
    <>
      {parameters
        .filter(isAsked)
        .map((parameter) => field(parameter, known[parameter.node.name] ?? parameter.example))}
      {rest.length > 0 && (
        <details>
          <summary className="small">{text('try.optional')}</summary>
          <div className="stack close">{rest.map((parameter) => field(parameter, undefined))}</div>
        </details>
      )}
      {operation.body && (
        <TextArea
          name="body"
          label={text('try.body')}
          rows={Math.min(14, (operation.body.example?.split('\n').length ?? 3) + 1)}
          code
          value={operation.body.example ?? ''}
          fault={faultAt(error, '/body')}
        />
      )}
      {personas.length > 0 && <Who personas={personas} error={error} />}
      {operation.scenarios.length > 0 && (
        <Select
          name="scenario"
          label={text('try.scenario')}
          options={[
            { value: '', label: text('try.scenario.none') },
            ...operation.scenarios.map((scenario) => ({ value: scenario, label: scenario })),
          ]}
          fault={faultAt(error, '/scenario')}
        />
      )}
    </>
  )
}

export const usePersonas = (enabled: boolean) =>
  useQuery({
    queryKey: ['personas'],
    queryFn: () => read<{ data: readonly Persona[] }>('/api/try-it/personas'),
    staleTime: Number.POSITIVE_INFINITY,
    enabled,
  })

const Who = ({ personas, error }: { personas: readonly Persona[]; error: unknown }) => {
  const text = useText()
  return (
    <Select
      name="persona"
      label={text('try.persona')}
      hint={text('try.persona.hint')}
      required
      value={personas[0]?.login ?? ''}
      options={personas.map(({ login, name }) => ({ value: login, label: `${name} (${login})` }))}
      fault={faultAt(error, '/persona')}
    />
  )
}

/** An answer as one reads it; what is no JSON stays as it came. */
const readable = (body: string): string => {
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body
  }
}

/** What came of it, with its trace. */
export const Result = ({ tried: { stage, answer, ms } }: { tried: Tried }) => {
  const text = useText()
  const parts = [
    ms.token > 0 && text('try.ms.token', { ms: ms.token }),
    ms.consent > 0 && text('try.ms.consent', { ms: ms.consent }),
    stage === 'call' && text('try.ms.call', { ms: ms.call }),
  ].filter(Boolean)
  const callId = answer.headers
    .find(([name]) => name === 'x-fapi-interaction-id')?.[1]
    .replaceAll('-', '')
  return (
    <div className="stack close" role="status">
      <p className="row between">
        <Chip tone={answer.status < 400 ? 'good' : answer.status < 500 ? 'warn' : 'bad'}>
          {answer.status}
        </Chip>
        <span className="tiny dim">{parts.join(' · ')}</span>
      </p>
      {stage !== 'call' && <p className="small">{text(`try.stage.${stage}`)}</p>}
      <Code title={text('try.answer')} value={readable(answer.body)} />
      {stage === 'call' && callId && (
        <Link to="/$cell/calls/$call" params={{ cell: 'sandbox', call: callId }}>
          {text('try.trace')}
        </Link>
      )}
    </div>
  )
}
